import { type DeviceKey, newDeviceKey } from '../../agent/core/identity/key.ts';
import { deviceAddress } from '../../agent/core/link/address.ts';
import type { SocketFactory } from '../../agent/core/link/socket.ts';
import { webSocket } from '../../agent/core/link/web-socket.ts';
import type { Clock } from '../../shared/base/clock.ts';
import { SECOND } from '../../shared/base/durations.ts';
import { companyOf } from './company.ts';
import { type Machine, machineOf } from './machine.ts';
import { storyOf } from './story.ts';

interface DemoFleetOptions {
  /** The collector as people write it, `http://127.0.0.1:8620`. */
  readonly url: string;
  /** Keys by device name (keys.ts). A machine without one gets a new key and waits to be admitted. */
  readonly keys: ReadonlyMap<string, DeviceKey>;
  /** The same as in `seedDemo`, else the machines are others. */
  readonly seed: number;
  /** When the present of the stories begins, milliseconds since 1970; the `now` of `seedDemo`. Left out: now. */
  readonly anchor?: number;
  readonly count?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly socketFactory?: SocketFactory;
}

interface DemoFleet {
  /** Says goodbye for every machine and ends; may be called twice. */
  stop(): Promise<void>;
}

/** Machines start this far apart: a fleet that has been running all along does not connect in one instant. */
const START_EVERY_MS = 40;

const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Names of the machines that have an agent: those of the fleet and those that ask to be let in. */
export function namesOf(seed: number, count?: number): string[] {
  const { fleet, newcomers } = companyOf(seed, count);
  return [...fleet, ...newcomers].map(({ name }) => name);
}

/**
 * Runs the company's machines, each with the real agent core (link, outbox, cadence, own key) over its story. Resolves when
 * all have been started, not when all are connected.
 *
 * @throws Problem `settings-invalid` or `tls-required` for an address that is none.
 */
export async function startDemoFleet(options: DemoFleetOptions): Promise<DemoFleet> {
  const { keys, seed, count, clock = systemClock, random = Math.random, socketFactory = webSocket } = options;
  const anchor = options.anchor ?? clock.now();
  const address = deviceAddress(options.url);
  const { fleet, newcomers } = companyOf(seed, count);
  const machines: Machine[] = [];
  let stopping: Promise<void> | null = null;
  let cancel: (() => void) | null = null;

  const tick = (): void => {
    for (const machine of machines) machine.step();
    cancel = clock.after(SECOND, tick);
  };
  cancel = clock.after(SECOND, tick);

  for (const device of [...fleet, ...newcomers]) {
    if (stopping !== null) break;
    const key = keys.get(device.name) ?? newDeviceKey();
    const machine = machineOf({ story: storyOf(device, anchor), key, address, clock, random, socketFactory });
    machine.step();
    machines.push(machine);
    await new Promise<void>(resolve => {
      clock.after(START_EVERY_MS, resolve);
    });
  }

  return {
    stop() {
      stopping ??= (async () => {
        cancel?.();
        await Promise.all(machines.map(machine => machine.stop()));
      })();
      return stopping;
    },
  };
}
