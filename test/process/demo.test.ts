import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startDemo } from '../../build/demo/demo.ts';
import { openSqliteStore } from '../../collector/store/sqlite/sqlite-store.ts';
import { ApiClient } from '../support/api-client.ts';
import { isAlive, startChild } from '../support/child.ts';
import { startCollector } from '../support/collector-process.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/teardown.ts';

const FLEET = 60;
const LIVE_MS = 90_000;

/** Processes that a process has started, all the way down; only Linux tells without a program. */
function descendants(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap(task => {
    const text = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim();
    const children = text === '' ? [] : text.split(' ').map(Number);
    return children.flatMap(child => [child, ...descendants(child)]);
  });
}

describe('the demo fleet', () => {
  it('streams sixty machines into a seeded collector, moves what is watched and leaves on SIGTERM', async () => {
    const data = temporaryFolder('demo');
    const dataDir = join(data, 'collector');
    const now = Date.now();
    const store = await openSqliteStore({ folder: dataDir });
    const demo = await startDemo(store, { data, now });
    await store.close();
    const collector = await startCollector({
      dataDir,
      env: { TRAYLINE_DEMO: 'on', TRAYLINE_LOG_LEVEL: 'warn' },
    });
    const fleet = startChild({
      script: 'build/demo/fleet-process.ts',
      args: ['--url', collector.url, '--keys', join(data, 'machine-keys.json'), '--anchor', String(now)],
    });
    expect(JSON.parse(await fleet.firstLine())).toEqual({ machines: FLEET });

    const admin = demo.people.find(({ role }) => role === 'admin');
    const api = await ApiClient.signIn(collector.url, admin?.user ?? '', admin?.password ?? '');
    const live = async () => (await api.devices()).filter(({ presence }) => presence === 'live');
    // Machines whose network drops or whose lid closes may be away at any one moment: all have been there.
    const seen = new Set<string>();
    await eventually(
      async () => {
        for (const { id } of await live()) seen.add(id);
        return seen.size === FLEET;
      },
      { what: `${FLEET} machines live`, withinMs: LIVE_MS, state: () => seen.size },
    );
    expect((await api.devices()).every(({ demo: simulated }) => simulated)).toBe(true);
    await eventually(async () => (await api.waiting()).length === 2, {
      what: 'two machines asking to be let in',
    });

    const [newcomer] = await api.waiting();
    await api.post(`/api/v1/enrolment/waiting/${newcomer?.id ?? ''}/admit`);
    await eventually(
      async () => (await live()).some(({ name, os }) => name === newcomer?.identity.hostname && os !== null),
      { what: 'the admitted machine is live and told what it is', withinMs: 30_000 },
    );

    const quiet = (await live()).find(({ state }) => state === 'well');
    await api.post(`/api/v1/devices/${quiet?.id ?? ''}/scan`);
    const scannedAt = Date.now();
    await eventually(
      async () => {
        const { findings } = await api.device(quiet?.id ?? '');
        return Object.values(findings).every(({ at }) => at > scannedAt - 5000);
      },
      { what: 'every check of a machine ran anew', withinMs: 30_000 },
    );

    expect(await fleet.stop()).toBe(0);
    await eventually(async () => (await live()).length === 0, { what: 'nobody live any more' });
    await collector.stop();
  });

  it('is kept with --keep: the same machines, no second company and no new passwords', async () => {
    const data = temporaryFolder('demo');
    const store = await openSqliteStore({ folder: join(data, 'collector') });
    const first = await startDemo(store, { data });
    const ids = async () => {
      const all: string[] = [];
      for await (const part of store.loadDevices()) all.push(...part.map(({ id }) => id));
      return all.sort();
    };
    const before = await ids();
    const second = await startDemo(store, { data });
    expect(first.people).toHaveLength(4);
    expect(second.people).toEqual([]);
    expect(await ids()).toEqual(before);
    await store.close();
  });
});

describe('npm run demo', () => {
  it.skipIf(process.platform !== 'linux')(
    'shows the fleet and this machine and leaves no process behind after Ctrl-C (needs /proc)',
    async () => {
      const data = join(temporaryFolder('demo'), 'data');
      const start = startChild({
        script: 'build/start.ts',
        args: ['--demo', '--json', '--port', '0', '--data', data],
      });
      const line = z
        .object({ url: z.string(), user: z.string(), password: z.string() })
        .parse(JSON.parse(await start.firstLine(150_000)));
      const api = await ApiClient.firstAdmin(line.url, line);
      await eventually(
        async () => {
          const devices = await api.devices();
          const live = devices.filter(({ presence }) => presence === 'live');
          return live.filter(({ demo }) => demo).length >= FLEET - 3 && live.some(({ demo }) => !demo);
        },
        { what: 'the fleet and this machine live', withinMs: LIVE_MS, state: () => start.log() },
      );
      const children = descendants(start.pid);
      expect(children.length).toBeGreaterThanOrEqual(3);
      start.signal('SIGINT');
      expect((await start.exited).code).toBe(0);
      expect(children.filter(isAlive)).toEqual([]);
      expect(existsSync(data)).toBe(true);
      rmSync(data, { recursive: true, force: true });
    },
    240_000,
  );
});
