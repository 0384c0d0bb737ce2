import type { SQLOutputValue } from 'node:sqlite';
import { Problem } from '../../../shared/problem/problem.ts';

export { readJson, type StoreLog } from '../stored.ts';

export type Row = Record<string, SQLOutputValue>;

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

/** JSON of what may be missing. */
export function jsonOrNull(value: object | null | undefined): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
