import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Answer, unanswered } from '../../../agent/core/scan/answer.ts';
import type { Probe } from '../../../agent/core/scan/probe.ts';
import type { ScanDefinition, ScanOutcome } from '../../../agent/core/scan/scan.ts';
import type { Clock } from '../../../shared/base/clock.ts';
import type { Perf } from '../../../shared/device/facts.ts';
import { type Subjects, subjects } from '../../../shared/device/subjects.ts';
import { CHECKS } from '../../../shared/posture/checks.ts';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const FIXTURES = fileURLToPath(new URL('../../fixtures/command-output/', import.meta.url));
export const fixture = (name: string): string => `${FIXTURES}${name}`;
/** What the three recorded machines are asked about by name. */
export const ASKED: Subjects = subjects.parse(JSON.parse(readFileSync(fixture('subjects.json'), 'utf8')));

const recordings = fileURLToPath(new URL('../../../../shared/data/command-output/', import.meta.url));
/** Recordings of real machines beside the repository; null where they are not at hand. */
export const RECORDINGS = existsSync(recordings) ? recordings : null;

/** A clock that stands still until it is moved. */
export function handClock(start = Date.UTC(2026, 10, 22)): Clock & { advance(ms: number): void } {
  let passed = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => start + passed,
    monotonic: () => passed,
    after(delayMs, run) {
      const timer = { at: passed + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter(one => one !== timer);
      };
    },
    advance(ms) {
      passed += ms;
      const due = timers.filter(one => one.at <= passed);
      timers = timers.filter(one => one.at > passed);
      for (const one of due) one.run();
    },
  };
}

/** A machine that answers nothing, except what the test says. */
export function mute(own: Partial<Probe> = {}): Probe {
  const nothing = async (): Promise<Answer<never>> => unanswered('not-present');
  return {
    command: async () => ({ ok: false, reason: 'not-installed' }),
    readFile: nothing,
    file: nothing,
    list: nothing,
    exists: async () => ({ ok: true, value: false }),
    link: nothing,
    statfs: nothing,
    facts: () => ({
      hostname: 'mute',
      arch: 'x64',
      uptimeSeconds: null,
      memoryTotalBytes: null,
      memoryFreeBytes: null,
      cpu: null,
      root: null,
    }),
    ...own,
  };
}

export const somePerf: Perf = {
  cpuPercent: 5,
  memoryTotalBytes: 1000,
  memoryUsedBytes: 500,
  netRxBytesPerS: null,
  netTxBytesPerS: null,
  diskReadBytesPerS: null,
  diskWriteBytesPerS: null,
};

/** A check that does what the test says; `perf` by name because some schema must judge its value. */
export function scripted(
  run: ScanDefinition<'perf'>['run'],
  more: Partial<ScanDefinition<'perf'>> = {},
): ScanDefinition {
  return {
    id: 'perf',
    on: CHECKS.perf.on,
    timeoutMs: 1000,
    run,
    ...more,
  };
}

export const ok = <Value>(value: Value): ScanOutcome<Value> => ({ status: 'ok', value });

/** Lets promises that are ready run, without waiting for time to pass. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
