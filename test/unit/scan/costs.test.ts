import { describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../../agent/core/scan/command.ts';
import { childrenCpuMs, createChildMeter } from '../../../agent/core/scan/cost.ts';
import type { Probe } from '../../../agent/core/scan/probe.ts';
import { createScanner } from '../../../agent/core/scan/run.ts';
import type { ScanDefinition } from '../../../agent/core/scan/scan.ts';
import { createSlots } from '../../../agent/core/scan/slots.ts';
import { systemClock } from '../../../agent/service/clock.ts';
import { scanValues } from '../../../shared/device/facts.ts';
import { CHECKS } from '../../../shared/posture/checks.ts';
import { mute, ok, somePerf } from './support.ts';

const quiet = new AbortController().signal;
const node = process.execPath;
/** Until it has had so much of a processor, however busy the machine is. */
const busyFor = (ms: number): string[] => [
  '-e',
  `for (;;) { const { user, system } = process.cpuUsage(); if (user + system > ${ms * 1000}) break; }`,
];

describe('what a program took', () => {
  it('is told with its output: time always, processor time where the system tells it apart', async () => {
    const ran = await runProgram(node, busyFor(150));
    expect(ran.cost?.wallMs).toBeGreaterThan(150);
    if (childrenCpuMs() === null) expect(ran.cost?.cpuMs).toBeNull();
    else expect(ran.cost?.cpuMs).toBeGreaterThanOrEqual(100);
  });

  it('is that of a program that did nothing but wait, too', async () => {
    const ran = await runProgram(node, ['-e', 'setTimeout(() => {}, 600)']);
    if (ran.cost?.cpuMs !== null) expect(ran.cost?.cpuMs).toBeLessThan(400);
    expect(ran.cost?.wallMs).toBeGreaterThan(600);
  });

  it('is told of neither of two that ended together', async () => {
    let sum = 100;
    const meter = createChildMeter(() => sum);
    meter.starts();
    sum = 150;
    const [one, other] = [meter.ended(), meter.ended()];
    expect([one(), other()]).toEqual([null, null]);
    sum = 190;
    expect(meter.ended()()).toBe(40);
  });

  it('is not known where the system does not tell', () => {
    const meter = createChildMeter(() => null);
    meter.starts();
    expect(meter.ended()()).toBeNull();
  });
});

describe('slots for programs', () => {
  it('let so many in at once and the next when one gives its place back', async () => {
    const slots = createSlots(2, 60_000);
    const first = await slots.take();
    const second = await slots.take();
    let third = false;
    const taking = slots.take().then(give => {
      third = true;
      return give;
    });
    await Promise.resolve();
    expect(third).toBe(false);
    first?.();
    first?.();
    const give = await taking;
    let fourth = false;
    const last = slots.take().then(got => {
      fourth = true;
      return got;
    });
    await Promise.resolve();
    expect(fourth).toBe(false);
    second?.();
    (await last)?.();
    give?.();
  });

  it('are given on by one that keeps its own too long', async () => {
    const slots = createSlots(1, 20);
    await slots.take();
    expect(await slots.take()).not.toBeNull();
  });

  it('are not waited for by a caller that gave up', async () => {
    const slots = createSlots(1, 60_000);
    const held = await slots.take();
    const stop = new AbortController();
    const waiting = slots.take(stop.signal);
    stop.abort();
    expect(await waiting).toBeNull();
    held?.();
    expect(await slots.take()).not.toBeNull();
  });
});

describe('checks that behave badly beside honest ones', () => {
  const limit = 3000;
  const bad: Record<string, ScanDefinition['run']> = {
    'hangs for ever': () => new Promise(() => {}),
    'hangs and ignores being given up': context =>
      new Promise(resolve => {
        context.signal.addEventListener('abort', () => resolve({ status: 'ok', value: somePerf }));
      }),
    'starts a program that never ends': async ({ probe, signal }) => {
      await probe.command('ps', ['-e', 'setInterval(() => {}, 1000)'], { signal });
      return { status: 'failed', reason: 'other' };
    },
    'floods its output': async ({ probe, signal }) => {
      const flood = "const line = 'x'.repeat(65536); (function go() { process.stdout.write(line, go); })();";
      const ran = await probe.command('ps', ['-e', flood], { signal });
      return ran.ok ? ok(somePerf) : { status: 'failed', reason: ran.reason };
    },
    'throws at once': () => {
      throw new Error('secret text');
    },
    'rejects with no error': () => Promise.reject('secret text'),
    'answers nothing': async () => undefined as never,
    'answers a value of another shape': async () => ({ status: 'ok', value: { secret: 'text' } }) as never,
    'answers with a getter that throws': async () =>
      ({
        status: 'ok',
        get value() {
          throw new Error('secret text');
        },
      }) as never,
    'answers far too much': async () =>
      ({ status: 'ok', value: { ...somePerf, more: 'x'.repeat(5e6) } }) as never,
  };

  it('delay none of them and say why, without a word of what they held', async () => {
    const probe: Probe = mute({ command: (_name, args, options) => runProgram(node, args, options) });
    const names = Object.keys(scanValues) as (keyof typeof scanValues)[];
    const free = names.filter(id => id !== 'perf' && id !== 'uptime');
    const badOf = new Map(Object.keys(bad).map((what, n) => [free[n] ?? 'tpm', what]));
    const define = (id: string, run: ScanDefinition['run'], timeoutMs: number) =>
      ({ id, on: CHECKS.perf.on, timeoutMs, run }) as ScanDefinition;
    const definitions = [
      ...[...badOf].map(([id, what]) => define(id, bad[what]!, limit)),
      define('perf', async () => ok(somePerf), limit),
      define(
        'uptime',
        async ({ probe: asked, signal }) => {
          const ran = await asked.command('ps', ['-e', 'console.log(7)'], { signal });
          const seconds = ran.ok ? Number(Buffer.from(ran.stdout).toString()) : Number.NaN;
          return ok({ seconds, bootedAt: 0, fastStartup: null }) as never;
        },
        30_000,
      ),
    ];
    const scanner = createScanner({ platform: 'linux', probe, clock: systemClock, definitions });
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const order: string[] = [];
    const found = await scanner.run(
      definitions.map(({ id }) => id),
      quiet,
      id => order.push(id),
    );
    expect(found.perf).toMatchObject({ status: 'ok' });
    expect(found.uptime).toMatchObject({ status: 'ok', value: { seconds: 7 } });
    for (const [id, what] of badOf) {
      expect([what, found[id]?.status]).toEqual([what, 'failed']);
      expect(JSON.stringify(found[id])).not.toContain('secret');
    }
    const hanging = [...badOf].filter(([, what]) => what.startsWith('hangs')).map(([id]) => id);
    for (const id of hanging) {
      expect(found[id]).toMatchObject({ reason: 'timeout' });
      // They were given up long after the honest ones had answered.
      expect(order.indexOf('perf')).toBeLessThan(order.indexOf(id));
      expect(order.indexOf('uptime')).toBeLessThan(order.indexOf(id));
    }
  });
});
