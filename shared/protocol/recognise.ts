import { processes } from '../device/facts.ts';
import { FINDING_REASONS } from '../device/finding.ts';
import { type DeviceIdentity, PLAIN_MAC } from '../device/identity.ts';
import { platform } from '../device/platform.ts';
import type { SequencedFrame } from './from-device.ts';
import { LIMITS } from './limits.ts';
import { METRICS } from './samples.ts';

/*
 * The frames that make up nearly all traffic, recognised without building anything. The schemas in from-device.ts are the
 * definition; this only says yes to what they certainly accept (test/unit/shared/recognise.test.ts holds the two against each
 * other) and leaves every other frame to them. It saves most of the cost of validation and all of its garbage: a snapshot's
 * findings are otherwise copied one by one, although most of them repeat what the collector holds already.
 *
 * Keys that the schemas would drop stay in the frame: a reader takes the members it knows.
 */

const REASONS: ReadonlySet<unknown> = new Set(FINDING_REASONS);
const PLATFORMS: ReadonlySet<unknown> = new Set(platform.options);
const HASH = /^[0-9a-f]{16}$/;
const SCAN_ID = /^[a-z][a-zA-Z0-9]*(\.[a-zA-Z0-9]+)*$/;
const ROW_LENGTH = METRICS.length + 1;
/** Members the schemas read differently from what stands there; a frame with one is left to them. */
const SPECIAL = '__proto__';

type Members = Readonly<Record<string, unknown>>;

/** true: `raw` is a frame of this type as the schemas define it, apart from keys they would drop. */
export function isPlainSequenced(raw: unknown): raw is SequencedFrame {
  if (!isObject(raw) || !isCount(raw.seq) || raw.seq === 0 || !isTime(raw.at)) return false;
  if (raw.skipped !== undefined && (!isCount(raw.skipped) || raw.skipped === 0)) return false;
  switch (raw.type) {
    case 'snapshot':
      return areFindings(raw.findings) && isIdentity(raw.identity);
    case 'delta':
      return (
        areFindings(raw.findings) &&
        (raw.identity === undefined ? !('identity' in raw) : isIdentity(raw.identity))
      );
    case 'samples':
      return (
        areRows(raw.rows) &&
        (raw.fresh === undefined ? !('fresh' in raw) : areTimes(raw.fresh)) &&
        (raw.processes === undefined ? !('processes' in raw) : processes.safeParse(raw.processes).success)
      );
    default:
      return false;
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

const isTime = isCount;

function isReading(value: unknown): boolean {
  return value === null || (typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY);
}

/** Members of an identity that are a text of at most 128 characters, or null. */
const TEXTS = [
  'machineId',
  'serial',
  'hardwareUuid',
  'manufacturer',
  'model',
  'person',
] as const satisfies readonly (keyof DeviceIdentity)[];
const TEXT_CHARS = 128;

function isIdentity(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { hostname, macs } = value;
  if (!PLATFORMS.has(value.platform)) return false;
  if (typeof hostname !== 'string' || hostname.length === 0 || hostname.length > 255) return false;
  for (const key of TEXTS) {
    const text = value[key];
    if (text !== null && (typeof text !== 'string' || text.length > TEXT_CHARS)) return false;
  }
  if (!Array.isArray(macs) || macs.length > 16) return false;
  for (const mac of macs) if (typeof mac !== 'string' || !PLAIN_MAC.test(mac)) return false;
  return true;
}

function areFindings(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const id in value) {
    if (id === SPECIAL || id.length > 64 || !SCAN_ID.test(id) || !isFinding(value[id])) return false;
  }
  return true;
}

function isFinding(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { status, hash, at, ms, reason, detail } = value;
  if (!isTime(at) || !isReading(ms) || ms === null) return false;
  // Rare: the schemas look at those.
  if ('slowed' in value) return false;
  if ('cpuMs' in value && (!isReading(value.cpuMs) || value.cpuMs === null)) return false;
  if ('part' in value && value.part !== 'service' && value.part !== 'user') return false;
  if (typeof hash !== 'string' || hash.length !== 16 || !HASH.test(hash)) return false;
  if (status === 'ok') return 'value' in value;
  return (
    (status === 'absent' || status === 'unsupported' || status === 'failed') &&
    REASONS.has(reason) &&
    (detail === undefined ? !('detail' in value) : typeof detail === 'string' && detail.length <= 300)
  );
}

function areRows(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > LIMITS.sampleRows) return false;
  for (const row of value) {
    if (!Array.isArray(row) || row.length !== ROW_LENGTH || !isTime(row[0])) return false;
    for (let i = 1; i < ROW_LENGTH; i += 1) if (!isReading(row[i])) return false;
  }
  return true;
}

function areTimes(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const id in value) {
    if (id === SPECIAL || id.length > 64 || !SCAN_ID.test(id) || !isTime(value[id])) return false;
  }
  return true;
}
