/** Width of one slot, milliseconds: the grain at which reconnects are spread. */
const SLOT_MS = 100;
/** Soonest a turned-away device is asked back: below it the answer itself would be most of the work. */
const SOONEST_MS = 400;
/** So many may be greeted at once however small the slots are: a greeting waits for the network, not only for us. */
const LEAST_GREETING = 16;
/** Room above the promised places of a slot for those who come unasked. */
const SLACK = 1.25;

/**
 * Spreads connections over time. Up to `perSecond` are let in; whoever comes above that is given the first slot with room
 * and asked to come back then, so that after an outage the fleet returns at the pace this machine can greet it, evenly, and
 * nobody is refused for good. Time is monotonic milliseconds.
 */
export class ConnectSlots {
  readonly #perSlot: number;
  readonly #random: () => number;
  #slot = -1;
  #used = 0;
  readonly #promised = new Map<number, number>();

  constructor(perSecond: number, random: () => number) {
    this.#perSlot = Math.max(1, Math.floor((perSecond * SLOT_MS) / 1000));
    this.#random = random;
  }

  /**
   * 0: come in. Otherwise: come back in so many milliseconds. `greeting` is how many are being greeted right now: when a slot's
   * worth of them has piled up the machine is behind, and letting more in would only make them finish all at once.
   */
  ask(now: number, greeting = 0): number {
    const slot = Math.floor(now / SLOT_MS);
    if (slot !== this.#slot) {
      this.#slot = slot;
      this.#used = 0;
      for (const old of this.#promised.keys()) {
        if (old >= slot) break;
        this.#promised.delete(old);
      }
    }
    const promised = this.#promised.get(slot) ?? 0;
    const room = greeting < Math.max(this.#perSlot, LEAST_GREETING);
    if (room && this.#used < Math.ceil(Math.max(this.#perSlot, promised) * SLACK)) {
      this.#used += 1;
      return 0;
    }
    let free = slot + Math.ceil(SOONEST_MS / SLOT_MS);
    while ((this.#promised.get(free) ?? 0) >= this.#perSlot) free += 1;
    this.#promised.set(free, (this.#promised.get(free) ?? 0) + 1);
    return Math.round(free * SLOT_MS - now + this.#random() * SLOT_MS);
  }
}
