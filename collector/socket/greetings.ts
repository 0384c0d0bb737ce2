import { LIMITS } from '../../shared/protocol/limits.ts';

/** What is known here of a socket that has not proved itself. */
export interface Greeting {
  readonly address: string;
  /** Monotonic milliseconds. */
  readonly openedAt: number;
}

/**
 * Sockets that are being greeted. An honest greeting takes some ten milliseconds, so whoever has been at it for long is not ours,
 * far away or idle; the count of the `pressing` ones tells how far this machine is behind. One address has a share of the
 * places, large enough for a company behind one gateway; where they are all taken the slowest of that address gives way, so that
 * sockets which say nothing shut nobody out, also not their neighbours.
 */
export class Greetings<Socket extends Greeting> {
  /** Every one of them, by address, oldest first. */
  readonly #byAddress = new Map<string, Set<Socket>>();
  /** Those that came lately, oldest first. */
  readonly #fresh = new Set<Socket>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(socket: Socket): void {
    const own = this.#byAddress.get(socket.address) ?? new Set();
    this.#byAddress.set(socket.address, own.add(socket));
    this.#fresh.add(socket);
    this.#size += 1;
  }

  /** Idempotent. */
  delete(socket: Socket): void {
    this.#fresh.delete(socket);
    const own = this.#byAddress.get(socket.address);
    if (own?.delete(socket) !== true) return;
    this.#size -= 1;
    if (own.size === 0) this.#byAddress.delete(socket.address);
  }

  /** Greetings under way, without those that take so long that it is the other side's doing: they must not shut us to the rest. */
  pressing(now: number): number {
    for (const socket of this.#fresh) {
      if (socket.openedAt > now - LIMITS.greetingPressingMs) break;
      this.#fresh.delete(socket);
    }
    return this.#fresh.size;
  }

  /**
   * A place for one more from `address`: `free`; or the socket that has to go for it; or null, when all its places are taken by
   * ones that are as fresh as itself.
   */
  place(address: string, now: number): 'free' | Socket | null {
    const own = this.#byAddress.get(address);
    const full = this.#size >= LIMITS.greetingSockets;
    if (!full && (own?.size ?? 0) < LIMITS.greetingPerAddress) return 'free';
    // Where everything is taken, whoever holds most of it gives way.
    const crowd = full ? this.#largest() : own;
    const [oldest] = crowd ?? [];
    return oldest !== undefined && oldest.openedAt <= now - LIMITS.greetingPressingMs ? oldest : null;
  }

  #largest(): Set<Socket> | undefined {
    let largest: Set<Socket> | undefined;
    for (const sockets of this.#byAddress.values()) {
      if (sockets.size > (largest?.size ?? 0)) largest = sockets;
    }
    return largest;
  }
}
