import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { JIRA_ACCOUNT } from '../../../build/demo/vendors/fake-jira.ts';
import { FakeVendor } from '../../../build/demo/vendors/fake-vendor.ts';
import { jiraServiceManagement } from '../../../collector/connect/jira-service-management/connector.ts';
import { noContracts, noRecordings, recordedPath, startContract } from '../../support/contract-server.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

const TICKET = {
  key: 'device-7.disk-full',
  title: 'Disk almost full',
  description: 'C: has 2 GB left.',
  onBehalfOf: 'person@example.com',
};

async function scene(mode: 'static' | 'dynamic', prefer?: string) {
  const server = await startContract({
    spec: 'jira-service-management',
    mode,
    prefer: () => prefer,
    // The mock's page is never the last one.
    mend: (path, body) =>
      path.startsWith('/rest/servicedeskapi/request?') ? { ...(body as object), isLastPage: true } : body,
  });
  // The description knows bearer tokens only; basic credentials are what unit tests use.
  const settings = { ...JIRA_ACCOUNT, email: '', siteUrl: server.url };
  return {
    server,
    session: jiraServiceManagement.open({ id: 'main', settings }, new SwiftTime().surroundings),
  };
}

describe.skipIf(noContracts !== null)(`Jira’s own description (${noContracts ?? 'at hand'})`, () => {
  describe.each(['static', 'dynamic'] as const)('%s', mode => {
    it('allows every check', async () => {
      const { server, session } = await scene(mode);
      const failed = (await session.check()).filter(
        ({ what, outcome }) => outcome === 'failed' && what !== 'Request type',
      );
      expect(failed).toEqual([]);
      expect(server.forbidden()).toEqual([]);
    });

    it('allows making a request, commenting on it, following it and reading it back', async () => {
      const { server, session } = await scene(mode);
      const made = await session.act({ operation: 'create', target: '', parameters: TICKET });
      // A made-up request may lack its key; then it is looked for, and open.
      expect(mode === 'static' ? ['accepted'] : ['accepted', 'unknown']).toContain(made.outcome);
      const parameters = { text: 'Freed.', isPublic: true };
      const commented = await session.act({ operation: 'comment', target: 'HELP-1', parameters });
      expect(commented).toEqual({ outcome: 'done' });
      await session.follow('', 'HELP-1').catch(() => undefined);
      await session.inquire({ inquiry: 'ticket', target: 'HELP-1' }).catch(() => undefined);
      expect(server.forbidden()).toEqual([]);
      expect(server.requests.filter(({ method }) => method === 'POST').length).toBe(2);
    });
  });

  it.each([
    [401, 'vendor-credentials'],
    [404, 'vendor-not-found'],
    [500, 'vendor-failed'],
  ])('has a refusal with %i, which is the problem %s', async (status, code) => {
    const { session } = await scene('dynamic', `code=${status}`);
    const outcome = await session.act({ operation: 'create', target: '', parameters: TICKET });
    expect(outcome).toMatchObject({ outcome: 'refused', problem: { code } });
  });
});

describe.skipIf(noRecordings !== null)(`recorded answers (${noRecordings ?? 'at hand'})`, () => {
  it('of a request that was made name it, and are read back', async () => {
    const vendor = await FakeVendor.start(({ method, path }) =>
      method === 'GET' && path.endsWith('/request')
        ? { json: { isLastPage: true, values: [] } }
        : { status: method === 'POST' ? 201 : 200, text: readRecorded('jsm-request-create-201.json') },
    );
    const settings = { ...JIRA_ACCOUNT, siteUrl: vendor.url };
    const session = jiraServiceManagement.open({ id: 'main', settings }, new SwiftTime().surroundings);
    const outcome = await session.act({ operation: 'create', target: '', parameters: TICKET });
    expect(outcome).toEqual({ outcome: 'accepted', tracking: 'HELPDESK-1', reference: 'HELPDESK-1' });
    expect(await session.follow('', 'HELPDESK-1')).toBe('pending');
    expect((await session.inquire({ inquiry: 'ticket', target: 'HELPDESK-1' })).rows).toEqual([
      expect.objectContaining({
        id: '107001',
        state: 'new',
        vendorState: 'Waiting for Support',
        openedAt: 1_444_290_120_000,
        // Its links lead to another site than the one that was asked.
        url: null,
      }),
    ]);
  });
});

function readRecorded(name: string): string {
  return readFileSync(recordedPath(name), 'utf8');
}
