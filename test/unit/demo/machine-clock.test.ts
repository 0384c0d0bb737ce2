import { describe, expect, it } from 'vitest';
import { machineClock } from '../../../build/demo/machine-clock.ts';

/** A clock that moves by hand. */
function handClock() {
  let time = 1000;
  let waiting: { due: number; run: () => void }[] = [];
  return {
    now: () => 5_000_000 + time,
    monotonic: () => time,
    after(delayMs: number, run: () => void) {
      const one = { due: time + delayMs, run };
      waiting.push(one);
      return () => {
        waiting = waiting.filter(other => other !== one);
      };
    },
    pass(ms: number) {
      const until = time + ms;
      for (;;) {
        const next = waiting.filter(({ due }) => due <= until).sort((a, b) => a.due - b.due)[0];
        if (next === undefined) break;
        waiting = waiting.filter(other => other !== next);
        time = Math.max(time, next.due);
        next.run();
      }
      time = until;
    },
  };
}

describe('the clock of a machine', () => {
  it('runs like the real one while the machine is awake', () => {
    const real = handClock();
    const clock = machineClock(real);
    const ran: number[] = [];
    clock.after(50, () => ran.push(clock.monotonic()));
    real.pass(100);
    expect(ran).toEqual([1050]);
  });

  it('lets nothing run while the machine sleeps, and the rest of the wait after it', () => {
    const real = handClock();
    const clock = machineClock(real);
    const ran: number[] = [];
    clock.after(50, () => ran.push(real.monotonic()));
    real.pass(30);
    clock.sleep();
    clock.after(10, () => ran.push(real.monotonic()));
    real.pass(1000);
    expect(ran).toEqual([]);
    clock.wake();
    real.pass(100);
    expect(ran).toEqual([2040, 2050]);
  });

  it('stands still on the monotonic clock and goes on by the wall clock', () => {
    const real = handClock();
    const clock = machineClock(real);
    const before = { wall: clock.now(), monotonic: clock.monotonic() };
    clock.sleep();
    real.pass(60_000);
    expect(clock.monotonic()).toBe(before.monotonic);
    clock.wake();
    real.pass(5);
    expect(clock.monotonic() - before.monotonic).toBe(5);
    expect(clock.now() - before.wall).toBe(60_005);
  });

  it('forgets a cancelled wait and, at the end, every wait', () => {
    const real = handClock();
    const clock = machineClock(real);
    const ran: string[] = [];
    const cancel = clock.after(10, () => ran.push('cancelled'));
    clock.after(20, () => ran.push('ended'));
    clock.sleep();
    cancel();
    clock.wake();
    clock.end();
    clock.after(1, () => ran.push('late'));
    real.pass(100);
    expect(ran).toEqual([]);
  });
});
