import { crc32 } from 'node:zlib';
import type { FrameKind } from './outbox.ts';

/*
 * A segment file: 23 bytes of header (`TLOB1 `, the stream's 16 hex digits, a line feed), then records one after the other:
 *
 *     offset  size
 *     0       4     "TLRF": where a record may start, to find the next whole one behind damage
 *     4       4     length of the payload, little-endian
 *     8       4     CRC-32 of everything from offset 12 to the end of the payload
 *     12      6     sequence number, little-endian
 *     18      1     kind: 1 snapshot, 2 delta, 3 samples, 4 events, 5 help, 9 acknowledged up to this number (no payload)
 *     19      n     payload: the frame's JSON without seq and skipped, UTF-8
 */

const MAGIC = Buffer.from('TLRF');
const HEADER = /^TLOB1 ([0-9a-f]{16})\n$/;
export const SEGMENT_HEADER_BYTES = 23;
export const RECORD_OVERHEAD = 19;
/** No frame is larger than this (LIMITS.frameBytes and room); a longer length is damage. */
const MAX_PAYLOAD = 1024 * 1024;

const KINDS = { snapshot: 1, delta: 2, samples: 3, events: 4, help: 5, ack: 9 } as const;
const NAMES = new Map<number, FrameKind | 'ack'>([
  [1, 'snapshot'],
  [2, 'delta'],
  [3, 'samples'],
  [4, 'events'],
  [5, 'help'],
  [9, 'ack'],
]);

export interface FoundRecord {
  readonly seq: number;
  readonly kind: FrameKind | 'ack';
  /** Where the payload is in the file. */
  readonly offset: number;
  readonly length: number;
}

export function segmentHeader(stream: string): Buffer {
  return Buffer.from(`TLOB1 ${stream}\n`);
}

export function encodeRecord(seq: number, kind: FrameKind | 'ack', payload: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(RECORD_OVERHEAD + payload.length);
  MAGIC.copy(record, 0);
  record.writeUInt32LE(payload.length, 4);
  record.writeUIntLE(seq, 12, 6);
  record.writeUInt8(KINDS[kind], 18);
  record.set(payload, RECORD_OVERHEAD);
  record.writeUInt32LE(crc32(record.subarray(12)), 8);
  return record;
}

function recordAt(file: Buffer, at: number): FoundRecord | null {
  if (at + RECORD_OVERHEAD > file.length || !file.subarray(at, at + 4).equals(MAGIC)) return null;
  const length = file.readUInt32LE(at + 4);
  const end = at + RECORD_OVERHEAD + length;
  if (length > MAX_PAYLOAD || end > file.length) return null;
  if (crc32(file.subarray(at + 12, end)) !== file.readUInt32LE(at + 8)) return null;
  const kind = NAMES.get(file.readUInt8(at + 18));
  if (kind === undefined) return null;
  return { seq: file.readUIntLE(at + 12, 6), kind, offset: at + RECORD_OVERHEAD, length };
}

export interface ReadSegment {
  /** null: the header is torn or damaged. */
  readonly stream: string | null;
  readonly records: readonly FoundRecord[];
  /** Holes with whole records behind them: damage, not a torn tail. */
  readonly holes: number;
  /** End of the last whole record; what follows was being written when the process ended. */
  readonly end: number;
}

/** Every whole record of a segment. Never throws; damage is stepped over. */
export function readSegment(file: Buffer): ReadSegment {
  const stream = HEADER.exec(file.toString('latin1', 0, SEGMENT_HEADER_BYTES))?.[1] ?? null;
  const records: FoundRecord[] = [];
  let holes = 0;
  let end = Math.min(SEGMENT_HEADER_BYTES, file.length);
  let at: number = end;
  while (at >= 0 && at < file.length) {
    const record = recordAt(file, at);
    if (record === null) {
      at = file.indexOf(MAGIC, at + 1);
      continue;
    }
    if (at !== end) holes += 1;
    records.push(record);
    at = record.offset + record.length;
    end = at;
  }
  return { stream, records, holes, end };
}
