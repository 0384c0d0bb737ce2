import { z } from 'zod';
import { auditQuery, auditResponse, collectorResponse } from '../../../shared/api/schemas.ts';
import { SECOND } from '../../../shared/base/durations.ts';
import { isProblem, Problem } from '../../../shared/problem/problem.ts';
import type { RouteDeps } from '../deps.ts';
import { noInput, publicRoute, type Route, roleRoute } from '../route.ts';
import { sameSecret } from '../session.ts';

/** Checking the whole chain reads every entry; pages fetched right after each other share one check. */
const VERIFIED_FOR = 10 * SECOND;

/** The collector itself: its state, its audit trail, and what machines ask it. */
export function collectorRoutes(deps: RouteDeps): Route[] {
  const { store, fleet, clock, settings, metrics, unready } = deps;

  let verification: { at: number; whole: Promise<boolean> } | null = null;
  function chainIsWhole(): Promise<boolean> {
    const now = clock.monotonic();
    if (verification === null || now - verification.at > VERIFIED_FOR) {
      const whole = store.verifyAudit().then(broken => broken === null);
      verification = { at: now, whole };
      whole.catch(() => {
        verification = null;
      });
    }
    return verification.whole;
  }

  return [
    roleRoute({
      method: 'get',
      path: '/api/v1/collector',
      summary: 'How the collector is doing.',
      access: 'viewer',
      input: noInput,
      response: collectorResponse,
      handle: () => fleet.status(),
    }),
    roleRoute({
      method: 'get',
      path: '/api/v1/audit',
      summary: 'Who did what, newest first, and whether the hash chain is whole.',
      access: 'admin',
      input: z.object({ query: auditQuery }),
      response: auditResponse,
      handle: async ({ query: { limit, before, subject } }) => {
        const entries = await store.listAudit({
          limit,
          ...(before === undefined ? {} : { before }),
          ...(subject === undefined ? {} : { subject }),
        });
        return { entries: [...entries], verified: await chainIsWhole() };
      },
    }),
    publicRoute({
      method: 'get',
      path: '/healthz',
      summary: 'The process is alive.',
      input: noInput,
      response: z.object({ alive: z.literal(true) }),
      handle: () => ({ alive: true as const }),
    }),
    publicRoute({
      method: 'get',
      path: '/readyz',
      summary: 'The collector takes devices in and can store what they send; else 503 with the reason.',
      input: noInput,
      response: z.object({ ready: z.literal(true) }),
      refuses: ['store-unavailable', 'collector-stopping'],
      handle: async () => {
        const problem = unready();
        if (problem !== null) throw problem;
        try {
          await store.checkWritable();
        } catch (error) {
          throw isProblem(error)
            ? error
            : new Problem('store-unavailable', 'the store failed', { cause: error });
        }
        return { ready: true as const };
      },
    }),
    publicRoute({
      method: 'get',
      path: '/metrics',
      summary: 'Counters in the Prometheus text format; from the machine itself or with the metrics token.',
      input: noInput,
      response: z.string(),
      produces: metrics.contentType,
      refuses: ['signed-out'],
      handle: (_input, _caller, asked) => {
        const token = /^Bearer +(\S+)$/i.exec(asked.header('authorization') ?? '')?.[1];
        const allowed =
          token === undefined
            ? asked.fromThisMachine
            : settings.metricsToken !== undefined && sameSecret(token, settings.metricsToken);
        if (!allowed) throw new Problem('signed-out', 'needs the metrics token');
        return metrics.text();
      },
    }),
  ];
}
