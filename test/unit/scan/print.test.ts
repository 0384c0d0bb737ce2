import { describe, expect, it } from 'vitest';
import { findingsTable } from '../../../agent/core/scan/print.ts';
import { replayProbe } from '../../../agent/core/scan/replay.ts';
import { createScanner } from '../../../agent/core/scan/run.ts';
import { SCAN_IDS } from '../../../shared/device/facts.ts';
import type { Finding } from '../../../shared/device/finding.ts';
import { fixture, handClock } from './support.ts';

const now = 1_000_000;
const common = { at: now - 90_000, ms: 12.4, hash: '0123456789abcdef' };

describe('the table of findings', () => {
  it('aligns check, status, value, age, cost and reason', () => {
    const table = findingsTable(
      {
        uptime: { status: 'ok', value: { seconds: 7200, bootedAt: 0, fastStartup: true }, ...common },
        battery: { status: 'absent', reason: 'not-present', ...common },
        'fw.enabled': { status: 'failed', reason: 'not-permitted', detail: 'only root', ...common },
      },
      now,
    );
    expect(table).toBe(
      [
        'check       status  value              age    cost   reason',
        'battery     absent  -                  1 min  12 ms  not-present',
        'fw.enabled  failed  -                  1 min  12 ms  not-permitted: only root',
        'uptime      ok      2 h, fast startup  1 min  12 ms',
        '',
      ].join('\n'),
    );
  });

  it('says "not known" for what is not, never zero', () => {
    const perf: Finding = {
      status: 'ok',
      value: {
        cpuPercent: null,
        memoryTotalBytes: 8e9,
        memoryUsedBytes: null,
        netRxBytesPerS: null,
        netTxBytesPerS: null,
        diskReadBytesPerS: null,
        diskWriteBytesPerS: null,
      },
      ...common,
    };
    expect(findingsTable({ perf }, now)).toContain('CPU not known, memory not known of 8.0 GB');
  });

  it('does not guess at values of another version or of checks it does not know', () => {
    const table = findingsTable(
      { uptime: { status: 'ok', value: 'x', ...common }, 'new.check': { status: 'ok', value: 1, ...common } },
      now,
    );
    expect(table).toContain('value of another version');
    expect(table).toContain('value of a check this version does not know');
  });

  it('lets no control character through to the terminal', () => {
    const table = findingsTable(
      { x: { status: 'failed', reason: 'other', detail: 'a\u001b[31mred\nline', ...common } },
      now,
    );
    expect(table.split('\n')).toHaveLength(3);
    expect(table).not.toContain('\u001b');
  });

  it.each(['windows', 'macos', 'linux'] as const)(
    'puts every value of a recorded %s machine into words',
    async platform => {
      const folder = { windows: 'windows-laptop', macos: 'mac-laptop', linux: 'linux-laptop' }[platform];
      const scanner = createScanner({ platform, probe: replayProbe(fixture(folder)), clock: handClock(now) });
      const table = findingsTable(await scanner.run(SCAN_IDS, new AbortController().signal), now);
      expect(table.split('\n')).toHaveLength(SCAN_IDS.length + 2);
      expect(table).not.toMatch(/null|undefined|NaN|\[object/);
    },
  );
});
