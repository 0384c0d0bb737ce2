/**
 * Work in turn by name: work on the same name runs one after the other in the order of the calls, work on different names at
 * the same time. A failure does not stop what comes after it.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  take<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = new Set<Promise<void>>();
    for (const name of names) {
      const last = this.#last.get(name);
      if (last !== undefined) before.add(last);
    }
    const mine = before.size === 0 ? work() : Promise.all(before).then(work);
    const over = mine.then(
      () => undefined,
      () => undefined,
    );
    for (const name of names) this.#last.set(name, over);
    void over.then(() => {
      for (const name of names) if (this.#last.get(name) === over) this.#last.delete(name);
    });
    return mine;
  }

  /** Resolves when everything taken so far is over. */
  async settled(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}

/**
 * Lays together what is asked for while the same kind of work is under way: one round trip for many. `work` answers for each
 * of its items, in their order; when it throws, all of them fail with it.
 */
export function together<Item, Answer>(
  most: number,
  work: (items: readonly Item[]) => Promise<readonly Answer[]>,
): (item: Item) => Promise<Answer> {
  let waiting: { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = [];
  let running = false;

  async function run(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        const answers = await work(batch.map(({ item }) => item));
        for (const [i, { resolve, reject }] of batch.entries()) {
          if (i in answers) resolve(answers[i] as Answer);
          else reject(new Error('no answer'));
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = false;
  }

  return item =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      // After what the same turn of the event loop asks for.
      if (!running) {
        running = true;
        setImmediate(() => void run());
      }
    });
}
