import { z } from 'zod';
import {
  type AgentSettingsResponse,
  agentSettingsRequest,
  agentSettingsResponse,
} from '../../../shared/api/schemas.ts';
import { DAY } from '../../../shared/base/durations.ts';
import { type AgentSettings, NO_AGENT_SETTINGS } from '../../../shared/device/agent-settings.ts';
import { OS_SUPPORT, replacementFor } from '../../../shared/device/os-support-table.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { StoredAgentSettings } from '../../store/store.ts';
import type { RouteDeps } from '../deps.ts';
import { noInput, type Route, roleRoute } from '../route.ts';

const PATH = '/api/v1/agent-settings';
/** Subject of the audit entries. */
const SUBJECT = 'agent-settings';

/** What every agent is told to do differently. */
export function agentSettingsRoutes({ agentSettings, clock, audit }: RouteDeps): Route[] {
  function answer(): AgentSettingsResponse {
    const current = agentSettings.current();
    return {
      settings: current?.settings ?? NO_AGENT_SETTINGS,
      hash: current?.hash ?? null,
      changedAt: current?.changedAt ?? null,
      changedBy: current?.changedBy ?? null,
      shippedOsSupportAsOf: OS_SUPPORT.asOf,
      delivery: agentSettings.delivery(),
    };
  }

  return [
    roleRoute({
      method: 'get',
      path: PATH,
      summary: 'What every agent is told: settings, what to look for by name, the table of support ends.',
      access: 'admin',
      input: noInput,
      response: agentSettingsResponse,
      handle: answer,
    }),
    roleRoute({
      method: 'put',
      path: PATH,
      summary: 'Change what every agent is told. Connected agents get it at once, others when they connect.',
      access: 'admin',
      input: z.object({ body: agentSettingsRequest }),
      response: agentSettingsResponse,
      refuses: ['conflict'],
      handle: async ({ body: { settings, replaces } }, caller) => {
        checkTable(settings, clock.now());
        const stored = await agentSettings.replace(settings, { user: caller.actor.id, replaces });
        if (stored === null) throw new Problem('conflict', 'somebody else has changed it meanwhile');
        await audit.add(caller.actor, 'agent-settings.changed', SUBJECT, auditFacts(stored));
        return answer();
      },
    }),
  ];
}

/** A table that no agent would take, or that would shut out every later one, is refused here already. */
function checkTable({ osSupport }: AgentSettings, now: number): void {
  if (osSupport === null) return;
  const fields = ['body.settings.osSupport.asOf'];
  const choice = replacementFor(osSupport);
  if (!choice.ok)
    throw new Problem('request-invalid', `the table of support ends is ${choice.detail}`, { fields });
  // A day ahead is a clock or a time zone, more is a typing error.
  if (osSupport.asOf > new Date(now + DAY).toISOString().slice(0, 10)) {
    throw new Problem('request-invalid', 'the table of support ends is of a day to come', { fields });
  }
}

/** The whole content by its hash, and what of it fits into small facts. */
function auditFacts({ settings, hash }: StoredAgentSettings): Record<string, string | number | null> {
  const { values, subjects, osSupport } = settings;
  return {
    hash,
    ...values,
    subjects: subjects === null ? 0 : Object.values(subjects).reduce((sum, list) => sum + list.length, 0),
    osSupport: osSupport?.asOf ?? null,
  };
}
