import { MINUTE } from '../../shared/base/durations.ts';
import type {
  Evidence,
  MatchedDevice,
  MatchIssue,
  MatchIssueKind,
  MatchLink,
} from '../../shared/device/match.ts';
import { isSameName, type Member, vendorDeviceId } from './member.ts';

/*
 * The rules of matching, for one component: members that are connected in any way, be it in the end one device or several.
 * The outcome depends on the members, the pins and which identifiers are live, never on any order: everything is gone
 * through in the order of keys.
 */

/** What members are matched by, strongest first. */
export const LEVELS = ['serial', 'hardware', 'entra', 'falcon', 'mac'] as const satisfies readonly Evidence[];
export type Level = (typeof LEVELS)[number];

/** One identifier and everybody who has it. */
export interface Bucket {
  readonly by: Level;
  readonly value: string;
  readonly holders: Node[];
  /** Goes for something: false for an identifier that too many, or the wrong ones, share. */
  live: boolean;
}

/** A member with its identifiers as they are compared. */
export interface Node {
  readonly member: Member;
  readonly serial: string | null;
  /** Each as it is compared; a UUID and a UDID are in one kind of bucket, but only told from their like. */
  readonly uuid: string | null;
  readonly udid: string | null;
  readonly entra: string | null;
  readonly falcon: string | null;
  readonly name: string | null;
  /** In the order of LEVELS. */
  readonly buckets: Bucket[];
  /** Decisions of a person about this one; null when there are none. */
  pins: NodePins | null;
  /** No longer a member of the fleet. */
  gone: boolean;
  /** Everybody connected with this one, itself included. */
  component: readonly Node[];
  device: MatchedDevice;
  /** Where `resolve` is with it. */
  cluster: Cluster;
  /** When it was last reached from another. */
  round: number;
}

export interface NodePins {
  readonly splits: ReadonlySet<string>;
  /** Key of the other → despite different serial numbers. */
  readonly joins: ReadonlyMap<string, boolean>;
}

/** Members that have been found to be one device so far, with what is known of it. */
export interface Cluster {
  readonly nodes: readonly Node[];
  readonly serials: readonly string[];
  readonly uuids: readonly string[];
  readonly udids: readonly string[];
  readonly entras: readonly string[];
  readonly falcons: readonly string[];
  readonly names: readonly string[];
  readonly isMobile: boolean;
  readonly isComputer: boolean;
  readonly hasSplits: boolean;
}

/** Why two clusters cannot be one. `weak`: not told to anybody, since what they share says little. */
type Conflict = 'split' | 'serials' | 'at-once' | 'boards' | 'weak';

/** Two agents that overlap by less are one machine that enrolled again while its last frames were on their way. */
const AGENT_SLACK_MS = 10 * MINUTE;
/** Vendors' times of last contact are coarser. */
const RECORD_SLACK_MS = 1440 * MINUTE;

const NONE: readonly string[] = [];

export function emptyCluster(): Cluster {
  return {
    nodes: [],
    serials: NONE,
    uuids: NONE,
    udids: NONE,
    entras: NONE,
    falcons: NONE,
    names: NONE,
    isMobile: false,
    isComputer: false,
    hasSplits: false,
  };
}

function clusterOf(node: Node): Cluster {
  return {
    nodes: [node],
    serials: only(node.serial),
    uuids: only(node.uuid),
    udids: only(node.udid),
    entras: only(node.entra),
    falcons: only(node.falcon),
    names: only(node.name),
    isMobile: node.member.kind === 'mobile',
    isComputer: node.member.kind === 'computer',
    hasSplits: node.pins !== null && node.pins.splits.size > 0,
  };
}

function only(text: string | null): readonly string[] {
  return text === null ? NONE : [text];
}

function union(one: Cluster, other: Cluster): Cluster {
  const merged: Cluster = {
    nodes: [...one.nodes, ...other.nodes],
    serials: both(one.serials, other.serials),
    uuids: both(one.uuids, other.uuids),
    udids: both(one.udids, other.udids),
    entras: both(one.entras, other.entras),
    falcons: both(one.falcons, other.falcons),
    names: both(one.names, other.names),
    isMobile: one.isMobile || other.isMobile,
    isComputer: one.isComputer || other.isComputer,
    hasSplits: one.hasSplits || other.hasSplits,
  };
  for (const node of merged.nodes) node.cluster = merged;
  return merged;
}

function both(one: readonly string[], other: readonly string[]): readonly string[] {
  if (other.length === 0) return one;
  if (one.length === 0) return other;
  const more = other.filter(text => !one.includes(text));
  return more.length === 0 ? one : [...one, ...more];
}

/** Both know it, and have nothing of it in common. */
function differ(one: readonly string[], other: readonly string[]): boolean {
  if (one.length === 0 || other.length === 0) return false;
  for (const text of one) if (other.includes(text)) return false;
  return true;
}

/** What stands against one and other being one device, when they have an identifier of this level in common. */
function conflictOf(level: Level | 'hand', one: Cluster, other: Cluster): Conflict | null {
  if (one.hasSplits && other.hasSplits && isSplit(one, other)) return 'split';
  if (differ(one.serials, other.serials)) return 'serials';
  if (level === 'hand') return null;
  if (atOnce(one, other)) return 'at-once';
  if (level === 'serial' || level === 'hardware') return null;
  if (differ(one.uuids, other.uuids) || differ(one.udids, other.udids)) return 'boards';
  if ((one.isMobile && other.isComputer) || (one.isComputer && other.isMobile)) return 'weak';
  return level === 'mac' && !macsSuffice(one, other) ? 'weak' : null;
}

function isSplit(one: Cluster, other: Cluster): boolean {
  for (const { pins } of one.nodes) {
    if (pins === null) continue;
    for (const { member } of other.nodes) if (pins.splits.has(member.key)) return true;
  }
  return false;
}

/** Two of one scope that lived at the same time: two machines, whatever they claim. */
function atOnce(one: Cluster, other: Cluster): boolean {
  for (const a of one.nodes) {
    if (a.member.since === null) continue;
    for (const b of other.nodes) if (areAtOnce(a, b)) return true;
  }
  return false;
}

/** An account's two records of one machine may overlap for reasons of its own; under two names they are two machines. */
function areAtOnce(a: Node, b: Node): boolean {
  if (a.member.scope !== b.member.scope || !overlaps(a.member, b.member)) return false;
  if (a.member.agent !== null) return true;
  return a.name !== null && b.name !== null && !isSameName(a.name, b.name);
}

function overlaps(a: Member, b: Member): boolean {
  if (a.since === null || a.until === null || b.since === null || b.until === null) return false;
  const slack = a.agent === null ? RECORD_SLACK_MS : AGENT_SLACK_MS;
  return a.since + slack < b.until && b.since + slack < a.until;
}

/** An adapter may have moved, so an address is not enough against another directory id, sensor id or name. */
function macsSuffice(one: Cluster, other: Cluster): boolean {
  if (differ(one.entras, other.entras) || differ(one.falcons, other.falcons)) return false;
  if (one.names.length === 0 || other.names.length === 0) return true;
  if (one.names.some(name => other.names.some(theirs => isSameName(name, theirs)))) return true;
  return shared(one, other).macs >= 2;
}

/** How many live identifiers two clusters have in common. */
function shared(one: Cluster, other: Cluster): { strong: number; macs: number } {
  const seen = new Set<Bucket>();
  let strong = 0;
  let macs = 0;
  for (const node of one.nodes) {
    for (const bucket of node.buckets) {
      if (!bucket.live || seen.has(bucket)) continue;
      seen.add(bucket);
      if (!bucket.holders.some(holder => holder.cluster === other)) continue;
      if (bucket.by === 'mac') macs += 1;
      else strong += 1;
    }
  }
  return { strong, macs };
}

/** What was noticed on the way, judged when all is decided. */
interface Notes {
  readonly apart: { bucket: Bucket; conflict: Conflict; one: Node; other: Node }[];
  readonly torn: { bucket: Bucket; record: Node; candidates: readonly Node[] }[];
  readonly refused: { one: Node; other: Node; conflict: Conflict }[];
}

/** Divides a component into devices. `nodes` are all of it, in the order of their keys. */
export function resolve(nodes: readonly Node[]): MatchedDevice[] {
  const [first] = nodes;
  if (first === undefined) return [];
  if (nodes.length === 1) {
    first.component = nodes;
    return [deviceOf(nodes, NO_ISSUES)];
  }
  for (const node of nodes) {
    node.component = nodes;
    node.cluster = clusterOf(node);
  }
  const notes: Notes = { apart: [], torn: [], refused: [] };
  joinByHand(nodes, notes);
  for (const bucket of bucketsOf(nodes)) decide(bucket, notes);
  const clusters: Cluster[] = [];
  for (const { cluster } of nodes) if (!clusters.includes(cluster)) clusters.push(cluster);
  const issues = issuesOf(notes, clusters);
  return clusters.map(cluster =>
    deviceOf(
      cluster.nodes.toSorted(byKey),
      issues.filter(({ members }) => cluster.nodes.some(node => members.includes(node.member.key))),
    ),
  );
}

export function byKey(one: Node, other: Node): number {
  return one.member.key < other.member.key ? -1 : one.member.key > other.member.key ? 1 : 0;
}

function joinByHand(nodes: readonly Node[], notes: Notes): void {
  const refused: [Node, Node][] = [];
  const joins: [Node, Node, boolean][] = [];
  for (const node of nodes) {
    if (node.pins === null) continue;
    for (const [key, despite] of node.pins.joins) {
      const other = nodes.find(({ member }) => member.key === key);
      if (other !== undefined && byKey(node, other) < 0) joins.push([node, other, despite]);
    }
  }
  joins.sort(([a, b], [c, d]) => byKey(a, c) || byKey(b, d));
  for (const [one, other, despite] of joins) {
    if (one.cluster === other.cluster) continue;
    const conflict = conflictOf('hand', one.cluster, other.cluster);
    if (conflict === null || (conflict === 'serials' && despite)) union(one.cluster, other.cluster);
    else refused.push([one, other]);
  }
  // A later join may have brought together what stood between them.
  for (const [one, other] of refused) {
    if (one.cluster === other.cluster) continue;
    const conflict = conflictOf('hand', one.cluster, other.cluster);
    if (conflict === null) union(one.cluster, other.cluster);
    else notes.refused.push({ one, other, conflict });
  }
}

/** Live identifiers that more than one has, strongest first, then by value. */
function bucketsOf(nodes: readonly Node[]): Bucket[] {
  const found = new Set<Bucket>();
  for (const { buckets } of nodes) {
    for (const bucket of buckets) if (bucket.live && bucket.holders.length > 1) found.add(bucket);
  }
  return [...found].sort(
    (one, other) =>
      LEVELS.indexOf(one.by) - LEVELS.indexOf(other.by) ||
      (one.value < other.value ? -1 : one.value > other.value ? 1 : 0),
  );
}

/**
 * Joins those who have this identifier, as far as nothing stands against it. A cluster whose company has no quarrel within
 * itself joins it. One that would fit to several who cannot be one goes to whom it has more in common with, and to nobody
 * when that does not tell them apart.
 */
function decide(bucket: Bucket, notes: Notes): void {
  const clusters: Cluster[] = [];
  for (const { cluster } of bucket.holders) if (!clusters.includes(cluster)) clusters.push(cluster);
  const [first] = clusters;
  if (first === undefined || clusters.length === 1) return;
  clusters.sort((one, other) => byKey(leastOf(one), leastOf(other)));

  const quarrels = new Map<Cluster, Set<Cluster>>();
  for (const [i, one] of clusters.entries()) {
    for (const other of clusters.slice(i + 1)) {
      const conflict = conflictOf(bucket.by, one, other);
      if (conflict === null) continue;
      addTo(quarrels, one, other);
      addTo(quarrels, other, one);
      // An address that moves about is no news, and what a person has split is known.
      if (bucket.by !== 'mac' && conflict !== 'split' && conflict !== 'weak') {
        notes.apart.push({ bucket, conflict, one: holderIn(bucket, one), other: holderIn(bucket, other) });
      }
    }
  }
  if (quarrels.size === 0) {
    clusters.reduce(union);
    return;
  }

  const quarrel = (one: Cluster, other: Cluster): boolean => quarrels.get(one)?.has(other) ?? false;
  const companyOf = (one: Cluster): Cluster[] =>
    clusters.filter(other => other !== one && !quarrel(one, other));
  const isPeaceful = (company: readonly Cluster[]): boolean =>
    company.every((one, i) => company.slice(i + 1).every(other => !quarrel(one, other)));
  const clear = clusters.filter(cluster => isPeaceful(companyOf(cluster)));
  const torn = clusters.filter(cluster => !clear.includes(cluster));
  // Among those of peaceful company, getting along is an equivalence: who gets along with the same, gets along.
  for (const one of clear) {
    for (const other of clear) {
      const [a, b] = [leastOf(one).cluster, leastOf(other).cluster];
      if (a !== b && !quarrel(one, other)) union(a, b);
    }
  }
  const settled = [...new Set(clear.map(cluster => leastOf(cluster).cluster))];
  for (const cluster of torn) {
    const fitting = settled
      .map(candidate => leastOf(candidate).cluster)
      .filter(candidate => conflictOf(bucket.by, cluster, candidate) === null);
    if (bucket.by !== 'mac' && fitting.length > 1) {
      const record = holderIn(bucket, cluster);
      notes.torn.push({ bucket, record, candidates: fitting.map(each => holderIn(bucket, each)) });
    }
    const best = bestOf(cluster, fitting);
    if (best !== null) union(best, cluster);
  }
}

function addTo(map: Map<Cluster, Set<Cluster>>, one: Cluster, other: Cluster): void {
  const known = map.get(one);
  if (known === undefined) map.set(one, new Set([other]));
  else known.add(other);
}

function leastOf(cluster: Cluster): Node {
  const [first, ...others] = cluster.nodes;
  if (first === undefined) throw new Error('a cluster has at least one member');
  return others.reduce((least, node) => (byKey(node, least) < 0 ? node : least), first);
}

/** The member by which a cluster has the identifier. */
function holderIn(bucket: Bucket, cluster: Cluster): Node {
  return bucket.holders.filter(holder => holder.cluster === cluster).sort(byKey)[0] ?? leastOf(cluster);
}

/** The one candidate with which a cluster has most in common; null when two are level. The name only decides a draw. */
function bestOf(cluster: Cluster, candidates: readonly Cluster[]): Cluster | null {
  const rated = candidates.map(candidate => {
    const { strong, macs } = shared(cluster, candidate);
    const named = cluster.names.some(name => candidate.names.some(theirs => isSameName(name, theirs)));
    return { candidate, rank: [strong, macs, named ? 1 : 0] };
  });
  rated.sort((one, other) => compareRanks(other.rank, one.rank));
  const [best, next] = rated;
  if (best === undefined) return null;
  return next === undefined || compareRanks(best.rank, next.rank) > 0 ? best.candidate : null;
}

function compareRanks(one: readonly number[], other: readonly number[]): number {
  for (const [i, rank] of one.entries()) {
    const more = rank - (other[i] ?? 0);
    if (more !== 0) return more;
  }
  return 0;
}

const NO_ISSUES: readonly MatchIssue[] = [];

const NAMES: Readonly<Record<Evidence, string>> = {
  hand: 'decision',
  serial: 'serial number',
  hardware: 'hardware UUID',
  entra: 'Entra device id',
  falcon: 'Falcon agent id',
  mac: 'network address',
};

function issuesOf(notes: Notes, clusters: readonly Cluster[]): MatchIssue[] {
  const issues = new Map<string, MatchIssue>();
  const add = (
    kind: MatchIssueKind,
    members: readonly Node[],
    bucket: Bucket | null,
    why: string,
    identity: string,
  ): void => {
    const id = `${kind} ${identity}`;
    if (issues.has(id)) return;
    issues.set(id, {
      kind,
      members: members.map(({ member }) => member.key),
      by: bucket?.by ?? null,
      value: bucket?.value ?? null,
      why,
    });
  };
  const keysOf = (nodes: readonly Node[]): string => nodes.map(({ member }) => member.key).join(' ');

  // Found strongest identifier first, so that is the one a pair is told by.
  for (const { bucket, conflict, one, other } of notes.apart) {
    if (one.cluster === other.cluster) continue;
    const pair = [one, other].sort(byKey);
    const what = NAMES[bucket.by];
    if (conflict === 'serials') {
      add(
        'other-serial',
        pair,
        bucket,
        `Both have this ${what}, but different serial numbers: a clone, or a part that moved. They are kept apart.`,
        keysOf(pair),
      );
    } else if (conflict === 'boards') {
      add(
        'clone',
        pair,
        bucket,
        `Both have this ${what}, but different boards: a cloned installation. They are kept apart.`,
        keysOf(pair),
      );
    } else {
      add(
        'clone',
        pair,
        bucket,
        `Both have this ${what} and were in touch at the same time: two machines, one of them a clone. They are kept apart.`,
        keysOf(pair),
      );
    }
  }
  for (const { bucket, record, candidates } of notes.torn) {
    const devices = new Set(candidates.map(({ cluster }) => cluster));
    if (devices.size < 2) continue;
    const went = candidates.find(({ cluster }) => cluster === record.cluster);
    const why =
      went === undefined
        ? `Its ${NAMES[bucket.by]} is that of several devices and nothing else tells which one it is. It stands alone until somebody decides.`
        : `Its ${NAMES[bucket.by]} is that of several devices. It was given to the one with which it has most in common.`;
    add('one-for-two', [record, ...candidates], bucket, why, record.member.key);
  }
  for (const { one, other, conflict } of notes.refused) {
    if (one.cluster === other.cluster) continue;
    const why =
      conflict === 'serials'
        ? 'Joined by hand, but their serial numbers differ. They are kept apart until somebody confirms that.'
        : 'Joined by hand, but members of theirs were split by hand. They are kept apart.';
    add('join-refused', [one, other], null, why, keysOf([one, other]));
  }
  for (const cluster of clusters) if (cluster.nodes.length > 1) insideOf(cluster, add, keysOf);
  return [...issues.values()];
}

/** Newest first; those of unknown time last, by key. */
function byNews(one: Node, other: Node): number {
  return (other.member.until ?? -1) - (one.member.until ?? -1) || byKey(one, other);
}

function byEnrolment(one: Node, other: Node): number {
  return (other.member.since ?? -1) - (one.member.since ?? -1) || byKey(one, other);
}

type Add = (
  kind: MatchIssueKind,
  members: readonly Node[],
  bucket: Bucket | null,
  why: string,
  identity: string,
) => void;

/** What is noticed of members that are one device. */
function insideOf(cluster: Cluster, add: Add, keysOf: (nodes: readonly Node[]) => string): void {
  const scopes = new Map<string, Node[]>();
  for (const node of cluster.nodes) {
    const same = scopes.get(node.member.scope);
    if (same === undefined) scopes.set(node.member.scope, [node]);
    else same.push(node);
  }
  for (const nodes of scopes.values()) {
    const [one, other] = nodes;
    if (one === undefined || other === undefined || isConfirmed(nodes)) continue;
    if (one.member.agent !== null) {
      const agents = nodes.toSorted(byEnrolment);
      add(
        're-enrolled',
        agents,
        null,
        'The agent enrolled again on the same machine. The newest enrolment counts.',
        keysOf(agents),
      );
      continue;
    }
    const records = nodes.toSorted(byNews);
    const apart = records.every((a, i) => records.slice(i + 1).every(b => isAfter(a.member, b.member)));
    const why = apart
      ? 'The device was enrolled again, and its former record was left behind. The newest record counts.'
      : 'One account has several records of this device. The one heard of last counts.';
    add('two-records', records, null, why, keysOf(records));
  }
  if (cluster.serials.length <= 1 && cluster.uuids.length > 1) {
    const told = cluster.nodes.filter(({ uuid }) => uuid !== null).sort(byNews);
    if (isConfirmed(told)) return;
    add(
      'other-board',
      told,
      null,
      'The serial number is the same, the board is another one: it was replaced.',
      keysOf(told),
    );
  }
}

/** A person has joined each of them with the others, directly or through one another: there is nothing left to decide. */
function isConfirmed(nodes: readonly Node[]): boolean {
  const [first, ...others] = nodes;
  if (first === undefined) return false;
  const reached = [first];
  const left = new Set(others);
  for (const { pins } of reached) {
    if (pins === null) continue;
    for (const node of left) {
      if (!pins.joins.has(node.member.key)) continue;
      left.delete(node);
      reached.push(node);
    }
  }
  return left.size === 0;
}

function isAfter(newer: Member, older: Member): boolean {
  return newer.since !== null && older.until !== null && newer.since >= older.until - RECORD_SLACK_MS;
}

/** The newest agent leads, else the first by key. */
function deviceOf(nodes: readonly Node[], issues: readonly MatchIssue[]): MatchedDevice {
  const [agent] = nodes.filter(({ member }) => member.agent !== null).sort(byEnrolment);
  const lead = agent ?? nodes[0];
  if (lead === undefined) throw new Error('a device has at least one member');
  const device: MatchedDevice = {
    id: lead.member.agent ?? vendorDeviceId(lead.member.key),
    agent: lead.member.agent,
    members: nodes.map(({ member }) => member.key),
    links: nodes.map(node => linkOf(node, nodes)),
    issues: [...issues],
  };
  for (const node of nodes) node.device = device;
  return device;
}

function linkOf(node: Node, nodes: readonly Node[]): MatchLink {
  const member = node.member.key;
  if (nodes.length === 1) return { member, by: null, value: null };
  for (const { live, holders, by, value } of node.buckets) {
    if (live && holders.some(holder => holder !== node && holder.cluster === node.cluster)) {
      return { member, by, value };
    }
  }
  return { member, by: 'hand', value: null };
}
