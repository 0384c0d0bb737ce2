import type { FileScan } from '../../../../shared/device/facts-software.ts';
import type { Platform } from '../../../../shared/device/platform.ts';
import { type FileSubject, pathStyle, type Subjects } from '../../../../shared/device/subjects.ts';
import { answered, outcome } from '../answer.ts';
import { toldRows } from '../by-name.ts';
import { defineScan, type ScanContext } from '../scan.ts';

type Row = FileScan['files'][number];

/** All hashes of a round together: 0.3 s a GB measured, so at most a sixth of a second, and only for files that changed. */
const ROUND_HASH_BYTES = 512 * 1024 * 1024;
/** One file; a larger one tells its size and date. */
const FILE_HASH_BYTES = 256 * 1024 * 1024;

function asked(subjects: Subjects, platform: Platform): FileSubject[] {
  return subjects.files.filter(
    one =>
      (one.platform === undefined || one.platform === platform) &&
      (pathStyle(one.path) === 'windows') === (platform === 'windows'),
  );
}

const nothing: Omit<Row, 'id' | 'exists' | 'reason'> = {
  kind: null,
  sizeBytes: null,
  modifiedAt: null,
  version: null,
  hash: null,
};

/** Remembers the hashes it made, so that a file is read once and not every half hour. */
export function fileScan() {
  let known = new Map<string, { mark: string; hex: string }>();

  async function look(
    { probe, platform, signal }: ScanContext,
    one: FileSubject,
    budget: number,
  ): Promise<{ row: Row; cost: number }> {
    const key = `${one.hash ?? ''} ${one.path}`;
    const before = known.get(key);
    const seen = await probe.file(one.path, {
      version: platform === 'windows',
      maxHashBytes: Math.min(FILE_HASH_BYTES, budget),
      signal,
      ...(one.hash === undefined ? {} : { hash: one.hash }),
      ...(before === undefined ? {} : { knownMark: before.mark }),
    });
    if (!seen.ok) {
      const exists = seen.reason === 'not-present' ? false : null;
      return {
        row: {
          id: one.id,
          exists,
          ...nothing,
          reason: exists === false ? null : (seen.detail ?? seen.reason).slice(0, 200),
        },
        cost: 0,
      };
    }
    const { kind, sizeBytes, modifiedAt, version, hash, hashReason, mark } = seen.value;
    const hex = hash ?? (before?.mark === mark ? before.hex : null);
    if (hex !== null) fresh.set(key, { mark, hex });
    return {
      row: {
        id: one.id,
        exists: true,
        kind,
        sizeBytes,
        modifiedAt,
        version,
        hash: one.hash === undefined || hex === null ? null : { algorithm: one.hash, hex },
        reason:
          hashReason !== null && budget < FILE_HASH_BYTES ? 'enough was hashed for one round' : hashReason,
      },
      cost: hash === null ? 0 : sizeBytes,
    };
  }

  let fresh = new Map<string, { mark: string; hex: string }>();
  return defineScan({
    id: 'file',
    timeoutMs: 60_000,
    looksFor: asked,
    async run(context) {
      fresh = new Map();
      const files: Row[] = [];
      let budget = ROUND_HASH_BYTES;
      // One after the other: reading several large files at once would be felt.
      for (const one of asked(context.subjects, context.platform)) {
        const { row, cost } = await look(context, one, budget);
        budget -= cost;
        files.push(row);
      }
      known = fresh;
      const told = toldRows(files, one => one.exists === null);
      return outcome(told.ok ? answered({ files: told.value }) : told);
    },
  });
}
