import type { Findings } from '../../shared/device/finding.ts';
import type { StoreLog } from './stored.ts';

/** What the store knows of a check without reading its finding: hash, when it ran, when it ran again with the same answer. */
export interface Check {
  readonly hash: string;
  readonly at: number;
  readonly fresh: number | null;
}

/*
 * Kept as lines of `<check id> <hash> <at> [<fresh>]`, because it is written with every findings commit:
 * this takes a quarter of the time of JSON. Ids, hashes and numbers have neither blanks nor line ends.
 */

export function writeChecks(checks: ReadonlyMap<string, Check>): string {
  let lines = '';
  for (const [id, { hash, at, fresh }] of checks) {
    lines += fresh === null ? `${id} ${hash} ${at}\n` : `${id} ${hash} ${at} ${fresh}\n`;
  }
  return lines;
}

/** Empty for lines that cannot be read, so that the device is asked for everything again. */
export function readChecks(lines: string, log: StoreLog, key: string | number): Map<string, Check> {
  const checks = new Map<string, Check>();
  let start = 0;
  while (start < lines.length) {
    const end = lines.indexOf('\n', start);
    const [id = '', hash = '', at = '', fresh] = lines.slice(start, end < 0 ? undefined : end).split(' ');
    const check = {
      hash,
      at: Number(at),
      fresh: fresh === undefined ? null : Number(fresh),
    };
    if (end < 0 || id === '' || at === '' || Number.isNaN(check.at) || Number.isNaN(check.fresh)) {
      log.warn('stored value cannot be read and counts as missing', { table: 'checks', key });
      return new Map();
    }
    checks.set(id, check);
    start = end + 1;
  }
  return checks;
}

/** Lays changed findings and newer times over what is known. */
export function updateChecks(
  checks: Map<string, Check>,
  changed: Findings,
  fresh: Readonly<Record<string, number>> | undefined,
): void {
  for (const id in changed) {
    const finding = changed[id];
    if (finding === undefined) continue;
    const again = checks.get(id)?.fresh ?? null;
    checks.set(id, {
      hash: finding.hash,
      at: finding.at,
      fresh: again !== null && again > finding.at ? again : null,
    });
  }
  for (const id in fresh) {
    const at = fresh[id];
    const check = checks.get(id);
    if (at === undefined || check === undefined || at <= (check.fresh ?? check.at)) continue;
    checks.set(id, { ...check, fresh: at });
  }
}
