import { describe, expect, it } from 'vitest';
import { answered } from '../../../agent/core/scan/answer.ts';
import { readMachine } from '../../../agent/core/scan/machine.ts';
import { liveProbe } from '../../../agent/core/scan/probe.ts';
import { createScanner } from '../../../agent/core/scan/run.ts';
import { SCAN_IDS } from '../../../shared/device/facts.ts';
import { finding } from '../../../shared/device/finding.ts';
import { deviceIdentity } from '../../../shared/device/identity.ts';
import { handClock, mute } from './support.ts';

const quiet = new AbortController().signal;
const systemClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

describe.skipIf(process.platform !== 'linux')('this machine (Linux only)', () => {
  it('answers every check with a value or a reason', async () => {
    const scanner = createScanner({ platform: 'linux', probe: liveProbe(), clock: systemClock });
    const found = await scanner.run(SCAN_IDS, quiet);
    expect(Object.keys(found).sort()).toEqual([...SCAN_IDS].sort());
    for (const [id, one] of Object.entries(found)) {
      expect(finding.safeParse(one).error?.issues, id).toBeUndefined();
      expect(one, id).not.toMatchObject({ reason: 'parse-error' });
      expect(one, id).not.toMatchObject({ reason: 'other' });
    }
    for (const id of ['os.version', 'uptime', 'perf', 'processes']) expect(found[id]?.status, id).toBe('ok');
  });

  it('names itself in the shape the collector accepts', async () => {
    expect(deviceIdentity.safeParse(await readMachine(liveProbe(), 'linux')).success).toBe(true);
  });

  it('tells a missing file from one it may not read as a value', async () => {
    const probe = liveProbe();
    expect(await probe.readFile('/proc/no-such-file')).toMatchObject({ ok: false, reason: 'not-present' });
    expect(await probe.exists('/no/such/folder')).toEqual({ ok: true, value: false });
    expect(await probe.exists('/proc')).toEqual({ ok: true, value: true });
    expect((await probe.statfs('/')).ok).toBe(true);
  });
});

describe('rates over two rounds', () => {
  it('come with the second reading and need no waiting', async () => {
    let ticks = 1000;
    const files: Record<string, () => string> = {
      '/proc/meminfo': () => 'MemTotal: 1000 kB\nMemAvailable: 400 kB\n',
      '/proc/stat': () => `cpu ${ticks} 0 0 ${ticks} 0 0 0 0\n`,
      '/proc/net/dev': () => `eth0: ${ticks} 0 0 0 0 0 0 0 ${2 * ticks} 0 0 0 0 0 0 0\n`,
    };
    const probe = mute({
      readFile: async path => {
        const file = files[path];
        return file === undefined ? { ok: false, reason: 'not-present' } : answered(file());
      },
    });
    const clock = handClock();
    const scanner = createScanner({ platform: 'linux', probe, clock });
    const first = await scanner.run(['perf'], quiet);
    expect(first.perf).toMatchObject({
      value: { cpuPercent: null, netRxBytesPerS: null, memoryUsedBytes: 614_400 },
    });
    ticks = 3000;
    clock.advance(1000);
    const second = await scanner.run(['perf'], quiet);
    expect(second.perf).toMatchObject({
      value: { cpuPercent: 50, netRxBytesPerS: 2000, netTxBytesPerS: 4000, diskReadBytesPerS: null },
    });
    expect(second.perf?.hash).toBe(first.perf?.hash);
  });

  it('tell how busy each program was, and nothing about one whose number was taken over', async () => {
    let ticks = 100;
    let started = 5;
    const stat = (pid: number, name: string, used: number, since: number): string =>
      `${pid} (${name}) S 0 1 1 0 -1 0 0 0 0 0 ${used} 0 0 0 20 0 1 0 ${since} 1 10 0\n`;
    const probe = mute({
      list: async path =>
        path === '/proc' ? answered(['1', '2', 'self']) : { ok: false, reason: 'not-present' },
      readFile: async path => {
        if (path === '/proc/1/stat') return answered(stat(1, 'busy', ticks, 5));
        if (path === '/proc/2/stat') return answered(stat(2, 'reused', ticks, started));
        return { ok: false, reason: 'not-present' };
      },
    });
    const clock = handClock();
    const scanner = createScanner({ platform: 'linux', probe, clock });
    await scanner.run(['processes'], quiet);
    ticks = 250;
    started = 77;
    clock.advance(1000);
    const { processes } = await scanner.run(['processes'], quiet);
    expect(processes).toMatchObject({
      value: {
        count: 2,
        busiest: [
          { name: 'busy', cpuPercent: 150 },
          { name: 'reused', cpuPercent: null },
        ],
      },
    });
  });
});
