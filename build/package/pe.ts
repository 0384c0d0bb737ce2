/*
 * What a Windows program says of itself: the resources of a PE file (Microsoft's "PE Format": optional header, data
 * directory 2, a tree of three levels: type, name, language).
 */

export interface Resource {
  readonly type: number | string;
  readonly name: number | string;
  readonly data: Buffer;
}

/** Types of resources (winuser.h). */
export const RT = { icon: 3, iconGroup: 14, version: 16, manifest: 24 } as const;

/** Machine types of the COFF header. */
const MACHINES: Readonly<Record<number, string>> = { 34404: 'x64', 43620: 'arm64', 332: 'ia32' };

/** @throws Error when it is no PE file. */
export function machineOf(file: Buffer): string {
  const machine = file.readUInt16LE(headerOf(file) + 4);
  return MACHINES[machine] ?? `0x${machine.toString(16)}`;
}

function headerOf(file: Buffer): number {
  const header = file.length > 0x40 ? file.readUInt32LE(0x3c) : 0;
  if (file.toString('latin1', 0, 2) !== 'MZ' || file.toString('latin1', header, header + 4) !== 'PE\0\0') {
    throw new Error('no PE file');
  }
  return header;
}

/** @throws Error when it is no PE file. */
export function readResources(file: Buffer): readonly Resource[] {
  const header = headerOf(file);
  const optional = header + 24;
  const sections = optional + file.readUInt16LE(header + 20);
  // The data directory comes 16 bytes later in PE32+.
  const directory = optional + (file.readUInt16LE(optional) === 0x20b ? 112 : 96) + 2 * 8;
  const rva = file.readUInt32LE(directory);
  if (rva === 0) return [];
  const offsetOf = (address: number): number => {
    for (let index = 0; index < file.readUInt16LE(header + 6); index += 1) {
      const at = sections + index * 40;
      const start = file.readUInt32LE(at + 12);
      const size = Math.max(file.readUInt32LE(at + 8), file.readUInt32LE(at + 16));
      if (address >= start && address < start + size) return address - start + file.readUInt32LE(at + 20);
    }
    throw new Error('an address outside of every section');
  };
  const root = offsetOf(rva);
  const idOf = (id: number): number | string => {
    if (id < 0x8000_0000) return id;
    const at = root + (id - 0x8000_0000);
    return file.toString('utf16le', at + 2, at + 2 + 2 * file.readUInt16LE(at));
  };
  const entriesOf = (offset: number) => {
    const at = root + offset;
    const count = file.readUInt16LE(at + 12) + file.readUInt16LE(at + 14);
    return Array.from({ length: count }, (_, index) => {
      const target = file.readUInt32LE(at + 16 + index * 8 + 4);
      return { id: idOf(file.readUInt32LE(at + 16 + index * 8)), target, deeper: target >= 0x8000_0000 };
    });
  };
  const below = (target: number): number => target - 0x8000_0000;
  return entriesOf(0).flatMap(type =>
    entriesOf(below(type.target)).flatMap(name =>
      entriesOf(below(name.target)).map(({ target }) => {
        const start = offsetOf(file.readUInt32LE(root + target));
        return {
          type: type.id,
          name: name.id,
          data: file.subarray(start, start + file.readUInt32LE(root + target + 4)),
        };
      }),
    ),
  );
}

/** A string of the version information (`ProductName`, `FileVersion`...); null: not there. */
export function versionString(version: Buffer, key: string): string | null {
  const wanted = Buffer.from(`${key}\0`, 'utf16le');
  const at = version.indexOf(wanted);
  if (at < 6) return null;
  // A `String` structure: length, length of the value in letters, type, key, padding to four bytes, value.
  const letters = version.readUInt16LE(at - 4);
  const start = Math.ceil((at + wanted.length) / 4) * 4;
  return version.toString('utf16le', start, start + letters * 2).replace(/\0+$/, '');
}

/** File and product version of the fixed part (VS_FIXEDFILEINFO), as four numbers each. */
export function fixedVersions(version: Buffer): { readonly file: string; readonly product: string } | null {
  const at = version.indexOf(Buffer.from([0xbd, 0x04, 0xef, 0xfe]));
  if (at < 0) return null;
  const four = (offset: number): string =>
    [offset + 2, offset, offset + 6, offset + 4].map(place => version.readUInt16LE(at + place)).join('.');
  return { file: four(8), product: four(16) };
}
