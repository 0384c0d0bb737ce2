import { type Answer, answered, unanswered } from '../answer.ts';
import { decode, lines } from '../decode.ts';
import { type Row, textIn } from '../parse/rows.ts';
import type { Probe } from '../probe.ts';
import type { ScanContext } from '../scan.ts';
import { windowsSection } from './round.ts';

/** Single registry values by the names a check gave them; `null`: read, and not set. A name that is missing could not be read. */
export type Values = ReadonlyMap<string, string | number | null>;

export interface WantedValue {
  /** As the section of scan.ps1 calls it. */
  readonly id: string;
  readonly key: string;
  readonly name: string;
}

/** Rows `{Id, Set, Value}` as the script's Read-Value prints them. */
export function parseValues(rows: readonly Row[]): Values {
  const found = new Map<string, string | number | null>();
  for (const row of rows) {
    const id = textIn(row, 'Id');
    if (id === null || typeof row.Set !== 'boolean') continue;
    if (!row.Set) found.set(id, null);
    else if (typeof row.Value === 'string') found.set(id, row.Value.trim().slice(0, 200));
    else if (typeof row.Value === 'number' && Number.isFinite(row.Value)) found.set(id, row.Value);
  }
  return found;
}

/** `reg.exe query KEY /v NAME`: the one value, decimal for DWORD and QWORD. */
export function parseRegistryValue(stdout: Uint8Array, name: string): Answer<string | number> {
  for (const line of lines(decode(stdout))) {
    const [, own = '', type = '', text = ''] =
      /^ {4}(\S.*?) {4}REG_(DWORD|QWORD|SZ|EXPAND_SZ|BINARY)(?: {4}(.*))?$/.exec(line) ?? [];
    if (own.toLowerCase() !== name.toLowerCase()) continue;
    if (type !== 'DWORD' && type !== 'QWORD') return answered(text.trim().slice(0, 200));
    const number = /^0x[0-9a-f]{1,16}$/i.test(text) ? Number(text) : Number.NaN;
    return Number.isSafeInteger(number) ? answered(number) : unanswered('parse-error', name);
  }
  return unanswered('parse-error', name);
}

/** Set on every Windows: reading it proves that reg.exe may be used here. */
const ALWAYS: WantedValue = {
  id: 'proof',
  key: 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion',
  name: 'CurrentBuild',
};

/**
 * One value by reg.exe; `null` when it is not set. reg.exe ends with 1 for "not there", "access denied" and "forbidden by the
 * administrator" alike, and its words are translated, so "not there" is believed only where another value can be read.
 */
export async function registryValue(
  probe: Probe,
  { key, name }: WantedValue,
  signal: AbortSignal,
): Promise<Answer<string | number | null>> {
  const ask = (path: string, value: string) =>
    probe.command('reg', ['query', path, '/v', value, '/reg:64'], { signal });
  const ran = await ask(key, name);
  if (!ran.ok) return ran;
  if (ran.code === 0) return parseRegistryValue(ran.stdout, name);
  const proof = await ask(ALWAYS.key, ALWAYS.name);
  return proof.ok && proof.code === 0 ? answered(null) : unanswered('not-permitted', 'reg.exe');
}

/**
 * Values by the round's PowerShell, and by reg.exe where that has no answer (Constrained Language Mode above all). Only these values are
 * read, never their whole keys: a password may stand beside them.
 */
export async function windowsValues(
  { probe, round, signal }: ScanContext,
  section: string,
  wanted: readonly WantedValue[],
): Promise<Answer<Values>> {
  const rows = await windowsSection(probe, round, section, signal);
  if (rows.ok) return answered(parseValues(rows.value));
  const found = new Map<string, string | number | null>();
  for (const one of wanted) {
    const value = await registryValue(probe, one, signal);
    if (value.ok) found.set(one.id, value.value);
  }
  return found.size === 0 ? rows : answered(found);
}

/** The number of a value that is set; null when it is not set, not read, or no number. */
export function numberOf(values: Values, id: string): number | null {
  const value = values.get(id);
  if (typeof value === 'number') return value;
  // Winlogon and the screen saver keep their numbers as text.
  return typeof value === 'string' && /^\d{1,9}$/.test(value.trim()) ? Number(value) : null;
}

export function textOf(values: Values, id: string): string | null {
  const value = values.get(id);
  return typeof value === 'string' ? value : null;
}

/** Read, and not set. */
export function isUnset(values: Values, id: string): boolean {
  return values.get(id) === null;
}
