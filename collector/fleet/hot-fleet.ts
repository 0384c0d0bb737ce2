import type { FleetRow } from '../../shared/api/schemas.ts';
import { DAY } from '../../shared/base/durations.ts';
import { type DeviceIdentity, normaliseSerial, normaliseUuid } from '../../shared/device/identity.ts';
import { claimsOfFinding, claimsOfIdentity } from '../merge/from-agent.ts';
import { merge } from '../merge/merge.ts';
import { scoreOf } from '../score/score.ts';
import type { Store } from '../store/store.ts';
import { HotDevice, rowOf, type Week } from './hot-device.ts';

/** Devices read in one go. */
const LOAD_CHUNK = 500;

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

  /** Reads the whole fleet from the store. Those that other collectors hold are told by these as they stand. */
  async loadAll(held: ReadonlySet<string> = new Set()): Promise<void> {
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
        if (!stored.recordBehind) continue;
        if (held.has(device.id)) device.isOutdated = true;
        else behind.push(device);
      }
    }
    for (const device of behind) await this.#mergeAnew(device);
  }

  /** Reads one device anew, keeping nothing of what memory held; null when the store has none. */
  async load(id: string): Promise<HotDevice | null> {
    return (await this.loadMany([id]))[0] ?? null;
  }

  /** Reads these devices anew, keeping nothing of what memory held; those that the store does not have are left out. */
  async loadMany(ids: readonly string[]): Promise<HotDevice[]> {
    const devices: HotDevice[] = [];
    for (let i = 0; i < ids.length; i += LOAD_CHUNK) {
      const part = [...new Set(ids.slice(i, i + LOAD_CHUNK))];
      const found = new Map((await this.#store.getDevices(part)).map(stored => [stored.id, stored]));
      const weekOf = await this.#weeks(part);
      for (const id of part) {
        const stored = found.get(id);
        const before = this.#byId.get(id);
        if (stored === undefined) {
          if (before !== undefined) this.#remove(before);
          continue;
        }
        before?.reset(stored, weekOf(id), this.#now());
        const device = before ?? new HotDevice(stored, weekOf(id), this.#now());
        if (before === undefined) this.#add(device);
        if (stored.recordBehind) await this.#mergeAnew(device);
        devices.push(device);
      }
    }
    return devices;
  }

  /** Reads everything anew that this collector has not claimed, after it may have missed something. */
  async readAgain(): Promise<void> {
    const days = lastSevenDays(this.#now());
    const scores = await this.#store.getDayScores(days);
    for await (const chunk of this.#store.loadDevices()) {
      for (const stored of chunk) {
        const before = this.#byId.get(stored.id);
        if (before !== undefined && before.claim !== null) continue;
        const known = scores.get(stored.id);
        const week = days.map(day => known?.get(day) ?? null);
        before?.reset(stored, week, this.#now());
        const device = before ?? new HotDevice(stored, week, this.#now());
        if (before === undefined) this.#add(device);
        // Merging it anew can wait until somebody needs it.
        device.isOutdated = stored.recordBehind;
      }
    }
  }

  /** A device as it stands in the store, beside memory, which stays as it is; null when the store has none. */
  async read(id: string): Promise<HotDevice | null> {
    const stored = await this.#store.getDevice(id);
    if (stored === null) return null;
    const device = new HotDevice(stored, (await this.#weeks([id]))(id), this.#now());
    if (stored.recordBehind) await this.#mergeAnew(device);
    return device;
  }

  async #weeks(ids: readonly string[]): Promise<(id: string) => Week> {
    const days = lastSevenDays(this.#now());
    const scores = await this.#store.getDayScores(days, ids);
    return id => days.map(day => scores.get(id)?.get(day) ?? null);
  }

  /** Another collector, which may write this device, has told how it stands. */
  hear(
    device: HotDevice,
    { claim, isUp, row, instance }: { claim: number; isUp: boolean; row: FleetRow; instance: string },
  ): void {
    device.newest = claim;
    device.claim = null;
    device.elsewhere = isUp ? { instance, claim } : null;
    device.isOutdated = true;
    device.lastSeen = Math.max(device.lastSeen ?? 0, row.lastSeen ?? 0) || null;
    device.row = row;
    this.show(device);
  }

  /** Draws the device's row anew. */
  show(device: HotDevice): void {
    device.row = rowOf(device, this.#now());
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
