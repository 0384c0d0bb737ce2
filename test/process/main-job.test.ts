import { readFileSync, statfsSync } from 'node:fs';
import { uptime } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { startAgentProcess } from '../support/agent-process.ts';
import type { ApiClient } from '../support/api-client.ts';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { eventually } from '../support/eventually.ts';

/*
 * The main job with real processes: an agent on this machine reports to a collector, and the API tells what is true of the
 * machine. What the operating system says is read here by other means than the agent's checks use.
 */

let collector: CollectorProcess;
let program: ApiClient;

beforeAll(async () => {
  collector = await startCollector();
  program = collector.admin.withToken((await collector.admin.apiToken('viewer')).secret);
});

const rowNamed = async (name: string) => (await program.devices(name)).find(row => row.name === name);

/** `VERSION_ID="12"` of /etc/os-release. */
function osRelease(key: string): string | undefined {
  return new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
}

describe.skipIf(process.platform !== 'linux')('an agent on this machine', () => {
  test('enrols by token and shows the true system version, free disk space and uptime, live', async () => {
    const { secret } = await collector.admin.enrolmentToken({ maxUses: 1 });
    startAgentProcess({ collector: collector.url, token: secret, name: 'main-job' });

    const row = await eventually(
      async () => {
        const found = await rowNamed('main-job');
        return (
          found?.osVersion != null && found.uptimeSeconds !== null && found.diskFreeBytes !== null && found
        );
      },
      {
        what: 'the device with its first report',
        withinMs: 30_000,
        state: () => collector.log().slice(-2000),
      },
    );

    expect(row.presence).toBe('live');
    expect(row.platform).toBe('linux');
    const version = osRelease('VERSION_ID') ?? '';
    expect(row.osVersion).toMatch(new RegExp(`^${version.replaceAll('.', '\\.')}(\\.|$)`));
    expect(row.os).toContain(osRelease('NAME')?.split(' ')[0]);

    const { bavail, bsize } = statfsSync('/');
    const free = bavail * bsize;
    expect(Math.abs((row.diskFreeBytes ?? 0) - free) / free).toBeLessThan(0.05);

    const detail = await program.device(row.id);
    const told = detail.findings.uptime;
    expect(told?.status).toBe('ok');
    const { seconds } = (told?.status === 'ok' ? told.value : {}) as { seconds: number };
    // Uptime at the moment the check ran: this machine's clock is the device's clock.
    const then = uptime() - (Date.now() - (told?.at ?? 0)) / 1000;
    expect(Math.abs(seconds - then)).toBeLessThan(5);
  });

  test('says goodbye when it is stopped, and is not live any more', async () => {
    const { secret } = await collector.admin.enrolmentToken();
    const agent = startAgentProcess({ collector: collector.url, token: secret, name: 'goodbye' });
    const row = await eventually(
      async () => {
        const found = await rowNamed('goodbye');
        return found?.presence === 'live' && found.lastSeen !== null && found;
      },
      { what: 'the device live', withinMs: 30_000 },
    );

    expect(await agent.stop()).toBe(0);

    await eventually(async () => (await rowNamed('goodbye'))?.presence === 'stale', {
      what: 'the device not live',
    });
    const entries = await eventually(
      async () => {
        const { entries } = await program.timeline(row.id);
        return entries.some(entry => JSON.stringify(entry.data).includes('goodbye-stopping')) && entries;
      },
      { what: 'the goodbye on the timeline', state: async () => (await program.timeline(row.id)).entries },
    );
    expect(entries.some(entry => entry.kind === 'agent-started')).toBe(true);
  });
});

describe('an agent without a token', () => {
  test('waits until an administrator admits it, then is live', async () => {
    const agent = startAgentProcess({ collector: collector.url, admission: true, name: 'waits' });
    const waiting = await eventually(
      async () => (await collector.admin.waiting()).find(one => one.identity.hostname === 'waits'),
      { what: 'the device in the waiting room', withinMs: 30_000, state: () => agent.out() + agent.log() },
    );
    expect(await rowNamed('waits')).toBeUndefined();
    // What the administrator compares is what the agent prints.
    await eventually(() => (agent.out() + agent.log()).includes(waiting.fingerprint), {
      what: 'the same fingerprint on both sides',
      state: () => ({ told: waiting.fingerprint, agent: agent.out() + agent.log() }),
    });

    await collector.admin.post(`/api/v1/enrolment/waiting/${waiting.id}/admit`);

    await eventually(async () => (await rowNamed('waits'))?.presence === 'live', {
      what: 'the admitted device live',
      withinMs: 30_000,
    });
    expect((await collector.admin.waiting()).some(one => one.id === waiting.id)).toBe(false);
  });

  test('is told that it was rejected', async () => {
    const agent = startAgentProcess({ collector: collector.url, admission: true, name: 'unwanted' });
    const waiting = await eventually(
      async () => (await collector.admin.waiting()).find(one => one.identity.hostname === 'unwanted'),
      { what: 'the device in the waiting room', withinMs: 30_000 },
    );

    await collector.admin.post(`/api/v1/enrolment/waiting/${waiting.id}/reject`);

    await eventually(() => (agent.out() + agent.log()).includes('admission-rejected'), {
      what: 'the agent knows that it was rejected',
      withinMs: 30_000,
      state: () => agent.out() + agent.log(),
    });
    expect(await rowNamed('unwanted')).toBeUndefined();
  });
});
