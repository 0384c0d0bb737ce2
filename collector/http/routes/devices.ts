import { z } from 'zod';
import {
  type DevicesResponse,
  deviceResponse,
  devicesQuery,
  devicesResponse,
  type FleetRow,
  momentQuery,
  momentResponse,
  rangeQuery,
  samplesResponse,
  scanRequest,
  scanResponse,
  timelineResponse,
} from '../../../shared/api/schemas.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { METRICS } from '../../../shared/protocol/samples.ts';
import { COLLECTOR_SUBJECT, collectorGaps } from '../../audit/audit.ts';
import type { RouteDeps } from '../deps.ts';
import { idParams, type Route, roleRoute } from '../route.ts';
import { timelineOf } from '../timeline.ts';

const PATH = '/api/v1/devices';
/** Points of one curve: more than a wide screen has columns. */
const MAX_ROWS = 2000;
/** Entries of one timeline; the newest are kept. */
const MAX_EVENTS = 5000;
/** Events before the range from which the state at its start follows. */
const EVENTS_BEFORE = 100;
const MAX_STARTS = 500;
/** Requests whose steps are shown; a device may not make more in a week. */
const MAX_HELP = 200;

const revokedResponse = z.object({
  id: z.string(),
  revokedAt: z.number().int().nullable().describe('milliseconds since 1970-01-01 UTC'),
});

/** Devices: the fleet, one device, its past, and what may be done with it. */
export function deviceRoutes(deps: RouteDeps): Route[] {
  const { store, fleet, clock, audit } = deps;

  async function known(id: string) {
    const device = await store.getDevice(id);
    if (device === null) throw new Problem('not-found', 'no such device');
    return device;
  }

  return [
    roleRoute({
      method: 'get',
      path: PATH,
      summary: 'The fleet, by id, a page at a time.',
      access: 'viewer',
      input: z.object({ query: devicesQuery }),
      response: devicesResponse,
      handle: ({ query }) => pageOf(fleet.rows(), query),
    }),
    roleRoute({
      method: 'get',
      path: `${PATH}/:id`,
      summary: 'Everything known of one device, revoked ones too.',
      access: 'viewer',
      input: z.object({ params: idParams }),
      response: deviceResponse,
      refuses: ['not-found'],
      handle: async ({ params }) => {
        const detail = await fleet.detail(params.id);
        if (detail === null) throw new Problem('not-found', 'no such device');
        return detail;
      },
    }),
    roleRoute({
      method: 'get',
      path: `${PATH}/:id/samples`,
      summary: 'Readings in a time range, at the finest resolution that is not too long.',
      access: 'viewer',
      input: z.object({ params: idParams, query: rangeQuery }),
      response: samplesResponse,
      refuses: ['not-found'],
      handle: async ({ params, query }) => {
        checkRange(query);
        await known(params.id);
        const series = await store.getSeries(params.id, query.from, query.to, MAX_ROWS);
        return {
          stepMs: series.stepMs,
          metrics: ['at', ...METRICS],
          rows: series.rows.map(row => [...row]),
        };
      },
    }),
    roleRoute({
      method: 'get',
      path: `${PATH}/:id/timeline`,
      summary: 'What a device has been through in a time range, and when nothing is known of it.',
      access: 'viewer',
      input: z.object({ params: idParams, query: rangeQuery }),
      response: timelineResponse,
      refuses: ['not-found'],
      handle: async ({ params: { id }, query: { from, to } }) => {
        checkRange({ from, to });
        await known(id);
        const [before, events, history, moment, runs, help] = await Promise.all([
          from === 0 ? [] : store.getEvents(id, 0, from - 1, EVENTS_BEFORE),
          store.getEvents(id, from, to, MAX_EVENTS),
          store.getHistory(id, from, to, MAX_EVENTS),
          from === 0 ? null : store.getMoment(id, from - 1),
          store.listAudit({ subject: COLLECTOR_SUBJECT, limit: MAX_STARTS }),
          store.listHelpOf(id, MAX_HELP),
        ]);
        return timelineOf({
          events: [...before, ...events],
          history,
          before: moment,
          help,
          range: { from, to, now: clock.now() },
          collectorGaps: collectorGaps(runs),
        });
      },
    }),
    roleRoute({
      method: 'get',
      path: `${PATH}/:id/moment`,
      summary: 'Findings and score as they were at a moment; none before the first report.',
      access: 'viewer',
      input: z.object({ params: idParams, query: momentQuery }),
      response: momentResponse,
      refuses: ['not-found'],
      handle: async ({ params, query }) => {
        await known(params.id);
        const moment = await store.getMoment(params.id, query.at);
        return { at: query.at, findings: moment?.findings ?? {}, score: moment?.score ?? null };
      },
    }),
    roleRoute({
      method: 'post',
      path: `${PATH}/:id/scan`,
      summary:
        'Ask a device to run checks now (all, when none is named); `sent` says whether it is connected.',
      access: 'helpdesk',
      input: z.object({ params: idParams, body: scanRequest }),
      response: scanResponse,
      refuses: ['not-found', 'collector-busy'],
      handle: async ({ params, body }, caller) => {
        if (fleet.row(params.id) === null) throw new Problem('not-found', 'no such device in the fleet');
        const request = await fleet.requestScan(params.id, body.scans);
        await audit.add(caller.actor, 'device.scan-requested', params.id, {
          sent: request.sent,
          scans: body.scans?.length ?? null,
        });
        return request;
      },
    }),
    roleRoute({
      method: 'post',
      path: `${PATH}/:id/revoke`,
      summary: 'Lock a device out; its data stays readable.',
      access: 'admin',
      input: z.object({ params: idParams }),
      response: revokedResponse,
      refuses: ['not-found', 'conflict'],
      handle: async ({ params: { id } }, caller) => {
        if ((await known(id)).revokedAt !== null)
          throw new Problem('conflict', 'the device is already revoked');
        const at = clock.now();
        await store.setRevoked(id, at);
        fleet.dropDevice(id, 'device-revoked');
        await audit.add(caller.actor, 'device.revoked', id);
        return { id, revokedAt: at };
      },
    }),
    roleRoute({
      method: 'post',
      path: `${PATH}/:id/restore`,
      summary: 'Let a revoked device in again.',
      access: 'admin',
      input: z.object({ params: idParams }),
      response: revokedResponse,
      refuses: ['not-found', 'conflict'],
      handle: async ({ params: { id } }, caller) => {
        if ((await known(id)).revokedAt === null) throw new Problem('conflict', 'the device is not revoked');
        await store.setRevoked(id, null);
        await fleet.reloadDevice(id);
        await audit.add(caller.actor, 'device.restored', id);
        return { id, revokedAt: null };
      },
    }),
  ];
}

function checkRange({ from, to }: z.infer<typeof rangeQuery>): void {
  if (to < from) {
    throw new Problem('request-invalid', 'query.to: must not be before query.from', {
      fields: ['query.from', 'query.to'],
    });
  }
}

/** Pages by id, so that a row that comes or goes between two pages neither doubles nor hides another. */
function pageOf(rows: Iterable<FleetRow>, query: z.infer<typeof devicesQuery>): DevicesResponse {
  const wanted = query.search?.trim().toLowerCase() ?? '';
  const found = [...rows].filter(row => wanted === '' || haystack(row).includes(wanted));
  found.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const { after, limit } = query;
  const rest = after === undefined ? found : found.filter(row => row.id > after);
  const devices = rest.slice(0, limit);
  return {
    devices,
    next: rest.length > devices.length ? (devices.at(-1)?.id ?? null) : null,
    total: found.length,
  };
}

function haystack(row: FleetRow): string {
  return [row.id, row.name, row.person, row.os, row.osVersion, row.model].join('\n').toLowerCase();
}
