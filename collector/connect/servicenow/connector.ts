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
import { TicketOnce, ticketKey, ticketText, ticketTitle } from '../ticket.ts';
import { openServiceNow, type ServiceNow, type ServiceNowSettings, serviceNowSettings } from './api.ts';
import { outcomeOfTicket, plain, ticketRow } from './convert.ts';

const READ_ROLE = 'sn_incident_read';
const WRITE_ROLE = 'sn_incident_write';

interface ServiceNowClient {
  readonly now: ServiceNow;
  readonly settings: ServiceNowSettings;
  readonly once: TicketOnce;
}

/** 1 is high, 3 is low. */
const grade = z.number().int().min(1).max(3);

const createParameters = z.strictObject({
  key: ticketKey,
  title: ticketTitle,
  description: ticketText,
  urgency: grade.default(3),
  impact: grade.default(3),
  /** sys_id, user name or email of who the ticket is for. */
  caller: z.string().min(1).max(100).optional(),
  /** sys_id or name of the configuration item. */
  configurationItem: z.string().min(1).max(100).optional(),
});

const create = defineOperation<ServiceNowClient, typeof createParameters>({
  title: 'Make a ticket',
  what: 'Makes one incident for a key, however often it is asked to.',
  isDestructive: false,
  scope: WRITE_ROLE,
  hasNoTarget: true,
  parameters: createParameters,
  run: ({ now, settings, once }, _, { key, title, description, urgency, impact, ...rest }) =>
    once.make(key, {
      find: () => now.find('correlation_id', key),
      create: async () => {
        const { assignmentGroup, category } = settings;
        const made = await now.create({
          short_description: title,
          description,
          urgency: String(urgency),
          impact: String(impact),
          correlation_id: key,
          correlation_display: 'Trayline',
          ...(assignmentGroup === '' ? {} : { assignment_group: assignmentGroup }),
          ...(category === '' ? {} : { category }),
          ...(rest.caller === undefined ? {} : { caller_id: rest.caller }),
          ...(rest.configurationItem === undefined ? {} : { cmdb_ci: rest.configurationItem }),
        });
        // A field the user may not write is left out without a word.
        const isKeyKept = plain(made.record.correlation_id) === key;
        return isKeyKept ? made : { ...made, remark: 'the instance did not keep the key (correlation_id)' };
      },
    }),
});

const commentParameters = z.strictObject({
  text: ticketText,
  /** Whoever the ticket is for sees it; otherwise only those who work on it. */
  isPublic: z.boolean().default(false),
});

const comment = defineOperation<ServiceNowClient, typeof commentParameters>({
  title: 'Comment',
  what: 'Adds a work note to an incident, or a comment its caller sees.',
  isDestructive: false,
  scope: WRITE_ROLE,
  parameters: commentParameters,
  run: ({ now }, target, { text, isPublic }) =>
    outcomeAfter(
      async () => {
        const id = await sysIdOf(now, target);
        if (id === null) throw new Problem('vendor-not-found', 'ServiceNow has no ticket of this name');
        return id;
      },
      async id => {
        await now.change(id, isPublic ? { comments: text } : { work_notes: text });
        return { outcome: 'done' };
      },
    ),
});

/** A ticket by its sys_id, or by the number people know it by. */
async function sysIdOf(now: ServiceNow, target: string): Promise<string | null> {
  if (isSysId(target)) return target;
  if (!/^[A-Z]{2,10}\d{3,20}$/i.test(target)) return null;
  return (await now.find('number', target))?.id ?? null;
}

function isSysId(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(text);
}

async function followTicket({ now }: ServiceNowClient, _: string, tracking: string): Promise<FollowOutcome> {
  const record = isSysId(tracking) ? await now.read(tracking) : null;
  return record === null ? 'unknown' : outcomeOfTicket(record);
}

async function checkServiceNow({ now }: ServiceNowClient): Promise<CheckLine[]> {
  const write: CheckLine = {
    what: WRITE_ROLE,
    outcome: 'unknown',
    detail: 'can only be told by making a ticket',
  };
  const notTried: CheckLine = { what: READ_ROLE, outcome: 'unknown', detail: 'not tried' };
  try {
    await now.signIn();
  } catch (error) {
    return [failed('Sign-in', error), notTried, write];
  }
  try {
    await now.tryReading();
    return [{ what: 'Sign-in', outcome: 'ok' }, { what: READ_ROLE, outcome: 'ok' }, write];
  } catch (error) {
    const { code } = toProblem(error);
    if (code === 'vendor-credentials') return [failed('Sign-in', error), notTried, write];
    if (code !== 'vendor-permission') return [failed('Table', error), notTried, write];
    return [{ what: 'Sign-in', outcome: 'ok' }, failed(READ_ROLE, error), write];
  }
}

export const serviceNow = defineConnector({
  id: 'servicenow',
  title: 'ServiceNow',
  summary: 'Makes incidents, comments on them and reads what has become of them.',
  settings: z.object(serviceNowSettings),
  accounts: { max: 5 },
  scopes: [
    { name: READ_ROLE, why: 'Finds the incidents made before, so that none is made twice.', neededTo: 'act' },
    { name: WRITE_ROLE, why: 'Makes incidents and comments on them.', neededTo: 'act' },
  ],
  open: (settings, io): ServiceNowClient => ({
    now: openServiceNow(settings, io),
    settings,
    once: new TicketOnce({ clock: io.clock, settlesMs: MINUTE }),
  }),
  check: checkServiceNow,
  operations: { create, comment },
  inquiries: {
    ticket: {
      title: 'Ticket',
      what: 'An incident as it is now, by its sys_id or number.',
      about: 'ticket',
      run: async ({ now, settings }, target) => {
        const id = await sysIdOf(now, target);
        const record = id === null ? null : await now.read(id);
        if (record === null) return { rows: [], whole: true };
        const url = `${settings.instanceUrl}/nav_to.do?uri=${encodeURIComponent(
          `${settings.table}.do?sys_id=${record.sys_id}`,
        )}`;
        return { rows: [ticketRow(record, url)], whole: true };
      },
    },
  },
  follow: followTicket,
});
