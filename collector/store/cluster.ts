/*
 * What several collectors on one database must agree about: who of them is there, who may write a device, who does a job,
 * and what they tell each other. All terms run by the database's clock, never by a host's.
 */

/** What the others should know of an instance besides that it lives. Small, changes with every renewal. */
export type InstanceFacts = Readonly<Record<string, string | number | null>>;

/** One start of a collector, as the others see it. */
export interface Instance {
  readonly id: string;
  readonly facts: InstanceFacts;
}

/** The right to write a device, by a number that only grows; whoever took it last has it. */
export interface Claim {
  readonly number: number;
  /** Where the device stands in the store at that moment: nobody who held an older number has moved it since. */
  readonly stream: string | null;
  readonly acked: number;
}

/** A device that is connected to an instance. */
export interface Link {
  readonly device: string;
  readonly instance: string;
  readonly claim: number;
}

/** Something an instance told the others. */
export interface BusMessage {
  readonly from: string;
  readonly text: string;
  /** From the moment it was stored, milliseconds; null when that cannot be told. */
  readonly lagMs: number | null;
}

export interface BusListener {
  /** Messages of one instance come in the order they were published. One's own do not come. */
  message(message: BusMessage): void;
  /** Messages may have been missed: what is known from them must be read again. */
  lost(): void;
}

export interface JobTerms {
  /** Once in this time. */
  readonly everyMs: number;
  /** An instance that does not say `extend` within this time has died in the middle, and another may begin. */
  readonly forMs: number;
  /** Somebody wants it now, whenever it ran last; one that runs is not disturbed. */
  readonly now?: boolean;
}

/** A job that this instance does now. */
export interface JobClaim {
  /** false: it took too long and is somebody else's. */
  extend(): Promise<boolean>;
  /** Done, well or not: the next time counts from the start of this one. */
  done(): Promise<void>;
}

/**
 * Share of its period after which a job is due again for whoever did it last, and for everybody else: it stays where it is
 * as long as that instance comes for it.
 */
export const JOB_DUE = { own: 0.8, others: 1.3 } as const;

/** How long a release or a leaving waits at most is up to whoever calls; every method rejects with `store-unavailable`. */
export interface Member {
  readonly id: string;

  /**
   * Says that this instance lives, and gives who else does (itself included). `ended` names those whose lease was found to have
   * run out by this call: their devices are free then. null: this instance was found so itself; nothing it has claimed is
   * its own any more, and it must `join` anew.
   */
  renew(
    facts: InstanceFacts,
  ): Promise<{ readonly instances: readonly Instance[]; readonly ended: readonly string[] } | null>;
  /** Ends the instance; its devices are free. Idempotent. */
  leave(): Promise<void>;

  /** The device is connected here: it is this instance's from now on, whoever had it. */
  claim(device: string): Promise<Claim>;
  /**
   * Takes those of these devices that are connected nowhere, to write them once; the others are not in the answer. Nobody
   * sees the device as connected for that.
   */
  claimFree(devices: readonly string[]): Promise<ReadonlyMap<string, Claim>>;
  /** The device is not connected here any more. What was taken in under this number may still be written. */
  release(device: string, claim: number): Promise<void>;
  /** Who is connected where. */
  links(): Promise<readonly Link[]>;

  /** Tells the others, or only the instance `to`. Resolves when it cannot be lost any more. */
  publish(texts: readonly string[], to?: string): Promise<void>;
  /** Begins with what is published after the call; `stop` waits for what is under way. */
  listen(listener: BusListener): Promise<{ stop(): Promise<void> }>;

  /** null: it is not due, or another instance does it. */
  claimJob(name: string, terms: JobTerms): Promise<JobClaim | null>;
}

export interface Cluster {
  /** May other processes use this database at the same time? With an embedded one nobody else can, and no lease runs out. */
  readonly isShared: boolean;
  /** Begins an instance, with a lease of so many milliseconds from each renewal. */
  join(terms: { readonly leaseMs: number; readonly facts: InstanceFacts }): Promise<Member>;
}
