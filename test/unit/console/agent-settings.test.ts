import { describe, expect, it } from 'vitest';
import { changeWords } from '../../../collector/console/agent-settings/change-words.ts';
import { Desk } from '../../../collector/console/agent-settings/desk.ts';
import {
  changesBetween,
  type Draft,
  draftOf,
  judge,
  mergeDrafts,
  newRow,
} from '../../../collector/console/agent-settings/draft.ts';
import { factsOfSubject, type SubjectKind } from '../../../collector/console/agent-settings/kinds.ts';
import { readTableFile, tableChanges } from '../../../collector/console/agent-settings/table-file.ts';
import type { Answer } from '../../../collector/console/source/source.ts';
import type { AgentSettingsResponse } from '../../../shared/api/schemas.ts';
import { type AgentSettings, NO_AGENT_SETTINGS } from '../../../shared/device/agent-settings.ts';
import { OS_SUPPORT } from '../../../shared/device/os-support-table.ts';
import { NO_SUBJECTS } from '../../../shared/device/subjects.ts';
import { CATALOGUE } from '../../../shared/posture/catalogue.ts';
import { findFact } from '../../../shared/posture/fact-list.ts';

const TOLD: AgentSettings = {
  values: { sampleSeconds: 30 },
  subjects: {
    ...NO_SUBJECTS,
    files: [
      { id: 'vpn', path: 'C:\\Contoso\\vpn.exe', hash: 'sha256', platform: 'windows' },
      { id: 'agent', path: '/opt/contoso/agent' },
    ],
    registry: [
      { id: 'uac', key: 'HKLM\\SOFTWARE\\X', name: 'Y', view: 32, kind: 'numeric', platform: 'windows' },
    ],
  },
  osSupport: null,
};

function withRow(
  kind: SubjectKind,
  fields: Record<string, string>,
  draft = draftOf(NO_AGENT_SETTINGS),
): Draft {
  const row = newRow(kind, `key-${draft.subjects[kind].length}`);
  return {
    ...draft,
    subjects: {
      ...draft.subjects,
      [kind]: [...draft.subjects[kind], { ...row, fields: { ...row.fields, ...fields } }],
    },
  };
}
const setValue = (draft: Draft, value: string): Draft => ({
  ...draft,
  values: { ...draft.values, sampleSeconds: value },
});
const withoutFile = (draft: Draft, id: string): Draft => ({
  ...draft,
  subjects: { ...draft.subjects, files: draft.subjects.files.filter(row => row.was !== id) },
});
const pathOf = (draft: Draft, id: string, path: string): Draft => ({
  ...draft,
  subjects: {
    ...draft.subjects,
    files: draft.subjects.files.map(row =>
      row.was === id ? { ...row, fields: { ...row.fields, path } } : row,
    ),
  },
});
function problem(draft: Draft, address: string): string | undefined {
  const judged = judge(draft);
  return judged.ok ? undefined : judged.problems.get(address);
}

describe('a draft of what agents are told', () => {
  it('comes back as exactly what it was made from', () => {
    expect(judge(draftOf(TOLD))).toEqual({ ok: true, settings: TOLD });
    expect(judge(draftOf(NO_AGENT_SETTINGS))).toEqual({ ok: true, settings: NO_AGENT_SETTINGS });
  });

  it('says at a number which numbers it takes', () => {
    for (const wrong of ['14', '3601', 'often', '30.5', '-30'])
      expect(problem(setValue(draftOf(TOLD), wrong), 'values.sampleSeconds')).toBe(
        'A whole number from 15 to 3600.',
      );
    expect(problem(setValue(draftOf(TOLD), ' 45 '), 'values.sampleSeconds')).toBeUndefined();
  });

  it.each([
    ['Contoso\\vpn.exe', 'from the drive or from /'],
    ['\\\\server\\share\\vpn.exe', 'Network'],
    ['%ProgramFiles%\\vpn.exe', 'Variables'],
    ['~/vpn', 'home folder'],
    ['C:/Contoso/vpn.exe', 'Write \\ after the drive'],
    ['C:\\Contoso\\*.exe', 'Wildcards'],
    ['/opt/../etc/motd', 'without . and ..'],
    ['C:\\PROGRA~1\\vpn.exe', 'Short names'],
    ['/opt/contoso/', 'at the end'],
    ['/etc/shadow', 'Secrets are kept there'],
    ['C:\\Windows\\System32\\config\\SAM', 'Secrets are kept there'],
    ['', 'Fill this in'],
    [`/${'x'.repeat(260)}`, '260 characters at most'],
  ])('says of the path %j why it is not looked at', (path, words) => {
    expect(problem(withRow('files', { id: 'a', path }), 'subjects.files.0.path')).toContain(words);
  });

  it('says which registry keys and values are never read', () => {
    const row = { id: 'a', key: 'HKLM\\SECURITY\\Policy', name: 'X' };
    expect(problem(withRow('registry', row), 'subjects.registry.0.key')).toContain('Secrets are kept there');
    expect(
      problem(
        withRow('registry', { ...row, key: 'HKLM\\SOFTWARE\\X', name: 'AdminPassword', kind: 'text' }),
        'subjects.registry.0.name',
      ),
    ).toContain('may hold a secret');
  });

  it('asks for another name where rules could not tell two rows apart', () => {
    const twice = withRow('services', { id: 'a', name: 'B' }, withRow('services', { id: 'a', name: 'C' }));
    expect(problem(twice, 'subjects.services.1.id')).toContain('taken');
    expect(problem(twice, 'subjects.services.0.id')).toBeUndefined();
  });

  it('names facts of a subject that rules know, each once', () => {
    const rows: readonly [SubjectKind, Record<string, string>][] = [
      ['files', { id: 'a', hash: 'md5' }],
      ['processes', { id: 'a' }],
      ['services', { id: 'a' }],
      ['registry', { id: 'a', kind: 'text' }],
      ['registry', { id: 'a', kind: 'numeric' }],
      ['certificates', { id: 'a' }],
      ['apps', { id: 'a' }],
    ];
    for (const [kind, fields] of rows) {
      const names = factsOfSubject(CATALOGUE, kind, fields).map(fact => fact.name);
      expect(names.length).toBeGreaterThan(1);
      for (const name of names) expect(findFact(name)?.subject).toBe('a');
    }
    const files = factsOfSubject(CATALOGUE, 'files', { id: 'a', hash: 'md5' }).map(fact => fact.name);
    expect(files).toContain('file.a.md5');
    expect(files).not.toContain('file.a.sha256');
  });
});

describe('what changes', () => {
  it('is said as before and after, and nothing is said of what stays', () => {
    const before = draftOf(TOLD);
    expect(changesBetween(before, draftOf(TOLD))).toEqual([]);
    const after = withRow(
      'apps',
      { id: 'office', name: 'Office*' },
      withoutFile(setValue(before, ''), 'agent'),
    );
    expect(changesBetween(before, after).map(changeWords)).toEqual([
      {
        title: 'Load, disk space, battery',
        what: 'back to default',
        before: '30 s',
        after: 'not set (60 s by default)',
      },
      { title: 'Files: agent', what: 'removed', before: '/opt/contoso/agent', after: null },
      { title: 'Applications: office', what: 'added', before: null, after: 'Office*' },
    ]);
  });
});

describe('two people at once', () => {
  const base = draftOf(TOLD);

  it('keep what each has changed', () => {
    const mine = withRow('apps', { id: 'mine', name: 'M' }, pathOf(base, 'agent', '/opt/mine'));
    const theirs = withRow('services', { id: 'theirs', name: 'T' }, setValue(base, '90'));
    const merged = mergeDrafts(base, mine, theirs);
    const judged = judge(merged);
    expect(judged.ok && judged.settings).toMatchObject({
      values: { sampleSeconds: 90 },
      subjects: {
        files: [{ id: 'vpn' }, { id: 'agent', path: '/opt/mine' }],
        services: [{ id: 'theirs' }],
        apps: [{ id: 'mine' }],
      },
    });
  });

  it('find what was typed here where both changed the same', () => {
    expect(mergeDrafts(base, setValue(base, '20'), setValue(base, '90')).values.sampleSeconds).toBe('20');
  });

  it('find a row that was edited here although the other has removed it, and no row that was not', () => {
    const mine = pathOf(base, 'agent', '/opt/mine');
    const theirs = withoutFile(withoutFile(base, 'agent'), 'vpn');
    const { files } = mergeDrafts(base, mine, theirs).subjects;
    expect(files.map(row => row.fields.path)).toEqual(['/opt/mine']);
  });

  it('are asked for another name when both have added a row of the same', () => {
    const mine = withRow('apps', { id: 'office', name: 'Mine' });
    const theirs = draftOf({
      ...NO_AGENT_SETTINGS,
      subjects: { ...NO_SUBJECTS, apps: [{ id: 'office', name: 'Theirs' }] },
    });
    const merged = mergeDrafts(draftOf(NO_AGENT_SETTINGS), mine, theirs);
    expect(merged.subjects.apps.map(row => row.fields.name)).toEqual(['Theirs', 'Mine']);
    expect(problem(merged, 'subjects.apps.1.id')).toContain('taken');
  });
});

describe('the desk', () => {
  const response = (settings: AgentSettings, hash: string): AgentSettingsResponse => ({
    settings,
    hash,
    changedAt: 1,
    changedBy: 'ines',
    shippedOsSupportAsOf: OS_SUPPORT.asOf,
    delivery: { connected: 12, holding: 9, refusing: 0 },
  });
  /** A collector that answers from a list, in order. */
  function deskThat(...answers: readonly Answer<unknown>[]): { desk: Desk; asked: unknown[] } {
    const asked: unknown[] = [];
    const left = [...answers];
    const desk = new Desk(<Value>(method: string, _path: string, body?: unknown) => {
      asked.push(body === undefined ? method : { method, body });
      const answer = left.shift();
      if (answer === undefined) throw new Error('asked more often than foreseen');
      return Promise.resolve(answer as Answer<Value>);
    });
    return { desk, asked };
  }
  const yes = (value: unknown): Answer<unknown> => ({ ok: true, value });
  const no = (code: string, fields: readonly string[] = []): Answer<unknown> => ({
    ok: false,
    trouble: { code, title: '', what: '', next: '', trace: null, fields },
  });

  it('follows the collector while nothing is typed, and keeps what is typed when it is', async () => {
    const other = { ...TOLD, values: { sampleSeconds: 90 } };
    const { desk } = deskThat(yes(response(TOLD, 'a')), yes(response(other, 'b')), yes(response(TOLD, 'c')));
    await desk.load();
    await desk.load();
    expect(desk.state.get().draft?.values.sampleSeconds).toBe('90');
    desk.edit(draft => setValue(draft, '20'));
    await desk.load();
    expect(desk.state.get()).toMatchObject({
      base: { hash: 'b' },
      newer: { hash: 'c' },
      draft: { values: { sampleSeconds: '20' } },
    });
  });

  it('loses nothing in a conflict and saves on top of what is there after taking it in', async () => {
    const theirs: AgentSettings = { ...TOLD, values: { sampleSeconds: 30, heavyHours: 2 } };
    const { desk, asked } = deskThat(
      yes(response(TOLD, 'a')),
      no('conflict'),
      yes(response(theirs, 'b')),
      yes(response(TOLD, 'c')),
    );
    await desk.load();
    desk.edit(draft => setValue(draft, '20'));
    expect(await desk.save({ ...TOLD, values: { sampleSeconds: 20 } })).toEqual({ is: 'behind' });
    desk.takeIn();
    const { draft, base } = desk.state.get();
    expect(base?.hash).toBe('b');
    expect(draft?.values).toMatchObject({ sampleSeconds: '20', heavyHours: '2' });
    await desk.save(theirs);
    expect(asked.at(-1)).toMatchObject({ method: 'PUT', body: { replaces: 'b' } });
  });

  it('points at the fields the collector refuses', async () => {
    const refusal = no('request-invalid', ['body.settings.subjects.files.0.path']);
    const { desk } = deskThat(yes(response(TOLD, 'a')), refusal);
    await desk.load();
    expect(await desk.save(TOLD)).toEqual({ is: 'refused' });
    expect(desk.state.get().refused?.fields).toEqual(['subjects.files.0.path']);
  });

  it('does not send a table that the shipped one has overtaken', async () => {
    const old = { ...TOLD, osSupport: { ...OS_SUPPORT, asOf: '2026-01-01' } };
    const { desk, asked } = deskThat(yes(response(old, 'a')), yes(response(TOLD, 'b')));
    await desk.load();
    await desk.save(old);
    expect(asked.at(-1)).toMatchObject({ body: { settings: { osSupport: null } } });
  });
});

describe('a table of support ends from a file', () => {
  const file = (content: unknown): Blob =>
    new Blob([typeof content === 'string' ? content : JSON.stringify(content)]);
  const newer = { ...OS_SUPPORT, asOf: '2026-10-01' };

  it('is taken when it is later than the shipped one', async () => {
    expect(await readTableFile(file(newer))).toEqual({ ok: true, table: newer });
  });

  it.each([
    ['a text', 'not json', 'not JSON'],
    ['another thing', { hello: 1 }, 'not a table of support ends'],
    ['an older one', OS_SUPPORT, 'Only a later one'],
    [
      'one with a day that does not exist',
      { ...newer, macos: [['27', 'macOS 27', '2026-02-30']] },
      'macOS, row 1, last day of support: must be a day that exists',
    ],
    [
      'one in the wrong order',
      { ...newer, macos: newer.macos.toReversed() },
      'macOS: must begin with the newest',
    ],
    ['one that is too large', 'x'.repeat(600 * 1024), 'larger than any table'],
  ])('is refused in words when it is %s', async (_what, content, words) => {
    const read = await readTableFile(file(content));
    expect(read.ok ? '' : read.why).toContain(words);
  });

  it('says what would change, also for a version that a newer one pushes out of support', () => {
    const next = { ...newer, macos: [['28', 'macOS 28', null] as ['28', 'macOS 28', null], ...newer.macos] };
    expect(tableChanges(OS_SUPPORT, newer)).toEqual([]);
    expect(tableChanges(OS_SUPPORT, next)).toEqual([
      { is: 'added', label: 'macOS 28', before: null, after: 'supported, no day known' },
      {
        is: 'changed',
        label: 'macOS 15 Sequoia',
        before: 'supported, no day known',
        after: 'out of support, no day known',
      },
    ]);
  });
});
