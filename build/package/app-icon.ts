import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { png } from '../icons.ts';

/*
 * The program's own icon, drawn: a bar with a disc standing on it, ticked, as it stands in the tray. From one drawing come
 * the three forms that systems want.
 */

type Rgb = readonly [red: number, green: number, blue: number];

const TOP: Rgb = [28, 126, 100];
const BOTTOM: Rgb = [12, 74, 78];
const BRIGHT: Rgb = [255, 255, 255];
const TICK: Rgb = [16, 92, 84];

/** Edge of the square the drawing is thought in. */
const EDGE = 64;
/** Samples per pixel and axis: few are enough where a pixel covers little of the drawing. */
const samplesFor = (pixels: number): number => (pixels <= 64 ? 6 : pixels <= 256 ? 4 : 2);

/** What is at a place (0 to 64 on both axes). */
type Paint = 'nothing' | 'ground' | 'bright' | 'tick';

function paintAt(x: number, y: number): Paint {
  if (!inRounded(x, y, 3, 3, 61, 61, 14)) return 'nothing';
  if (Math.hypot(x - 32, y - 26.5) <= 15.5) {
    const onTick = near(x, y, 25, 27, 30.2, 32.2, 2.2) || near(x, y, 30.2, 32.2, 39.6, 21.4, 2.2);
    return onTick ? 'tick' : 'bright';
  }
  return inRounded(x, y, 12, 47, 52, 52.4, 2.7) ? 'bright' : 'ground';
}

/** The ground is lighter above than below. */
function groundAt(y: number): Rgb {
  const down = (y - 3) / 58;
  const mix = (from: number, to: number): number => from + (to - from) * down;
  return [mix(TOP[0], BOTTOM[0]), mix(TOP[1], BOTTOM[1]), mix(TOP[2], BOTTOM[2])];
}

function inRounded(x: number, y: number, x0: number, y0: number, x1: number, y1: number, r: number): boolean {
  const dx = Math.max(x0 + r - x, 0, x - (x1 - r));
  const dy = Math.max(y0 + r - y, 0, y - (y1 - r));
  return Math.hypot(dx, dy) <= r;
}

/** Within `width` of the line from one point to the other? */
function near(x: number, y: number, x0: number, y0: number, x1: number, y1: number, width: number): boolean {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const along = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy) <= width;
}

/** Red, green, blue, alpha of every pixel, from the top left. */
function pixelsOf(size: number): Buffer {
  const samples = samplesFor(size);
  const pixels = Buffer.alloc(size * size * 4);
  const step = EDGE / size;
  for (let row = 0; row < size; row += 1) {
    const ground = groundAt((row + 0.5) * step);
    for (let column = 0; column < size; column += 1) {
      let [red, green, blue, hits] = [0, 0, 0, 0];
      for (let sample = 0; sample < samples * samples; sample += 1) {
        const x = (column + ((sample % samples) + 0.5) / samples) * step;
        const y = (row + (Math.floor(sample / samples) + 0.5) / samples) * step;
        const paint = paintAt(x, y);
        if (paint === 'nothing') continue;
        const colour = paint === 'ground' ? ground : paint === 'tick' ? TICK : BRIGHT;
        red += colour[0];
        green += colour[1];
        blue += colour[2];
        hits += 1;
      }
      if (hits === 0) continue;
      const at = (row * size + column) * 4;
      pixels[at] = Math.round(red / hits);
      pixels[at + 1] = Math.round(green / hits);
      pixels[at + 2] = Math.round(blue / hits);
      pixels[at + 3] = Math.round((255 * hits) / (samples * samples));
    }
  }
  return pixels;
}

/** The icon as PNG, `size` pixels square. */
export function iconPng(size: number): Buffer {
  const pixels = pixelsOf(size);
  const rows = Buffer.alloc(size * (1 + size * 4));
  for (let row = 0; row < size; row += 1) {
    pixels.copy(rows, row * (1 + size * 4) + 1, row * size * 4, (row + 1) * size * 4);
  }
  return png(size, rows);
}

/** A picture of an .ico below 256 pixels: a bottom-up 32-bit bitmap (BITMAPINFOHEADER) with an empty mask after it. */
function bitmap(size: number): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(40, 0);
  header.writeInt32LE(size, 4);
  // Colour and mask count as one picture of twice the height.
  header.writeInt32LE(size * 2, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(32, 14);
  const pixels = pixelsOf(size);
  const colour = Buffer.alloc(size * size * 4);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.subarray((row * size + column) * 4);
      colour.set([blue, green, red, alpha], ((size - 1 - row) * size + column) * 4);
    }
  }
  // Alpha decides; rows of the mask are padded to four bytes.
  const mask = Buffer.alloc(Math.ceil(size / 32) * 4 * size);
  return Buffer.concat([header, colour, mask]);
}

const ICO_SIZES = [16, 20, 24, 32, 40, 48, 64, 128, 256] as const;

/** Windows' form: bitmaps up to 128 pixels, which every reader takes, and PNG for 256, as Windows itself does since Vista. */
export function iconIco(): Buffer {
  const pictures = ICO_SIZES.map(size => ({ size, data: size < 256 ? bitmap(size) : iconPng(size) }));
  const head = Buffer.alloc(6 + pictures.length * 16);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  for (const [index, { size, data }] of pictures.entries()) {
    const at = 6 + index * 16;
    // 0 means 256.
    head.set([size % 256, size % 256, 0, 0], at);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(data.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += data.length;
  }
  return Buffer.concat([head, ...pictures.map(({ data }) => data)]);
}

/** Entries of an .icns that hold PNG and that every macOS Electron runs on shows for an app; 16 and 32 points come at twice the size. */
const ICNS_ENTRIES: readonly (readonly [type: string, size: number])[] = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];

/** macOS' form: entries of four letters, a length (both counted in) and a PNG. */
export function iconIcns(): Buffer {
  const drawn = new Map<number, Buffer>();
  const entries = ICNS_ENTRIES.map(([type, size]) => {
    const data = drawn.get(size) ?? iconPng(size);
    drawn.set(size, data);
    return framed(type, data);
  });
  return framed('icns', Buffer.concat(entries));
}

function framed(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32BE(data.length + 8, 4);
  return Buffer.concat([head, data]);
}

/** The icon's file for a system, written into `folder`; its path. */
export function writeAppIcon(folder: string, system: 'linux' | 'windows' | 'mac'): string {
  mkdirSync(folder, { recursive: true });
  const [name, data] = {
    linux: () => ['icon.png', iconPng(512)] as const,
    windows: () => ['icon.ico', iconIco()] as const,
    mac: () => ['icon.icns', iconIcns()] as const,
  }[system]();
  const path = join(folder, name);
  writeFileSync(path, data);
  return path;
}
