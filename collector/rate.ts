/** Events per second over the last ten seconds, in constant memory. Time is monotonic milliseconds. */
export class Rate {
  static readonly SECONDS = 10;
  readonly #monotonic: () => number;
  readonly #counts = new Array<number>(Rate.SECONDS + 1).fill(0);
  #second = 0;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  count(events: number): void {
    const place = this.#turn() % this.#counts.length;
    this.#counts[place] = (this.#counts[place] ?? 0) + events;
  }

  /** Averaged over whole seconds, the running one left out. */
  perSecond(): number {
    const second = this.#turn();
    const running = second % this.#counts.length;
    let sum = 0;
    for (const [place, count] of this.#counts.entries()) if (place !== running) sum += count;
    return sum / Rate.SECONDS;
  }

  #turn(): number {
    const second = Math.floor(this.#monotonic() / 1000);
    const passed = Math.min(second - this.#second, this.#counts.length);
    for (let i = 0; i < passed; i += 1) this.#counts[(second - i) % this.#counts.length] = 0;
    this.#second = second;
    return second;
  }
}
