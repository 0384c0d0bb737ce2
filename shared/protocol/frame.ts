import type { z } from 'zod';
import type { ProblemCode } from '../problem/codes.ts';
import { type FromDevice, fromDevice } from './from-device.ts';
import { LIMITS } from './limits.ts';
import { isPlainSequenced } from './recognise.ts';
import { type ToDevice, toDevice } from './to-device.ts';

export type Decoded<Frame> =
  | { ok: true; frame: Frame }
  | {
      ok: false;
      code: ProblemCode;
      detail: string /** Sequence number, where it could be read. */;
      seq?: number;
    };

/**
 * One frame of text as a value. Never throws: what cannot be read comes back as a problem code. The detail names the
 * place (`findings.battery.at`), never the value, so that nothing a device sends can reach a log through it.
 */
function decode<Frame>(
  text: string,
  schema: z.ZodType<Frame>,
  maxChars: number,
  recognise?: (raw: unknown) => raw is Frame,
): Decoded<Frame> {
  if (text.length > maxChars) {
    return { ok: false, code: 'frame-too-large', detail: `${text.length} characters, at most ${maxChars}` };
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { ok: false, code: 'frame-malformed', detail: 'not JSON' };
  }
  if (recognise?.(raw) === true) return { ok: true, frame: raw };
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { ok: true, frame: parsed.data };
  const issue = parsed.error.issues[0];
  const path = issue?.path.slice(0, 6).map(String).join('.').slice(0, 120) ?? '';
  const unknownType = issue?.code === 'invalid_union' && issue.path.length === 1 && issue.path[0] === 'type';
  const seq = sequenceOf(raw);
  return {
    ok: false,
    code: unknownType ? 'frame-unsupported' : 'frame-malformed',
    detail: unknownType ? 'unknown frame type' : `${path || 'frame'}: ${issue?.code ?? 'invalid'}`,
    ...(seq === undefined ? {} : { seq }),
  };
}

function sequenceOf(raw: unknown): number | undefined {
  if (typeof raw !== 'object' || raw === null || !('seq' in raw)) return undefined;
  return Number.isSafeInteger(raw.seq) && Number(raw.seq) > 0 ? Number(raw.seq) : undefined;
}

function isPlainFrame(raw: unknown): raw is FromDevice {
  return isPlainSequenced(raw);
}

export function decodeFromDevice(text: string, maxChars: number = LIMITS.frameBytes): Decoded<FromDevice> {
  return decode<FromDevice>(text, fromDevice, maxChars, isPlainFrame);
}

export function decodeToDevice(text: string): Decoded<ToDevice> {
  // The collector's largest frame is the welcome with every hash: far below the device's own limit.
  return decode<ToDevice>(text, toDevice, LIMITS.frameBytes);
}

export function encodeFrame(frame: FromDevice | ToDevice): string {
  return JSON.stringify(frame);
}

/**
 * The bytes (as text) a device signs. Domain-separated; binds the nonce, the collector it was made for, the key, the
 * stream and the negotiated version, so that a proof given to one collector is worth nothing at another.
 */
export function proofMessage(parts: {
  version: number;
  nonce: string;
  collectorId: string;
  publicKey: string;
  stream: string;
}): string {
  return [
    'trayline-proof',
    String(parts.version),
    parts.nonce,
    parts.collectorId,
    parts.publicKey,
    parts.stream,
  ].join('\n');
}
