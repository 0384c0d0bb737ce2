import { type Child, startChild } from './child.ts';

/** A network that can be cut: a relay process between devices and their collector, or between that and its database. */
export class Relay {
  readonly #target: number;
  #port = 0;
  #child: Child;

  private constructor(target: number, child: Child) {
    this.#target = target;
    this.#child = child;
  }

  static async start(target: number): Promise<Relay> {
    const relay = new Relay(target, launch(target, 0));
    relay.#port = Number(await relay.#child.firstLine());
    return relay;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /**
   * Nothing passes any more, and neither side is told: connections stay open, what is sent disappears.
   */
  cut(): void {
    this.#child.signal('SIGSTOP');
  }

  /** What was on its way is gone and connections of before are reset; new ones pass. */
  async mend(): Promise<void> {
    await this.#child.kill9();
    this.#child = launch(this.#target, this.#port);
    await this.#child.firstLine();
  }
}

function launch(target: number, port: number): Child {
  return startChild({ script: 'test/support/relay-process.ts', args: [String(target), String(port)] });
}
