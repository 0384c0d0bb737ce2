import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../../shared/base/clock.ts';
import { SECOND } from '../../../shared/base/durations.ts';
import { deskRequest, saying, viewer } from '../../desktop/contract.ts';

const time = z.number().int().nonnegative();

/** What the desk remembers over a restart of the service. */
export const kept = z.object({
  /** When each open problem was first noticed. */
  since: z.record(z.string(), time),
  /** Newest last; `person` names who alone may see it, null: everybody. */
  journal: z.array(
    z.object({ at: time, what: saying, about: saying.nullable(), person: z.string().nullable() }),
  ),
  /** Views that are over, newest last. */
  views: z.array(viewer.extend({ until: time })),
  requests: z.array(deskRequest),
});
export type Kept = z.infer<typeof kept>;

const FILE = 'desk.json';
/** Lines of the journal, views and requests that are kept. */
const LINES = { journal: 500, views: 100, requests: 50 } as const;
const WRITE_MS = 5 * SECOND;

export interface Keeper {
  readonly value: Kept;
  change(part: Partial<Kept>): void;
  /** Writes what is not written yet. */
  close(): void;
}

/** The desk's memory in the data folder; `folder` null keeps it in this process only. A damaged file begins anew. */
export function keeper(folder: string | null, clock: Clock): Keeper {
  let value: Kept = folder === null ? empty() : read(folder);
  let cancel: (() => void) | null = null;
  const write = (): void => {
    cancel?.();
    cancel = null;
    if (folder === null) return;
    const path = join(folder, FILE);
    try {
      // Whole or not at all: a reader after a power loss finds the file before or the file after.
      writeFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch {
      // A disk that takes nothing is reported through the outbox; this is a convenience.
    }
  };
  return {
    get value() {
      return value;
    },
    change(part) {
      const next = { ...value, ...part };
      value = {
        ...next,
        journal: next.journal.slice(-LINES.journal),
        views: next.views.slice(-LINES.views),
        requests: next.requests.slice(-LINES.requests),
      };
      cancel ??= clock.after(WRITE_MS, write);
    },
    close() {
      if (cancel !== null) write();
    },
  };
}

function empty(): Kept {
  return { since: {}, journal: [], views: [], requests: [] };
}

function read(folder: string): Kept {
  try {
    const parsed = kept.safeParse(JSON.parse(readFileSync(join(folder, FILE), 'utf8')));
    return parsed.success ? parsed.data : empty();
  } catch {
    return empty();
  }
}
