import { describe, expect, test } from 'vitest';
import { type Greeting, Greetings } from '../../../collector/socket/greetings.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';

const LATER = LIMITS.greetingPressingMs;

function scene() {
  const greetings = new Greetings<Greeting>();
  const come = (address: string, count: number, openedAt = 0): Greeting[] =>
    Array.from({ length: count }, () => {
      const socket = { address, openedAt };
      greetings.add(socket);
      return socket;
    });
  return { greetings, come };
}

describe('sockets that have not proved themselves', () => {
  test('press for as long as an honest greeting may take', () => {
    const { greetings, come } = scene();
    come('10.0.0.1', 3, 0);
    come('10.0.0.2', 2, 100);
    expect(greetings.pressing(LATER - 1)).toBe(5);
    expect(greetings.pressing(LATER)).toBe(2);
    expect(greetings.size).toBe(5);
  });

  test('of one address have their share of the places, others still come in', () => {
    const { greetings, come } = scene();
    come('10.0.0.1', LIMITS.greetingPerAddress);
    expect(greetings.place('10.0.0.1', 1)).toBe(null);
    expect(greetings.place('10.0.0.2', 1)).toBe('free');
  });

  test('give way to a neighbour when they are slow, the slowest first', () => {
    const { greetings, come } = scene();
    const [slowest] = come('10.0.0.1', 1, 0);
    come('10.0.0.1', LIMITS.greetingPerAddress - 1, 50);
    expect(greetings.place('10.0.0.1', LATER)).toBe(slowest);
  });

  test('that hold most of all places give way when all are taken', () => {
    const { greetings, come } = scene();
    const [first] = come('10.0.0.1', LIMITS.greetingPerAddress, 0);
    for (let i = 2; greetings.size < LIMITS.greetingSockets; i += 1) come(`10.0.1.${i}`, 1, 0);
    expect(greetings.place('10.0.2.1', 1)).toBe(null);
    expect(greetings.place('10.0.2.1', LATER)).toBe(first);
  });

  test('leave no trace, also when they are told to have left twice', () => {
    const { greetings, come } = scene();
    const [one] = come('10.0.0.1', 1);
    if (one !== undefined) {
      greetings.delete(one);
      greetings.delete(one);
    }
    expect(greetings.size).toBe(0);
    expect(greetings.pressing(0)).toBe(0);
    come('10.0.0.1', LIMITS.greetingPerAddress - 1);
    expect(greetings.place('10.0.0.1', 0)).toBe('free');
  });
});
