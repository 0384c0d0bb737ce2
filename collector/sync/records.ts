import { randomUUID } from 'node:crypto';
import type { DeviceResponse, FleetRow } from '../../shared/api/schemas.ts';
import { HOUR } from '../../shared/base/durations.ts';
import type { FieldKey, MergedField, MergedRecord, Source } from '../../shared/device/device.ts';
import { falcon } from '../../shared/device/facts-security.ts';
import { joinDomain } from '../../shared/device/facts-software.ts';
import type { MatchedDevice, MatchIssue, Pin } from '../../shared/device/match.ts';
import { type Problem, toProblem } from '../../shared/problem/problem.ts';
import { type HotDevice, rowOf } from '../fleet/hot-device.ts';
import type { HotFleet } from '../fleet/hot-fleet.ts';
import { claimsOfIdentity } from '../merge/from-agent.ts';
import { Matcher, type MatchInput } from '../merge/match.ts';
import {
  type AgentToMatch,
  agentKey,
  agentMember,
  type Member,
  recordKey,
  recordMember,
} from '../merge/member.ts';
import { effectOf, merge, mergeObservations, settle } from '../merge/merge.ts';
import { DEFAULT_RULES, type MergeRules, rulesWith } from '../merge/precedence.ts';
import { scoreOf } from '../score/score.ts';
import type {
  AccountKey,
  ObservationKey,
  StoredObservation,
  StoredPin,
  StoredPrecedence,
} from '../store/connectors.ts';
import type { Store } from '../store/store.ts';
import { type Believed, believedOf } from './believed.ts';
import { type LoneDevice, loneDetail, loneDeviceOf, type Unshown } from './lone-device.ts';

/** Devices whose records are read and merged in one go: some milliseconds of the event loop. */
const TOGETHER = 100;
/** Devices whose records a preview looks at in one go: about a millisecond of the event loop. */
const LOOKED_AT_TOGETHER = 1000;
/** Devices a preview names. */
const EXAMPLES = 5;
/** What an agent says for matching is looked at again after this long; see `agentMember`. */
const AGENT_AGAIN_MS = HOUR;

export interface RecordsOptions {
  readonly store: Store;
  readonly hot: HotFleet;
  readonly now: () => number;
  /** Does this account ask a made-up vendor? */
  readonly isDemo: (account: AccountKey) => boolean;
  readonly onRow: (row: FleetRow) => void;
  readonly onGone: (id: string) => void;
  /** Those of these devices that this collector may write now, up to date in memory. */
  readonly writable: (devices: readonly HotDevice[]) => Promise<readonly HotDevice[]>;
  /** An account has told something here; the other collectors do not know yet. */
  readonly tellObserved: (account: AccountKey, observed: readonly string[], gone: readonly string[]) => void;
  /** A device of ours says something else of its machine; the other collectors do not know yet. */
  readonly tellIdentity: (id: string) => void;
  /** People have decided something here; the other collectors do not know yet. */
  readonly tellDecided: () => void;
  /** Something that nobody waits for has failed; it is done again when the device or the record comes again. */
  readonly onFailed: (problem: Problem) => void;
}

/** What is to be kept of an account's run. */
export interface Told {
  readonly observed: readonly StoredObservation[];
  /** Vendor ids. */
  readonly gone: readonly string[];
}

/** Decisions to be made and to be taken back, together. */
export interface PinChange {
  readonly add: readonly Pin[];
  /** Ids. */
  readonly remove: readonly string[];
}

/** What a change of the decisions would lead to. */
export interface MatchPreview {
  /** Devices that would be new or different, whole. */
  readonly devices: readonly MatchedDevice[];
  /** Those of them that would be new. */
  readonly isNew: ReadonlySet<string>;
  /** Ids that would be no device any more. */
  readonly gone: readonly string[];
  /** Of what is to be decided, what would not hold all the same, and why. */
  readonly refused: readonly { readonly pin: Pin; readonly why: string }[];
}

/** What other rules would change in the fleet. */
export interface BelievedPreview {
  /** Devices of which at least one value would be another. */
  readonly devices: number;
  /** By field that would change anywhere: devices with another value, and with the same value from another source. */
  readonly fields: ReadonlyMap<FieldKey, { readonly values: number; readonly sources: number }>;
  /** Some of the devices, by id. */
  readonly examples: readonly string[];
  /** How many there are in all. */
  readonly of: number;
}

/** A device that stands in no list of the fleet, or in it only by what other systems say. */
export interface Agentless {
  readonly matched: MatchedDevice;
  /** `listed`: a computer without an agent; `system-unknown`: one of which not even the family of its system is known. */
  readonly as: 'listed' | 'system-unknown';
}

/** Which devices are meant: those that only this collector may write (`own`), or beside them those connected nowhere (`free`). */
type Whose = 'own' | 'free';

interface Heard {
  readonly device: HotDevice;
  readonly heard: readonly StoredObservation[];
}

/** One device with everybody who speaks of it. */
export interface DeviceSources {
  readonly matched: MatchedDevice;
  readonly record: MergedRecord;
  readonly heard: readonly StoredObservation[];
  readonly pins: readonly StoredPin[];
}

/**
 * Records of other systems and what becomes of them: kept, matched with agents and with each other, merged into the
 * fleet's devices. A computer that no agent runs on has a row of its own. One change at a time, in the order of the calls.
 */
export class Records {
  readonly #options: RecordsOptions;
  readonly #matcher = new Matcher();
  /** Vendor ids by `connector/account`. */
  readonly #own = new Map<string, Set<string>>();
  readonly #lone = new Map<string, LoneDevice>();
  readonly #unshown = new Map<string, { readonly matched: MatchedDevice; readonly why: Unshown }>();
  /** What was last put of an agent. */
  readonly #agents = new Map<string, { readonly identity: HotDevice['identity']; readonly at: number }>();
  /** Agents to be looked at again, in turn with everything else. */
  readonly #waiting = new Set<{ readonly device: HotDevice; readonly isSure: boolean }>();
  #pins: readonly StoredPin[] = [];
  #precedence: StoredPrecedence | null = null;
  #believed: Believed = believedOf({});
  #rules: MergeRules = DEFAULT_RULES;
  #turn: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor(options: RecordsOptions) {
    this.#options = options;
  }

  /** Whom to believe, as administrators have said; also for what agents tell. */
  get rules(): MergeRules {
    return this.#rules;
  }

  /** Reads everything and matches it; `mergeAll` does the rest. Agents must be loaded. @throws Problem `store-unavailable` */
  async load(): Promise<void> {
    const { store, hot } = this.#options;
    this.#takePrecedence(await store.getPrecedence());
    this.#pins = await store.listPins();
    this.#matcher.update({ pins: this.#pins.map(({ pin }) => pin) });
    for await (const part of store.loadObservations()) {
      for (const { observation } of part) this.#ownOf(observation).add(observation.vendorId);
      this.#matcher.update({ put: part.map(({ observation }) => recordMember(observation)) });
    }
    const agents = [...hot.all()].filter(({ revoked }) => !revoked);
    this.#matcher.update({ put: agents.map(device => this.#memberOf(device, NOTHING_FOUND)) });
    for (const device of agents) this.agentChanged(device);
  }

  /** Merges every device anew. */
  mergeAll(): Promise<void> {
    return this.#inTurn(() => this.#remerge([...this.#matcher.devices()], []));
  }

  /** Ends after what is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#turn.catch(() => undefined);
  }

  /** What is known of an account's records, by vendor id. */
  known(account: AccountKey): ReadonlySet<string> {
    return this.#own.get(scopeOf(account)) ?? NONE;
  }

  /**
   * Keeps what an account told and shows what follows from it. false when the account is no more.
   * @throws Problem `store-unavailable`
   */
  take(account: AccountKey, told: Told): Promise<boolean> {
    return this.#inTurn(async () => {
      if (!(await this.#options.store.keepObservations(account, told))) return false;
      const isFirst = this.#own.size === 0;
      this.#options.tellObserved(
        account,
        told.observed.map(({ observation }) => observation.vendorId),
        told.gone,
      );
      const own = this.#ownOf(account);
      for (const vendorId of told.gone) own.delete(vendorId);
      for (const { observation } of told.observed) own.add(observation.vendorId);
      const put = told.observed.map(({ observation }) => recordMember(observation));
      const remove = told.gone.map(vendorId => recordKey({ ...account, vendorId }));
      await this.#match(
        { put, remove },
        put.map(({ key }) => key),
      );
      // Until now nobody asked what agents' own checks know of their other names.
      if (isFirst) {
        this.#agents.clear();
        for (const device of this.#options.hot.all()) this.agentChanged(device);
      }
      return true;
    });
  }

  /** An account has told something at another collector, which writes what is connected nowhere. */
  observedElsewhere(
    account: AccountKey,
    observed: readonly string[],
    gone: readonly string[],
  ): Promise<void> {
    return this.#inTurn(async () => {
      const keys = observed.map(vendorId => ({ ...account, vendorId }));
      const put: Member[] = [];
      for (let i = 0; i < keys.length; i += TOGETHER) {
        const heard = await this.#options.store.getObservations(keys.slice(i, i + TOGETHER));
        put.push(...heard.map(({ observation }) => recordMember(observation)));
      }
      const own = this.#ownOf(account);
      for (const vendorId of gone) own.delete(vendorId);
      for (const vendorId of observed) own.add(vendorId);
      const remove = gone.map(vendorId => recordKey({ ...account, vendorId }));
      await this.#match(
        { put, remove },
        put.map(({ key }) => key),
        'own',
      );
    });
  }

  /** People have decided something at another collector. */
  decidedElsewhere(): Promise<void> {
    return this.#inTurn(async () => {
      const { store } = this.#options;
      const before = this.#precedence?.hash;
      this.#takePrecedence(await store.getPrecedence());
      this.#pins = await store.listPins();
      await this.#match({ pins: this.#pins.map(({ pin }) => pin) }, [], 'own');
      if (this.#precedence?.hash !== before) await this.#remerge([...this.#matcher.devices()], [], 'own');
    });
  }

  /** Something of other collectors may have been missed: all is read and matched anew. */
  async readAgain(): Promise<void> {
    await this.#inTurn(async () => {
      const { store } = this.#options;
      this.#takePrecedence(await store.getPrecedence());
      this.#pins = await store.listPins();
      const left = new Map([...this.#own].map(([scope, ids]) => [scope, new Set(ids)]));
      for await (const part of store.loadObservations()) {
        for (const { observation } of part) {
          this.#ownOf(observation).add(observation.vendorId);
          left.get(scopeOf(observation))?.delete(observation.vendorId);
        }
        this.#matcher.update({ put: part.map(({ observation }) => recordMember(observation)) });
      }
      const remove: string[] = [];
      for (const [scope, ids] of left) {
        for (const id of ids) {
          this.#own.get(scope)?.delete(id);
          remove.push(`${scope}/${id}`);
        }
      }
      await this.#match({ pins: this.#pins.map(({ pin }) => pin), remove }, [], 'own');
      await this.#remerge([...this.#matcher.devices()], [], 'own');
    });
    for (const device of this.#options.hot.all()) this.agentChanged(device);
  }

  /** The account was removed from the store: nothing it said holds any more. */
  forget(account: AccountKey): Promise<void> {
    return this.#inTurn(async () => {
      const own = this.#own.get(scopeOf(account)) ?? NONE;
      this.#own.delete(scopeOf(account));
      await this.#match({ remove: [...own].map(vendorId => recordKey({ ...account, vendorId })) });
    });
  }

  /**
   * An agent came, came back, told something else of its machine, or must leave. Cheap when nothing of that is so; `isSure`:
   * its record was read from the store and must be merged anew.
   */
  agentChanged(device: HotDevice, isSure = false): void {
    const last = this.#agents.get(device.id);
    if (
      !isSure &&
      !device.revoked &&
      last?.identity === device.identity &&
      this.#options.now() - last.at < AGENT_AGAIN_MS
    )
      return;
    const isOther = last !== undefined && last.identity !== device.identity;
    if (isOther && device.claim !== null) this.#options.tellIdentity(device.id);
    if (this.#waiting.size === 0) void this.#inTurn(() => this.#lookAtAgents()).catch(this.#failed);
    this.#waiting.add({ device, isSure });
    this.#agents.set(device.id, { identity: device.identity, at: this.#options.now() });
  }

  /** What has become too old is said to be so; agents of rival claims are looked at again. */
  settle(which: Whose = 'free'): Promise<void> {
    return this.#inTurn(async () => {
      const { hot, now, writable } = this.#options;
      for (const id of this.#matcher.rivalAgents()) {
        const device = hot.get(id);
        if (device !== null) this.agentChanged(device, true);
      }
      const all = [...hot.all()].filter(({ revoked }) => !revoked);
      await this.#settle(all.filter(({ claim }) => claim !== null));
      const isAged = ({ record, isOutdated }: HotDevice): boolean =>
        isOutdated || settle(record, now(), this.#rules) !== record;
      const free =
        which === 'own'
          ? []
          : all.filter(device => device.claim === null && device.elsewhere === null && isAged(device));
      for (let i = 0; i < free.length && !this.#isStopped; i += TOGETHER) {
        await this.#settle(await writable(free.slice(i, i + TOGETHER)));
        await breathe();
      }
      await this.#remerge(
        [...this.#lone.values()].map(({ matched }) => matched),
        [],
      );
    });
  }

  async #settle(devices: readonly HotDevice[]): Promise<void> {
    const kept: { device: string; record: MergedRecord }[] = [];
    for (const device of devices) {
      const record = settle(device.record, this.#options.now(), this.#rules);
      if (record === device.record) continue;
      this.#show(device, record);
      kept.push({ device: device.id, record });
    }
    await this.#keep(kept);
  }

  /**
   * Makes decisions and takes others back, and matches anew once. `removed` are those there were. Each is kept by itself:
   * after a failure some may be.
   *
   * @throws Problem `conflict`, `store-unavailable`
   */
  async changePins(
    { add, remove }: PinChange,
    by: string,
  ): Promise<{ readonly added: readonly StoredPin[]; readonly removed: readonly StoredPin[] }> {
    const { store, now } = this.#options;
    const added: StoredPin[] = [];
    const removed: StoredPin[] = [];
    try {
      for (const id of remove) {
        const known = this.#pins.find(one => one.id === id);
        if ((await store.removePin(id)) && known !== undefined) removed.push(known);
      }
      for (const pin of add) {
        const stored: StoredPin = { id: randomUUID(), pin, at: now(), by };
        await store.addPin(stored);
        added.push(stored);
      }
    } finally {
      await this.#pinsChanged();
    }
    return { added, removed };
  }

  /** What that would lead to, as things stand now. Changes nothing. */
  previewPins({ add, remove }: PinChange): MatchPreview {
    const kept = this.#pins.filter(({ id }) => !remove.includes(id)).map(({ pin }) => pin);
    const { gone, devices, refused } = this.#matcher.preview([...kept, ...add], change => ({
      ...change,
      refused: add.flatMap(pin => {
        const why = this.#whyNot(pin);
        return why === null ? [] : [{ pin, why }];
      }),
    }));
    // A device that stays has the member its id is made of, now and then.
    const stays = ({ id, members }: MatchedDevice): boolean =>
      members.some(key => this.#matcher.deviceOf(key)?.id === id);
    return {
      devices,
      isNew: new Set(devices.filter(device => !stays(device)).map(({ id }) => id)),
      gone,
      refused,
    };
  }

  /** Why a decision does not hold as things stand; null when it does. */
  #whyNot({ kind, one, other }: Pin): string | null {
    const [a, b] = [this.#matcher.deviceOf(one), this.#matcher.deviceOf(other)];
    if (a === null || b === null || (a === b) === (kind === 'join')) return null;
    const said = a.issues.find(
      ({ kind: what, members }) =>
        what === 'join-refused' && members.includes(one) && members.includes(other),
    );
    return said?.why ?? 'Another decision says otherwise.';
  }

  get pins(): readonly StoredPin[] {
    return this.#pins;
  }

  get precedence(): StoredPrecedence | null {
    return this.#precedence;
  }

  /** Whom to believe and for how long, as far as administrators have said. */
  get believed(): Believed {
    return this.#believed;
  }

  /**
   * What it would change to believe otherwise, over the whole fleet as it stands. `fields` are those that are said otherwise.
   * Changes nothing; lets others have the event loop in between.
   */
  async previewBelieved(believed: Believed, fields: readonly FieldKey[]): Promise<BelievedPreview> {
    const { hot, now } = this.#options;
    const rules = rulesWith(believed.order, believed.maxAgeMs);
    const counts = new Map<FieldKey, { values: number; sources: number }>();
    const of = (field: FieldKey) => {
      const known = counts.get(field) ?? { values: 0, sources: 0 };
      counts.set(field, known);
      return known;
    };
    const examples: string[] = [];
    let devices = 0;
    let seen = 0;
    const look = (id: string, record: MergedRecord): void => {
      const { values, sources } = effectOf(record, fields, rules, now());
      for (const field of values) of(field).values += 1;
      for (const field of sources) of(field).sources += 1;
      if (values.length === 0) return;
      devices += 1;
      if (examples.length < EXAMPLES) examples.push(id);
    };
    for (const device of hot.all()) {
      if (device.revoked) continue;
      look(device.id, device.record);
      seen += 1;
      if (seen % LOOKED_AT_TOGETHER === 0) await breathe();
    }
    for (const [id, { record }] of this.#lone) {
      look(id, record);
      seen += 1;
    }
    return { devices, fields: counts, examples, of: seen };
  }

  /** false, and nothing changed, when another than the one with hash `replaces` stands there. */
  async setPrecedence(precedence: StoredPrecedence, replaces: string | null): Promise<boolean> {
    const { store } = this.#options;
    const done = await store.setPrecedence(precedence, replaces);
    this.#takePrecedence(done ? precedence : await store.getPrecedence());
    if (done) {
      this.#options.tellDecided();
      await this.mergeAll();
    }
    return done;
  }

  /** Lines of the devices that no agent runs on. */
  *rows(): Iterable<FleetRow> {
    for (const { row } of this.#lone.values()) yield row;
  }

  row(id: string): FleetRow | null {
    return this.#lone.get(id)?.row ?? null;
  }

  detail(id: string): DeviceResponse | null {
    const lone = this.#lone.get(id);
    return lone === undefined ? null : loneDetail(lone, this.#options.now());
  }

  /** Everybody who speaks of a device; null for an unknown one. */
  async sourcesOf(id: string): Promise<DeviceSources | null> {
    const { store, hot } = this.#options;
    const matched = this.#lone.get(id)?.matched ?? this.#matcher.deviceOf(agentKey(id));
    if (matched === null) return null;
    // Of several agents on one machine the records are with the newest.
    const isLead = matched.agent === null || matched.agent === id;
    const heard = isLead ? await store.getObservations(recordsOf(matched)) : [];
    const members = new Set(matched.members);
    return {
      matched,
      record: this.#lone.get(id)?.record ?? hot.get(id)?.record ?? {},
      heard,
      pins: this.#pins.filter(({ pin }) => members.has(pin.one) || members.has(pin.other)),
    };
  }

  /** What a person should know of the matching. */
  issues(): MatchIssue[] {
    return [...this.#matcher.issues()];
  }

  /** What the matching goes by of one member; null for an unknown key. */
  member(key: string): Member | null {
    return this.#matcher.member(key);
  }

  /** The device a member belongs to; null for an unknown key. */
  deviceOf(key: string): MatchedDevice | null {
    return this.#matcher.deviceOf(key);
  }

  /** Computers that no agent runs on. */
  *agentless(): Iterable<Agentless> {
    for (const { matched } of this.#lone.values()) yield { matched, as: 'listed' };
    for (const { matched, why } of this.#unshown.values()) {
      if (why === 'system-unknown') yield { matched, as: why };
    }
  }

  /** Ids of the devices these members are, each once. */
  devicesOf(members: readonly string[]): string[] {
    const ids = members.flatMap(key => this.#matcher.deviceOf(key)?.id ?? []);
    return [...new Set(ids)];
  }

  /** How many devices are known to others and to us, and what of it stands in no row. Goes through all of them. */
  counts(): {
    joined: number;
    lone: number;
    notComputers: number;
    systemUnknown: number;
    contradicted: number;
  } {
    let joined = 0;
    for (const { agent, members } of this.#matcher.devices())
      if (agent !== null && members.length > 1) joined += 1;
    const notComputers = [...this.#unshown.values()].filter(({ why }) => why === 'not-a-computer').length;
    let contradicted = 0;
    for (const { revoked, row } of this.#options.hot.all()) {
      if (!revoked && row.contradictions !== undefined) contradicted += 1;
    }
    for (const { row } of this.#lone.values()) if (row.contradictions !== undefined) contradicted += 1;
    return {
      joined,
      lone: this.#lone.size,
      notComputers,
      systemUnknown: this.#unshown.size - notComputers,
      contradicted,
    };
  }

  async #pinsChanged(): Promise<void> {
    await this.#inTurn(async () => {
      this.#pins = await this.#options.store.listPins();
      this.#options.tellDecided();
      await this.#match({ pins: this.#pins.map(({ pin }) => pin) });
    });
  }

  #takePrecedence(precedence: StoredPrecedence | null): void {
    this.#precedence = precedence;
    this.#believed = believedOf(precedence?.order ?? {});
    this.#rules = rulesWith(this.#believed.order, this.#believed.maxAgeMs);
  }

  /** Changes the matching and merges what it has touched; `also` are members whose content has changed. */
  async #match(change: MatchInput, also: readonly string[] = [], which: Whose = 'free'): Promise<void> {
    const { gone, devices } = this.#matcher.update(change);
    const touched = new Map(devices.map(device => [device.id, device]));
    for (const key of also) {
      const device = this.#matcher.deviceOf(key);
      if (device !== null) touched.set(device.id, device);
    }
    await this.#remerge([...touched.values()], gone, which);
  }

  /** A fleet that comes back at once is looked at in parts, between which frames are taken in. */
  async #lookAtAgents(): Promise<void> {
    const devices = [...this.#waiting];
    this.#waiting.clear();
    for (let i = 0; i < devices.length && !this.#isStopped; i += TOGETHER) {
      const put = [];
      const remove = [];
      for (const { device } of devices.slice(i, i + TOGETHER)) {
        if (device.revoked) {
          this.#agents.delete(device.id);
          remove.push(agentKey(device.id));
        } else {
          put.push(this.#memberOf(device, await this.#foundBy(device.id)));
        }
      }
      const anew = devices.slice(i, i + TOGETHER).filter(({ isSure }) => isSure);
      await this.#match(
        { put, remove },
        anew.map(({ device }) => agentKey(device.id)),
      );
      await breathe();
    }
  }

  #memberOf({ id, identity, enrolledAt, lastSeen }: HotDevice, found: FoundByAgent): Member {
    return agentMember({ id, identity, enrolledAt, lastSeen, ...found });
  }

  /** What its agent's checks have found of its other names; without other systems there is nothing to match them with. */
  async #foundBy(id: string): Promise<FoundByAgent> {
    if (this.#own.size === 0) return NOTHING_FOUND;
    const findings = await this.#options.store.getFindings(id);
    const [joined, sensor] = [findings['join.domain'], findings['edr.falcon']];
    return {
      entraDeviceId:
        joined?.status === 'ok' ? (joinDomain.safeParse(joined.value).data?.entraDeviceId ?? null) : null,
      falconAid: sensor?.status === 'ok' ? (falcon.safeParse(sensor.value).data?.agentId ?? null) : null,
    };
  }

  /**
   * Merges these devices. Of those that are connected to another collector it is that one's to do; those that are connected
   * nowhere are merged where something was first heard (`free`), and taken for it only when something would change.
   */
  async #remerge(
    devices: readonly MatchedDevice[],
    gone: readonly string[],
    which: Whose = 'free',
  ): Promise<void> {
    const { store, hot, onGone } = this.#options;
    const kept: { device: string; record: MergedRecord }[] = [];
    for (const id of gone) {
      this.#unshown.delete(id);
      if (this.#lone.delete(id)) onGone(id);
    }
    const left = gone.flatMap(id => hot.get(id) ?? []).map(device => ({ device, heard: [] }));
    for (let i = 0; i < left.length && !this.#isStopped; i += TOGETHER) {
      kept.push(...(await this.#mergeThem(left.slice(i, i + TOGETHER), which)));
    }
    for (let i = 0; i < devices.length && !this.#isStopped; i += TOGETHER) {
      const part = devices.slice(i, i + TOGETHER);
      await breathe();
      const keys = part.flatMap(recordsOf);
      const found = new Map(
        (keys.length === 0 ? [] : await store.getObservations(keys)).map(one => [
          recordKey(one.observation),
          one,
        ]),
      );
      const joined: Heard[] = [];
      for (const matched of part) {
        const heard = matched.members.flatMap(key => found.get(key) ?? []);
        if (matched.agent === null) {
          this.#showLone(matched, heard);
          continue;
        }
        const device = hot.get(matched.agent);
        if (device !== null) joined.push({ device, heard });
      }
      kept.push(...(await this.#mergeThem(joined, which)));
      await this.#keep(kept.splice(0));
    }
    await this.#keep(kept);
  }

  async #mergeThem(
    heard: readonly Heard[],
    which: Whose,
  ): Promise<{ device: string; record: MergedRecord }[]> {
    const { writable } = this.#options;
    const own = heard.map(({ device }) => device).filter(({ claim }) => claim !== null);
    const free = heard.flatMap(({ device, heard: said }) => {
      const isFree = device.claim === null && device.elsewhere === null;
      const isNew = isFree && (device.isOutdated || this.#mergedOf(device, said) !== null);
      return isNew && which === 'free' ? [device] : [];
    });
    const mine = new Set(free.length === 0 ? own : [...own, ...(await writable(free))]);
    const merged: { device: string; record: MergedRecord }[] = [];
    for (const { device, heard: said } of heard) {
      if (!mine.has(device)) continue;
      const record = this.#mergedOf(device, said);
      if (record === null) continue;
      this.#show(device, record);
      merged.push({ device: device.id, record });
    }
    return merged;
  }

  /** Those that somebody else has claimed meanwhile are merged there. */
  async #keep(records: readonly { device: string; record: MergedRecord }[]): Promise<void> {
    const { store, hot } = this.#options;
    for (let i = 0; i < records.length; i += TOGETHER) {
      await store.keepRecords(
        records.slice(i, i + TOGETHER).flatMap(one => {
          const claim = hot.get(one.device)?.claim ?? null;
          return claim === null ? [] : [{ ...one, claim }];
        }),
      );
    }
  }

  /** The device's record with these observations; null when it says what it said before. */
  #mergedOf(device: HotDevice, heard: readonly StoredObservation[]): MergedRecord | null {
    if (heard.length === 0 && isOwn(device.record)) return null;
    const before = this.#withIdentity(device);
    const record = mergeObservations(before, heard, this.#options.now(), this.#rules);
    if (record === device.record || isSame(record, device.record)) return null;
    return record;
  }

  /** What the agent says of its machine stands beside what others say of it, also when it never changed. */
  #withIdentity(device: HotDevice): MergedRecord {
    if (claimsBy('agent', device.record['identity.hostname'])) return device.record;
    device.arrival += 1;
    return merge(device.record, claimsOfIdentity(device.identity, device.arrival), this.#rules);
  }

  #show(device: HotDevice, record: MergedRecord): void {
    const { now, onRow } = this.#options;
    device.record = record;
    device.score = scoreOf(record, now());
    const row = rowOf(device, now());
    const before = device.row;
    device.row = row;
    if (!device.revoked && JSON.stringify(row) !== JSON.stringify(before)) onRow(row);
  }

  #showLone(matched: MatchedDevice, heard: readonly StoredObservation[]): void {
    const { now, isDemo, onRow, onGone } = this.#options;
    const record = mergeObservations({}, heard, now(), this.#rules);
    const demo = heard.every(({ observation }) => isDemo(observation));
    const lone = loneDeviceOf(matched, record, { heard, demo, now: now() });
    if (typeof lone === 'string') {
      this.#unshown.set(matched.id, { matched, why: lone });
      if (this.#lone.delete(matched.id)) onGone(matched.id);
      return;
    }
    this.#unshown.delete(matched.id);
    const before = this.#lone.get(matched.id)?.row;
    this.#lone.set(matched.id, lone);
    if (JSON.stringify(lone.row) !== JSON.stringify(before)) onRow(lone.row);
  }

  #ownOf(account: AccountKey): Set<string> {
    const scope = scopeOf(account);
    const own = this.#own.get(scope) ?? new Set<string>();
    this.#own.set(scope, own);
    return own;
  }

  readonly #failed = (error: unknown): void => this.#options.onFailed(toProblem(error));

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

const NONE: ReadonlySet<string> = new Set();

/** Identifiers that an agent's own checks may find. */
type FoundByAgent = Required<Pick<AgentToMatch, 'entraDeviceId' | 'falconAid'>>;
const NOTHING_FOUND: FoundByAgent = { entraDeviceId: null, falconAid: null };

function scopeOf({ connector, account }: AccountKey): string {
  return `${connector}/${account}`;
}

/** A device's vendor records. */
function recordsOf({ members }: MatchedDevice): ObservationKey[] {
  return members.flatMap(key => {
    const [connector = '', account = '', ...rest] = key.split('/');
    return connector === 'agent' ? [] : [{ connector, account, vendorId: rest.join('/') }];
  });
}

/** Lets others have the event loop. */
function breathe(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

function claimsBy(source: Source, field: MergedField | undefined): boolean {
  return (
    field !== undefined &&
    (field.source === source || field.rivals?.some(rival => rival.source === source) === true)
  );
}

/** Nobody but the agent says anything in it. */
function isOwn(record: MergedRecord): boolean {
  return Object.values(record).every(({ source, rivals }) => source === 'agent' && rivals === undefined);
}

/** Do both say the very same? Keys are in the order they were put, which does not matter. */
function isSame(one: MergedRecord, other: MergedRecord): boolean {
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every(key => JSON.stringify(Reflect.get(one, key)) === JSON.stringify(Reflect.get(other, key)))
  );
}
