import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAgent } from '../../../agent/core/agent.ts';
import { silentLog } from '../../../agent/core/host.ts';
import { memoryEnrolment } from '../../../agent/core/identity/enrolment.ts';
import { memoryOutbox } from '../../../agent/core/outbox/memory.ts';
import type { ScanCost, Scanner } from '../../../agent/core/scan/scan.ts';
import { createSettings } from '../../../agent/core/settings/settings.ts';
import { asSlowed, createBudget, slowedFor } from '../../../agent/core/snapshot/budget.ts';
import type { Periods } from '../../../agent/core/snapshot/cadence.ts';
import { createRounds } from '../../../agent/core/snapshot/rounds.ts';
import { HOUR, MINUTE, SECOND } from '../../../shared/base/durations.ts';
import type { Finding, Findings } from '../../../shared/device/finding.ts';
import { FakeClock } from './support/fake-clock.ts';
import { identity, okFinding } from './support/frames.ts';

const periods: Periods = { cheap: MINUTE, posture: 30 * MINUTE, heavy: 24 * HOUR };

async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += SECOND) {
    clock.advance(SECOND);
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  }
}

/** Checks by what each costs: how often it runs and how many milliseconds it takes; null: it never answers. */
function scannerOf(checks: Record<string, [ScanCost, number | null]>) {
  const ran: Record<string, number> = {};
  const scanner: Scanner = {
    scans: Object.entries(checks).map(([id, [cost]]) => ({ id, cost })),
    async run(ids, signal, answered) {
      const all = await Promise.all(
        ids.map(async (id): Promise<[string, Finding]> => {
          ran[id] = (ran[id] ?? 0) + 1;
          if (checks[id]?.[1] === null) {
            await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()));
          }
          const finding = okFinding(ran[id], id);
          answered?.(id, finding);
          return [id, finding];
        }),
      );
      return Object.fromEntries(all);
    },
    costOf: id => checks[id]?.[1] ?? null,
  };
  return { scanner, ran };
}

describe('rounds beside a check that hangs', () => {
  function roundsOver(checks: Record<string, [ScanCost, number | null]>) {
    const clock = new FakeClock();
    const { scanner, ran } = scannerOf(checks);
    const found: string[][] = [];
    const ended: string[] = [];
    const rounds = createRounds({
      scanner,
      clock,
      random: () => 0.5,
      periods: () => periods,
      lowBattery: () => false,
      found: findings => found.push(Object.keys(findings).toSorted()),
      ended: costs => ended.push(...costs),
    });
    rounds.start();
    onTestFinished(() => rounds.stop());
    return { clock, ran, found, ended };
  }

  it('hand over what the others found within a second and end within five', async () => {
    const { clock, found, ended } = roundsOver({ a: ['cheap', 1], b: ['cheap', null], c: ['cheap', 1] });
    await pass(clock, 2 * SECOND);
    expect(found).toEqual([['a', 'c']]);
    await pass(clock, 4 * SECOND);
    expect(ended).toEqual(['cheap']);
  });

  it('go on at their pace, without starting the one that hangs again', async () => {
    const { clock, ran } = roundsOver({
      a: ['cheap', 1],
      b: ['cheap', null],
      p: ['posture', 1],
      q: ['posture', null],
    });
    await pass(clock, HOUR);
    expect(ran).toEqual({ a: 61, b: 1, p: 2, q: 1 });
  });
});

describe('the budget of checks', () => {
  it('slows the dearest until all together fit', () => {
    const perHour = new Map([
      ['dear', 100_000],
      ['some', 10_000],
      ['cheap', 100],
    ]);
    expect(slowedFor(perHour, new Map(), 200_000)).toEqual(new Map());
    expect(slowedFor(perHour, new Map(), 36_000)).toEqual(new Map([['dear', 4]]));
  });

  it('lets a check back only when that leaves room', () => {
    const slowed = new Map([['dear', 4]]);
    expect(slowedFor(new Map([['dear', 34_000]]), slowed, 36_000)).toEqual(new Map([['dear', 2]]));
    expect(slowedFor(new Map([['dear', 20_000]]), slowed, 36_000)).toEqual(new Map());
  });

  it('fits whatever checks cost, as far as it can be had, and slows nothing without need', () => {
    const cost = fc.nat(10_000_000);
    fc.assert(
      fc.property(
        fc.array(cost, { maxLength: 12 }),
        fc.integer({ min: 1, max: 10_000_000 }),
        (costs, budget) => {
          const perHour = new Map(costs.map((ms, n) => [`c${n}`, ms]));
          const slowed = slowedFor(perHour, new Map(), budget);
          const total = [...perHour].reduce((sum, [id, ms]) => sum + ms / (slowed.get(id) ?? 1), 0);
          // Below a thirty-second of its pace no check is slowed.
          const stuck = costs.reduce((sum, ms) => sum + ms / 32, 0) > budget;
          if (!stuck) expect(total).toBeLessThanOrEqual(budget * 1.000_001);
          const plain = costs.reduce((sum, ms) => sum + ms, 0);
          if (plain <= budget) expect(slowed.size).toBe(0);
        },
      ),
    );
  });

  it('is not moved by one slow run', () => {
    const budget = createBudget();
    for (const ms of [10, 10, 5000, 10]) budget.ran('a', 'cheap', ms);
    expect(budget.review(periods, 36_000)).toBe(false);
    for (const ms of [5000, 5000]) budget.ran('a', 'cheap', ms);
    expect(budget.review(periods, 36_000)).toBe(true);
    expect(budget.slowed.get('a')).toBe(16);
  });

  it('weighs a daily check by its day', () => {
    const budget = createBudget();
    budget.ran('a', 'heavy', 120_000);
    expect(budget.review(periods, 36_000)).toBe(false);
  });

  it('marks findings so that the collector hears when a check is slowed and when no longer', () => {
    const finding = okFinding(1, 'x');
    expect(asSlowed(finding, undefined)).toBe(finding);
    const slowed = asSlowed(finding, 4);
    expect(slowed).toMatchObject({ slowed: 4, status: 'ok' });
    expect(slowed.hash).toMatch(/^[0-9a-f]{16}$/);
    expect(slowed.hash).not.toBe(finding.hash);
  });
});

describe('an agent with a check that costs too much', () => {
  it('runs it less often, says so in its status and in the finding, and leaves the others alone', async () => {
    const clock = new FakeClock();
    // Two seconds every minute are 120 an hour; 36 are allowed.
    const { scanner, ran } = scannerOf({ dear: ['cheap', 2000], fine: ['cheap', 5] });
    const outbox = memoryOutbox();
    const agent = createAgent({
      host: { agent: { version: '1', arch: 'x64', runtime: 'test' }, uptimeMs: () => clock.monotonic() },
      scanner,
      identityOf: async () => identity,
      enrolment: memoryEnrolment(),
      settings: createSettings(),
      address: 'ws://127.0.0.1:9/agent',
      clock,
      random: () => 0.5,
      socketFactory: () => ({ send() {}, ping() {}, close() {}, drop() {}, backlog: 0 }),
      outbox,
      log: silentLog,
    });
    await agent.start();
    await pass(clock, HOUR);
    expect(ran.fine).toBe(61);
    expect(ran.dear).toBeLessThan(20);
    expect(agent.status.current.problems).toMatchObject([{ code: 'scan-over-budget' }]);
    expect(agent.status.current.scans.dear?.slowed).toBe(4);
    expect(agent.status.current.scans.fine?.slowed).toBeNull();
    const findings: Findings = agent.findings;
    expect(findings.dear).toMatchObject({ status: 'ok', slowed: 4 });
    const stopping = agent.stop('stopping');
    clock.advance(5 * SECOND);
    await stopping;
  });
});
