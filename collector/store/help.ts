import type { HelpAbout, HelpChange, HelpState } from '../../shared/device/help.ts';

/*
 * The part of the store about what people at devices ask IT for. A request is named by its device and by the id the device gave
 * it. Requests of a device that is not in the store are not taken.
 */

/** One request as it stands. Times are by the collector's clock. */
export interface StoredHelp {
  readonly device: string;
  readonly id: string;
  /** Account that asked; null: it could not be told. */
  readonly person: string | null;
  readonly text: string;
  readonly about: HelpAbout | null;
  /** When it was written at the device; when it arrived may be days later. */
  readonly askedAt: number;
  readonly receivedAt: number;
  readonly state: HelpState;
  readonly changedAt: number;
  /** How it came here, oldest first; `by` is who of IT did it, null: the person at the device. */
  readonly steps: readonly HelpStep[];
  /** The latest one. */
  readonly answer: { readonly text: string; readonly by: string; readonly at: number } | null;
}

export interface HelpStep {
  readonly state: HelpState;
  readonly at: number;
  readonly by: string | null;
}

/** Something a device told, with when it was done (on our clock) and when it arrived. */
export interface HelpNews {
  readonly change: HelpChange;
  readonly at: number;
  readonly receivedAt: number;
}

/**
 * What became of it. `known`: taken before, nothing changed; `too-many`: not taken, the device has as many as it may; `unknown`: the
 * withdrawal of a request that is not here; `over`: the withdrawal came too late.
 */
export interface HelpTaken {
  readonly id: string;
  readonly outcome: 'taken' | 'known' | 'too-many' | 'unknown' | 'over';
}

/** How many requests of one device are taken. */
export interface HelpBounds {
  /** Waiting for IT at once (shared/device/help.ts says which do). */
  readonly open: number;
  /** New ones within 24 hours. */
  readonly perDay: number;
}

/** What somebody of IT does with a request. */
export interface HelpMove {
  readonly state: 'seen' | 'answered' | 'closed';
  readonly at: number;
  readonly by: string;
  /** Needed to answer; may come with closing. */
  readonly answer?: string;
}

export interface HelpStore {
  /**
   * Takes what a device told, in its order, all or nothing; on disk when it resolves. An id that is known is not taken a
   * second time, so telling it again changes nothing.
   */
  takeHelp(device: string, news: readonly HelpNews[], bounds: HelpBounds): Promise<readonly HelpTaken[]>;
  /** null when there is none. */
  getHelp(device: string, id: string): Promise<StoredHelp | null>;
  /** Of one device, newest arrival first, over or not. */
  listHelpOf(device: string, limit: number): Promise<readonly StoredHelp[]>;
  /**
   * Of the whole fleet, those that are not over (or those that are), oldest arrival first (over ones: newest first). `after` is the
   * last one of the page before.
   */
  listHelp(query: {
    readonly over: boolean;
    readonly limit: number;
    readonly after?: Pick<StoredHelp, 'device' | 'id' | 'receivedAt'>;
  }): Promise<readonly StoredHelp[]>;
  /** How many of the whole fleet wait for IT. */
  countHelp(): Promise<number>;
  /**
   * Brings a request into another state, if that may follow on the one it is in (HELP_MOVES); of two people at once one is told
   * `conflict`. Gives it as it stands then.
   */
  moveHelp(device: string, id: string, move: HelpMove): Promise<StoredHelp | 'not-found' | 'conflict'>;
}
