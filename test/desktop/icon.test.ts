import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Home } from '../../agent/desktop/contract.ts';
import { SCENES } from '../../agent/desktop/scenes.ts';
import { ROOT } from '../support/child.ts';
import { eventually } from '../support/eventually.ts';
import { closeAtEnd, temporaryFolder } from '../support/teardown.ts';
import { NO_ELECTRON, TrayApp } from './support/app.ts';
import { type ScriptedDesk, scriptedDesk } from './support/scripted-desk.ts';

/* The icon as it stands in a panel: the screen is photographed, and what the panel drew is looked at. */

const FACES: Readonly<Record<string, Home>> = {
  well: SCENES.well.home,
  attention: SCENES.attention.home,
  'will-block': SCENES['will-block'].home,
  blocked: SCENES.blocked.home,
  unknown: SCENES.unknown.home,
  offline: { ...SCENES.well.home, connection: SCENES.offline.home.connection },
};
/** The panel's strip at the top of the screen, where it has its tray. */
const STRIP = { x: 640, y: 0, width: 640, height: 26 } as const;
/** Contrast that a shape needs against what is around it (WCAG 2.2, 1.4.11). */
const LEAST_CONTRAST = 3;

/** Red, green, blue, 0 to 255. */
type Pixel = readonly [number, number, number];
const WHITE: Pixel = [255, 255, 255];
const BLACK: Pixel = [0, 0, 0];

interface Photo {
  /** Row by row. */
  readonly pixels: readonly Pixel[];
  readonly png: Buffer;
}

describe.skipIf(NO_ELECTRON !== undefined || process.platform !== 'linux')('the icon in a panel', () => {
  let app: TrayApp;
  let desk: ScriptedDesk;
  const shots = join(ROOT, 'dist', 'screenshots');

  beforeAll(async () => {
    await mkdir(shots, { recursive: true });
    desk = await scriptedDesk(temporaryFolder('desk'));
    closeAtEnd(() => desk.stop());
    app = await TrayApp.launch({ desk: desk.folder });
  });

  const photo = async (): Promise<Photo> => {
    const { bytes, png } = await app.electron.evaluate(async ({ desktopCapturer }, strip) => {
      const thumbnailSize = { width: 1280, height: 800 };
      const [screen] = await desktopCapturer.getSources({ types: ['screen'], thumbnailSize });
      const part = screen?.thumbnail.crop(strip);
      // Blue, green, red, opacity.
      return {
        bytes: part?.toBitmap().toString('base64') ?? '',
        png: part?.toPNG().toString('base64') ?? '',
      };
    }, STRIP);
    const raw = Buffer.from(bytes, 'base64');
    const pixels = Array.from(
      { length: raw.length / 4 },
      (_, n) => [raw[4 * n + 2] ?? 0, raw[4 * n + 1] ?? 0, raw[4 * n] ?? 0] as const,
    );
    return { pixels, png: Buffer.from(png, 'base64') };
  };
  /** The columns in which two photos differ. */
  const differing = (one: Pick<Photo, 'pixels'>, other: Pick<Photo, 'pixels'>): Set<number> => {
    const columns = new Set<number>();
    for (const [n, pixel] of one.pixels.entries()) {
      if (String(pixel) !== String(other.pixels[n])) columns.add(n % STRIP.width);
    }
    return columns;
  };
  /** Makes the panel light or dark, and waits until it is. */
  const panel = async (dark: boolean): Promise<void> => {
    const set = ['-n', '-t', 'bool', '-s', String(dark)];
    await promisify(execFile)('xfconf-query', ['-c', 'xfce4-panel', '-p', '/panels/dark-mode', ...set], {
      env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: process.env.TRAYLINE_TEST_BUS ?? '' },
    });
    await eventually(
      async () => {
        const { pixels } = await photo();
        return contrast(most(pixels), dark ? WHITE : BLACK) > 8;
      },
      { what: `a ${dark ? 'dark' : 'light'} panel` },
    );
  };
  let face = '';
  /** Shows a face and photographs it, once the panel has drawn it. */
  const shown = async (name: string): Promise<Photo> => {
    const before = await (await app.tray()).picture();
    desk.show(FACES[name] ?? SCENES.well.home);
    if (face !== '' && face !== name) {
      await eventually(async () => (await (await app.tray()).picture()) !== before, { what: `icon ${name}` });
    }
    face = name;
    let last = await photo();
    return await eventually(
      async () => {
        const now = await photo();
        const settled = differing(last, now).size === 0;
        last = now;
        return settled ? now : null;
      },
      { what: `a panel that shows ${name}` },
    );
  };

  test.each(['light', 'dark'])('is another for every state, and stands out from a %s one', async bar => {
    await shown('offline');
    await panel(bar === 'dark');
    const photos = new Map<string, Photo>();
    for (const name of Object.keys(FACES)) photos.set(name, await shown(name));
    for (const [name, { png }] of photos) await writeFile(join(shots, `tray-icon-${name}-${bar}.png`), png);
    for (const [name, one] of photos) {
      for (const [other, { pixels }] of photos) {
        if (name === other) continue;
        // The columns of the icon: what the panel is made of, and the shape before it.
        const columns = differing(one, { pixels });
        const within = one.pixels.filter((_, n) => columns.has(n % STRIP.width));
        const background = most(within);
        const shape = within.filter(pixel => contrast(pixel, background) >= LEAST_CONTRAST);
        expect({ name, other, differ: columns.size > 2, seen: shape.length > 15 }).toEqual({
          ...{ name, other, differ: true, seen: true },
        });
      }
    }
  });
});

function most(pixels: readonly Pixel[]): Pixel {
  const counts = new Map<string, { pixel: Pixel; count: number }>();
  for (const pixel of pixels) {
    const found = counts.get(String(pixel));
    counts.set(String(pixel), { pixel, count: (found?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count)[0]?.pixel ?? [0, 0, 0];
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance). */
function contrast(a: Pixel, b: Pixel): number {
  const luminance = (pixel: Pixel): number => {
    const [red = 0, green = 0, blue = 0] = pixel.map(value => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}
