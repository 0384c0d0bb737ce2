import type { Socket, SocketFactory } from '../../agent/core/link/socket.ts';

/** A machine's network: real sockets that can be cut, and that say nothing to a machine that sleeps. */
export interface MachineNetwork {
  readonly connect: SocketFactory;
  /** Does the network carry? Cutting it ends what is connected without a word, as a lost Wi-Fi does. */
  carry(up: boolean): void;
  /** While the machine sleeps nothing reaches it; on waking it hears what came meanwhile. */
  sleep(asleep: boolean): void;
}

export function machineNetwork(real: SocketFactory): MachineNetwork {
  const open = new Set<Socket>();
  let up = true;
  let asleep = false;
  let held: (() => void)[] = [];

  const deliver = (event: () => void): void => {
    if (asleep) held.push(event);
    else event();
  };

  function cut(): void {
    for (const socket of open) socket.drop();
  }

  return {
    connect(url, events) {
      if (!up) {
        setImmediate(() => deliver(() => events.closed(1006, 'ENETUNREACH')));
        return { send() {}, ping() {}, close() {}, drop() {}, backlog: 0 };
      }
      const socket = real(url, {
        opened: () => deliver(() => events.opened()),
        received: text => deliver(() => events.received(text)),
        alive: () => deliver(() => events.alive()),
        closed(code, detail, retryAfterMs) {
          open.delete(socket);
          deliver(() =>
            retryAfterMs === undefined
              ? events.closed(code, detail)
              : events.closed(code, detail, retryAfterMs),
          );
        },
      });
      open.add(socket);
      return socket;
    },
    carry(next) {
      if (up && !next) cut();
      up = next;
    },
    sleep(next) {
      if (next === asleep) return;
      asleep = next;
      if (asleep) {
        cut();
        return;
      }
      const events = held;
      held = [];
      for (const event of events) event();
    },
  };
}
