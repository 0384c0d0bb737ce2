import { describe, expect, it } from 'vitest';
import { ConnectSlots } from '../../../collector/socket/slots.ts';

/** A fleet of `agents` that all come at once and return exactly when told; connections per 100 ms, first slot first. */
function storm(
  agents: number,
  perSecond: number,
  random: () => number,
): { perSlot: number[]; tries: number } {
  const slots = new ConnectSlots(perSecond, random);
  const queue = Array.from({ length: agents }, () => 0);
  const perSlot: number[] = [];
  let tries = 0;
  while (queue.length > 0) {
    queue.sort((a, b) => b - a);
    const at = queue.pop() ?? 0;
    tries += 1;
    const wait = slots.ask(at);
    if (wait === 0) perSlot[Math.floor(at / 100)] = (perSlot[Math.floor(at / 100)] ?? 0) + 1;
    else queue.push(at + wait);
  }
  return { perSlot: Array.from(perSlot, count => count ?? 0), tries };
}

describe('reconnect slots', () => {
  it('let a small fleet in at once', () => {
    const slots = new ConnectSlots(500, Math.random);
    expect(Array.from({ length: 50 }, () => slots.ask(0))).toEqual(Array.from({ length: 50 }, () => 0));
  });

  it('bring a storm in evenly and let everybody in', () => {
    let seed = 1;
    const random = (): number => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const { perSlot, tries } = storm(5000, 500, random);
    const total = perSlot.reduce((sum, count) => sum + count, 0);
    expect(total).toBe(5000);
    expect(Math.max(...perSlot)).toBeLessThan((3 * total) / perSlot.length);
    expect(perSlot.length * 100).toBeLessThan((5000 / 500 / 0.8) * 1000);
    // Nearly everybody comes twice: once to be given a slot, once in it.
    expect(tries).toBeLessThan(5000 * 2.5);
  });

  it('let nobody in while a slot of them is still being greeted, and give them slots instead', () => {
    const slots = new ConnectSlots(500, () => 0.5);
    expect(slots.ask(0, 49)).toBe(0);
    expect(slots.ask(0, 50)).toBeGreaterThan(0);
    expect(slots.ask(0, 49)).toBe(0);
  });

  it('greet some at once however slowly they are let in', () => {
    const slots = new ConnectSlots(10, () => 0.5);
    expect(slots.ask(0, 15)).toBe(0);
  });

  it('forget promised slots that have passed', () => {
    const slots = new ConnectSlots(10, () => 0.5);
    for (let i = 0; i < 100; i += 1) slots.ask(0);
    expect(slots.ask(60_000)).toBe(0);
  });
});
