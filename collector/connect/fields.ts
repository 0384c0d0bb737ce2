import type { FieldKey, FieldValue } from '../../shared/device/device.ts';
import {
  isRandomisedMac,
  normaliseMac,
  normaliseSerial,
  normaliseUuid,
} from '../../shared/device/identity.ts';
import type {
  ObservedField,
  ObservedIdentifiers,
  ObservedKind,
  UnknownReason,
} from '../../shared/device/observation.ts';
import { vendorTime, type ZoneRule } from './dates.ts';

/** Longest text that is kept of a field; a vendor's longer one is cut. */
const TEXT_MAX = 512;
const LIST_MAX = 64;
const RAW_MAX = 120;

/** How a vendor's words become ours. `null`: the vendor's way of saying that it does not know. */
export type Words<Ours extends string | boolean> = Readonly<Record<string, Ours | null>>;

/**
 * Collects what a vendor record says, field by field, for `convert.ts`. Every method takes whatever came (`unknown`): a
 * value, null, an empty text, a filler, the wrong type. Nothing is guessed: what is not a value becomes unknown with its
 * reason, and a word nobody knows is kept as it came.
 */
export class Fields {
  readonly #fields: Partial<Record<FieldKey, ObservedField>> = {};

  /** What has been said so far. */
  all(): Partial<Record<FieldKey, ObservedField>> {
    return this.#fields;
  }

  /** When the fields said inside `say` were true, where that is not the observation's own time; null: the observation's. */
  at(observedAt: number | null, say: () => void): this {
    const before = new Set(Object.keys(this.#fields));
    say();
    if (observedAt === null) return this;
    for (const [key, field] of Object.entries(this.#fields))
      if (!before.has(key)) field.observedAt = observedAt;
    return this;
  }

  known(key: FieldKey, value: FieldValue, raw?: unknown): this {
    this.#fields[key] = { value, ...rawOf(raw) };
    return this;
  }

  unknown(key: FieldKey, reason: UnknownReason, raw?: unknown): this {
    this.#fields[key] = { value: null, reason, ...rawOf(raw) };
    return this;
  }

  /** Numbers are taken as text too. */
  text(key: FieldKey, value: unknown): this {
    if (isNothing(value)) return this.unknown(key, 'not-told');
    if (typeof value !== 'string' && typeof value !== 'number') return this.unknown(key, 'unreadable');
    return this.known(key, String(value).trim().slice(0, TEXT_MAX));
  }

  /** Digits in a text are taken; `scale` multiplies (bytes of megabytes). Outside least..most it is unreadable. */
  number(
    key: FieldKey,
    value: unknown,
    {
      scale = 1,
      least = 0,
      most = Number.MAX_SAFE_INTEGER,
    }: { scale?: number; least?: number; most?: number } = {},
  ): this {
    if (isNothing(value)) return this.unknown(key, 'not-told');
    const isDigits = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim());
    const read = typeof value === 'number' ? value : isDigits ? Number(value) : Number.NaN;
    if (!Number.isFinite(read) || read < least || read > most) return this.unknown(key, 'unreadable', value);
    return this.known(key, read * scale);
  }

  /** A number whose 0 means that the vendor has none (memory of 0 bytes). */
  positive(key: FieldKey, value: unknown, options: { scale?: number; most?: number } = {}): this {
    return value === 0 || value === '0' ? this.unknown(key, 'not-told') : this.number(key, value, options);
  }

  /** true and false, also as text and as 1 and 0. */
  boolean(key: FieldKey, value: unknown): this {
    if (isNothing(value)) return this.unknown(key, 'not-told');
    const word = String(value).trim().toLowerCase();
    if (['true', '1', 'yes'].includes(word)) return this.known(key, true);
    if (['false', '0', 'no'].includes(word)) return this.known(key, false);
    return word === 'unknown'
      ? this.unknown(key, 'vendor-unknown', value)
      : this.unknown(key, 'unreadable', value);
  }

  /**
   * A vendor's word in ours. Case and blanks do not matter; a number that comes where a word is specified is looked up as
   * its digits. The vendor's own word is always kept.
   */
  word<Ours extends string | boolean>(key: FieldKey, value: unknown, words: Words<Ours>): this {
    if (isNothing(value)) return this.unknown(key, 'not-told');
    if (typeof value === 'object') return this.unknown(key, 'unreadable');
    const asked = plain(String(value));
    const found = Object.entries(words).find(([theirs]) => plain(theirs) === asked);
    if (found === undefined) return this.unknown(key, 'unknown-word', value);
    return found[1] === null ? this.unknown(key, 'vendor-unknown', value) : this.known(key, found[1], value);
  }

  /** Milliseconds since 1970; fillers (year 0001 and the like) are not told. */
  time(key: FieldKey, value: unknown, zone: ZoneRule = {}): this {
    const at = vendorTime(value, zone);
    if (at !== null) return this.known(key, at);
    const isFiller = isNothing(value) || /^(0001|0000|1601|1970|9999)-/.test(String(value)) || value === 0;
    return isFiller ? this.unknown(key, 'not-told') : this.unknown(key, 'unreadable', value);
  }

  /** Texts of a list; an empty list is an answer, a missing one is not. */
  list(key: FieldKey, value: unknown): this {
    if (value === null || value === undefined) return this.unknown(key, 'not-told');
    if (!Array.isArray(value)) return this.unknown(key, 'unreadable');
    const entries = value.filter(
      (entry): entry is string => typeof entry === 'string' && entry.trim() !== '',
    );
    return this.known(
      key,
      entries.slice(0, LIST_MAX).map(entry => entry.trim().slice(0, TEXT_MAX)),
    );
  }
}

/** Missing, null, an empty text or the all-zero GUID. */
export function isNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'string' && /^\s*$|^\{?0{8}-(0{4}-){3}0{12}\}?$/.test(value);
}

/** The first of these that says anything: a vendor that moved a property leaves the old one empty. */
export function firstTold(...values: readonly unknown[]): unknown {
  return values.find(value => !isNothing(value));
}

function rawOf(raw: unknown): { raw?: string } {
  if (isNothing(raw) || typeof raw === 'object') return {};
  return { raw: String(raw).slice(0, RAW_MAX) };
}

function plain(word: string): string {
  return word
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, '');
}

/** What a vendor calls a device by, as it came; any may be missing. */
export interface RawIdentifiers {
  readonly serial?: unknown;
  readonly uuid?: unknown;
  readonly entraDeviceId?: unknown;
  readonly udid?: unknown;
  readonly falconAid?: unknown;
  readonly macs?: readonly unknown[];
  readonly hostname?: unknown;
}

/** Identifiers as observations carry them: fillers, randomised addresses and what has not the right form are left out. */
export function identifiersOf(raw: RawIdentifiers): ObservedIdentifiers {
  const macs = (raw.macs ?? [])
    .map(mac => normaliseMac(textOr(mac)))
    .filter(mac => mac !== null)
    .filter(mac => !isRandomisedMac(mac));
  const aid = textOr(raw.falconAid)?.toLowerCase() ?? null;
  return {
    serial: normaliseSerial(textOr(raw.serial))?.slice(0, 128) ?? null,
    uuid: normaliseUuid(textOr(raw.uuid)),
    entraDeviceId: normaliseUuid(textOr(raw.entraDeviceId)),
    udid: udidOf(textOr(raw.udid)),
    falconAid: aid !== null && /^[0-9a-f]{32}$/.test(aid) ? aid : null,
    macs: [...new Set(macs)].slice(0, 16),
    hostname: textOr(raw.hostname)?.slice(0, 255) ?? null,
  };
}

function textOr(value: unknown): string | null {
  if (isNothing(value) || (typeof value !== 'string' && typeof value !== 'number')) return null;
  return String(value).trim();
}

/** Apple's UDIDs: a UUID (Intel Mac), 8-16 hex digits (Apple silicon), 40 hex digits (old iPhones). */
function udidOf(text: string | null): string | null {
  if (text === null) return null;
  const upper = text.toUpperCase();
  const isUdid =
    /^([0-9A-F]{8}-([0-9A-F]{4}-){3}[0-9A-F]{12}|[0-9A-F]{8}-[0-9A-F]{16}|[0-9A-F]{40}|[0-9A-F]{32})$/;
  return isUdid.test(upper) && !/^([0-9A-F])\1*$/.test(upper.replace(/-/g, '')) ? upper : null;
}

/** A vendor's record id as text; null when there is none. */
export function vendorIdOf(id: unknown): string | null {
  const text = textOr(id);
  return text === null || text.length > 128 ? null : text;
}

const KINDS: ReadonlyMap<string, ObservedKind> = new Map([
  ['windows', 'computer'],
  ['macos', 'computer'],
  ['linux', 'computer'],
  ['ios', 'mobile'],
  ['android', 'mobile'],
]);

/** What kind of machine a platform in our words (`os.platform`) is found on; anything else is unknown. */
export function kindOfPlatform(platform: unknown): ObservedKind {
  return (typeof platform === 'string' ? KINDS.get(platform) : undefined) ?? 'unknown';
}
