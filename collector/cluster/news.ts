import { z } from 'zod';
import { fleetRow } from '../../shared/api/schemas.ts';
import { processes } from '../../shared/device/facts.ts';
import { sampleRow } from '../../shared/protocol/samples.ts';
import { toDevice } from '../../shared/protocol/to-device.ts';

/*
 * What collectors on one database tell each other. It is checked like anything from outside: while a new version is rolled
 * out, the others are older or newer. What cannot be read is left out; a row that cannot be read is asked of the store.
 */

const id = z.string().max(64);
const account = z.object({ connector: z.string().max(64), account: z.string().max(64) });

/** What a collector shows of a device that it may write; `claim` puts it in order with what others say of the device. */
const deviceRow = z.object({
  id,
  claim: z.number().int(),
  /** Connected there. */
  isUp: z.boolean(),
  /** Its findings, score or events are new in the store, not only its readings. */
  isChanged: z.boolean(),
  row: fleetRow,
});
export type DeviceRow = z.infer<typeof deviceRow>;

const viewers = z.array(z.object({ name: z.string().max(128), since: z.number() })).max(32);

/** Parts of what is known that others must read from the store again. */
export const STALE = ['settings', 'waiting', 'accounts', 'decisions'] as const;
export type Stale = (typeof STALE)[number];

const news = z.discriminatedUnion('is', [
  /** Rows one by one, so that one that this version cannot read takes no other along. */
  z.object({ is: z.literal('rows'), rows: z.array(z.unknown()) }),
  /** Readings of a device that somebody there has said to be watched. */
  z.object({
    is: z.literal('live'),
    device: id,
    rows: z.array(sampleRow),
    processes: processes.nullable(),
    receivedAt: z.number(),
  }),
  /** Who looks at a device there. Holds for a while and is said again; nobody: it has ended. */
  z.object({ is: z.literal('watch'), device: id, viewers }),
  /** To whoever the device is connected to: give it this. Answered by `given`. */
  z.object({ is: z.literal('give'), ask: id, device: id, frame: toDevice }),
  z.object({ is: z.literal('given'), ask: id, isGiven: z.boolean() }),
  /** These devices were changed in the store outside of their own frames: admitted, revoked, restored. */
  z.object({ is: z.literal('reload'), devices: z.array(id) }),
  /** What people at these devices asked IT for, or what became of it, is new in the store. */
  z.object({ is: z.literal('help'), devices: z.array(id) }),
  z.object({ is: z.literal('stale'), what: z.array(z.string()) }),
  /** An account has told something: these vendor ids are new in the store, or gone from it. */
  z.object({ is: z.literal('observed'), account, observed: z.array(z.string()), gone: z.array(z.string()) }),
  /** Whoever says so knows nothing yet, or may have missed something: answer, then tell it all. */
  z.object({ is: z.literal('hello') }),
  /** What changes here from now on is told. */
  z.object({ is: z.literal('welcome') }),
  z.object({ is: z.literal('bye') }),
]);
export type News = z.infer<typeof news>;

/** null: nothing that this version knows. */
export function readNews(text: string): News | null {
  try {
    return news.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** A device of `rows`: its row, or at least which device it is; null when not even that can be told. */
export function readDeviceRow(raw: unknown): DeviceRow | { readonly id: string; readonly row: null } | null {
  const whole = deviceRow.safeParse(raw).data;
  if (whole !== undefined) return whole;
  const part = z.object({ id }).safeParse(raw).data;
  return part === undefined ? null : { id: part.id, row: null };
}
