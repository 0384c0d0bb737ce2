import { describe, expect, it } from 'vitest';
import type { CommandOptions } from '../../../agent/core/scan/command.ts';
import { canonicalJson, createScanner } from '../../../agent/core/scan/run.ts';
import type { ScanDefinition } from '../../../agent/core/scan/scan.ts';
import { finding } from '../../../shared/device/finding.ts';
import { CHECKS } from '../../../shared/posture/checks.ts';
import { handClock, mute, ok, scripted, settle, somePerf } from './support.ts';

const quiet = new AbortController().signal;
const forever = <Value>() => new Promise<Value>(() => {});

/** A promise that ends when the test says so. */
function held(): { gate: Promise<void>; finish: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { gate: promise, finish: resolve };
}

function scanner(definitions: ScanDefinition[], probe = mute()) {
  const clock = handClock();
  return { clock, ...createScanner({ platform: 'linux', probe, clock, definitions }) };
}

describe('running checks', () => {
  it('stamps a finding with when it ran, what it cost and a fingerprint', async () => {
    const { run, clock } = scanner([
      scripted(async () => {
        clock.advance(12);
        return ok(somePerf);
      }),
    ]);
    const { perf } = await run(['perf'], quiet);
    expect(perf).toMatchObject({ status: 'ok', value: somePerf, ms: 12, at: Date.UTC(2026, 10, 22) });
    expect(finding.safeParse(perf).success).toBe(true);
  });

  it('gives equal answers equal fingerprints whatever the order of their keys', async () => {
    const turned = Object.fromEntries(Object.entries(somePerf).reverse());
    expect(canonicalJson(turned)).toBe(canonicalJson(somePerf));
    expect(canonicalJson({ a: [{ c: 1, b: 2 }] })).toBe('{"a":[{"b":2,"c":1}]}');
  });

  it('changes the fingerprint only when what matters changes', async () => {
    let cpuPercent = 5;
    const definitions = [
      scripted(async () => ok({ ...somePerf, cpuPercent }), { significant: value => value.memoryTotalBytes }),
    ];
    const { run } = scanner(definitions);
    const before = (await run(['perf'], quiet)).perf?.hash;
    cpuPercent = 90;
    expect((await run(['perf'], quiet)).perf?.hash).toBe(before);
  });

  it('gives different reasons different fingerprints', async () => {
    let reason: 'timeout' | 'not-permitted' = 'timeout';
    const { run } = scanner([scripted(async () => ({ status: 'failed', reason }))]);
    const before = (await run(['perf'], quiet)).perf?.hash;
    reason = 'not-permitted';
    expect((await run(['perf'], quiet)).perf?.hash).not.toBe(before);
  });

  it('turns what a check throws into a failed finding without its text', async () => {
    const { run } = scanner([scripted(async () => Promise.reject(new TypeError('secret path')))]);
    const { perf } = await run(['perf'], quiet);
    expect(perf).toMatchObject({ status: 'failed', reason: 'other', detail: 'TypeError' });
  });

  it('refuses a value that does not fit its schema and names where', async () => {
    const { run } = scanner([scripted(async () => ok({ ...somePerf, cpuPercent: 101 }))]);
    const { perf } = await run(['perf'], quiet);
    expect(perf).toMatchObject({
      status: 'failed',
      reason: 'parse-error',
      detail: 'value does not fit: cpuPercent',
    });
  });

  it('gives a check up at its time limit while the others answer at once', async () => {
    const seen: AbortSignal[] = [];
    const hanging: ScanDefinition<'uptime'> = {
      id: 'uptime',
      on: CHECKS.uptime.on,
      timeoutMs: 1000,
      run({ signal }) {
        seen.push(signal);
        return forever();
      },
    };
    const { run, clock } = scanner([hanging, scripted(async () => ok(somePerf))]);
    let done: Awaited<ReturnType<typeof run>> | undefined;
    const both = run(['uptime', 'perf'], quiet).then(found => {
      done = found;
    });
    const alone = await run(['perf'], quiet);
    expect(alone.perf?.status).toBe('ok');
    expect(done).toBeUndefined();
    clock.advance(1000);
    await both;
    expect(done?.uptime).toMatchObject({ status: 'failed', reason: 'timeout', ms: 1000 });
    expect(done?.perf?.status).toBe('ok');
    expect(seen[0]?.aborted).toBe(true);
  });

  it('joins a run that is going on instead of starting a second', async () => {
    let runs = 0;
    const { gate, finish } = held();
    const { run } = scanner([
      scripted(async () => {
        runs += 1;
        await gate;
        return ok(somePerf);
      }),
    ]);
    const first = run(['perf'], quiet);
    const second = run(['perf'], quiet);
    await settle();
    finish();
    expect((await first).perf).toEqual((await second).perf);
    expect(runs).toBe(1);
    await run(['perf'], quiet);
    expect(runs).toBe(2);
  });

  it('does not start a check again while its last run still hangs, and does once that ended', async () => {
    let runs = 0;
    const { gate, finish } = held();
    const { run, clock } = scanner([
      scripted(async () => {
        runs += 1;
        await gate;
        return ok(somePerf);
      }),
    ]);
    for (const _ of [1, 2]) {
      const hung = run(['perf'], quiet);
      await settle();
      clock.advance(1000);
      expect((await hung).perf).toMatchObject({ status: 'failed', reason: 'timeout' });
    }
    expect(runs).toBe(1);
    finish();
    await settle();
    expect((await run(['perf'], quiet)).perf?.status).toBe('ok');
    expect(runs).toBe(2);
  });

  it('answers a caller that gives up, and goes on for one that does not', async () => {
    const { gate, finish } = held();
    const { run } = scanner([
      scripted(async () => {
        await gate;
        return ok(somePerf);
      }),
    ]);
    const stop = new AbortController();
    const leaving = run(['perf'], stop.signal);
    const staying = run(['perf'], quiet);
    await settle();
    stop.abort();
    expect((await leaving).perf).toMatchObject({ status: 'failed', reason: 'other', detail: 'cancelled' });
    finish();
    expect((await staying).perf?.status).toBe('ok');
  });

  it('stops the check when its last caller gives up', async () => {
    let seen: AbortSignal | undefined;
    const { run } = scanner([
      scripted(({ signal }) => {
        seen = signal;
        return forever();
      }),
    ]);
    const stop = new AbortController();
    const found = run(['perf'], stop.signal);
    await settle();
    stop.abort();
    expect((await found).perf?.status).toBe('failed');
    await settle();
    expect(seen?.aborted).toBe(true);
  });

  it('answers for a check it does not know', async () => {
    const found = await scanner([]).run(['made.up'], quiet);
    expect(found['made.up']).toMatchObject({ status: 'unsupported', reason: 'not-supported' });
  });

  it('asks what its system has no way to answer once a day, and the rest as often as the catalogue says', () => {
    const gone = { windows: CHECKS.perf.on.windows, macos: null, linux: null };
    const costs = [CHECKS.perf.on, CHECKS['fw.enabled'].on, gone].map(
      on => scanner([scripted(async () => ok(somePerf), { on })]).scans[0]?.cost,
    );
    expect(costs).toEqual(['cheap', 'posture', 'heavy']);
  });

  it.each([
    [true, 'service'],
    [false, 'user'],
    [null, undefined],
  ])('says which part of the agent answered when its rights are %s', async (root, part) => {
    const probe = mute();
    const facts = { ...probe.facts(), root };
    const { run } = scanner([scripted(async () => ok(somePerf))], { ...probe, facts: () => facts });
    expect((await run(['perf'], quiet)).perf?.part).toBe(part);
  });

  it('runs the same program once for all checks of a round, and again in the next', async () => {
    const calls: CommandOptions[] = [];
    const probe = mute({
      command: async (_name, _args, options = {}) => {
        calls.push(options);
        return { ok: true, stdout: new Uint8Array(), stderr: new Uint8Array(), code: 0 };
      },
    });
    const ask = async ({ probe: machine, signal }: { probe: typeof probe; signal: AbortSignal }) => {
      await machine.command('sw_vers', ['-a'], { signal });
      return { status: 'absent', reason: 'not-present' } as const;
    };
    const other: ScanDefinition<'uptime'> = {
      id: 'uptime',
      on: CHECKS.uptime.on,
      timeoutMs: 1000,
      run: ask,
    };
    const { run } = scanner([scripted(ask), other], probe);
    await run(['perf', 'uptime'], quiet);
    expect(calls).toHaveLength(1);
    await run(['perf', 'uptime'], quiet);
    expect(calls).toHaveLength(2);
  });
});
