import { isDict } from '../parse/plist.ts';
import { parseRows, type Row, rowsOf } from '../parse/rows.ts';
import type { Output } from './answer.ts';
import { cimTime, type DateOrder, lines, localTime, utc, zonedTime } from './text.ts';

/**
 * Objects a Windows program printed: `ConvertTo-Json`, `Format-List`, `wmic /format:list`, `ConvertTo-Csv`, `wmic /format:csv` and
 * tables. Property names are compared without case, since Select-Object writes them as the caller did.
 */

function csvRows(text: string): Row[] | null {
  const cells = (line: string): string[] | null => {
    const found: string[] = [];
    let rest = line;
    while (rest !== '') {
      const match = /^(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/.exec(rest);
      if (match === null) return null;
      found.push(match[1]?.replace(/""/g, '"') ?? match[2] ?? '');
      rest = rest.slice(match[0].length);
      if (match[3] === ',' && rest === '') found.push('');
    }
    return found;
  };
  const written = lines(text).filter(line => line.trim() !== '' && !line.startsWith('#TYPE'));
  const head = written[0] === undefined ? null : cells(written[0]);
  if (head === null || head.length < 2 || !head.every(name => /^[A-Za-z][\w ().:/-]*$/.test(name)))
    return null;
  const rows: Row[] = [];
  for (const line of written.slice(1)) {
    const values = cells(line);
    if (values === null || values.length !== head.length) return null;
    rows.push(Object.fromEntries(head.map((name, at) => [name, values[at] ?? ''])));
  }
  return rows.length === 0 ? null : rows;
}

/**
 * A table with a line of names and, from PowerShell, one of dashes below it. Columns start where their names start, or a little
 * before where numbers are set to the right; a line that cannot be cut safely spoils the whole table.
 */
function tableRows(text: string): Row[] | null {
  const written = lines(text).filter(line => line.trim() !== '');
  const dashes = written.findIndex(line => /^\s*-+(?:\s+-+)*\s*$/.test(line));
  const head = written[dashes > 0 ? dashes - 1 : 0];
  if (head === undefined || (dashes <= 0 && !/^\w+(?:\s{2,}\w+)+$/.test(head.trim()))) return null;
  const columns = [...head.matchAll(/\S+/g)].map(match => ({ name: match[0], at: match.index }));
  if (columns.length < 2 || !columns.every(one => /^[A-Za-z]\w*$/.test(one.name))) return null;
  const rows: Row[] = [];
  for (const line of written.slice(dashes > 0 ? dashes + 1 : 1)) {
    const row: Record<string, string> = {};
    const starts: number[] = [];
    for (const [index, { at }] of columns.entries()) {
      const before = columns[index - 1];
      let start = at;
      while (start > 0 && start < line.length && line[start - 1] !== ' ') start -= 1;
      // A number set to the right may start before its heading, but not below the one before.
      if (before !== undefined && start < at && start <= before.at + before.name.length) return null;
      starts.push(start);
    }
    for (const [index, { name }] of columns.entries())
      row[name] = line.slice(starts[index], starts[index + 1] ?? line.length).trim();
    rows.push(row);
  }
  return rows.length === 0 ? null : rows;
}

/** The objects of an output, or null when it holds none in any notation. */
export function objects(output: Output): Row[] | null {
  const { text } = output;
  if (text.trim() === '') return null;
  const parsed = parseRows(new TextEncoder().encode(text));
  if (parsed.ok) return parsed.value;
  if (/^\s*[[{]/.test(text)) return null;
  // A greeting or a prompt before the JSON.
  const start = /^[[{]/m.exec(text);
  if (start !== null) {
    const json = jsonOf(text.slice(start.index));
    if (json !== undefined) return rowsOf(json);
  }
  return csvRows(text) ?? tableRows(text);
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}

/** One object's properties by name, whatever their case. */
export class Bag {
  readonly #values = new Map<string, unknown>();
  readonly order: DateOrder;

  constructor(row: Row, order: DateOrder = null) {
    for (const [name, value] of Object.entries(row)) this.#values.set(name.toLowerCase(), value);
    this.order = order;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  raw(...names: string[]): unknown {
    for (const name of names) {
      const value = this.#values.get(name.toLowerCase());
      if (value !== undefined && value !== null && value !== '') return value;
    }
    return null;
  }

  /** Text of at most 200 characters; numbers as their digits. */
  text(...names: string[]): string | null {
    const value = this.raw(...names);
    const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
    return text === '' ? null : text.slice(0, 200);
  }

  /** A safe whole or decimal number, also from its digits or `0x` notation. */
  number(...names: string[]): number | null {
    const value = this.raw(...names);
    if (typeof value === 'number') return Number.isFinite(value) ? value : null;
    if (typeof value !== 'string') return null;
    const text = value.trim();
    if (!/^(?:-?\d{1,15}(?:\.\d{1,9})?|0x[\da-f]{1,8})$/i.test(text)) return null;
    return Number(text);
  }

  flag(...names: string[]): boolean | null {
    const value = this.raw(...names);
    if (typeof value === 'boolean') return value;
    if (typeof value === 'string' && /^(true|false)$/i.test(value.trim()))
      return /^true$/i.test(value.trim());
    return null;
  }

  /** A list: JSON's own, PowerShell's {value, Count}, or `{3,4}` and `{"en-US"}` as wmic and Format-List print it. */
  list(name: string): unknown[] | null {
    const value = this.raw(name);
    if (Array.isArray(value)) return value;
    if (isDict(value) && Array.isArray(value.value)) return value.value;
    const inner = typeof value === 'string' ? /^\{(.*)\}$/.exec(value.trim())?.[1] : undefined;
    if (inner === undefined) return value === null ? null : [value];
    return inner.trim() === '' ? [] : inner.split(',').map(item => item.trim().replace(/^"(.*)"$/, '$1'));
  }

  /** A moment whose zone is known, in UTC: `/Date(ms)/`, ISO with offset, CIM_DATETIME; null otherwise. */
  moment(...names: string[]): string | null {
    let value = this.raw(...names);
    if (isDict(value)) value = value.value ?? value.Value ?? null;
    if (typeof value !== 'string') return null;
    const ms = /^\\?\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\\?\/$/.exec(value)?.[1];
    if (ms !== undefined) return Number(ms) <= 0 ? null : utc(Number(ms));
    return zonedTime(value) ?? cimTime(value);
  }

  /** A time without zone, as it was printed. */
  local(...names: string[]): string | null {
    const value = this.raw(...names);
    const text = isDict(value) ? value.DateTime : value;
    return typeof text === 'string' ? localTime(text, this.order) : null;
  }
}
