import { z } from 'zod';
import type { CollectorResponse, DeviceResponse, FleetRow } from '../api/schemas.ts';
import type { Processes } from '../device/facts.ts';
import type { SampleRow } from './samples.ts';

/*
 * The live socket of the console: one whole snapshot, then changes. Reading the past goes through REST; this carries only
 * what moves. The page never keeps a second truth: it applies these and draws.
 */

/** From the page. The session cookie authenticates the upgrade; the CSRF token proves it is our page that opened it. */
export const fromConsole = z.discriminatedUnion('type', [
  z.object({ type: z.literal('open'), csrf: z.string().max(128) }),
  /** Send the whole fleet now and every change from now on. */
  z.object({ type: z.literal('fleet'), on: z.boolean() }),
  /** Look at one device live; must be renewed within LIMITS.watchMs, ends when the socket closes. */
  z.object({ type: z.literal('watch'), device: z.string().max(64) }),
  z.object({ type: z.literal('unwatch'), device: z.string().max(64) }),
]);
export type FromConsole = z.infer<typeof fromConsole>;

/** To the page: our own server's words, so types without a second validation in the browser. */
export type ToConsole =
  | { type: 'opened'; at: number }
  /** The fleet in parts; `done` on the last. Rows replace what the page had by id. */
  | { type: 'fleet'; rows: FleetRow[]; done: boolean; total: number }
  /** Changed rows and ids that are gone, once per commit; coalesced for a page that cannot keep up. */
  | { type: 'changes'; at: number; rows: FleetRow[]; gone: string[] }
  | { type: 'collector'; status: CollectorResponse }
  /** The watched device's whole record, at the start of a watch and whenever a finding or its score changes. */
  | { type: 'device'; id: string; device: DeviceResponse }
  /** New readings of the watched device. */
  | { type: 'live'; id: string; rows: SampleRow[]; receivedAt: number; processes?: Processes }
  | { type: 'viewers'; id: string; viewers: { name: string; since: number }[] }
  | { type: 'waiting'; count: number }
  /** What people at this device ask IT for has changed; so many of the fleet wait for IT. */
  | { type: 'help'; device: string; waiting: number }
  | { type: 'problem'; code: string; detail: string };
