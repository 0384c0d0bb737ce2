import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

/*
 * The tray's icons, drawn: a shape for each state, so that they differ without colour too; for light bars, for dark ones and
 * for those of which nobody says what they are (Linux); a number for how many things need the person.
 */

const STATES = ['well', 'attention', 'will-block', 'blocked', 'unknown', 'offline'] as const;
type State = (typeof STATES)[number];
const BARS = ['light', 'dark', 'any'] as const;
type Bar = (typeof BARS)[number];
/** Points; bars of Windows and macOS take 16, those of Linux scale. */
const SIZE = 16;
const SCALES = [1, 2] as const;
/** Samples per pixel and axis. */
const SAMPLES = 4;
/** `many` is shown as a plus. */
const COUNTS = ['', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'many'] as const;

type Rgb = readonly [red: number, green: number, blue: number];

/**
 * Contrast of at least 4.5:1 against a white bar and a black one (WCAG 2.2, 1.4.3). For any bar at least 3.4:1 against white
 * and against the dark grey (#353535) that panels of Linux desktops have: 3:1 is what a shape needs (1.4.11).
 */
const COLOURS: Record<Bar, Record<State, Rgb>> = {
  light: {
    well: [26, 115, 51],
    attention: [140, 90, 0],
    'will-block': [178, 70, 0],
    blocked: [190, 24, 32],
    unknown: [90, 94, 100],
    offline: [90, 94, 100],
  },
  dark: {
    well: [98, 208, 120],
    attention: [255, 196, 61],
    'will-block': [255, 152, 71],
    blocked: [255, 128, 128],
    unknown: [176, 180, 186],
    offline: [176, 180, 186],
  },
  any: {
    well: [57, 155, 81],
    attention: [180, 127, 21],
    'will-block': [213, 108, 33],
    blocked: [231, 90, 92],
    unknown: [133, 137, 143],
    offline: [133, 137, 143],
  },
};

/** Is this place (0 to 16 on both axes) inside the state's shape? With a number there is less room for what is cut out. */
const SHAPES: Record<State, (x: number, y: number, counted: boolean) => boolean> = {
  // A disc with a tick cut out of it.
  well: (x, y) =>
    radius(x, y) <= 7 &&
    !near(x, y, [4.6, 8.2], [7, 10.6], 0.95) &&
    !near(x, y, [7, 10.6], [11.4, 5.6], 0.95),
  // A triangle with a bar and a dot cut out of it.
  attention: (x, y, counted) =>
    y <= 14.6 &&
    y >= 1.2 &&
    Math.abs(x - 8) <= ((y - 1.2) / 13.4) * 7.4 &&
    (counted || !mark(x, y, 5.6, 9.6, 11.8)),
  // A diamond with the same.
  'will-block': (x, y, counted) =>
    Math.abs(x - 8) + Math.abs(y - 8) <= 7.6 && (counted || !mark(x, y, 4.2, 8.8, 11)),
  // A square with a bar across.
  blocked: (x, y, counted) =>
    Math.max(Math.abs(x - 8), Math.abs(y - 8)) <= 6.6 &&
    !(Math.abs(y - (counted ? 4.6 : 8)) <= 1.1 && Math.abs(x - 8) <= 4.2),
  // A ring of dashes.
  unknown: (x, y) => {
    const r = radius(x, y);
    const turn = ((Math.atan2(y - 8, x - 8) / (2 * Math.PI) + 1) * 8) % 1;
    return r <= 7 && r >= 5.2 && turn < 0.62;
  },
  // A ring struck through.
  offline: (x, y) => {
    const r = radius(x, y);
    return (r <= 7 && r >= 5.4) || near(x, y, [3.2, 12.8], [12.8, 3.2], 0.85);
  },
};

/** Digits of three by five squares, rows from the top, three bits each. */
const DIGITS: Readonly<Record<string, readonly number[]>> = {
  '1': [0b010, 0b110, 0b010, 0b010, 0b111],
  '2': [0b111, 0b001, 0b111, 0b100, 0b111],
  '3': [0b111, 0b001, 0b111, 0b001, 0b111],
  '4': [0b101, 0b101, 0b111, 0b001, 0b001],
  '5': [0b111, 0b100, 0b111, 0b001, 0b111],
  '6': [0b111, 0b100, 0b111, 0b101, 0b111],
  '7': [0b111, 0b001, 0b001, 0b010, 0b010],
  '8': [0b111, 0b101, 0b111, 0b101, 0b111],
  '9': [0b111, 0b101, 0b111, 0b001, 0b111],
  many: [0b000, 0b010, 0b111, 0b010, 0b000],
};

function radius(x: number, y: number): number {
  return Math.hypot(x - 8, y - 8);
}

/** Exclamation mark between `top` and `bottom`, its dot at `dot`. */
function mark(x: number, y: number, top: number, bottom: number, dot: number): boolean {
  return near(x, y, [8, top], [8, bottom], 0.9) || Math.hypot(x - 8, y - dot) <= 1;
}

/** Within `width` of the line from `a` to `b`? */
function near(
  x: number,
  y: number,
  a: readonly [number, number],
  b: readonly [number, number],
  width: number,
): boolean {
  const [ax, ay] = a;
  const [dx, dy] = [b[0] - ax, b[1] - ay];
  const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy) <= width;
}

type Paint = 'shape' | 'plate' | 'digit' | null;

/** What is at a place: the number's plate covers the shape's lower right corner, with a gap around it. */
function paintAt(state: State, count: string, x: number, y: number): Paint {
  const digit = DIGITS[count];
  if (digit !== undefined) {
    const column = Math.floor(x - 11.5);
    const row = Math.floor(y - 9.5);
    const bits = digit[row];
    if (bits !== undefined && column >= 0 && column < 3 && ((bits >> (2 - column)) & 1) === 1) return 'digit';
    const plate = Math.max(Math.abs(x - 13) / 3, Math.abs(y - 12) / 4);
    if (plate <= 1) return 'plate';
    if (plate <= 1.25) return null;
  }
  return SHAPES[state](x, y, digit !== undefined) ? 'shape' : null;
}

/** One icon as PNG (RGBA, 8 bits). */
export function drawIcon(state: State, bar: Bar, count: (typeof COUNTS)[number], scale: number): Buffer {
  const pixels = SIZE * scale;
  const rows = Buffer.alloc(pixels * (1 + pixels * 4));
  const shape = COLOURS[bar][state];
  const plate: Rgb = bar === 'dark' ? [241, 243, 244] : [32, 33, 36];
  const digit: Rgb = bar === 'dark' ? [32, 33, 36] : [255, 255, 255];
  const colours = { shape, plate, digit } as const;
  for (let row = 0; row < pixels; row += 1) {
    for (let column = 0; column < pixels; column += 1) {
      const sum = [0, 0, 0, 0];
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample += 1) {
        const x = (column + ((sample % SAMPLES) + 0.5) / SAMPLES) / scale;
        const y = (row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / scale;
        const paint = paintAt(state, count, x, y);
        if (paint === null) continue;
        for (const [channel, value] of colours[paint].entries()) sum[channel] = (sum[channel] ?? 0) + value;
        sum[3] = (sum[3] ?? 0) + 1;
      }
      const [red = 0, green = 0, blue = 0, hits = 0] = sum;
      const at = row * (1 + pixels * 4) + 1 + column * 4;
      if (hits > 0) rows.set([red / hits, green / hits, blue / hits].map(Math.round), at);
      rows[at + 3] = Math.round((255 * hits) / (SAMPLES * SAMPLES));
    }
  }
  return png(pixels, rows);
}

/** PNG of filter-less RGBA rows (ISO/IEC 15948). */
export function png(size: number, rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length, 0);
    framed.set(body, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Writes every icon: `<state>-<bar>[-<count>]@<scale>.png`. Only states with problems have numbers. */
export function drawIcons(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const state of STATES) {
    const counted = state === 'attention' || state === 'will-block' || state === 'blocked';
    for (const count of counted ? COUNTS : COUNTS.slice(0, 1)) {
      for (const bar of BARS) {
        for (const scale of SCALES) {
          const name = `${state}-${bar}${count === '' ? '' : `-${count}`}@${scale}.png`;
          writeFileSync(join(folder, name), drawIcon(state, bar, count, scale));
        }
      }
    }
  }
}
