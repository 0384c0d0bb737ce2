import { type Problem, toProblem } from '../../shared/problem/problem.ts';
import type { Cluster, Instance, InstanceFacts, Member } from '../store/cluster.ts';

export interface LeaseOptions {
  readonly cluster: Cluster;
  readonly leaseMs: number;
  readonly monotonic: () => number;
  /** What the others are told of this instance with every renewal. */
  readonly facts: () => InstanceFacts;
  /** Every renewal: who lives (this instance included), and who was found to have ended. */
  readonly onSeen: (instances: readonly Instance[], ended: readonly string[]) => void;
  /** It cannot be said any more that this instance has its lease: devices must go. Called once until `onBack`. */
  readonly onCut: (why: 'ended' | 'unreachable') => void;
  /** It has a lease again: the same instance (`member` is null), or a new one that knows nothing and has claimed nothing. */
  readonly onBack: (member: Member | null) => void;
  readonly onTrouble: (problem: Problem) => void;
}

/** Renewals in the time of one lease: some may fail or be late. */
const RENEWALS = 6;
/** A process that was stopped, or a host that slept, asks first whether it has been missed. */
const WOKEN_MS = 2000;
const JOIN_AGAIN_MS = 1000;

/**
 * This instance's lease. `holds` is what an acknowledgement hangs on: true only until a lease after the moment the last good
 * renewal was asked for, by a clock that goes on while the process is stopped. Whether the lease was really lost is the
 * database's to say.
 */
export class Lease {
  readonly #options: LeaseOptions;
  #member: Member | null = null;
  #heldUntil = Number.NEGATIVE_INFINITY;
  #isCut = false;
  #timer: NodeJS.Timeout | null = null;
  #deadline: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** Begins the instance. @throws Problem `store-unavailable` */
  async take(): Promise<Member> {
    const member = await this.#join();
    this.#plan();
    return member;
  }

  /** null while a lost lease has not been replaced by a new one. */
  get member(): Member | null {
    return this.#member;
  }

  /** May this instance acknowledge what it stores, and act on what it has claimed? */
  holds(): boolean {
    return !this.#isCut && this.#options.monotonic() < this.#heldUntil;
  }

  /** No further renewal; waits for the one under way. The instance lives until `leave`, or its lease has run out. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    await this.#turn;
  }

  async #join(): Promise<Member> {
    const { cluster, leaseMs, facts } = this.#options;
    const asked = this.#options.monotonic();
    const member = await cluster.join({ leaseMs, facts: facts() });
    this.#member = member;
    this.#hold(asked);
    return member;
  }

  #hold(asked: number): void {
    const { cluster, leaseMs, monotonic } = this.#options;
    // Nobody else can open such a database, so nobody can take anything over.
    if (!cluster.isShared) {
      this.#heldUntil = Number.POSITIVE_INFINITY;
      return;
    }
    this.#heldUntil = asked + leaseMs;
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    if (this.#isStopped) return;
    this.#deadline = setTimeout(() => this.#ranOut(), Math.max(0, this.#heldUntil - monotonic()));
    this.#deadline.unref();
  }

  #plan(): void {
    const { cluster, leaseMs } = this.#options;
    if (this.#isStopped || !cluster.isShared) return;
    this.#timer = setTimeout(() => this.#renewNow(), leaseMs / RENEWALS);
    this.#timer.unref();
  }

  #renewNow(): void {
    this.#turn = this.#turn.then(() => this.#renew()).then(() => this.#plan());
  }

  async #renew(): Promise<void> {
    const member = this.#member;
    if (this.#isStopped) return;
    if (member === null) {
      await this.#begin();
      return;
    }
    const { monotonic, facts, onSeen, onBack, onTrouble } = this.#options;
    const asked = monotonic();
    try {
      const seen = await member.renew(facts());
      if (this.#isStopped) return;
      if (seen === null) {
        this.#member = null;
        this.#cut('ended');
        await this.#begin();
        return;
      }
      this.#hold(asked);
      if (this.#isCut && this.#options.monotonic() < this.#heldUntil) {
        this.#isCut = false;
        onBack(null);
      }
      onSeen(seen.instances, seen.ended);
    } catch (error) {
      onTrouble(toProblem(error));
    }
  }

  /** A new instance in the place of the one that was ended. */
  async #begin(): Promise<void> {
    const { onBack, onTrouble } = this.#options;
    while (!this.#isStopped) {
      try {
        const member = await this.#join();
        this.#isCut = false;
        onBack(member);
        return;
      } catch (error) {
        onTrouble(toProblem(error));
        await new Promise<void>(resolve => {
          setTimeout(resolve, JOIN_AGAIN_MS).unref();
        });
      }
    }
  }

  /** No renewal has come through for a whole lease: the database is away, or this process was. */
  #ranOut(): void {
    if (this.#isStopped || this.#isCut) return;
    const until = this.#heldUntil;
    this.#deadline = setTimeout(() => {
      if (this.#heldUntil === until) this.#cut('unreachable');
    }, WOKEN_MS);
    this.#deadline.unref();
  }

  #cut(why: 'ended' | 'unreachable'): void {
    if (this.#isCut || this.#isStopped) return;
    this.#isCut = true;
    this.#options.onCut(why);
  }
}
