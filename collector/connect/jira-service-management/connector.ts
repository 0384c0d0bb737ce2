import { z } from 'zod';
import { MINUTE } from '../../../shared/base/durations.ts';
import { Problem, toProblem } from '../../../shared/problem/problem.ts';
import {
  type CheckLine,
  defineConnector,
  defineOperation,
  type FollowOutcome,
  failed,
  outcomeAfter,
} from '../connector.ts';
import { type TicketName, TicketOnce, ticketKey, ticketText, ticketTitle } from '../ticket.ts';
import { type Jira, jiraSettings, openJira, readRequest } from './api.ts';
import { hasKey, outcomeOfRequest, requestRow, summaryWith } from './convert.ts';

const READ_SCOPE = 'read:servicedesk-request';
const WRITE_SCOPE = 'write:servicedesk-request';

/** The search knows a new request after seconds, or minutes on a bad day (developer.atlassian.com, search and reconcile). */
const SETTLES_MS = 5 * MINUTE;

interface JiraClient {
  readonly jira: Jira;
  readonly once: TicketOnce;
}

const createParameters = z.strictObject({
  key: ticketKey,
  title: ticketTitle,
  description: ticketText,
  /** Account id, or email where customers have no account, of who the request is for. */
  onBehalfOf: z.string().min(3).max(256).optional(),
});

const create = defineOperation<JiraClient, typeof createParameters>({
  title: 'Make a request',
  what: 'Makes one customer request for a key, however often it is asked to.',
  isDestructive: false,
  scope: WRITE_SCOPE,
  hasNoTarget: true,
  parameters: createParameters,
  run: ({ jira, once }, _, { key, title, description, onBehalfOf }) =>
    once.make(key, {
      find: () => findByKey(jira, key),
      create: async () => {
        const made = await jira.create({ summary: summaryWith(title, key), description, onBehalfOf });
        return nameOf(made.issueKey);
      },
    }),
});

/** As a phrase: hyphens and dots would be operators of the search otherwise. */
async function findByKey(jira: Jira, key: string): Promise<TicketName | null> {
  for await (const items of jira.search(`"${key}"`)) {
    const found = items.map(readRequest).find(item => item !== null && hasKey(item, key));
    if (found !== undefined && found !== null) return nameOf(found.issueKey);
  }
  return null;
}

function nameOf(issueKey: string): TicketName {
  return { id: issueKey, number: issueKey };
}

const commentParameters = z.strictObject({
  text: ticketText,
  /** The customer sees it; otherwise only agents. */
  isPublic: z.boolean().default(false),
});

const comment = defineOperation<JiraClient, typeof commentParameters>({
  title: 'Comment',
  what: 'Adds a comment to a request, for agents or also for its customer.',
  isDestructive: false,
  scope: WRITE_SCOPE,
  parameters: commentParameters,
  run: ({ jira }, target, { text, isPublic }) =>
    outcomeAfter(
      async () => {
        if (!isRequest(target)) throw new Problem('vendor-not-found', 'this is no key of a request');
      },
      async () => {
        await jira.comment(target, text, isPublic);
        return { outcome: 'done' };
      },
    ),
});

/** `HELP-12`, or the number behind it. */
function isRequest(text: string): boolean {
  return /^([A-Z][A-Z0-9_]{0,40}-\d{1,12}|\d{1,18})$/i.test(text);
}

async function followRequest({ jira }: JiraClient, _: string, tracking: string): Promise<FollowOutcome> {
  const request = isRequest(tracking) ? await jira.read(tracking) : null;
  return request === null ? 'unknown' : outcomeOfRequest(request);
}

async function checkJira({ jira }: JiraClient): Promise<CheckLine[]> {
  const write: CheckLine = {
    what: WRITE_SCOPE,
    outcome: 'unknown',
    detail: 'can only be told by making a request',
  };
  try {
    const others = await jira.otherRequired();
    const lines: CheckLine[] = [
      { what: 'Sign-in', outcome: 'ok' },
      { what: READ_SCOPE, outcome: 'ok' },
    ];
    if (others.length === 0) return [...lines, { what: 'Request type', outcome: 'ok' }, write];
    const detail = `the form also requires: ${others.join(', ')}`;
    const problem = new Problem('vendor-refused', detail);
    return [...lines, { what: 'Request type', outcome: 'failed', detail, problem }, write];
  } catch (error) {
    const problem = toProblem(error);
    const signedIn: CheckLine = { what: 'Sign-in', outcome: 'ok' };
    if (problem.code === 'vendor-permission') return [signedIn, failed(READ_SCOPE, problem), write];
    if (problem.code === 'vendor-not-found') return [signedIn, failed('Request type', problem), write];
    return [failed('Sign-in', problem), { what: READ_SCOPE, outcome: 'unknown', detail: 'not tried' }, write];
  }
}

export const jiraServiceManagement = defineConnector({
  id: 'jira-service-management',
  title: 'Jira Service Management',
  summary: 'Makes customer requests, comments on them and reads what has become of them.',
  settings: z.object(jiraSettings),
  accounts: { max: 5 },
  scopes: [
    { name: READ_SCOPE, why: 'Finds the requests made before, so that none is made twice.', neededTo: 'act' },
    { name: WRITE_SCOPE, why: 'Makes requests and comments on them.', neededTo: 'act' },
  ],
  open: (settings, io): JiraClient => ({
    jira: openJira(settings, io),
    once: new TicketOnce({ clock: io.clock, settlesMs: SETTLES_MS }),
  }),
  check: checkJira,
  operations: { create, comment },
  inquiries: {
    ticket: {
      title: 'Request',
      what: 'A customer request as it is now, by its key.',
      about: 'ticket',
      run: async ({ jira }, target) => {
        const request = isRequest(target) ? await jira.read(target) : null;
        const rows = request === null ? [] : [requestRow(request, address => jira.isOurs(address))];
        return { rows, whole: true };
      },
    },
  },
  follow: followRequest,
});
