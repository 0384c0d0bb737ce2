import { describe, expect, it } from 'vitest';
import { agentSettingsResponse } from '../../../shared/api/schemas.ts';
import { DAY } from '../../../shared/base/durations.ts';
import { agentSettings, NO_AGENT_SETTINGS } from '../../../shared/device/agent-settings.ts';
import { OS_SUPPORT } from '../../../shared/device/os-support-table.ts';
import { NO_SUBJECTS, SUBJECT_LIMITS, type Subjects } from '../../../shared/device/subjects.ts';
import { encodeFrame } from '../../../shared/protocol/frame.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { startScene } from './scene.ts';

const PATH = '/api/v1/agent-settings';
const newerTable = { ...OS_SUPPORT, asOf: '2026-10-01' };
const some = {
  values: { sampleSeconds: 30, heavyHours: 12 },
  subjects: { ...NO_SUBJECTS, files: [{ id: 'a', path: '/opt/contoso/agent' }] },
  osSupport: newerTable,
};

describe('what agents are told', () => {
  it('is nothing until somebody sets it', async () => {
    const scene = await startScene();
    const answer = await scene.good(PATH, agentSettingsResponse, { headers: await scene.token('admin') });
    expect(answer).toMatchObject({
      settings: NO_AGENT_SETTINGS,
      hash: null,
      changedAt: null,
      changedBy: null,
      shippedOsSupportAsOf: OS_SUPPORT.asOf,
    });
  });

  it('is stored, audited and told at once when it is changed', async () => {
    const scene = await startScene();
    const headers = await scene.token('admin');
    const set = await scene.good(PATH, agentSettingsResponse, {
      method: 'PUT',
      body: { replaces: null, settings: some },
      headers,
    });
    expect(set.settings).toEqual(some);
    expect(set.hash).toMatch(/^[0-9a-f]{16}$/);
    expect(scene.settingsTold).toBe(1);
    expect(await scene.store.getAgentSettings()).toMatchObject({ settings: some, hash: set.hash });
    const [entry] = await scene.store.listAudit({ limit: 1 });
    expect(entry).toMatchObject({
      action: 'agent-settings.changed',
      data: { hash: set.hash, sampleSeconds: 30, heavyHours: 12, subjects: 1, osSupport: '2026-10-01' },
    });
    expect(await scene.good(PATH, agentSettingsResponse, { headers })).toEqual(set);
  });

  it('is not overwritten by somebody who has not seen it', async () => {
    const scene = await startScene();
    const headers = await scene.token('admin');
    const put = (replaces: string | null) => ({
      method: 'PUT',
      body: { replaces, settings: some },
      headers,
    });
    const first = await scene.good(PATH, agentSettingsResponse, put(null));
    expect((await scene.refused(PATH, put(null))).code).toBe('conflict');
    expect(scene.settingsTold).toBe(1);
    await scene.good(PATH, agentSettingsResponse, put(first.hash));
  });

  it('is an administrator business, also to read', async () => {
    const scene = await startScene();
    const headers = await scene.token('approver');
    expect((await scene.refused(PATH, { headers })).code).toBe('role-missing');
    const body = { replaces: null, settings: some };
    expect((await scene.refused(PATH, { method: 'PUT', body, headers })).code).toBe('role-missing');
    expect(await scene.store.getAgentSettings()).toBeNull();
  });

  it.each([
    ['a key that is no setting', { values: { token: 'x' } }, 'body.settings.values'],
    ['a key a collector may not set', { values: { outboxMiB: 64 } }, 'body.settings.values'],
    ['a value out of bounds', { values: { sampleSeconds: 1 } }, 'body.settings.values.sampleSeconds'],
    [
      'a path where secrets are kept',
      { subjects: { ...NO_SUBJECTS, files: [{ id: 'a', path: '/etc/shadow' }] } },
      'body.settings.subjects.files.0.path',
    ],
    [
      'a table that is not newer than the shipped one',
      { osSupport: OS_SUPPORT },
      'body.settings.osSupport.asOf',
    ],
    [
      'a table of a day to come',
      { osSupport: { ...OS_SUPPORT, asOf: new Date(Date.now() + 3 * DAY).toISOString().slice(0, 10) } },
      'body.settings.osSupport.asOf',
    ],
    [
      'a table with a day that does not exist',
      { osSupport: { ...newerTable, macos: [['27', 'macOS 27', '2026-02-30']] } },
      'body.settings.osSupport.macos.0.2',
    ],
    [
      'a table in the wrong order',
      { osSupport: { ...newerTable, macos: newerTable.macos.toReversed() } },
      'body.settings.osSupport.macos',
    ],
  ])('is not %s', async (_what, part, field) => {
    const scene = await startScene();
    const answer = await scene.refused(PATH, {
      method: 'PUT',
      body: { replaces: null, settings: { ...NO_AGENT_SETTINGS, ...part } },
      headers: await scene.token('admin'),
    });
    expect(answer).toMatchObject({ code: 'request-invalid', fields: [field] });
    expect(await scene.store.getAgentSettings()).toBeNull();
  });

  it('fits into a request and a frame with every list full', async () => {
    const long = (n: number, length: number): string => String(n).padStart(length, 'x');
    const list = <One>(most: number, one: (n: number) => One): One[] =>
      Array.from({ length: most }, (_, n) => one(n));
    const full: Subjects = {
      files: list(SUBJECT_LIMITS.files, n => ({
        id: long(n, 32),
        path: `/${long(n, 259)}`,
        hash: 'sha256' as const,
        platform: 'linux' as const,
      })),
      processes: list(SUBJECT_LIMITS.processes, n => ({
        id: long(n, 32),
        name: long(n, 128),
        path: `/${long(n, 259)}`,
        platform: 'linux' as const,
      })),
      services: list(SUBJECT_LIMITS.services, n => ({ id: long(n, 32), name: long(n, 200) })),
      registry: list(SUBJECT_LIMITS.registry, n => ({
        id: long(n, 32),
        key: `HKLM\\${long(n, 250)}`,
        name: long(n, 255),
        view: 64 as const,
        kind: 'text' as const,
        platform: 'windows' as const,
      })),
      certificates: list(SUBJECT_LIMITS.certificates, n => ({
        id: long(n, 32),
        issuer: long(n, 256),
        path: `/${long(n, 259)}`,
      })),
      apps: list(SUBJECT_LIMITS.apps, n => ({
        id: long(n, 32),
        name: long(n, 128),
        publisher: long(n, 128),
        platform: 'windows' as const,
      })),
    };
    const settings = agentSettings.parse({ values: {}, subjects: full, osSupport: newerTable });
    const frame = encodeFrame({ type: 'settings', values: {}, subjects: full, osSupport: newerTable });
    expect(Buffer.byteLength(frame)).toBeLessThan(LIMITS.frameBytes);
    const scene = await startScene();
    await scene.good(PATH, agentSettingsResponse, {
      method: 'PUT',
      body: { replaces: null, settings },
      headers: await scene.token('admin'),
    });
  });
});
