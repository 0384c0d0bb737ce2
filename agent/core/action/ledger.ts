import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../outbox/durable-file.ts';

const time = z.number().int().nonnegative();

const entry = z.object({
  id: z.string(),
  /** A name of the catalogue; one that this version does not know stays as it is. */
  action: z.string(),
  /** Who agreed to it: the account's id. */
  by: z.string(),
  at: time,
  /** What its check said before, as that check's value; null where no check belongs to it. */
  before: z.unknown(),
  /** When it ended; null while it runs. */
  endedAt: time.nullable(),
  /** What became of it; `interrupted`: the service ended while it ran, so nobody knows. */
  outcome: z
    .enum([
      'done',
      'already-so',
      'did-not-help',
      'unsure-before',
      'unsure-after',
      'not-allowed',
      'not-possible',
      'failed',
      'interrupted',
    ])
    .nullable(),
  /** How it failed; never what a program printed. */
  detail: z.string().nullable(),
});
const file = z.object({ version: z.literal(1), entries: z.array(entry) });
export type LedgerEntry = z.infer<typeof entry>;

/** Oldest are dropped beyond this. */
const MOST = 200;
const FILE = 'actions.json';

/** What was done to this device, written down before it begins and when it has ended. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  /** Adds it, or puts it in the place of the one with its id; on disk when it returns. @throws where the disk takes nothing */
  write(entry: LedgerEntry): void;
}

/**
 * The ledger in the agent's data folder; `folder` null keeps it in this process only. What was under way when the service
 * last ended is marked as interrupted. A damaged file begins anew.
 */
export function openLedger(folder: string | null, now: number): Ledger {
  let entries: readonly LedgerEntry[] = folder === null ? [] : read(folder);
  const save = (): void => {
    if (folder !== null) replaceFile(join(folder, FILE), JSON.stringify({ version: 1, entries }));
  };
  if (entries.some(({ endedAt }) => endedAt === null)) {
    entries = entries.map(one =>
      one.endedAt === null ? { ...one, endedAt: Math.max(0, Math.round(now)), outcome: 'interrupted' } : one,
    );
    try {
      save();
    } catch {
      // The next write tells; until then this process knows.
    }
  }
  return {
    get entries() {
      return entries;
    },
    write(added) {
      const others = entries.filter(({ id }) => id !== added.id);
      entries = [...others, added].slice(-MOST);
      save();
    },
  };
}

function read(folder: string): LedgerEntry[] {
  try {
    const parsed = file.safeParse(JSON.parse(readFileSync(join(folder, FILE), 'utf8')));
    return parsed.success ? parsed.data.entries : [];
  } catch {
    return [];
  }
}
