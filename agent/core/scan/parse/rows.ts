import { type Answer, answered, unanswered } from '../answer.ts';
import { decode, lines } from '../decode.ts';

/** One object a Windows program printed, whatever the notation. Names of properties are kept as printed. */
export type Row = Readonly<Record<string, unknown>>;

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON that should be a list of objects: PowerShell prints one object without its list and none as nothing at all. */
export function rowsOf(json: unknown): Row[] | null {
  // Windows PowerShell writes some arrays as {"value": [...], "Count": 2}.
  const inner =
    isRow(json) && Array.isArray(json.value) && typeof json.Count === 'number' ? json.value : json;
  const list: unknown[] = Array.isArray(inner) ? inner : [inner];
  return list.every(isRow) ? list.filter(isRow) : null;
}

/**
 * Objects as `ConvertTo-Json`, `wmic ... /format:list` (`Key=Value`) or `Format-List` (`Key : Value`) print them. An object
 * ends at a blank line or where one of its keys comes again. Empty values are kept as '' and mean "not told".
 */
export function parseRows(bytes: Uint8Array): Answer<Row[]> {
  const text = decode(bytes).replace(/^\ufeff/, '');
  if (text.trim() === '') return unanswered('no-output');
  if (/^\s*[[{"\d]/.test(text)) {
    try {
      const rows = rowsOf(JSON.parse(text));
      return rows === null ? unanswered('parse-error', 'not a list of objects') : answered(rows);
    } catch {
      return unanswered('parse-error', 'not JSON');
    }
  }
  const rows: Record<string, unknown>[] = [];
  let row: Record<string, unknown> = {};
  const close = (): void => {
    if (Object.keys(row).length > 0) rows.push(row);
    row = {};
  };
  for (const line of lines(text)) {
    const match = /^([A-Za-z][\w.]*)(?:=|\s+:(?:\s|$)|:\s)(.*)$/.exec(line);
    if (match === null) {
      if (line.trim() === '') close();
      continue;
    }
    const [, key = '', value = ''] = match;
    if (Object.hasOwn(row, key)) close();
    row[key] = value.trim();
  }
  close();
  return rows.length === 0 ? unanswered('parse-error', 'no object found') : answered(rows);
}

/** A number from a number or its digits; '' , null, text and fractions of garbage are "not told". */
export function numberIn(row: Row, key: string): number | null {
  const value = row[key];
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string' && /^-?\d{1,15}$/.test(value.trim())) return Number(value);
  return null;
}

export function textIn(row: Row, key: string, max = 200): string | null {
  const value = row[key];
  const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
  return text === '' ? null : text.slice(0, max);
}

export function flagIn(row: Row, key: string): boolean | null {
  const value = row[key];
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(true|false)$/i.test(value)) return /^true$/i.test(value);
  return null;
}
