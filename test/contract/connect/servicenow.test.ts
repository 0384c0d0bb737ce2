import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NOW_USER } from '../../../build/demo/vendors/fake-servicenow.ts';
import { type Answer, FakeVendor } from '../../../build/demo/vendors/fake-vendor.ts';
import { serviceNow } from '../../../collector/connect/servicenow/connector.ts';
import { noContracts, noRecordings, recordedPath, startContract } from '../../support/contract-server.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

const SYS_ID = '26d1744d47603110d737cd9bd36d436b';
const TICKET = { key: 'device-7.disk-full', title: 'Disk almost full', description: 'C: has 2 GB left.' };

async function scene(
  mode: 'static' | 'dynamic',
  { prefer, signIn }: { prefer?: string; signIn?: string } = {},
) {
  const server = await startContract({
    spec: 'servicenow-table',
    mode,
    prefer: (method, path) => (path.startsWith('/oauth') || method !== 'GET' ? undefined : prefer),
    // A list that was filtered by a key nobody has is empty; the mock has no filter.
    mend: (path, body) =>
      path.includes('sysparm_query=') && Array.isArray((body as { result?: unknown }).result)
        ? { result: [] }
        : body,
  });
  const settings = { ...NOW_USER, instanceUrl: server.url, ...(signIn === undefined ? {} : { signIn }) };
  return { server, session: serviceNow.open({ id: 'main', settings }, new SwiftTime().surroundings) };
}

describe.skipIf(noContracts !== null)(`the Table API’s specification (${noContracts ?? 'at hand'})`, () => {
  describe.each(['static', 'dynamic'] as const)('%s', mode => {
    it.each(['user and password', 'client credentials'])('allows every check by %s', async signIn => {
      const { server, session } = await scene(mode, { signIn });
      expect((await session.check()).filter(({ outcome }) => outcome === 'failed')).toEqual([]);
      expect(server.forbidden()).toEqual([]);
    });

    it('allows making a ticket, commenting on it, following it and reading it back', async () => {
      const { server, session } = await scene(mode);
      const made = await session.act({ operation: 'create', target: '', parameters: TICKET });
      // A made-up record may lack its id; then it is looked for, and open.
      expect(mode === 'static' ? ['accepted'] : ['accepted', 'unknown']).toContain(made.outcome);
      await session.act({
        operation: 'comment',
        target: SYS_ID,
        parameters: { text: 'Freed.', isPublic: true },
      });
      await session.follow('', SYS_ID).catch(() => undefined);
      await session.inquire({ inquiry: 'ticket', target: SYS_ID }).catch(() => undefined);
      expect(server.forbidden()).toEqual([]);
      expect(server.requests.map(({ method }) => method)).toEqual(
        expect.arrayContaining(['GET', 'POST', 'PATCH']),
      );
    });
  });

  it.each([
    [400, 'vendor-refused'],
    [401, 'vendor-credentials'],
    [403, 'vendor-permission'],
    [429, 'vendor-throttled'],
  ])('has a refusal with %i, which is the problem %s', async (status, code) => {
    const { server, session } = await scene('dynamic', { prefer: `code=${status}` });
    const outcome = await session.act({ operation: 'create', target: '', parameters: TICKET });
    expect(outcome).toMatchObject({ outcome: 'refused', problem: { code } });
    expect(server.forbidden()).toEqual([]);
  });
});

describe.skipIf(noRecordings !== null)(`recorded answers (${noRecordings ?? 'at hand'})`, () => {
  const body = (name: string, status = 200): Answer => ({
    status,
    text: readFileSync(recordedPath(name), 'utf8'),
    headers: { 'Content-Type': 'application/json' },
  });
  const replay = async (answer: Parameters<typeof FakeVendor.start>[0]) => {
    const vendor = await FakeVendor.start(answer);
    const settings = { ...NOW_USER, instanceUrl: vendor.url };
    return serviceNow.open({ id: 'main', settings }, new SwiftTime().surroundings);
  };

  it('of a ticket that was made name it, and say that the key was not kept', async () => {
    const session = await replay(({ method }) =>
      method === 'POST' ? body('servicenow-incident-create-201.json', 201) : { json: { result: [] } },
    );
    expect(await session.act({ operation: 'create', target: '', parameters: TICKET })).toEqual({
      outcome: 'accepted',
      tracking: SYS_ID,
      reference: 'INC0010006',
      detail: 'the instance did not keep the key (correlation_id)',
    });
  });

  it('of a list that is not filtered by the key keep a ticket from being made', async () => {
    const session = await replay(() => body('servicenow-incident-list.json'));
    expect(await session.act({ operation: 'create', target: '', parameters: TICKET })).toMatchObject({
      outcome: 'refused',
      problem: { code: 'vendor-answer' },
    });
  });

  it('of one ticket are read: references, texts for numbers, times without a zone', async () => {
    const session = await replay(() => body('servicenow-incident-create-201.json'));
    expect((await session.inquire({ inquiry: 'ticket', target: SYS_ID })).rows).toEqual([
      expect.objectContaining({
        id: SYS_ID,
        state: 'new',
        priority: '5',
        openedAt: Date.UTC(2023, 7, 7, 10, 59, 39),
        resolvedAt: null,
        key: null,
      }),
    ]);
    expect(await session.follow('', SYS_ID)).toBe('pending');
  });

  it('of a refused sign-in are told in their words', async () => {
    const session = await replay(() => body('servicenow-error-401.json', 401));
    const [line] = await session.check();
    expect(line).toMatchObject({ outcome: 'failed', problem: { code: 'vendor-credentials' } });
    expect(line?.detail).toContain('User Not Authenticated');
  });
});
