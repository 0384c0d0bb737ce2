import type { SQLOutputValue } from 'node:sqlite';
import { Problem } from '../../../shared/problem/problem.ts';

export type Row = Record<string, SQLOutputValue>;

/** What the store tells its owner about; fixed sentences with fields, never values from a device. */
export interface StoreLog {
  warn(message: string, fields: Readonly<Record<string, string | number | null>>): void;
}

function unexpected(column: string, value: SQLOutputValue | undefined): Problem {
  return new Problem('store-unavailable', `column ${column} holds ${value === null ? 'null' : typeof value}`);
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw unexpected(column, value);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw unexpected(column, value);
  return value;
}

export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : number(row, column);
}

/** Truth is kept as 0 and 1. */
export function flag(row: Row, column: string): boolean {
  return number(row, column) !== 0;
}

/** The first column of the first row of a query that always gives one. */
export function only(row: Row | undefined, column: string): number {
  return row === undefined ? 0 : number(row, column);
}

/**
 * Reads JSON that this store wrote itself. Its shape was checked on the way in, so that a start with thousands of devices
 * does not check it again; what a damaged disk or a careless hand left behind is no object any more, is told to the log
 * and counts as missing.
 */
export function readJson<T extends object>(
  json: string,
  log: StoreLog,
  where: { readonly table: string; readonly key: string | number },
): T | null {
  try {
    const value: T | null = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below, without the text: it may name a person.
  }
  log.warn('stored value cannot be read and counts as missing', { table: where.table, key: where.key });
  return null;
}

/** JSON of what may be missing. */
export function jsonOrNull(value: object | null | undefined): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
