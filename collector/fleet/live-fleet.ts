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
  /** Asks the device, wherever it is connected; false when it is not. */
  readonly sendScanRequest: (device: string, request: RequestScan) => boolean | Promise<boolean>;
  readonly drop: (device: string, code: ProblemCode) => void;
  readonly onGone: (id: string) => void;
  readonly onRow: (row: FleetRow) => void;
  readonly onWaiting: (count: number) => void;
  /** A device was changed in the store outside of its own frames; the other collectors do not know yet. */
  readonly tellOthers?: (id: string) => void;
  /** How many collectors work on this database, this one included, and what the others take in. */
  readonly others?: () => {
    readonly collectors: number;
    readonly messagesPerS: number;
    readonly lastMessageAt: number | null;
  };
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
    const [stored, findings, copy] = await Promise.all([
      store.getDevice(id),
      store.getFindings(id),
      // Another collector writes it: memory has its row only.
      device.isOutdated ? hot.read(id) : device,
    ]);
    if (stored === null || copy === null) return null;
    const at = now();
    return {
      row: rowOf(device, at),
      enrolledAt: stored.enrolledAt,
      enrolledBy: stored.enrolledBy,
      revokedAt: stored.revokedAt,
      agentVersion: stored.agent?.version ?? null,
      arch: stored.agent?.arch ?? null,
      clockSkewMs: copy.clockSkewMs === null ? null : Math.round(copy.clockSkewMs),
      identity: copy.identity,
      record: copy.record,
      findings,
      score: copy.score ?? scoreOf(copy.record, at),
      duplicates: hot.twinsOf(device).map(({ device: twin, same }) => ({
        id: twin.id,
        name: twin.identity.hostname,
        same,
      })),
    };
  }

  status(): CollectorResponse {
    const options = this.#options;
    const others = options.others?.();
    return {
      id: options.collectorId,
      version: options.version,
      startedAt: options.startedAt,
      store: options.store.description,
      devices: this.#counts(),
      collectors: others?.collectors ?? 1,
      messagesPerS: options.messagesPerS() + (others?.messagesPerS ?? 0),
      lastMessageAt: latest(options.lastMessageAt(), others?.lastMessageAt ?? null),
      storageBytes: options.storageBytes(),
      demo: options.demo,
      agentUrl: options.agentUrl(),
    };
  }

  async requestScan(
    id: string,
    scans: readonly string[] | undefined,
  ): Promise<{ id: string; sent: boolean }> {
    const request: RequestScan = {
      type: 'request-scan',
      id: randomUUID(),
      ...(scans === undefined ? {} : { scans: [...scans] }),
    };
    return { id: request.id, sent: await this.#options.sendScanRequest(id, request) };
  }

  dropDevice(id: string, code: ProblemCode): void {
    this.#drop(id, code);
    this.#options.tellOthers?.(id);
  }

  #drop(id: string, code: ProblemCode): void {
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
    this.#options.tellOthers?.(id);
  }

  async changedElsewhere(ids: readonly string[]): Promise<void> {
    const { hot, store, onGone, onRow, onChanged } = this.#options;
    const own = ids.filter(id => (hot.get(id)?.claim ?? null) !== null);
    // Of one that only this collector writes the rest is known better here.
    for (const { id, revokedAt } of own.length === 0 ? [] : await store.getDevices(own)) {
      const device = hot.get(id);
      if (device === null || device.revoked === (revokedAt !== null)) continue;
      if (revokedAt !== null) {
        this.#drop(id, 'device-revoked');
        continue;
      }
      device.revoked = false;
      this.#reviewTwins(device);
      onChanged?.(device);
      onRow(device.row);
    }
    for (const device of await hot.loadMany(ids.filter(id => !own.includes(id)))) {
      if (!device.revoked) hot.noteIdentity(device);
      this.#reviewTwins(device);
      onChanged?.(device);
      if (device.revoked) onGone(device.id);
      else onRow(device.row);
    }
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

function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
