import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Notice, NoticeOutcome } from '../connector.ts';
import { vendorTime } from '../dates.ts';
import { isNothing, vendorIdOf } from '../fields.ts';

/*
 * Event notifications: UEM posts JSON to an address of ours with Basic credentials, and asks it with GET when an
 * administrator tests the connection. There is neither a signature nor a number of the delivery.
 */

const event = z.looseObject({ EventType: z.string().min(1) });

/** What an event says of itself and of its device. Nothing else in it is believed: the device is read again. */
export interface DeviceEvent {
  /** The same for every delivery of one event. */
  readonly key: string;
  /** The vendor's words: `Compliance Status Changed`. */
  readonly type: string;
  /** As the device is kept; null: the event names none. */
  readonly vendorId: string | null;
  /** ms since 1970; null: not told. */
  readonly at: number | null;
}

/** null: this is no event. */
export function readEvent(body: string): DeviceEvent | null {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return null;
  }
  const told = event.safeParse(json).data;
  if (told === undefined) return null;
  const { EventId, DeviceId, DeviceUUID, EventTime, EventType } = told;
  const number = vendorIdOf(DeviceId);
  const uuid = isNothing(DeviceUUID) ? null : vendorIdOf(DeviceUUID);
  const vendorId = number !== null && /^[1-9]\d*$/.test(number) ? number : uuid;
  return {
    // The time as it came: seven decimals tell two events apart that are the same millisecond.
    key: JSON.stringify([EventId ?? EventType, vendorId, EventTime ?? null]),
    type: EventType,
    vendorId,
    at: vendorTime(EventTime),
  };
}

/** Who may call us; null: nobody, the calls are not set up. */
export type Caller = { readonly user: string; readonly password: string } | null;

/** RFC 7617, compared in constant time. */
export function isCaller(authorization: string | null, caller: Caller): boolean {
  if (caller === null || authorization === null) return false;
  const encoded = /^Basic\s+([A-Za-z0-9+/=_-]+)\s*$/i.exec(authorization)?.[1];
  if (encoded === undefined) return false;
  const given = createHash('sha256').update(Buffer.from(encoded, 'base64')).digest();
  const right = createHash('sha256').update(`${caller.user}:${caller.password}`, 'utf8').digest();
  return timingSafeEqual(given, right);
}

/** How many events are remembered: a redelivery comes soon, if at all. */
const REMEMBERED = 10_000;

/** Events that have been taken. */
export class Seen {
  readonly #keys = new Set<string>();

  /** true the first time. */
  take(key: string): boolean {
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    if (this.#keys.size > REMEMBERED) {
      for (const oldest of this.#keys) {
        this.#keys.delete(oldest);
        break;
      }
    }
    return true;
  }
}

/** Reads one call: how to answer it, and which device to read again. */
export function receive(
  { method, authorization, body }: Notice,
  { caller, seen }: { readonly caller: Caller; readonly seen: Seen },
): NoticeOutcome {
  const answer = (
    status: NoticeOutcome['status'],
    vendorIds: readonly string[] = [],
    headers: NoticeOutcome['headers'] = {},
  ): NoticeOutcome => ({ status, headers, vendorIds });
  // Before anything of the call is looked at.
  if (!isCaller(authorization, caller)) {
    return answer(401, [], { 'WWW-Authenticate': 'Basic realm="Trayline", charset="UTF-8"' });
  }
  if (method === 'GET' || method === 'HEAD') return answer(200);
  if (method !== 'POST') return answer(405, [], { Allow: 'GET, HEAD, POST' });
  const told = readEvent(body);
  if (told === null) return answer(400);
  if (told.vendorId === null || !seen.take(told.key)) return answer(200);
  return answer(200, [told.vendorId]);
}
