import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { iconIcns, iconIco, iconPng } from '../../../build/package/app-icon.ts';
import { parsePlist, printPlist } from '../../../build/package/plist.ts';

/** Width of a PNG, and its pixels without the byte before each row. */
function decoded(png: Buffer): { readonly size: number; readonly at: (x: number, y: number) => number[] } {
  const size = png.readUInt32BE(16);
  const length = png.readUInt32BE(33);
  const rows = inflateSync(png.subarray(41, 41 + length));
  return { size, at: (x, y) => [...rows.subarray(y * (1 + size * 4) + 1 + x * 4).subarray(0, 4)] };
}

describe('the program’s icon', () => {
  test('is clear at its corners, filled below and bright on the disc', () => {
    const { size, at } = decoded(iconPng(64));
    expect(size).toBe(64);
    expect(at(0, 0)).toEqual([0, 0, 0, 0]);
    expect(at(32, 57)[3]).toBe(255);
    expect(at(32, 14)).toEqual([255, 255, 255, 255]);
  });

  test('has for Windows every size it asks for, the bitmaps standing on their heads', () => {
    const ico = iconIco();
    const entries = Array.from({ length: ico.readUInt16LE(4) }, (_, index) => {
      const at = 6 + index * 16;
      return {
        size: ico[at],
        data: ico.subarray(ico.readUInt32LE(at + 12), ico.readUInt32LE(at + 12) + ico.readUInt32LE(at + 8)),
      };
    });
    expect(entries.map(({ size }) => size)).toEqual([16, 20, 24, 32, 40, 48, 64, 128, 0]);
    expect(entries.at(-1)?.data.equals(iconPng(256))).toBe(true);
    const last = entries.at(-1);
    expect(ico.length).toBe(ico.readUInt32LE(6 + 8 * 16 + 12) + (last?.data.length ?? 0));
    // Blue, green, red, alpha of the last row come first.
    const bitmap = entries.find(({ size }) => size === 64)?.data ?? Buffer.alloc(0);
    const [red, green, blue, alpha] = decoded(iconPng(64)).at(32, 57);
    const row = 63 - 57;
    expect([...bitmap.subarray(40 + (row * 64 + 32) * 4).subarray(0, 4)]).toEqual([blue, green, red, alpha]);
  });

  test('has for macOS entries whose lengths add up', () => {
    const icns = iconIcns();
    expect(icns.toString('latin1', 0, 4)).toBe('icns');
    expect(icns.readUInt32BE(4)).toBe(icns.length);
    const entries: Record<string, number> = {};
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) {
      entries[icns.toString('latin1', at, at + 4)] = decoded(icns.subarray(at + 8)).size;
    }
    expect(entries).toEqual({
      ic11: 32,
      ic12: 64,
      ic07: 128,
      ic13: 256,
      ic08: 256,
      ic14: 512,
      ic09: 512,
      ic10: 1024,
    });
  });
});

describe('a property list', () => {
  const LIST = {
    CFBundleName: 'Tray & <line>',
    LSUIElement: true,
    NSAppTransportSecurity: { NSAllowsArbitraryLoads: false, NSExceptionDomains: {} },
    CFBundleURLTypes: [{ CFBundleURLSchemes: ['trayline'], order: 2 }, []],
    share: 0.5,
    empty: '',
  };

  test('is read as it was written', () => {
    expect(parsePlist(printPlist(LIST))).toEqual(LIST);
  });

  test('is read without a line break, with comments and with numbered letters', () => {
    const text =
      '<?xml version="1.0"?><plist version="1.0"><dict><!-- who --><key>a&#x2019;s</key><string>&lt;b&#33;&gt;</string></dict></plist>';
    expect(parsePlist(text)).toEqual({ 'a’s': '<b!>' });
  });

  test('is refused where it holds what is not read here', () => {
    expect(() =>
      parsePlist('<plist version="1.0"><dict><key>a</key><data>AA==</data></dict></plist>'),
    ).toThrow('<data>');
  });

  test('is refused where it ends too early or is none', () => {
    expect(() => parsePlist('<plist version="1.0"><dict><key>a</key>')).toThrow('too early');
    expect(() => parsePlist('bplist00')).toThrow('no property list');
  });
});
