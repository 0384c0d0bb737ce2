import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { agentSettingsResponse } from '../../shared/api/schemas.ts';
import { OS_SUPPORT } from '../../shared/device/os-support-table.ts';
import { NO_SUBJECTS } from '../../shared/device/subjects.ts';
import { startAgentProcess } from '../support/agent-process.ts';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/teardown.ts';

/* What an administrator tells all agents, from the API to a finding, with real processes. */

const PATH = '/api/v1/agent-settings';
let collector: CollectorProcess;

beforeAll(async () => {
  collector = await startCollector();
});

const told = async () => agentSettingsResponse.parse(await collector.admin.get(PATH));
const all = (what: string) => ({ what, withinMs: 60_000, state: () => collector.log().slice(-2000) });

describe.skipIf(process.platform !== 'linux')('what an administrator tells all agents', () => {
  test('reaches a connected agent, is looked for, and holds after both were restarted', async () => {
    const { secret } = await collector.admin.enrolmentToken({ maxUses: 1 });
    const dataDir = temporaryFolder('agent');
    const first = startAgentProcess({ collector: collector.url, token: secret, name: 'told', dataDir });
    const row = await eventually(
      async () => (await collector.admin.devices('told')).find(({ name }) => name === 'told'),
      all('the device'),
    );
    const finding = async () => (await collector.admin.device(row.id)).findings.file;
    await eventually(async () => (await finding())?.status === 'absent', all('nothing to look for yet'));

    const subjects = { ...NO_SUBJECTS, files: [{ id: 'release', path: '/etc/os-release' }] };
    const settings = {
      values: { sampleSeconds: 20 },
      subjects,
      osSupport: { ...OS_SUPPORT, asOf: '2026-10-01' },
    };
    await collector.admin.put(PATH, { replaces: null, settings });
    await eventually(async () => (await told()).delivery.holding === 1, all('the confirmation'));
    expect((await told()).delivery).toEqual({ connected: 1, holding: 1, refusing: 0 });
    await eventually(async () => {
      const found = await finding();
      return found?.status === 'ok' && JSON.stringify(found.value).includes('"release"');
    }, all('the file that was asked for'));

    await first.stop();
    await collector.stop();
    await collector.restart();
    const kept = join(dataDir, 'told.json');
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    const before = statSync(kept).mtimeMs;

    const second = startAgentProcess({ collector: collector.url, name: 'told', dataDir });
    await eventually(async () => (await told()).delivery.holding === 1, all('the greeting that names them'));
    // It said what it holds, so nothing was sent again.
    expect(statSync(kept).mtimeMs).toBe(before);
    expect(readFileSync(kept, 'utf8')).toContain('os-release');
    expect((await told()).settings).toEqual(settings);
    await second.stop();
  });
});
