import type { FieldKey, MergedRecord } from './device.ts';

/** A merged field's value where it is a number; null when unknown or of another type. */
export function numberOf(record: MergedRecord, field: FieldKey): number | null {
  const value = record[field]?.value;
  return typeof value === 'number' ? value : null;
}

/** The same for a text. */
export function textOf(record: MergedRecord, field: FieldKey): string | null {
  const value = record[field]?.value;
  return typeof value === 'string' ? value : null;
}

/** The same for a yes or no. */
export function booleanOf(record: MergedRecord, field: FieldKey): boolean | null {
  const value = record[field]?.value;
  return typeof value === 'boolean' ? value : null;
}

/** The same for a list; empty when unknown. */
export function listOf(record: MergedRecord, field: FieldKey): readonly string[] {
  const value = record[field]?.value;
  return Array.isArray(value) ? value : [];
}
