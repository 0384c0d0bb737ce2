import {
  closeSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '../../../shared/base/clock.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { replaceFile, syncFolder, writeAll } from './durable-file.ts';
import { decodeMark, encodeMark, type Mark } from './mark.ts';
import {
  DEFAULT_BOUNDS,
  type HeldFrame,
  type NewFrame,
  newStream,
  type Outbox,
  type OutboxBounds,
} from './outbox.ts';
import { type Entry, Queue } from './queue.ts';
import { encodeRecord, readSegment, SEGMENT_HEADER_BYTES, segmentHeader } from './record.ts';

/** Numbers reserved ahead with one synced write: one more write of 100 bytes every four hours of one-minute samples. */
const RESERVE = 256;
/** Frames written within this time share one sync. */
const SYNC_MS = 1000;
/** What is kept in memory at most while the disk takes nothing. */
const UNWRITTEN_BYTES = 4 * 1024 * 1024;
const SEGMENT_BYTES = 1024 * 1024;
/** An active segment whose frames are all acknowledged is kept up to this size, then started anew. */
const IDLE_SEGMENT_BYTES = 64 * 1024;

const fsyncLater = promisify(fsync);

interface Segment {
  readonly name: string;
  size: number;
  /** Bytes of payload still held. */
  live: number;
  held: number;
}
type Place = { segment: Segment; offset: number; length: number } | { body: Buffer };

export interface FileOutboxOptions extends Partial<OutboxBounds> {
  readonly folder: string;
  readonly clock: Clock;
  readonly segmentBytes?: number;
}

/**
 * The durable outbox: append-only segment files of checksummed records (record.ts) and one mark file.
 *
 * A frame is written to the file before `append` returns, so a killed process loses nothing. It is synced together with
 * its neighbours within a second and may be sent before that: a power loss in between can take frames that were not
 * acknowledged, which is as if the check had not run. Their numbers are not given again: numbering continues above a
 * reservation that was synced before the first of its numbers was used, and `skipped` tells the collector the rest.
 *
 * A torn tail is cut off; damage in the middle costs the records it touches and is counted. A damaged mark starts a new
 * stream in which what is left of the old one is numbered anew. While the disk is full frames are kept in memory, within
 * bounds, and written as soon as it takes them again.
 *
 * The folder must belong to one process (folder-lock.ts).
 *
 * @throws Problem `data-folder-unwritable` when the folder cannot be used at all.
 */
export function openFileOutbox(options: FileOutboxOptions): Outbox {
  const { folder, clock, segmentBytes = SEGMENT_BYTES } = options;
  const bounds: OutboxBounds = {
    maxBytes: options.maxBytes ?? DEFAULT_BOUNDS.maxBytes,
    maxFrames: options.maxFrames ?? DEFAULT_BOUNDS.maxFrames,
  };
  const markPath = join(folder, 'mark.json');
  const pathOf = (segment: Segment): string => join(folder, segment.name);

  const queue = new Queue<Place>();
  const segments = new Set<Segment>();
  let active: { segment: Segment; handle: number } | null = null;
  let serial = 0;
  let stream = newStream();
  let next = 1;
  let reserved = 0;
  let ackedUpTo = 0;
  let dropped = 0;
  let damaged = 0;
  let durable = true;
  let unwritten: Entry<Place>[] = [];
  let stopSync: (() => void) | null = null;
  let syncing: Promise<void> = Promise.resolve();
  let closed = false;

  function writeMark(clean: boolean): void {
    const mark: Mark = { stream, next, reserved, clean };
    replaceFile(markPath, encodeMark(mark));
  }

  /** Reserves the numbers from `next` on, on disk, before the first of them is used. */
  function reserve(): void {
    if (next <= reserved) return;
    const before = reserved;
    reserved = next + RESERVE - 1;
    try {
      writeMark(false);
    } catch {
      // The disk takes nothing: numbers are used all the same, and the welcome's `acked` lifts us above them next time.
      reserved = before;
      durable = false;
    }
  }

  function remove(segment: Segment): void {
    if (active?.segment === segment) {
      closeSync(active.handle);
      active = null;
    }
    segments.delete(segment);
    rmSync(pathOf(segment), { force: true });
  }

  function release(entries: readonly Entry<Place>[]): void {
    for (const { place } of entries) {
      if (!('segment' in place)) continue;
      place.segment.live -= place.length;
      place.segment.held -= 1;
      if (place.segment.held > 0) continue;
      if (place.segment !== active?.segment || place.segment.size > IDLE_SEGMENT_BYTES) remove(place.segment);
    }
    const gone = new Set(entries);
    if (unwritten.some(entry => gone.has(entry))) unwritten = unwritten.filter(entry => !gone.has(entry));
  }

  function bodyOf({ place }: Entry<Place>): Buffer | null {
    if ('body' in place) return place.body;
    const bytes = Buffer.allocUnsafe(place.length);
    const handle = openSync(pathOf(place.segment), 'r');
    try {
      return readSync(handle, bytes, 0, place.length, place.offset) === place.length ? bytes : null;
    } finally {
      closeSync(handle);
    }
  }

  function activeSegment(): { segment: Segment; handle: number } {
    if (active !== null && active.segment.size >= segmentBytes) {
      if (active.segment.held === 0) remove(active.segment);
      else {
        fsyncSync(active.handle);
        closeSync(active.handle);
        active = null;
      }
    }
    if (active === null) {
      serial += 1;
      const segment: Segment = {
        name: `${String(serial).padStart(10, '0')}.log`,
        size: SEGMENT_HEADER_BYTES,
        live: 0,
        held: 0,
      };
      const handle = openSync(pathOf(segment), 'w', 0o600);
      active = { segment, handle };
      segments.add(segment);
      try {
        writeAll(handle, segmentHeader(stream));
        // Every segment begins with what is acknowledged, so that an older one can be removed with what it said of it.
        if (ackedUpTo > 0) {
          const record = encodeRecord(ackedUpTo, 'ack', new Uint8Array());
          writeAll(handle, record);
          segment.size += record.length;
        }
      } catch (error) {
        remove(segment);
        throw error;
      }
    }
    return active;
  }

  /** Appends one record; on failure the file ends where it ended before, and the next record starts a new segment. */
  function writeRecord(record: Buffer): { segment: Segment; offset: number } {
    const { segment, handle } = activeSegment();
    const start = segment.size;
    try {
      writeAll(handle, record);
    } catch (error) {
      ftruncateSync(handle, start);
      closeSync(handle);
      active = null;
      if (segment.held === 0) remove(segment);
      throw error;
    }
    segment.size += record.length;
    return { segment, offset: start };
  }

  /** Writes what is in memory only, oldest first, as far as the disk takes it. */
  function drain(): void {
    while (unwritten.length > 0) {
      const entry = unwritten[0];
      if (entry === undefined || !('body' in entry.place)) break;
      const { body } = entry.place;
      try {
        const record = encodeRecord(entry.seq, entry.kind, body);
        const { segment, offset } = writeRecord(record);
        segment.live += body.length;
        segment.held += 1;
        entry.place = { segment, offset: offset + record.length - body.length, length: body.length };
        unwritten.shift();
        durable = true;
      } catch {
        durable = false;
        keepInMemoryWithinBounds();
        return;
      }
    }
    syncSoon();
  }

  function keepInMemoryWithinBounds(): void {
    let bytes = unwritten.reduce((sum, entry) => sum + entry.bytes, 0);
    const gone = new Set<Entry<Place>>();
    for (const entry of unwritten.slice(0, -1)) {
      if (bytes <= UNWRITTEN_BYTES) break;
      gone.add(entry);
      bytes -= entry.bytes;
    }
    queue.take(gone);
    release([...gone]);
    dropped += gone.size;
  }

  function syncSoon(): void {
    if (stopSync !== null || closed) return;
    stopSync = clock.after(SYNC_MS, () => {
      stopSync = null;
      const handle = active?.handle;
      if (handle === undefined) return;
      // A handle that was closed meanwhile was synced or removed on that way.
      syncing = syncing.then(() => fsyncLater(handle)).catch(() => {});
    });
  }

  /** Rewrites a segment with what it still holds, when little of it is left. */
  function compact(segment: Segment, force = false): void {
    if (segment === active?.segment || !segments.has(segment)) return;
    if (!force && segment.live * 4 > segment.size) return;
    const kept = queue.entries.filter(({ place }) => 'segment' in place && place.segment === segment);
    const parts: Buffer[] = [segmentHeader(stream)];
    const offsets: number[] = [];
    let at = SEGMENT_HEADER_BYTES;
    for (const entry of kept) {
      const body = bodyOf(entry);
      if (body === null) return;
      const record = encodeRecord(entry.seq, entry.kind, body);
      offsets.push(at + record.length - body.length);
      at += record.length;
      parts.push(record);
    }
    try {
      replaceFile(pathOf(segment), Buffer.concat(parts));
    } catch {
      return;
    }
    segment.size = at;
    kept.forEach((entry, index) => {
      entry.place = { segment, offset: offsets[index] ?? 0, length: entry.bytes };
    });
  }

  function give(kind: NewFrame['type'], body: Buffer): number {
    reserve();
    const seq = next;
    next += 1;
    const entry: Entry<Place> = { seq, kind, bytes: body.length, place: { body } };
    queue.add(entry);
    unwritten.push(entry);
    drain();
    const gone = queue.trim(bounds);
    dropped += gone.length;
    const touched = new Set(gone.flatMap(({ place }) => ('segment' in place ? [place.segment] : [])));
    release(gone);
    for (const segment of touched) compact(segment);
    return seq;
  }

  function load(): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const names = readdirSync(folder)
      .filter(name => /^\d{10}\.log$/.test(name))
      .sort();
    serial = Math.max(0, ...names.map(name => Number(name.slice(0, 10))));
    let mark: Mark | null = null;
    try {
      mark = decodeMark(readFileSync(markPath, 'utf8'));
      if (mark === null) damaged += 1;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
    if (mark !== null) {
      stream = mark.stream;
      next = mark.clean ? mark.next : mark.reserved + 1;
      reserved = mark.reserved;
    }

    const found: Entry<Place>[] = [];
    const strangers: { name: string; bodies: { kind: NewFrame['type']; body: Buffer }[] }[] = [];
    const mend: Segment[] = [];
    names.forEach((name, index) => {
      const file = readFileSync(join(folder, name));
      const read = readSegment(file);
      const last = index === names.length - 1;
      damaged += read.holes;
      if (read.stream === null && read.records.length > 0) damaged += 1;
      if (!last && read.end < file.length) damaged += 1;
      if (read.records.length === 0) {
        rmSync(join(folder, name), { force: true });
        return;
      }
      const frames = read.records.flatMap(({ kind, ...rest }) => (kind === 'ack' ? [] : [{ kind, ...rest }]));
      if (mark === null || (read.stream !== null && read.stream !== mark.stream)) {
        const bodies = frames.map(({ kind, offset, length }) => ({
          kind,
          body: Buffer.from(file.subarray(offset, offset + length)),
        }));
        strangers.push({ name, bodies });
        return;
      }
      for (const record of read.records)
        if (record.kind === 'ack') ackedUpTo = Math.max(ackedUpTo, record.seq);
      const segment: Segment = { name, size: read.end, live: 0, held: 0 };
      segments.add(segment);
      for (const { seq, kind, offset, length } of frames) {
        found.push({ seq, kind, bytes: length, place: { segment, offset, length } });
        segment.live += length;
        segment.held += 1;
      }
      if (read.holes > 0 || read.stream === null) mend.push(segment);
      else if (read.end < file.length) truncateSync(join(folder, name), read.end);
    });

    found.sort((a, b) => a.seq - b.seq);
    const twice: Entry<Place>[] = [];
    let before = 0;
    for (const entry of found) {
      if (entry.seq <= before) twice.push(entry);
      else queue.add(entry);
      before = Math.max(before, entry.seq);
    }
    // A number above the mark can only come from damage to the mark's own promise: never give it again.
    next = Math.max(next, before + 1, ackedUpTo + 1);
    release(twice);
    release(queue.takeUpTo(ackedUpTo));
    for (const segment of [...segments]) if (segment.held === 0) remove(segment);
    for (const segment of mend) compact(segment, true);

    // Told before anything is sent: from here on this run has not ended cleanly until `close` says so.
    reserved = next + RESERVE - 1;
    writeMark(false);
    for (const { name, bodies } of strangers) {
      for (const { kind, body } of bodies) give(kind, body);
      rmSync(join(folder, name), { force: true });
    }
  }

  function held(entry: Entry<Place>): HeldFrame | null {
    try {
      const body = bodyOf(entry);
      if (body !== null) return { seq: entry.seq, kind: entry.kind, body: body.toString('utf8') };
    } catch {
      // Falls through: the file was taken away under us.
    }
    return null;
  }

  /** Takes out an entry whose body cannot be read any more, so that what follows it is not held up. */
  function giveUp(entry: Entry<Place>): void {
    queue.take(new Set([entry]));
    release([entry]);
    damaged += 1;
  }

  try {
    load();
  } catch (error) {
    throw new Problem('data-folder-unwritable', 'the outbox folder cannot be read and written', {
      cause: error,
    });
  }

  return {
    get stream() {
      return stream;
    },
    get firstUnacked() {
      return queue.entries[0]?.seq ?? next;
    },
    get frames() {
      return queue.entries.length;
    },
    get bytes() {
      return queue.bytes;
    },
    append: frame => give(frame.type, Buffer.from(JSON.stringify(frame))),
    after(seq) {
      for (;;) {
        const entry = queue.after(seq);
        if (entry === null) return null;
        const frame = held(entry);
        if (frame !== null) return frame;
        giveUp(entry);
      }
    },
    pendingState() {
      return queue.pendingState().flatMap(entry => held(entry) ?? []);
    },
    ack(seq) {
      const gone = queue.takeUpTo(seq);
      if (seq >= next) next = seq + 1;
      ackedUpTo = Math.max(ackedUpTo, seq);
      release(gone);
      if (gone.length === 0 || (queue.entries.length === 0 && active === null)) return;
      try {
        writeRecord(encodeRecord(seq, 'ack', new Uint8Array()));
      } catch {
        // Not noting it costs a repeated frame after a kill, which the collector recognises by its number.
      }
    },
    reset() {
      queue.clear();
      unwritten = [];
      for (const segment of [...segments]) remove(segment);
      stream = newStream();
      next = 1;
      reserved = 0;
      ackedUpTo = 0;
      reserve();
    },
    report: () => ({ dropped, damaged, durable }),
    async flush() {
      drain();
      await syncing;
      if (active !== null) fsyncSync(active.handle);
    },
    async close() {
      if (closed) return;
      closed = true;
      stopSync?.();
      drain();
      await syncing;
      try {
        if (active !== null) {
          fsyncSync(active.handle);
          closeSync(active.handle);
          active = null;
        }
        // Frames that exist in memory only are lost now; their numbers must not be given again.
        writeMark(unwritten.length === 0);
        syncFolder(folder);
      } catch {
        // The next start finds the reservation instead.
      }
    },
  };
}
