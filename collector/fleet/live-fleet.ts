import { randomUUID } from 'node:crypto';
import type { CollectorResponse, DeviceResponse, FleetRow } from '../../shared/api/schemas.ts';
import type { ProblemCode } from '../../shared/problem/codes.ts';
import type { RequestScan } from '../../shared/protocol/to-device.ts';
import { scoreOf } from '../score/score.ts';
import type { Store } from '../store/store.ts';
import type { Fleet } from './fleet.ts';
import { type HotDevice, rowOf } from './hot-device.ts';
import type { HotFleet } from './hot-fleet.ts';

/** Devices that only other systems know. */
export interface LoneDevices {
  rows(): Iterable<FleetRow>;
  row(id: string): FleetRow | null;
  detail(id: string): DeviceResponse | null;
}

export interface LiveFleetOptions {
  readonly hot: HotFleet;
  readonly store: Store;
  readonly now: () => number;
  readonly version: string;
  readonly collectorId: string;
  readonly startedAt: number;
  readonly demo: boolean;
  readonly agentUrl: () => string;
  readonly messagesPerS: () => number;
  readonly lastMessageAt: () => number | null;
  readonly storageBytes: () => number;
  readonly sendScanRequest: (device: string, request: RequestScan) => boolean;
  readonly drop: (device: string, code: ProblemCode) => void;
  readonly onGone: (id: string) => void;
  readonly onRow: (row: FleetRow) => void;
  readonly onWaiting: (count: number) => void;
  readonly lone?: LoneDevices;
  /** A device joined, left or came back outside the device socket. */
  readonly onChanged?: (device: HotDevice) => void;
}

/** The fleet as the faces see it, over the hot state and the store. */
export class LiveFleet implements Fleet {
  readonly #options: LiveFleetOptions;
  #counted: { at: number; counts: CollectorResponse['devices'] } | null = null;

  constructor(options: LiveFleetOptions) {
    this.#options = options;
  }

  *rows(): Iterable<FleetRow> {
    for (const device of this.#options.hot.all()) if (!device.revoked) yield device.row;
    if (this.#options.lone !== undefined) yield* this.#options.lone.rows();
  }

  row(id: string): FleetRow | null {
    const { hot, lone } = this.#options;
    const device = hot.get(id);
    if (device === null) return lone?.row(id) ?? null;
    return device.revoked ? null : device.row;
  }

  async detail(id: string): Promise<DeviceResponse | null> {
    const { hot, store, now, lone } = this.#options;
    const device = hot.get(id);
    if (device === null) return lone?.detail(id) ?? null;
    const [stored, findings] = await Promise.all([store.getDevice(id), store.getFindings(id)]);
    if (stored === null) return null;
    const at = now();
    return {
      row: rowOf(device, at),
      enrolledAt: stored.enrolledAt,
      enrolledBy: stored.enrolledBy,
      revokedAt: stored.revokedAt,
      agentVersion: stored.agent?.version ?? null,
      arch: stored.agent?.arch ?? null,
      clockSkewMs: device.clockSkewMs === null ? null : Math.round(device.clockSkewMs),
      identity: device.identity,
      record: device.record,
      findings,
      score: device.score ?? scoreOf(device.record, at),
      duplicates: hot.twinsOf(device).map(({ device: twin, same }) => ({
        id: twin.id,
        name: twin.identity.hostname,
        same,
      })),
    };
  }

  status(): CollectorResponse {
    const options = this.#options;
    return {
      id: options.collectorId,
      version: options.version,
      startedAt: options.startedAt,
      store: options.store.description,
      devices: this.#counts(),
      messagesPerS: options.messagesPerS(),
      lastMessageAt: options.lastMessageAt(),
      storageBytes: options.storageBytes(),
      demo: options.demo,
      agentUrl: options.agentUrl(),
    };
  }

  requestScan(id: string, scans: readonly string[] | undefined): { id: string; sent: boolean } {
    const request: RequestScan = {
      type: 'request-scan',
      id: randomUUID(),
      ...(scans === undefined ? {} : { scans: [...scans] }),
    };
    return { id: request.id, sent: this.#options.sendScanRequest(id, request) };
  }

  dropDevice(id: string, code: ProblemCode): void {
    const device = this.#options.hot.get(id);
    if (device !== null) device.revoked = true;
    this.#options.drop(id, code);
    this.#options.onGone(id);
    if (device === null) return;
    this.#reviewTwins(device);
    this.#options.onChanged?.(device);
  }

  async reloadDevice(id: string): Promise<void> {
    const device = await this.#options.hot.load(id);
    if (device === null) return;
    this.#reviewTwins(device);
    this.#options.onChanged?.(device);
    if (!device.revoked) this.#options.onRow(device.row);
  }

  #reviewTwins(device: HotDevice): void {
    for (const twin of this.#options.hot.reviewTwins(device)) {
      if (twin !== device && !twin.revoked) this.#options.onRow(twin.row);
    }
  }

  async waitingChanged(): Promise<void> {
    this.#options.onWaiting((await this.#options.store.listWaiting()).length);
  }

  /** Counted at most once a second: at 100,000 devices it costs milliseconds. */
  #counts(): CollectorResponse['devices'] {
    const now = this.#options.now();
    if (this.#counted !== null && Math.abs(now - this.#counted.at) < 1000) return this.#counted.counts;
    const counts = { total: 0, live: 0, stale: 0, silent: 0 };
    for (const device of this.#options.hot.all()) {
      if (device.revoked) continue;
      counts.total += 1;
      counts[device.presence(now)] += 1;
    }
    this.#counted = { at: now, counts };
    return counts;
  }
}
