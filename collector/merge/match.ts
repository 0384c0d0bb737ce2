import type { IgnoredIdentifier, MatchedDevice, MatchIssue, Pin } from '../../shared/device/match.ts';
import {
  comparedMac,
  comparedName,
  comparedSerial,
  comparedUdid,
  comparedUuid,
  isSameMember,
  type Member,
} from './member.ts';
import {
  type Bucket,
  byKey,
  emptyCluster,
  type Level,
  type Node,
  type NodePins,
  resolve,
} from './resolve.ts';

/** What one change of the members or pins has brought. */
export interface MatchChange {
  /** Ids that are no device any more: their members are gone, or in another device. */
  readonly gone: readonly string[];
  /** Devices that are new or different, whole. */
  readonly devices: readonly MatchedDevice[];
}

export interface MatchInput {
  readonly put?: Iterable<Member>;
  /** Keys. */
  readonly remove?: Iterable<string>;
  /** All pins there are from now on. */
  readonly pins?: Iterable<Pin>;
}

/**
 * More holders than this and an identifier is taken for a filler that the list of known ones lacks: one device has some
 * six records, and a few more for each time it was enrolled again. It also bounds what one change can touch.
 */
const HOLDERS_MAX = 64;
/** An adapter's address: a device has one record of it by source, a dock has one by guest. */
const MAC_HOLDERS_MAX = 16;

/**
 * Which records and agents are one device. The outcome depends only on the members and pins there are, never on the order
 * in which they came: two are one device when they share a serial number, a hardware UUID or UDID, an Entra device id, a
 * Falcon agent id or, with caution, a network address; never by name. Two different serial numbers are never one device
 * unless a person has said so. A change redoes only the members that are connected with it.
 */
export class Matcher {
  readonly #nodes = new Map<string, Node>();
  readonly #buckets = new Map<string, Bucket>();
  #pins: readonly Pin[] = [];
  #pinsOf: ReadonlyMap<string, NodePins> = new Map();
  /** Counts the calls of `#redo`. */
  #round = 0;

  constructor(members: Iterable<Member> = [], pins: Iterable<Pin> = []) {
    this.update({ put: members, pins });
  }

  put(member: Member): MatchChange {
    return this.update({ put: [member] });
  }

  remove(key: string): MatchChange {
    return this.update({ remove: [key] });
  }

  setPins(pins: Iterable<Pin>): MatchChange {
    return this.update({ pins });
  }

  /** Several changes at once; a key that is both removed and put is put. */
  update({ put = [], remove = [], pins }: MatchInput): MatchChange {
    const touched = new Set<Node>();
    if (pins !== undefined) {
      this.#pins = [...pins];
      this.#replacePins(this.#pins, touched);
    }
    const old = new Map<string, MatchedDevice>();
    const keep = (node: Node): void => {
      if (node.device !== UNRESOLVED) old.set(node.device.id, node.device);
    };
    for (const key of remove) {
      const node = this.#nodes.get(key);
      if (node === undefined) continue;
      keep(node);
      this.#detach(node, touched);
    }
    for (const member of put) {
      const known = this.#nodes.get(member.key);
      if (known !== undefined && isSameMember(known.member, member)) continue;
      if (known !== undefined) {
        keep(known);
        this.#detach(known, touched);
      }
      this.#attach(member, touched);
    }
    return this.#redo(touched, old);
  }

  /**
   * Lets `look` see what other pins would lead to, and puts everything back: the outcome never depends on what was before.
   * `look` must not change anything here, nor wait.
   */
  preview<Seen>(pins: Iterable<Pin>, look: (change: MatchChange) => Seen): Seen {
    const before = this.#pins;
    try {
      return look(this.update({ pins }));
    } finally {
      this.update({ pins: before });
    }
  }

  /** A member as it was last put; null for an unknown key. */
  member(key: string): Member | null {
    return this.#nodes.get(key)?.member ?? null;
  }

  /** The device a member belongs to; null for an unknown key. */
  deviceOf(key: string): MatchedDevice | null {
    return this.#nodes.get(key)?.device ?? null;
  }

  /** Every device, each once, in no promised order. */
  *devices(): IterableIterator<MatchedDevice> {
    for (const [key, { device }] of this.#nodes) if (device.members[0] === key) yield device;
  }

  /** Everything noticed, each once; one that concerns several devices is in each of them. */
  *issues(): IterableIterator<MatchIssue> {
    const seen = new Set<MatchIssue>();
    for (const { issues } of this.devices()) {
      for (const issue of issues) {
        if (seen.has(issue)) continue;
        seen.add(issue);
        yield issue;
      }
    }
  }

  /** Identifiers that several members have and that are not gone by. Goes through all there are: not for every request. */
  *ignored(): IterableIterator<IgnoredIdentifier> {
    for (const { by, value, live, holders } of this.#buckets.values()) {
      if (live) continue;
      const why = by === 'mac' ? 'shared-adapter' : 'filler';
      yield { by, value, why, members: holders.map(({ member }) => member.key).sort() };
    }
  }

  /**
   * Agents of hardware that another agent claims too. Put these again from time to time (an hour will do) with their
   * present `lastSeen`: it tells one machine that enrolled again from two machines.
   */
  rivalAgents(): string[] {
    const ids: string[] = [];
    for (const { member, component } of this.#nodes.values()) {
      if (member.agent === null || component.length === 1) continue;
      if (component.some(other => other.member.agent !== null && other.member.agent !== member.agent)) {
        ids.push(member.agent);
      }
    }
    return ids;
  }

  get size(): number {
    return this.#nodes.size;
  }

  #attach(member: Member, touched: Set<Node>): void {
    const serial = comparedSerial(member.serial);
    const uuid = comparedUuid(member.uuid);
    const udid = comparedUdid(member.udid);
    const entra = comparedUuid(member.entraDeviceId);
    const falcon = member.falconAid?.toLowerCase() ?? null;
    const buckets: Bucket[] = [];
    const node: Node = {
      member,
      serial,
      uuid,
      udid,
      entra,
      falcon,
      name: comparedName(member.hostname),
      buckets,
      pins: this.#pinsOf.get(member.key) ?? null,
      gone: false,
      component: ALONE,
      device: UNRESOLVED,
      cluster: UNDECIDED,
      round: 0,
    };
    this.#nodes.set(member.key, node);
    touched.add(node);
    const hold = (by: Level, value: string | null): void => {
      if (value === null) return;
      const bucket = this.#bucketOf(by, value);
      if (buckets.includes(bucket)) return;
      buckets.push(bucket);
      bucket.holders.push(node);
      this.#review(bucket, touched);
      if (bucket.live && bucket.holders.length > 1) for (const holder of bucket.holders) touched.add(holder);
    };
    hold('serial', serial);
    hold('hardware', uuid);
    hold('hardware', udid);
    hold('entra', entra);
    hold('falcon', falcon);
    for (const mac of member.macs) hold('mac', comparedMac(mac));
  }

  #detach(node: Node, touched: Set<Node>): void {
    node.gone = true;
    this.#nodes.delete(node.member.key);
    touched.delete(node);
    for (const other of node.component) if (!other.gone) touched.add(other);
    for (const bucket of node.buckets) {
      const { holders } = bucket;
      const last = holders.pop();
      const place = last === node ? -1 : holders.indexOf(node);
      if (last !== undefined && place >= 0) holders[place] = last;
      if (holders.length === 0) this.#buckets.delete(`${bucket.by} ${bucket.value}`);
      else this.#review(bucket, touched);
    }
  }

  #bucketOf(by: Level, value: string): Bucket {
    const id = `${by} ${value}`;
    const known = this.#buckets.get(id);
    if (known !== undefined) return known;
    const made: Bucket = { by, value, holders: [], live: true };
    this.#buckets.set(id, made);
    return made;
  }

  /** A bucket's holders have changed: whether it still goes for something is asked anew. */
  #review(bucket: Bucket, touched: Set<Node>): void {
    const live = goesForSomething(bucket);
    if (live === bucket.live) return;
    bucket.live = live;
    for (const holder of bucket.holders) touched.add(holder);
  }

  #replacePins(pins: readonly Pin[], touched: Set<Node>): void {
    const before = this.#pinsOf;
    this.#pinsOf = pinsByMember(pins);
    for (const key of new Set([...before.keys(), ...this.#pinsOf.keys()])) {
      const node = this.#nodes.get(key);
      if (node === undefined) continue;
      node.pins = this.#pinsOf.get(key) ?? null;
      touched.add(node);
    }
  }

  /** Resolves the components of everybody touched and says what is different. */
  #redo(touched: ReadonlySet<Node>, old: Map<string, MatchedDevice>): MatchChange {
    this.#round += 1;
    const devices = new Map<string, MatchedDevice>();
    const redo = (start: Node): void => {
      if (start.gone || start.round === this.#round) return;
      const component = this.#connected(start);
      for (const node of component) {
        if (node.device !== UNRESOLVED) old.set(node.device.id, node.device);
      }
      for (const device of resolve(component)) devices.set(device.id, device);
    };
    for (const node of touched) {
      // What was connected with it before may not be any more.
      const before = node.component;
      redo(node);
      for (const other of before) redo(other);
    }
    return {
      gone: [...old.keys()].filter(id => !devices.has(id)),
      devices: [...devices.values()].filter(device => {
        const before = old.get(device.id);
        return before === undefined || !isSameDevice(before, device);
      }),
    };
  }

  /** Everybody who can be reached from here, by key; they are of this round from now on. */
  #connected(start: Node): readonly Node[] {
    const found = [start];
    const reach = (node: Node | undefined): void => {
      if (node === undefined || node.round === this.#round) return;
      node.round = this.#round;
      found.push(node);
    };
    start.round = this.#round;
    for (const node of found) {
      for (const bucket of node.buckets) {
        if (bucket.live && bucket.holders.length > 1) for (const holder of bucket.holders) reach(holder);
      }
      if (node.pins !== null) for (const key of node.pins.joins.keys()) reach(this.#nodes.get(key));
    }
    return found.sort(byKey);
  }
}

const ALONE: readonly Node[] = [];
const UNDECIDED = emptyCluster();
/** Before the first resolve; no device has an empty id. */
const UNRESOLVED: MatchedDevice = { id: '', agent: null, members: [], links: [], issues: [] };

/** All of it at once, by key: for tests and for looking at a fleet from outside. */
export function matchAll(members: Iterable<Member>, pins: Iterable<Pin> = []): MatchedDevice[] {
  return [...new Matcher(members, pins).devices()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

function goesForSomething({ by, holders }: Bucket): boolean {
  if (by !== 'mac') return holders.length <= HOLDERS_MAX;
  if (holders.length > MAC_HOLDERS_MAX) return false;
  let serial: string | null = null;
  for (const holder of holders) {
    if (holder.serial === null || holder.serial === serial) continue;
    if (serial !== null) return false;
    serial = holder.serial;
  }
  return true;
}

function pinsByMember(pins: readonly Pin[]): Map<string, NodePins> {
  const found = new Map<string, { splits: Set<string>; joins: Map<string, boolean> }>();
  const of = (key: string) => {
    const known = found.get(key);
    if (known !== undefined) return known;
    const made = { splits: new Set<string>(), joins: new Map<string, boolean>() };
    found.set(key, made);
    return made;
  };
  for (const { kind, one, other, despiteSerials = false } of pins) {
    if (one === other) continue;
    for (const [key, theirs] of [
      [one, other],
      [other, one],
    ] as const) {
      if (kind === 'split') of(key).splits.add(theirs);
      else of(key).joins.set(theirs, despiteSerials || (of(key).joins.get(theirs) ?? false));
    }
  }
  return found;
}

function isSameDevice(one: MatchedDevice, other: MatchedDevice): boolean {
  return (
    one.agent === other.agent &&
    one.members.length === other.members.length &&
    one.links.every((link, i) => {
      const theirs = other.links[i];
      return link.member === theirs?.member && link.by === theirs.by && link.value === theirs.value;
    }) &&
    one.issues.length === other.issues.length &&
    (one.issues.length === 0 || JSON.stringify(one.issues) === JSON.stringify(other.issues))
  );
}
