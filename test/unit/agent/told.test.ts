import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSettings } from '../../../agent/core/settings/settings.ts';
import { SETTING_KEYS, SETTINGS } from '../../../agent/core/settings/table.ts';
import { createTold } from '../../../agent/core/settings/told.ts';
import { toldFile } from '../../../agent/core/settings/told-file.ts';
import {
  COLLECTOR_SETTINGS,
  collectorValues,
  NO_AGENT_SETTINGS,
} from '../../../shared/device/agent-settings.ts';
import { OS_SUPPORT, osSupportTable, replacementFor } from '../../../shared/device/os-support-table.ts';
import { NO_SUBJECTS } from '../../../shared/device/subjects.ts';
import type { DeviceSettings } from '../../../shared/protocol/to-device.ts';

const newer = { ...OS_SUPPORT, asOf: '2099-01-01' };
const looked = { ...NO_SUBJECTS, files: [{ id: 'a', path: '/opt/contoso/agent' }] };
const frame: DeviceSettings = {
  type: 'settings',
  values: { sampleSeconds: 30 },
  subjects: looked,
  osSupport: newer,
  hash: '0123456789abcdef',
};

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trayline-told-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'told.json');
}

function told(path: string, collectorId: string | null = 'c-1') {
  const settings = createSettings();
  return Object.assign(createTold({ settings, file: toldFile(path), collectorId }), { settings });
}

describe('what the collector told', () => {
  it('is in force at once, and again after a restart without a connection', async () => {
    const path = await place();
    const before = told(path);
    expect(before.take(frame, 'c-1')).toEqual({ refused: [], subjectsChanged: true, osSupportChanged: true });
    const after = told(path);
    for (const { settings, subjects, osSupport, hash } of [before, after]) {
      expect(settings.values.sampleSeconds).toBe(30);
      expect(settings.layerOf('sampleSeconds')).toBe('collector');
      expect([subjects, osSupport.asOf, hash]).toEqual([looked, '2099-01-01', frame.hash]);
    }
  });

  it('is kept for its owner only', async () => {
    const path = await place();
    told(path).take(frame, 'c-1');
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('is replaced whole by what is told next', async () => {
    const path = await place();
    const one = told(path);
    one.take(frame, 'c-1');
    one.take({ type: 'settings', values: { heavyHours: 12 }, hash: '00000000000000aa' }, 'c-1');
    const again = told(path);
    for (const { settings, subjects, osSupport, hash } of [one, again]) {
      expect([settings.values.sampleSeconds, settings.values.heavyHours]).toEqual([60, 12]);
      expect([subjects, osSupport, hash]).toEqual([NO_SUBJECTS, OS_SUPPORT, '00000000000000aa']);
    }
  });

  it('is dropped when it is not to be kept, and when the device gets a new key', async () => {
    const path = await place();
    const one = told(path);
    one.take(frame, 'c-1');
    one.take({ type: 'settings', values: {} }, 'c-1');
    expect([one.hash, told(path).hash]).toEqual([null, null]);
    one.take(frame, 'c-1');
    one.forget();
    expect([one.hash, one.subjects, told(path).hash]).toEqual([null, NO_SUBJECTS, null]);
  });

  it('is not taken up again for another collector, nor before the device belongs to one', async () => {
    const path = await place();
    told(path).take(frame, 'c-1');
    expect(told(path, 'c-2').hash).toBeNull();
    expect(told(path, null).hash).toBeNull();
  });

  it.each([
    [
      'changed',
      async (path: string) => writeFile(path, (await readFile(path, 'utf8')).replace('contoso', 'fabrica')),
    ],
    ['cut short', (path: string) => truncate(path, 100)],
    ['empty', (path: string) => truncate(path, 0)],
    ['far too large', (path: string) => writeFile(path, ' '.repeat(2_000_000))],
    ['something else', (path: string) => writeFile(path, '[]')],
  ])('is asked for anew when the file was %s', async (_how, spoil) => {
    const path = await place();
    told(path).take(frame, 'c-1');
    await spoil(path);
    const after = told(path);
    expect([after.hash, after.subjects, after.settings.values.sampleSeconds]).toEqual([
      null,
      NO_SUBJECTS,
      60,
    ]);
  });

  it('that cannot be kept is in force all the same, and said', async () => {
    const path = join(await place(), 'no-such-folder', 'told.json');
    const one = told(path);
    expect(one.take(frame, 'c-1').refused).toEqual([{ key: 'keeping', why: 'not-written' }]);
    expect(one.subjects).toEqual(looked);
  });

  it.each([
    [
      'a secret place',
      { subjects: { ...NO_SUBJECTS, files: [{ id: 'a', path: '/etc/shadow' }] } },
      'subjects',
    ],
    ['no subjects', { subjects: 'all of them' }, 'subjects'],
    ['an older table', { osSupport: { ...newer, asOf: '2020-01-01' } }, 'osSupport'],
    ['no table', { osSupport: { asOf: '2099-02-01' } }, 'osSupport'],
    ['a value out of bounds', { values: { sampleSeconds: 1 } }, 'sampleSeconds'],
    ['a setting it may not set', { values: { collector: 'https://elsewhere.example' } }, 'collector'],
  ])('leaves the rest alone when it holds %s', async (_what, part, key) => {
    const one = told(await place());
    one.take(frame, 'c-1');
    const { refused } = one.take({ ...frame, ...part, hash: '00000000000000bb' }, 'c-1');
    expect(refused.map(refusal => refusal.key)).toEqual([key]);
    expect(one.subjects).toEqual(looked);
    expect(one.settings.values.collector).toBeNull();
    expect(one.hash).toBe('00000000000000bb');
    expect(one.osSupport).toEqual(newer);
  });
});

describe('the table of support ends', () => {
  it('that is shipped fits its own schema', () => {
    expect(osSupportTable.parse(OS_SUPPORT)).toEqual(OS_SUPPORT);
  });

  it('gives way to a later one only', () => {
    expect(replacementFor(newer)).toEqual({ ok: true, table: newer });
    expect(replacementFor(OS_SUPPORT)).toMatchObject({ ok: false, why: 'older' });
    expect(replacementFor({ ...newer, extra: 1 })).toMatchObject({ ok: false, why: 'malformed' });
    expect(replacementFor({ ...newer, macosSupportedMajors: 0 })).toEqual({
      ok: false,
      why: 'malformed',
      detail: 'macosSupportedMajors',
    });
  });
});

describe('the settings a collector may set', () => {
  it('are the same on both sides', () => {
    const ours = SETTING_KEYS.filter(key => SETTINGS[key].collector);
    expect(ours.toSorted()).toEqual(Object.keys(COLLECTOR_SETTINGS).toSorted());
    expect(Object.keys(collectorValues.shape).toSorted()).toEqual(ours.toSorted());
    expect(collectorValues.parse(NO_AGENT_SETTINGS.values)).toEqual({});
  });
});
