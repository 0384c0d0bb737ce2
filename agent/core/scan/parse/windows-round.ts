import { z } from 'zod';
import { type Answer, answered, type Unanswered, unanswered } from '../answer.ts';
import { decode, lines } from '../decode.ts';
import { type Row, rowsOf } from './rows.ts';

/** What one run of windows/scan.ps1 said, by check. */
export type WindowsRound = ReadonlyMap<string, Answer<readonly Row[]>>;

const line = z.discriminatedUnion('ok', [
  z.object({ id: z.string(), ok: z.literal(true), data: z.unknown() }),
  z.object({
    id: z.string(),
    ok: z.literal(false),
    category: z.string(),
    hresult: z.number(),
    error: z.string(),
  }),
]);

/** E_ACCESSDENIED, WBEM_E_ACCESS_DENIED. */
const DENIED = new Set([0x80070005 | 0, 0x80041003 | 0]);
/** WBEM_E_INVALID_NAMESPACE, WBEM_E_INVALID_CLASS, WBEM_E_NOT_SUPPORTED. */
const NOT_HERE = new Set([0x8004100e | 0, 0x80041010 | 0, 0x8004100c | 0]);

function why(category: string, hresult: number, error: string): Unanswered {
  const detail = error.slice(0, 200);
  if (category === 'ConstrainedLanguage') return unanswered('constrained-language');
  if (category === 'PermissionDenied' || category === 'SecurityError' || DENIED.has(hresult)) {
    return unanswered('not-permitted', detail);
  }
  if (NOT_HERE.has(hresult) || /CommandNotFound|0x8004100e|0x80041010/i.test(error)) {
    return unanswered('not-supported', detail);
  }
  // A .NET method's refusal keeps its number to itself and shows only in the error's id.
  if (/0x80041003|0x80070005|SecurityException|UnauthorizedAccessException/i.test(error))
    return unanswered('not-permitted', detail);
  return unanswered('command-failed', detail);
}

/** Lines that are not JSON (a profile's greeting, a cut last line) are passed over; their checks then have no answer. */
export function parseWindowsRound(stdout: Uint8Array): WindowsRound {
  const found = new Map<string, Answer<readonly Row[]>>();
  for (const text of lines(decode(stdout))) {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      continue;
    }
    const checked = line.safeParse(json);
    if (!checked.success) continue;
    const one = checked.data;
    if (!one.ok) {
      found.set(one.id, why(one.category, one.hresult, one.error));
      continue;
    }
    const rows = one.data === null || one.data === undefined ? [] : rowsOf(one.data);
    found.set(one.id, rows === null ? unanswered('parse-error', one.id) : answered(rows));
  }
  return found;
}
