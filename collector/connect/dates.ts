import { DAY, MINUTE } from '../../shared/base/durations.ts';

/**
 * Before this a time is a filler for "never": year 1 (.NET), 1601 (Windows file time), 1970 (a zero). No device we look
 * after was seen in the first days of 1970.
 */
const FILLER_BEFORE = 30 * DAY;
/** After this it is one too: 9999-12-31 (.NET's end of time). */
const FILLER_AFTER = Date.UTC(9000, 0, 1);

/** How to read a time that names no zone. Vendors that leave it out mean UTC unless their connector knows better. */
export interface ZoneRule {
  readonly zoneless?: { readonly offsetMinutes: number };
}

/**
 * A vendor's time as milliseconds since 1970; null when there is none or it is a filler (year 0001, 1601, 1970-01-01, 9999)
 * or cannot be read. Understands ISO 8601 with `T` or a blank, any number of decimals, zone as `Z`, `+02:00`, `+0200` or
 * missing, and plain numbers or digits as epoch seconds or milliseconds by their magnitude.
 */
export function vendorTime(value: unknown, { zoneless }: ZoneRule = {}): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? sensible(epoch(value)) : null;
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^\d{9,16}$/.test(text)) return sensible(epoch(Number(text)));
  const found =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(
      text,
    );
  if (found === null) return null;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone] = found;
  const parts = [year, month, day, hour, minute, second].map(Number);
  return fromParts(parts, Math.floor(Number(`0.${fraction || '0'}`) * 1000), offsetOf(zone, zoneless));
}

/**
 * A time as an American reads it, `11/23/16 8:32 AM` or `7/4/2021 13:05` (Citrix Endpoint Management). Two-digit years are
 * of this century.
 */
export function usTime(value: unknown, { zoneless }: ZoneRule = {}): number | null {
  if (typeof value !== 'string') return null;
  const found =
    /^(\d{1,2})\/(\d{1,2})\/(\d{2}|\d{4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([AP])\.?M\.?)?$/iu.exec(
      value.replace(/\u202f/g, ' ').trim(),
    );
  if (found === null) return null;
  const [, month, day, year = '', hour, minute, second = '0', half] = found;
  let hours = Number(hour);
  if (half !== undefined) {
    if (hours < 1 || hours > 12) return null;
    hours = (hours % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
  }
  const fullYear = year.length === 2 ? 2000 + Number(year) : Number(year);
  return fromParts(
    [fullYear, Number(month), Number(day), hours, Number(minute), Number(second)],
    0,
    zoneless?.offsetMinutes ?? 0,
  );
}

function fromParts(parts: readonly number[], ms: number, offsetMinutes: number): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  // Date.UTC takes years 0..99 for 1900..1999; those are fillers.
  if (year < 100) return null;
  const at = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  const back = new Date(at);
  // A 31st of February must not become a day in March.
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day || hour > 23 || minute > 59) return null;
  return sensible(at - offsetMinutes * MINUTE);
}

function offsetOf(zone: string | undefined, zoneless: ZoneRule['zoneless']): number {
  if (zone === undefined) return zoneless?.offsetMinutes ?? 0;
  if (zone.toUpperCase() === 'Z') return 0;
  const digits = zone.replace(/\D/g, '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return zone.startsWith('-') ? -minutes : minutes;
}

function epoch(value: number): number {
  return Math.abs(value) < 100_000_000_000 ? value * 1000 : value;
}

function sensible(at: number): number | null {
  return at < FILLER_BEFORE || at > FILLER_AFTER ? null : Math.trunc(at);
}
