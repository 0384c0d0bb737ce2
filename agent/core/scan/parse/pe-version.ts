/**
 * FileVersion of a Windows program straight from its file, so that no program has to be started for it. Layout: Microsoft's "PE
 * Format" (headers, section table, .rsrc section) and VS_FIXEDFILEINFO (verrsrc.h).
 */

/** The part of a file handle that is needed; tests give bytes. */
export interface Readable {
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
}

const RT_VERSION = 16;
const FIXED_SIGNATURE = 0xfeef04bd;
const MAX_SECTIONS = 96;
const MAX_ENTRIES = 4096;
const MAX_RESOURCE_BYTES = 64 * 1024;

async function bytesAt(file: Readable, position: number, length: number): Promise<DataView | null> {
  if (position < 0 || length <= 0) return null;
  const buffer = new Uint8Array(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return bytesRead === length ? new DataView(buffer.buffer) : null;
}

interface Entry {
  readonly id: number;
  /** Offset within the section; the top bit says that it is a directory. */
  readonly at: number;
}

/** Entries of one resource directory (16 bytes of head, 8 an entry; those with names come first). */
async function directory(file: Readable, base: number, offset: number): Promise<Entry[] | null> {
  const head = await bytesAt(file, base + offset, 16);
  if (head === null) return null;
  const count = head.getUint16(12, true) + head.getUint16(14, true);
  if (count === 0 || count > MAX_ENTRIES) return null;
  const table = await bytesAt(file, base + offset + 16, count * 8);
  if (table === null) return null;
  return Array.from({ length: count }, (_, at) => ({
    id: table.getUint32(at * 8, true),
    at: table.getUint32(at * 8 + 4, true),
  }));
}

const isDirectory = (entry: Entry): boolean => entry.at >= 0x8000_0000;
const within = (entry: Entry): number => entry.at % 0x8000_0000;

/** `10.0.26100.1`; null when the file is no Windows program or has no version. Reads a few hundred bytes. */
export async function readPeVersion(file: Readable, sizeBytes: number): Promise<string | null> {
  const dos = await bytesAt(file, 0, 64);
  if (dos === null || dos.getUint16(0, true) !== 0x5a4d) return null;
  const headers = dos.getUint32(0x3c, true);
  const pe = await bytesAt(file, headers, 24);
  if (pe === null || pe.getUint32(0, true) !== 0x0000_4550) return null;
  const sections = pe.getUint16(6, true);
  const optionalBytes = pe.getUint16(20, true);
  if (sections === 0 || sections > MAX_SECTIONS || optionalBytes < 120) return null;
  const optional = await bytesAt(file, headers + 24, optionalBytes);
  const table = await bytesAt(file, headers + 24 + optionalBytes, sections * 40);
  if (optional === null || table === null) return null;
  // PE32+ has the data directories 16 bytes further on; the third is the resources.
  const directories = optional.getUint16(0, true) === 0x20b ? 112 : 96;
  if (directories + 24 > optionalBytes) return null;
  const resourceAddress = optional.getUint32(directories + 16, true);
  let base: number | null = null;
  let address = 0;
  for (let at = 0; at < sections; at += 1) {
    const virtual = table.getUint32(at * 40 + 12, true);
    const size = Math.max(table.getUint32(at * 40 + 8, true), table.getUint32(at * 40 + 16, true));
    if (resourceAddress >= virtual && resourceAddress < virtual + size) {
      base = table.getUint32(at * 40 + 20, true) + (resourceAddress - virtual);
      address = resourceAddress;
    }
  }
  if (base === null || resourceAddress === 0 || base >= sizeBytes) return null;

  // Three levels: kind of resource, its name, its language.
  const kinds = await directory(file, base, 0);
  const versions = kinds?.find(one => one.id === RT_VERSION && isDirectory(one));
  const names = versions === undefined ? null : await directory(file, base, within(versions));
  const name = names?.[0];
  const languages =
    name === undefined || !isDirectory(name) ? null : await directory(file, base, within(name));
  const language = languages?.[0];
  if (language === undefined || isDirectory(language)) return null;
  const leaf = await bytesAt(file, base + within(language), 16);
  if (leaf === null) return null;
  const size = leaf.getUint32(4, true);
  if (size < 92 || size > MAX_RESOURCE_BYTES) return null;
  const resource = await bytesAt(file, base + (leaf.getUint32(0, true) - address), size);
  if (resource === null) return null;
  // VS_VERSIONINFO: lengths and the UTF-16 word `VS_VERSION_INFO`, padded to a multiple of four; then the fixed part.
  for (let at = 0; at + 16 <= Math.min(resource.byteLength, 64); at += 4) {
    if (resource.getUint32(at, true) !== FIXED_SIGNATURE) continue;
    const high = resource.getUint32(at + 8, true);
    const low = resource.getUint32(at + 12, true);
    return [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff].join('.');
  }
  return null;
}
