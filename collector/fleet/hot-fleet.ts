import { DAY } from '../../shared/base/durations.ts';
import { type DeviceIdentity, normaliseSerial, normaliseUuid } from '../../shared/device/identity.ts';
import { claimsOfFinding, claimsOfIdentity } from '../merge/from-agent.ts';
import { merge } from '../merge/merge.ts';
import { scoreOf } from '../score/score.ts';
import type { Store } from '../store/store.ts';
import { HotDevice, rowOf, type Week } from './hot-device.ts';

/** Every device of the fleet in memory, by id, by key and by what it says of its hardware. */
export class HotFleet {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #byId = new Map<string, HotDevice>();
  readonly #byKey = new Map<string, HotDevice>();
  readonly #byHardware = new Map<string, Set<HotDevice>>();
  readonly #demoKeys: ReadonlySet<string>;

  constructor(store: Store, now: () => number, demoKeys: ReadonlySet<string> = new Set()) {
    this.#store = store;
    this.#now = now;
    this.#demoKeys = demoKeys;
  }

  /** Reads the whole fleet from the store. */
  async loadAll(): Promise<void> {
    const days = lastSevenDays(this.#now());
    const scores = await this.#store.getDayScores(days);
    const behind: HotDevice[] = [];
    for await (const chunk of this.#store.loadDevices()) {
      for (const stored of chunk) {
        const known = scores.get(stored.id);
        const device = new HotDevice(
          stored,
          days.map(day => known?.get(day) ?? null),
          this.#now(),
        );
        this.#add(device);
        if (!device.revoked) this.noteIdentity(device);
        if (stored.recordBehind) behind.push(device);
      }
    }
    for (const device of behind) await this.#mergeAnew(device);
  }

  /** Reads one device anew, keeping nothing of what memory held; null when the store has none. */
  async load(id: string): Promise<HotDevice | null> {
    const stored = await this.#store.getDevice(id);
    const before = this.#byId.get(id);
    if (stored === null) {
      if (before !== undefined) this.#remove(before);
      return null;
    }
    const days = lastSevenDays(this.#now());
    const known = (await this.#store.getDayScores(days)).get(id);
    const week: Week = days.map(day => known?.get(day) ?? null);
    if (before !== undefined) {
      before.reset(stored, week, this.#now());
      if (stored.recordBehind) await this.#mergeAnew(before);
      return before;
    }
    const device = new HotDevice(stored, week, this.#now());
    if (stored.recordBehind) await this.#mergeAnew(device);
    this.#add(device);
    return device;
  }

  /** The collector was stopped before it wrote this record: what the findings say is laid over it again. */
  async #mergeAnew(device: HotDevice): Promise<void> {
    device.arrival += 1;
    const receivedAt = device.arrival;
    let record = merge(device.record, claimsOfIdentity(device.identity, receivedAt));
    for (const [scan, finding] of Object.entries(await this.#store.getFindings(device.id))) {
      record = merge(record, claimsOfFinding(scan, finding, receivedAt, record));
    }
    device.record = record;
    device.score = scoreOf(record, this.#now());
    device.row = rowOf(device, this.#now());
  }

  get(id: string): HotDevice | null {
    return this.#byId.get(id) ?? null;
  }

  byKey(publicKey: string): HotDevice | null {
    return this.#byKey.get(publicKey) ?? null;
  }

  all(): Iterable<HotDevice> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  isDemoKey(publicKey: string): boolean {
    return this.#demoKeys.has(publicKey);
  }

  /** Devices that claim the same hardware as this one, and by which identifiers. */
  twinsOf(device: HotDevice): { device: HotDevice; same: string[] }[] {
    const twins = new Map<HotDevice, string[]>();
    for (const [name, key] of hardwareKeys(device.identity)) {
      for (const other of this.#byHardware.get(key) ?? []) {
        if (other === device || other.revoked) continue;
        twins.set(other, [...(twins.get(other) ?? []), name]);
      }
    }
    return [...twins].map(([twin, same]) => ({ device: twin, same }));
  }

  /** Takes note of what a device says of itself; returns the twins that were not known as such before. */
  noteIdentity(device: HotDevice): HotDevice[] {
    this.#index(device);
    const twins = this.twinsOf(device);
    const fresh = twins
      .filter(({ device: twin }) => !twin.duplicate || !device.duplicate)
      .map(twin => twin.device);
    device.duplicate = twins.length > 0;
    for (const { device: twin } of twins) {
      twin.duplicate = true;
      twin.row = rowOf(twin, this.#now());
    }
    return fresh;
  }

  /** A device has left the fleet or come back: tells its twins apart again and returns those whose mark changed. */
  reviewTwins(device: HotDevice): HotDevice[] {
    const changed: HotDevice[] = [];
    const twins = this.#sharing(device);
    for (const one of [device, ...twins]) {
      const duplicate = !one.revoked && this.twinsOf(one).length > 0;
      if (one.duplicate === duplicate) continue;
      one.duplicate = duplicate;
      one.row = rowOf(one, this.#now());
      changed.push(one);
    }
    return changed;
  }

  #sharing(device: HotDevice): HotDevice[] {
    const others = new Set<HotDevice>();
    for (const [, key] of hardwareKeys(device.identity)) {
      for (const other of this.#byHardware.get(key) ?? []) if (other !== device) others.add(other);
    }
    return [...others];
  }

  #add(device: HotDevice): void {
    this.#byId.set(device.id, device);
    this.#byKey.set(device.publicKey, device);
    this.#index(device);
  }

  #remove(device: HotDevice): void {
    this.#byId.delete(device.id);
    this.#byKey.delete(device.publicKey);
    for (const set of this.#byHardware.values()) set.delete(device);
  }

  #index(device: HotDevice): void {
    for (const [, key] of hardwareKeys(device.identity)) {
      const set = this.#byHardware.get(key);
      if (set === undefined) this.#byHardware.set(key, new Set([device]));
      else set.add(device);
    }
  }
}

/** Identifiers that no two machines should share, each with its name for people. Junk serials are none. */
function hardwareKeys(identity: DeviceIdentity): [string, string][] {
  const keys: [string, string][] = [];
  const serial = normaliseSerial(identity.serial);
  const uuid = normaliseUuid(identity.hardwareUuid);
  if (serial !== null) keys.push(['serial', `serial:${serial}`]);
  if (uuid !== null) keys.push(['hardware UUID', `uuid:${uuid}`]);
  if (identity.machineId !== null) keys.push(['machine id', `machine:${identity.machineId}`]);
  return keys;
}

/** The last seven UTC days as `2026-11-22`, oldest first, today last. */
export function lastSevenDays(now: number): string[] {
  return Array.from({ length: 7 }, (_, i) => new Date(now - (6 - i) * DAY).toISOString().slice(0, 10));
}
