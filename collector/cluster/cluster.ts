import { randomUUID } from 'node:crypto';
import type { FleetRow } from '../../shared/api/schemas.ts';
import type { Processes } from '../../shared/device/facts.ts';
import { Problem, toProblem } from '../../shared/problem/problem.ts';
import type { SampleRow } from '../../shared/protocol/samples.ts';
import type { ToDevice } from '../../shared/protocol/to-device.ts';
import type { HotDevice } from '../fleet/hot-device.ts';
import type { HotFleet } from '../fleet/hot-fleet.ts';
import type { Viewer } from '../socket/watching.ts';
import type {
  BusMessage,
  Instance,
  InstanceFacts,
  Member,
  Cluster as StoreCluster,
} from '../store/cluster.ts';
import type { AccountKey } from '../store/connectors.ts';
import { Lease } from './lease.ts';
import { type DeviceRow, type News, readDeviceRow, readNews, STALE, type Stale } from './news.ts';
import { Publisher } from './publisher.ts';

/** Live readings of one device, as one commit brought them. */
export interface LiveNews {
  readonly device: string;
  readonly rows: readonly SampleRow[];
  readonly processes: Processes | null;
  readonly receivedAt: number;
}

/** What this collector does with what others tell. */
export interface Hears {
  /** Rows of devices that others write; `changed` are those of them of which the store knows more now. */
  rows(rows: readonly FleetRow[], changed: readonly string[]): void;
  live(news: LiveNews): void;
  /** Nobody: it has ended. */
  watched(instance: string, device: string, viewers: readonly Viewer[]): void;
  /** To a device that is connected here; false when it is not. */
  give(device: string, frame: ToDevice): boolean;
  /** The device has connected elsewhere since. */
  superseded(device: HotDevice): void;
  /** Changed in the store by somebody's hand. */
  reload(devices: readonly string[]): Promise<void>;
  stale(what: Stale): Promise<void>;
  help(device: string): Promise<void>;
  observed(account: AccountKey, observed: readonly string[], gone: readonly string[]): Promise<void>;
  ended(instance: string): void;
  /** Who watches what here, once more. */
  tellWatches(): void;
  /** This instance cannot say any more that it lives: whoever is connected must go. */
  cut(why: 'ended' | 'unreachable'): void;
  /** It has its lease again, and all it holds is as it was. */
  back(): void;
  /** Everything that is known from others, or of a lease that is lost, must be read again. */
  readAgain(): Promise<void>;
  seen(instances: number): void;
  lag(ms: number): void;
}

export interface ClusterOptions {
  readonly store: StoreCluster;
  readonly hot: HotFleet;
  readonly monotonic: () => number;
  readonly leaseMs: number;
  readonly facts: () => InstanceFacts;
  readonly hears: Hears;
  readonly onTrouble: (problem: Problem) => void;
}

/** A message as it came, and read once; null: nothing that this version knows. */
interface Heard extends Pick<BusMessage, 'from' | 'lagMs'> {
  readonly news: News | null;
}

/** The others are waited for so long at the start. One that died lately does not answer; what a slow one did meanwhile is read again. */
const WELCOME_MS = 500;
/** Longest another collector may take to give a frame to its device. */
const GIVE_MS = 5000;
/** A job whose collector died is free after this. */
const JOB_MS = 60_000;

/**
 * This collector among the others on its database: its lease, what it has claimed, what it tells and hears. On a database of
 * its own it is alone, and all of it is over in a moment. README.md has the reasons.
 */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #lease: Lease;
  readonly #publisher: Publisher;
  readonly #others = new Map<string, InstanceFacts>();
  readonly #asked = new Map<string, (isGiven: boolean) => void>();
  readonly #welcomedBy = new Set<string>();
  #listening: { stop(): Promise<void> } | null = null;
  #heard: Heard[] = [];
  /** Messages wait while everything is read. */
  #isReading = true;
  #work: Promise<void> = Promise.resolve();
  #isWorking = false;
  #isStopped = false;

  constructor(options: ClusterOptions) {
    this.#options = options;
    const { store, leaseMs, monotonic, facts, hears, onTrouble } = options;
    this.#lease = new Lease({
      ...{ cluster: store, leaseMs, monotonic, facts, onTrouble },
      onSeen: (instances, ended) => this.#seen(instances, ended),
      onCut: why => {
        if (why === 'ended') this.#lostAll();
        hears.cut(why);
      },
      onBack: member => {
        if (member === null) {
          hears.back();
          return;
        }
        // It was cut off before, and only now it is known that it was missed.
        this.#lostAll();
        void this.#startAgain(member);
      },
    });
    this.#publisher = new Publisher({
      publish: async (texts, to) => {
        const { member } = this.#lease;
        if (member === null) throw new Problem('store-unavailable', 'this collector has no lease');
        await member.publish(texts, to);
      },
      onTrouble,
    });
  }

  /**
   * Begins this instance. Afterwards everything that changes elsewhere is heard, and waits until `ready`: read everything in
   * between. @throws Problem `store-unavailable`
   */
  async start(): Promise<void> {
    await this.#enter(await this.#lease.take());
  }

  /** Devices that are connected to others, who have answered. @throws Problem `store-unavailable` */
  async held(): Promise<ReadonlySet<string>> {
    const links = this.#welcomedBy.size === 0 ? [] : await this.#member().links();
    return new Set(
      links.filter(({ instance }) => this.#welcomedBy.has(instance)).map(({ device }) => device),
    );
  }

  /** Everything is read: takes who is connected elsewhere, and what was heard meanwhile. */
  async ready(): Promise<void> {
    const { hot } = this.#options;
    const member = this.#member();
    for (const { device: id, instance, claim } of await member.links()) {
      const device = hot.get(id);
      if (device === null || instance === member.id || claim < device.newest) continue;
      device.newest = claim;
      // One that does not answer may be gone without a word; if it lives, it will tell.
      device.elsewhere = this.#welcomedBy.has(instance) ? { instance, claim } : null;
      hot.show(device);
    }
    this.#isReading = false;
    this.#go();
  }

  /** Others are there: what changes must be told. */
  get hasOthers(): boolean {
    return this.#others.size > 0;
  }

  /** Others that have answered when this collector came: they live, whatever the leases of the dead say. */
  get answered(): number {
    return this.#welcomedBy.size;
  }

  /** How many others there are. */
  get size(): number {
    return this.#others.size;
  }

  /** What the others last said of themselves. */
  get others(): Iterable<InstanceFacts> {
    return this.#others.values();
  }

  /** May this collector acknowledge and act? Asked before each acknowledgement, so it costs next to nothing. */
  holds(): boolean {
    return this.#lease.holds();
  }

  /**
   * The device has connected here: from now on only this collector can write it. true: others had written it, and what memory
   * knows of it was read anew.
   *
   * @throws Problem `store-unavailable`, `conflict` when it has connected elsewhere meanwhile
   */
  async claim(device: HotDevice): Promise<boolean> {
    const { store, hot } = this.#options;
    const { number, stream, acked } = await this.#member().claim(device.id);
    const isBehind = device.isOutdated || device.acked !== acked || (acked > 0 && device.stream !== stream);
    if (number < device.newest) throw new Problem('conflict', 'the device has connected elsewhere meanwhile');
    device.newest = number;
    device.claim = number;
    device.elsewhere = null;
    if (!store.isShared || !isBehind) return false;
    await hot.load(device.id);
    return true;
  }

  /** The device has left here. */
  left(device: HotDevice): void {
    const { member } = this.#lease;
    const { claim } = device;
    if (member === null || claim === null) return;
    member.release(device.id, claim).catch((error: unknown) => this.#options.onTrouble(toProblem(error)));
  }

  /**
   * Those of these devices that this collector may write now, up to date in memory: its own, and those that are connected
   * nowhere. @throws Problem `store-unavailable`
   */
  async writable(devices: readonly HotDevice[]): Promise<readonly HotDevice[]> {
    const { hot } = this.#options;
    const own = devices.filter(({ claim }) => claim !== null);
    const free = devices.filter(({ claim, elsewhere }) => claim === null && elsewhere === null);
    if (free.length === 0) return own;
    const claims = await this.#member().claimFree(free.map(({ id }) => id));
    const behind: string[] = [];
    const taken: HotDevice[] = [];
    for (const device of free) {
      const claim = claims.get(device.id);
      if (claim === undefined || claim.number < device.newest) continue;
      device.newest = claim.number;
      device.claim = claim.number;
      taken.push(device);
      if (device.isOutdated || device.acked !== claim.acked) behind.push(device.id);
    }
    if (behind.length > 0) await hot.loadMany(behind);
    return [...own, ...taken];
  }

  /** Does this job, unless it is not due or another collector does it; gives whether it was done here. */
  async once(
    name: string,
    everyMs: number,
    work: () => Promise<void>,
    { now = false }: { readonly now?: boolean } = {},
  ): Promise<boolean> {
    const { member } = this.#lease;
    if (member === null || !this.holds()) return false;
    const claim = await member.claimJob(name, { everyMs, forMs: JOB_MS, now });
    if (claim === null) return false;
    const extending = setInterval(() => {
      claim.extend().catch((error: unknown) => this.#options.onTrouble(toProblem(error)));
    }, JOB_MS / 4);
    extending.unref();
    try {
      await work();
    } finally {
      clearInterval(extending);
      await claim.done();
    }
    return true;
  }

  // Telling

  /** A device of ours is shown otherwise; `isChanged`: the store knows more of it too. */
  rowChanged(device: HotDevice, isChanged = false): void {
    if (!this.hasOthers) return;
    const row = rowToTell(device, isChanged);
    if (row !== null) this.#publisher.row(row);
  }

  live({ device, rows, processes, receivedAt }: LiveNews): void {
    if (!this.hasOthers) return;
    this.#publisher.prompt({ is: 'live', device, rows: [...rows], processes, receivedAt });
  }

  watch(device: string, viewers: readonly Viewer[]): void {
    if (this.hasOthers) this.#publisher.prompt({ is: 'watch', device, viewers: [...viewers] });
  }

  reload(device: string): void {
    if (this.hasOthers) this.#publisher.reload([device]);
  }

  help(device: string): void {
    if (this.hasOthers) this.#publisher.help(device);
  }

  stale(what: Stale): void {
    if (this.hasOthers) this.#publisher.stale(what);
  }

  observed(account: AccountKey, observed: readonly string[], gone: readonly string[]): void {
    if (this.hasOthers) this.#publisher.observed(account, observed, gone);
  }

  /**
   * Gives a frame to a device that is connected to another collector; false when it is connected nowhere.
   *
   * @throws Problem `collector-busy` when the other does not answer, so that nobody knows
   */
  async give(id: string, frame: ToDevice): Promise<boolean> {
    const elsewhere = this.#options.hot.get(id)?.elsewhere;
    if (elsewhere === null || elsewhere === undefined) return false;
    const ask = randomUUID();
    return new Promise<boolean>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#asked.delete(ask);
        reject(
          new Problem('collector-busy', 'the collector that has the device does not answer', {
            retryAfterMs: GIVE_MS,
          }),
        );
      }, GIVE_MS);
      this.#asked.set(ask, isGiven => {
        clearTimeout(timer);
        this.#asked.delete(ask);
        resolve(isGiven);
      });
      this.#publisher.prompt({ is: 'give', ask, device: id, frame }, elsewhere.instance);
    });
  }

  /** Nothing more is heard or renewed; what is to be told still is, until `leave`. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#lease.stop();
    await this.#listening?.stop();
    await this.#work;
  }

  /** Tells the rest and ends this instance. Its devices are free. */
  async leave(): Promise<void> {
    const { member } = this.#lease;
    if (member === null) {
      await this.#publisher.close();
      return;
    }
    if (this.hasOthers) this.#publisher.prompt({ is: 'bye' });
    await this.#publisher.close();
    await member.leave();
  }

  #member(): Member {
    const { member } = this.#lease;
    if (member === null) throw new Problem('store-unavailable', 'this collector has no lease');
    return member;
  }

  /** Listens, and waits until everybody who is there tells what changes. */
  async #enter(member: Member): Promise<void> {
    if (!this.#options.store.isShared) {
      this.#options.hears.seen(1);
      return;
    }
    await this.#listening?.stop();
    this.#heard = [];
    this.#welcomedBy.clear();
    this.#listening = await member.listen({
      message: message => {
        this.#heard.push({ from: message.from, lagMs: message.lagMs, news: readNews(message.text) });
        this.#go();
      },
      lost: () => {
        // Rows and watches are in no store: whoever knows them tells them again.
        this.#publisher.prompt({ is: 'hello' });
        void this.#readAgain();
      },
    });
    const seen = await member.renew(this.#options.facts());
    this.#seen(seen?.instances ?? [], seen?.ended ?? []);
    await member.publish([JSON.stringify({ is: 'hello' } satisfies News)]);
    const deadline = performance.now() + WELCOME_MS;
    const isWaiting = (): boolean => [...this.#others.keys()].some(id => !this.#welcomedBy.has(id));
    while (isWaiting() && performance.now() < deadline && !this.#isStopped) {
      // Only who answers is looked at; what they tell waits.
      for (const { from, news } of this.#heard) if (news?.is === 'welcome') this.#welcomedBy.add(from);
      if (isWaiting()) await new Promise(resolve => setTimeout(resolve, 10));
    }
  }

  #seen(instances: readonly Instance[], ended: readonly string[]): void {
    const { hears } = this.#options;
    const me = this.#lease.member?.id;
    const there = new Map(instances.filter(({ id }) => id !== me).map(({ id, facts }) => [id, facts]));
    const gone = [...this.#others.keys(), ...ended].filter(id => !there.has(id));
    for (const [id, facts] of there) this.#others.set(id, facts);
    for (const id of new Set(gone)) this.#ended(id);
    hears.seen(1 + this.#others.size);
  }

  #ended(instance: string): void {
    const { hot, hears } = this.#options;
    this.#others.delete(instance);
    const rows: FleetRow[] = [];
    for (const device of hot.all()) {
      if (device.elsewhere?.instance !== instance) continue;
      device.elsewhere = null;
      // What it has stored and not told any more is read when somebody asks.
      device.isOutdated = true;
      hot.show(device);
      if (!device.revoked) rows.push(device.row);
    }
    hears.ended(instance);
    if (rows.length > 0)
      hears.rows(
        rows,
        rows.map(({ id }) => id),
      );
  }

  /** The lease is lost: whatever was claimed is anybody's. */
  #lostAll(): void {
    this.#isReading = true;
    this.#publisher.clear();
    for (const device of this.#options.hot.all()) {
      if (device.claim === null) continue;
      device.claim = null;
      device.isOutdated = true;
    }
  }

  async #startAgain(member: Member): Promise<void> {
    for (;;) {
      try {
        await this.#enter(member);
        await this.#options.hears.readAgain();
        await this.ready();
        return;
      } catch (error) {
        this.#options.onTrouble(toProblem(error));
        if (this.#isStopped || this.#lease.member !== member) return;
        await new Promise(resolve => setTimeout(resolve, 1000));
      }
    }
  }

  async #readAgain(): Promise<void> {
    this.#isReading = true;
    while (!this.#isStopped) {
      try {
        await this.#work;
        await this.#options.hears.readAgain();
        await this.ready();
        return;
      } catch (error) {
        this.#options.onTrouble(toProblem(error));
        await new Promise(resolve => setTimeout(resolve, 1000));
      }
    }
  }

  /** One message after the other: some must ask the store. */
  #go(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#work = (async () => {
      for (;;) {
        const message = this.#next();
        if (message === null) break;
        const { news, lagMs } = message;
        if (lagMs !== null) this.#options.hears.lag(lagMs);
        if (news === null) continue;
        try {
          await this.#take(message.from, news);
        } catch (error) {
          this.#options.onTrouble(toProblem(error));
        }
      }
      this.#isWorking = false;
    })();
  }

  /** The next message to be taken; while everything is being read only those that need nothing of it. */
  #next(): Heard | null {
    if (!this.#isReading) return this.#heard.shift() ?? null;
    const at = this.#heard.findIndex(({ news }) => news?.is === 'hello');
    return at < 0 ? null : (this.#heard.splice(at, 1)[0] ?? null);
  }

  async #take(from: string, news: News): Promise<void> {
    const { hears } = this.#options;
    switch (news.is) {
      case 'rows':
        await this.#takeRows(from, news.rows);
        return;
      case 'live':
        hears.live(news);
        return;
      case 'watch':
        hears.watched(from, news.device, news.viewers);
        return;
      case 'give': {
        const isGiven = this.holds() && hears.give(news.device, news.frame);
        this.#publisher.prompt({ is: 'given', ask: news.ask, isGiven }, from);
        return;
      }
      case 'given':
        this.#asked.get(news.ask)?.(news.isGiven);
        return;
      case 'reload':
        await hears.reload(news.devices);
        return;
      case 'help':
        for (const device of news.devices) await hears.help(device);
        return;
      case 'stale':
        for (const what of STALE) if (news.what.includes(what)) await hears.stale(what);
        return;
      case 'observed':
        await hears.observed(news.account, news.observed, news.gone);
        return;
      case 'hello':
        if (!this.#others.has(from)) this.#others.set(from, {});
        this.#welcomedBy.add(from);
        this.#publisher.prompt({ is: 'welcome' }, from);
        for (const device of this.#options.hot.all()) this.rowChanged(device);
        hears.tellWatches();
        return;
      case 'welcome':
        // It may have changed something, and told nobody, while everything was read here.
        if (!this.#welcomedBy.has(from)) {
          this.#welcomedBy.add(from);
          void this.#readAgain();
        }
        return;
      case 'bye':
        this.#ended(from);
        return;
    }
  }

  async #takeRows(from: string, raw: readonly unknown[]): Promise<void> {
    const { hot, hears } = this.#options;
    const told = raw.map(readDeviceRow).filter(one => one !== null);
    const unread = told.filter(({ id, row }) => row === null || hot.get(id) === null).map(({ id }) => id);
    if (unread.length > 0) await hears.reload(unread);
    const rows: FleetRow[] = [];
    const changed: string[] = [];
    for (const one of told) {
      if (one.row === null) continue;
      const device = hot.get(one.id);
      if (device === null || device.newest > one.claim) continue;
      const wasHere = device.connected;
      hot.hear(device, { ...one, instance: from });
      if (wasHere) hears.superseded(device);
      if (device.revoked) continue;
      rows.push(device.row);
      if (one.isChanged) changed.push(one.id);
    }
    if (rows.length > 0) hears.rows(rows, changed);
  }
}

/** null: the device is not ours to tell of. */
function rowToTell(device: HotDevice, isChanged: boolean): DeviceRow | null {
  const { id, claim, connected: isUp, row } = device;
  return claim === null || device.revoked ? null : { id, claim, isUp, isChanged, row };
}
