import type { RegistryNumeric, RegistryText } from '../../../../shared/device/facts-software.ts';
import type { Platform } from '../../../../shared/device/platform.ts';
import { type RegistrySubject, registryPath, type Subjects } from '../../../../shared/device/subjects.ts';
import { type Answer, answered, outcome } from '../answer.ts';
import { toldRows } from '../by-name.ts';
import { decode } from '../decode.ts';
import { defineScan, type ScanContext } from '../scan.ts';
import { lookUpKey } from '../windows/lookup.ts';

type Kind = RegistrySubject['kind'];

function askedOf(kind: Kind): (subjects: Subjects, platform: Platform) => RegistrySubject[] {
  return (subjects, platform) =>
    subjects.registry.filter(one => one.kind === kind && one.platform === platform);
}

/** What was found under a name: the value as text with its type, that there is none, or why it could not be told. */
type Found =
  | { readonly exists: true; readonly type: string; readonly text: string }
  | { readonly exists: false }
  | { readonly exists: null; readonly reason: string };

async function windows({ probe, signal }: ScanContext, { key, name, view }: RegistrySubject): Promise<Found> {
  const path = registryPath(key);
  if (path === null) return { exists: null, reason: 'not a key that is read' };
  // The service's own HKCU is nobody's; the tray app's part answers for the person.
  if (path.startsWith('HKCU') && probe.facts().root === true) {
    return { exists: null, reason: 'a service has no settings of a person' };
  }
  const found = await lookUpKey(probe, path, view, signal);
  if (!found.ok) {
    return found.reason === 'not-present'
      ? { exists: false }
      : {
          exists: null,
          reason: found.reason === 'not-permitted' ? 'not-permitted' : (found.detail ?? found.reason),
        };
  }
  const value = found.value.get(name.toLowerCase());
  return value === undefined ? { exists: false } : { exists: true, ...value };
}

/** `defaults read DOMAIN KEY`; a missing pair ends with 1 and a sentence that is not translated. */
async function macos({ probe, signal }: ScanContext, { key, name }: RegistrySubject): Promise<Found> {
  if (!key.startsWith('/') && probe.facts().root === true) {
    return { exists: null, reason: 'a service has no preferences of a person' };
  }
  const ran = await probe.command('defaults', ['read', key, name], { signal });
  if (!ran.ok) return { exists: null, reason: ran.detail ?? ran.reason };
  if (ran.code === 0)
    return { exists: true, type: 'defaults', text: decode(ran.stdout).replace(/\r?\n$/, '') };
  return /does not exist/.test(decode(ran.stderr))
    ? { exists: false }
    : { exists: null, reason: `defaults ended with ${ran.code}` };
}

async function find(context: ScanContext, one: RegistrySubject): Promise<Found> {
  return await (context.platform === 'windows' ? windows(context, one) : macos(context, one));
}

/** REG_DWORD and REG_QWORD are printed as 0x...; preferences as decimal numbers. Beyond 2^53 a number would not be exact. */
function numberOf(type: string, text: string): number | null {
  const fits = /^REG_(DWORD|QWORD)$/.test(type)
    ? /^0x[0-9a-f]{1,16}$/i.test(text)
    : type === 'defaults' && /^-?\d{1,16}(\.\d{1,16})?$/.test(text.trim());
  const number = fits ? Number(text) : Number.NaN;
  return Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : null;
}

/** REG_SZ and its kin; the parts of REG_MULTI_SZ, which reg.exe joins by `\0`, as lines. Lists and dictionaries of macOS are no text. */
function textOf(type: string, text: string): string | null {
  if (type === 'REG_MULTI_SZ')
    return text
      .replace(/(\\0)+$/, '')
      .split('\\0')
      .join('\n');
  if (type === 'REG_SZ' || type === 'REG_EXPAND_SZ') return text;
  return type === 'defaults' && !/^[({]\n/.test(text) ? text : null;
}

async function rows<Value>(
  context: ScanContext,
  kind: Kind,
  read: (type: string, text: string) => Value | null,
): Promise<{ id: string; exists: boolean | null; value: Value | null; reason: string | null }[]> {
  const found: { id: string; exists: boolean | null; value: Value | null; reason: string | null }[] = [];
  for (const one of askedOf(kind)(context.subjects, context.platform)) {
    const told = await find(context, one);
    if (told.exists === true) {
      const value = read(told.type, told.text);
      const reason = value === null ? `not a ${kind === 'numeric' ? 'number that fits' : 'text'}` : null;
      found.push({ id: one.id, exists: true, value, reason });
    } else {
      const reason = told.exists === null ? told.reason.slice(0, 200) : null;
      found.push({ id: one.id, exists: told.exists, value: null, reason });
    }
  }
  return found;
}

const TIMEOUT_MS = 60_000;

export function registryNumericScan() {
  return defineScan({
    id: 'registry.numeric',
    timeoutMs: TIMEOUT_MS,
    looksFor: askedOf('numeric'),
    run: async context => {
      const told: Answer<RegistryNumeric['values']> = toldRows(
        await rows(context, 'numeric', numberOf),
        one => one.exists === null,
      );
      return outcome(told.ok ? answered({ values: told.value }) : told);
    },
  });
}

const MAX_TEXT = 1000;

export function registryTextScan() {
  return defineScan({
    id: 'registry.text',
    timeoutMs: TIMEOUT_MS,
    looksFor: askedOf('text'),
    run: async context => {
      const told: Answer<RegistryText['values']> = toldRows(
        await rows(context, 'text', textOf),
        one => one.exists === null,
      );
      if (!told.ok) return outcome(told);
      // A text cut short would compare wrongly.
      const values = told.value.map(one =>
        (one.value?.length ?? 0) > MAX_TEXT
          ? { ...one, value: null, reason: `longer than ${MAX_TEXT}` }
          : one,
      );
      return { status: 'ok', value: { values } };
    },
  });
}
