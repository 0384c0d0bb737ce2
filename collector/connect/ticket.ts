import { z } from 'zod';
import type { Clock } from '../../shared/base/clock.ts';
import { isProblem, Problem } from '../../shared/problem/problem.ts';
import { type ActOutcome, outcomeAfter } from './connector.ts';

/** What a ticket of ours is known by on both sides: letters, digits, dots and hyphens, so that it means nothing to a query. */
export const ticketKey = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$/, 'is not 3 to 64 letters, digits, dots and hyphens');

/** One line of text. */
export const ticketTitle = z
  .string()
  .min(1)
  .max(160)
  .regex(/^[^\r\n]*$/, 'has more than one line');

export const ticketText = z.string().min(1).max(30_000);

/** A ticket as its system names it. */
export interface TicketName {
  /** What its system finds it by. */
  readonly id: string;
  /** What people call it: `INC0010006`, `HELP-12`. */
  readonly number: string;
  /** Something a person should know about it. */
  readonly remark?: string;
}

/** How a ticket system is asked. */
export interface TicketWays {
  /** The ticket with our key; null when there is none. Must be certain: a search that may have missed it throws. */
  readonly find: () => Promise<TicketName | null>;
  readonly create: () => Promise<TicketName>;
}

/** How many keys are remembered by one session. */
const REMEMBERED = 1000;

/**
 * Makes a ticket for a key once, however often it is asked to: looks for it first, remembers what it made (a search knows a
 * new ticket only after a while), does not begin twice at the same time, and where the answer to the making is lost, looks
 * again. What it cannot find then is `unknown`; asked again with the same key it only looks for as long as the ticket may
 * still turn up, and makes it after that.
 */
export class TicketOnce {
  readonly #clock: Clock;
  readonly #settlesMs: number;
  /** Until when a ticket whose making got no answer may still turn up, monotonic. */
  readonly #inDoubt = new Map<string, number>();
  readonly #made = new Map<string, TicketName>();
  readonly #underWay = new Map<string, Promise<ActOutcome>>();

  /** `settlesMs`: how long after its making a ticket may be missing from what `find` sees. */
  constructor({ clock, settlesMs }: { clock: Clock; settlesMs: number }) {
    this.#clock = clock;
    this.#settlesMs = settlesMs;
  }

  make(key: string, ways: TicketWays): Promise<ActOutcome> {
    const before = this.#underWay.get(key);
    if (before !== undefined) return before;
    const run = this.#make(key, ways).finally(() => {
      this.#underWay.delete(key);
    });
    this.#underWay.set(key, run);
    return run;
  }

  #make(key: string, ways: TicketWays): Promise<ActOutcome> {
    return outcomeAfter(
      async () => this.#made.get(key) ?? (await ways.find()),
      async known => {
        const ticket = known ?? (await this.#createOrFind(key, ways));
        this.#remember(key, ticket);
        const detail = known === null ? ticket.remark : 'was there already';
        return {
          outcome: 'accepted',
          tracking: ticket.id,
          reference: ticket.number,
          ...(detail === undefined ? {} : { detail }),
        };
      },
    );
  }

  async #createOrFind(key: string, { find, create }: TicketWays): Promise<TicketName> {
    const until = this.#inDoubt.get(key);
    if (until !== undefined && this.#clock.monotonic() < until) {
      throw new Problem('vendor-answer', 'whether the ticket was made before is still open');
    }
    this.#inDoubt.delete(key);
    try {
      return await create();
    } catch (error) {
      const isOpen =
        isProblem(error) && ['vendor-unreachable', 'vendor-failed', 'vendor-answer'].includes(error.code);
      if (!isOpen) throw error;
      this.#inDoubt.set(key, this.#clock.monotonic() + this.#settlesMs);
      const found = await find().catch(() => null);
      if (found === null) throw error;
      return found;
    }
  }

  #remember(key: string, ticket: TicketName): void {
    this.#inDoubt.delete(key);
    this.#made.set(key, ticket);
    const [oldest] = this.#made.keys();
    if (this.#made.size > REMEMBERED && oldest !== undefined) this.#made.delete(oldest);
  }
}
