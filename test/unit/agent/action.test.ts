import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Acted } from '../../../agent/core/action/action.ts';
import { ACTIONS } from '../../../agent/core/action/catalogue.ts';
import { openLedger } from '../../../agent/core/action/ledger.ts';
import { createActions } from '../../../agent/core/action/run.ts';
import { silentLog } from '../../../agent/core/host.ts';
import type { CommandResult } from '../../../agent/core/scan/command.ts';
import type { Clock } from '../../../shared/base/clock.ts';
import type { Finding } from '../../../shared/device/finding.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { okFinding } from '../../support/records.ts';
import { testFolder } from './support/folder.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const ended = (code: number, stdout = '', stderr = ''): CommandResult => ({
  ok: true,
  code,
  stdout: bytes(stdout),
  stderr: bytes(stderr),
});
const failure = (reason: 'not-installed' | 'timeout' | 'not-permitted'): CommandResult => ({
  ok: false,
  reason,
});

/** Programs of a machine, with what each answers; what was started is kept. */
function programs(answers: Readonly<Record<string, CommandResult>>) {
  const started: string[] = [];
  return {
    started,
    command: (name: string, args: readonly string[]): Promise<CommandResult> => {
      started.push(`${name} ${args.join(' ')}`);
      return Promise.resolve(answers[name] ?? failure('not-installed'));
    },
  };
}

describe('turning on the firewall', () => {
  const NO_RIGHTS = { state: 'not-allowed', by: 'rights' } as const;
  const cases: readonly [Platform, string, Readonly<Record<string, CommandResult>>, Partial<Acted>][] = [
    ['windows', 'done', { powershell: ended(0) }, { state: 'done' }],
    ['windows', 'refused', { powershell: ended(5) }, NO_RIGHTS],
    ['windows', 'failed', { powershell: ended(1) }, { state: 'failed', reason: 'command-failed' }],
    ['windows', 'stopped', { powershell: failure('timeout') }, { state: 'failed', reason: 'timeout' }],
    ['macos', 'done', { socketfilterfw: ended(0, 'Firewall is enabled. (State = 1)\n') }, { state: 'done' }],
    ['macos', 'refused', { socketfilterfw: ended(255, 'Must be root to change settings.\n') }, NO_RIGHTS],
    [
      'macos',
      'decided by a profile, which it says with a good code',
      {
        socketfilterfw: ended(
          0,
          'Firewall settings cannot be modified from command line on managed Mac computers.\n',
        ),
      },
      { state: 'not-allowed', by: 'organisation' },
    ],
    ['linux', 'done by ufw', { ufw: ended(0), systemctl: ended(1) }, { state: 'done' }],
    ['linux', 'refused', { ufw: ended(1, '', 'ERROR: You need to be root to run this script\n') }, NO_RIGHTS],
    [
      'linux',
      'failed',
      { ufw: ended(1, '', 'ERROR: problem running\n'), systemctl: ended(0) },
      { state: 'failed' },
    ],
    ['linux', 'done by firewalld', { systemctl: ended(0) }, { state: 'done' }],
    ['linux', 'refused', { systemctl: ended(1, '', 'Failed to enable unit: Access denied\n') }, NO_RIGHTS],
    [
      'linux',
      'without either',
      { systemctl: ended(1, '', 'Failed to enable unit: Unit file firewalld.service does not exist.\n') },
      { state: 'not-possible' },
    ],
    ['linux', 'without systemd', {}, { state: 'not-possible' }],
  ];
  test.each(cases)('on %s, %s, says so', async (platform, _what, answers, says) => {
    const probe = programs(answers);
    expect(await ACTIONS['turn-on-firewall'].act({ probe, platform })).toMatchObject(says);
  });

  test('asks for all three profiles of Windows in one fixed line', async () => {
    const probe = programs({ powershell: ended(0) });
    await ACTIONS['turn-on-firewall'].act({ probe, platform: 'windows' });
    expect(probe.started).toEqual([
      expect.stringContaining('Set-NetFirewallProfile -Profile Domain,Private,Public -Enabled True'),
    ]);
  });
});

describe('restarting', () => {
  test.each([
    ['windows', ended(0), { state: 'done' }],
    ['windows', ended(5), { state: 'not-allowed', by: 'rights' }],
    ['macos', ended(1, '', 'shutdown: NOT super-user\n'), { state: 'not-allowed', by: 'rights' }],
    ['linux', ended(1, '', 'Call to Reboot failed: Access denied\n'), { state: 'not-allowed', by: 'rights' }],
    ['linux', ended(1, '', 'Failed to set wall message\n'), { state: 'failed', reason: 'command-failed' }],
    ['linux', failure('not-installed'), { state: 'not-possible' }],
  ] as const)('on %s is told as it went', async (platform, answer, says) => {
    const probe = programs({ shutdown: answer });
    expect(await ACTIONS.restart.act({ probe, platform })).toMatchObject(says);
    expect(probe.started).toEqual([platform === 'windows' ? 'shutdown /r /t 60' : 'shutdown -r +1']);
  });
});

/** A Mac whose firewall obeys, or not, under the real runner and ledger. Waiting takes no time. */
function mac({
  on = false,
  helps = true,
  answer = ended(0),
  folder = null,
}: {
  on?: boolean;
  /** Does the program change anything? */
  helps?: boolean;
  answer?: CommandResult;
  folder?: string | null;
} = {}) {
  let time = 1_800_000_000_000;
  const clock: Clock = {
    now: () => time,
    monotonic: () => time,
    after: (ms, run) => {
      time += ms;
      queueMicrotask(run);
      return () => undefined;
    },
  };
  const state = { on, tells: true, started: 0, seenOnDisk: '' };
  /** What the check says; replaced by tests in which it says something else. */
  const check = {
    find: (): Finding => {
      const at = time;
      time += 10;
      if (!state.tells) return { status: 'failed', reason: 'timeout', at, ms: 10, hash: '0'.repeat(16) };
      const value = { enabled: state.on, product: null, profiles: null, blockAll: false, stealth: false };
      return okFinding(value, { at });
    },
  };
  const ledger = openLedger(folder, time);
  const actions = createActions({
    platform: 'macos',
    probe: {
      command: () => {
        state.started += 1;
        if (folder !== null) state.seenOnDisk = readFileSync(join(folder, 'actions.json'), 'utf8');
        if (helps) state.on = true;
        return Promise.resolve(answer);
      },
      facts: () => ({
        hostname: null,
        arch: null,
        uptimeSeconds: null,
        memoryTotalBytes: null,
        memoryFreeBytes: null,
        cpu: null,
        root: true,
      }),
    },
    ledger,
    clock,
    recheck: ids => Promise.resolve(Object.fromEntries(ids.map(id => [id, check.find()]))),
    log: silentLog,
  });
  return { actions, ledger, state, check, now: () => time };
}

describe('an action', () => {
  const FIREWALL = 'turn-on-firewall';

  test('is done when its check no longer finds the problem', async () => {
    const { actions, ledger } = mac();
    expect(await actions.run(FIREWALL, '501')).toEqual({ state: 'done' });
    expect(ledger.entries).toMatchObject([
      { action: FIREWALL, by: '501', outcome: 'done', before: { enabled: false } },
    ]);
  });

  test('changes nothing where it is so already', async () => {
    const { actions, state } = mac({ on: true });
    expect(await actions.run(FIREWALL, '501')).toEqual({ state: 'already-so' });
    expect(state.started).toBe(0);
  });

  test('changes nothing while its check cannot tell', async () => {
    const { actions, state } = mac();
    state.tells = false;
    expect(await actions.run(FIREWALL, '501')).toEqual({ state: 'unsure-before' });
    expect(state.started).toBe(0);
  });

  test('did not help when its check still finds the problem', async () => {
    const { actions } = mac({ helps: false });
    expect(await actions.run(FIREWALL, '501')).toEqual({ state: 'did-not-help' });
  });

  test('does not say that it helped when its check cannot tell afterwards', async () => {
    const { actions, check, state } = mac();
    const find = check.find;
    check.find = () => {
      state.tells = state.started === 0;
      return find();
    };
    expect(await actions.run(FIREWALL, '501')).toEqual({ state: 'unsure-after' });
  });

  test('is done when its program was stopped but the check finds it done', async () => {
    const { actions } = mac({ answer: failure('timeout') });
    expect(await actions.run(FIREWALL, '501')).toEqual({ state: 'done' });
  });

  test('failed when its program was stopped and nothing has changed', async () => {
    const { actions, ledger } = mac({ helps: false, answer: failure('timeout') });
    expect(await actions.run(FIREWALL, '501')).toEqual({ state: 'failed', reason: 'timeout' });
    expect(ledger.entries).toMatchObject([{ outcome: 'failed', detail: 'timeout' }]);
  });

  test('does not take a look that began before the change for one after it', async () => {
    const { actions, check, state, now } = mac({ helps: false });
    const find = check.find;
    const early = {
      ...okFinding({ enabled: true, product: null, profiles: null, blockAll: null, stealth: null }),
    };
    let joined = 0;
    check.find = () => {
      if (state.started === 0 || joined > 0) return find();
      // A round that was under way is joined, and its answer is from before.
      joined += 1;
      return { ...early, at: now() - 60_000 };
    };
    expect(await actions.run(FIREWALL, '501')).toEqual({ state: 'did-not-help' });
    expect(joined).toBe(1);
  });

  test('is written down before it begins and when it has ended', async () => {
    const folder = testFolder();
    const { actions, state } = mac({ folder });
    await actions.run(FIREWALL, '501');
    const before: unknown = JSON.parse(state.seenOnDisk);
    expect(before).toMatchObject({
      entries: [{ action: FIREWALL, by: '501', outcome: null, endedAt: null }],
    });
    const after: unknown = JSON.parse(readFileSync(join(folder, 'actions.json'), 'utf8'));
    expect(after).toMatchObject({ entries: [{ outcome: 'done', endedAt: expect.any(Number) }] });
  });

  test('does not begin where it cannot be written down', async () => {
    const folder = testFolder();
    const { actions, state } = mac({ folder });
    // A folder where the file belongs: nothing can be renamed over it, whoever one is.
    mkdirSync(join(folder, 'actions.json', 'in-the-way'), { recursive: true });
    expect(await actions.run(FIREWALL, '501')).toEqual({ state: 'failed', reason: 'not-recorded' });
    expect(state.started).toBe(0);
  });

  test('waits for the one before it, and finds its work done', async () => {
    const { actions, state } = mac();
    const both = await Promise.all([actions.run(FIREWALL, '501'), actions.run(FIREWALL, '502')]);
    expect(both).toEqual([{ state: 'done' }, { state: 'already-so' }]);
    expect(state.started).toBe(1);
  });
});

describe('the ledger', () => {
  const entry = {
    id: 'one',
    action: 'turn-on-firewall',
    by: '501',
    at: 1000,
    before: null,
    endedAt: null,
    outcome: null,
    detail: null,
  };

  test('marks what was under way when the service ended', () => {
    const folder = testFolder();
    openLedger(folder, 1000).write(entry);
    expect(openLedger(folder, 2000).entries).toEqual([{ ...entry, endedAt: 2000, outcome: 'interrupted' }]);
    expect(openLedger(folder, 3000).entries).toMatchObject([{ endedAt: 2000 }]);
  });

  test('begins anew where its file is damaged, and drops the oldest', () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'actions.json'), '{"version":1,"entries":[{');
    const ledger = openLedger(folder, 1000);
    expect(ledger.entries).toEqual([]);
    for (let n = 0; n < 205; n += 1) ledger.write({ ...entry, id: String(n), endedAt: 1, outcome: 'done' });
    expect(ledger.entries.map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, n) => String(n + 5)));
  });
});
