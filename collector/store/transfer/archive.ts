import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { Problem } from '../../../shared/problem/problem.ts';
import { Counting, type Piece, type Source, TABLE_NAMES, type Tally } from './tables.ts';

/*
 * A backup: gzip, one JSON text a line. First `{"trayline": 1, "collectorId"}`, then the pieces as they come
 * (`{"device", "tables": {table: rows}}`), at last `{"tally": {table: {rows, hash}}}`. A file without its last line, or whose
 * rows do not give that tally, is not a backup.
 */
const FORMAT = 1;

const head = z.object({ trayline: z.literal(FORMAT), collectorId: z.string().min(1) });
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const piece = z.object({
  device: z.string().nullable(),
  tables: z.partialRecord(z.enum(TABLE_NAMES as [string, ...string[]]), z.array(z.array(value))),
});
const tail = z.object({ tally: z.record(z.string(), z.object({ rows: z.number(), hash: z.string() })) });

/**
 * Writes a backup beside its place, reads it again, and only then gives it its name. Readable by its owner only: it holds
 * everything the collector knows.
 * @throws Problem `conflict` when the file is there already, or when it does not read back as it was written.
 */
export async function writeArchive(source: Source, path: string): Promise<Tally> {
  if (existsSync(path)) throw new Problem('conflict', 'there is a file of this name already');
  const beside = `${path}.unfinished`;
  const counting = new Counting();
  async function* lines(): AsyncIterable<string> {
    yield `${JSON.stringify({ trayline: FORMAT, collectorId: source.collectorId })}\n`;
    for await (const one of source.pieces()) {
      counting.add(one);
      yield `${JSON.stringify(one)}\n`;
    }
    yield `${JSON.stringify({ tally: counting.tally() })}\n`;
  }
  try {
    await pipeline(Readable.from(lines()), createGzip(), createWriteStream(beside, { mode: 0o600 }));
    await checkArchive(beside);
    const file = await open(beside, 'r+');
    await file.sync();
    await file.close();
    renameSync(beside, path);
    if (process.platform !== 'win32') {
      const folder = await open(dirname(path), 'r');
      await folder.sync();
      await folder.close();
    }
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  return counting.tally();
}

/** Reads a whole backup and compares it with its own tally. */
async function checkArchive(path: string): Promise<void> {
  const counting = new Counting();
  for await (const one of piecesOf(path)) counting.add(one);
}

function damaged(cause?: unknown): Problem {
  return new Problem('conflict', 'the file is no backup, or a damaged one', { cause });
}

/** Every line but the first and the last; throws when those are not what they must be. */
async function* piecesOf(path: string): AsyncIterable<Piece> {
  const counting = new Counting();
  let place = 0;
  let ended = false;
  for await (const json of linesOf(path)) {
    if (ended) throw damaged();
    if (place === 0) head.parse(json);
    else if (typeof json === 'object' && json !== null && 'tally' in json) {
      const { tally } = tail.parse(json);
      const counted = counting.tally();
      // Tables that came later are not in an older backup, and empty here.
      for (const name of TABLE_NAMES) {
        const told = tally[name];
        if (told === undefined ? counted[name].rows > 0 : told.hash !== counted[name].hash) throw damaged();
      }
      ended = true;
    } else {
      const one = piece.parse(json) as Piece;
      counting.add(one);
      yield one;
    }
    place += 1;
  }
  if (!ended) throw damaged();
}

async function* linesOf(path: string): AsyncIterable<unknown> {
  const unzipped = createGunzip();
  const reading = pipeline(createReadStream(path), unzipped);
  reading.catch(() => undefined);
  try {
    for await (const line of createInterface({ input: unzipped, crlfDelay: Number.POSITIVE_INFINITY })) {
      yield JSON.parse(line);
    }
    await reading;
  } catch (error) {
    throw damaged(error);
  }
}

/**
 * A backup, to restore it. It is read once from end to end before anything is written from it.
 * @throws Problem `not-found`, or `conflict` for a file that is no whole backup.
 */
export async function openArchive(path: string): Promise<Source> {
  if (!existsSync(path)) throw new Problem('not-found', 'there is no such file');
  await checkArchive(path);
  for await (const json of linesOf(path)) {
    const { collectorId } = head.parse(json);
    return { collectorId, pieces: () => piecesOf(path), async close() {} };
  }
  throw damaged();
}
