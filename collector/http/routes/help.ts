import { z } from 'zod';
import {
  deviceHelpResponse,
  type HelpMoveRequest,
  type HelpRequest,
  helpMoveRequest,
  helpQuery,
  helpRequest,
  helpResponse,
} from '../../../shared/api/schemas.ts';
import { helpId } from '../../../shared/device/help.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { HelpMove, StoredHelp } from '../../store/help.ts';
import type { RouteDeps } from '../deps.ts';
import { idParams, type Route, roleRoute } from '../route.ts';

/** Requests of one device on its page; older ones are of its timeline. */
const OF_DEVICE = 200;
const AUDITED = { seen: 'help.seen', answered: 'help.answered', closed: 'help.closed' } as const;

/** What people at devices ask IT for. */
export function helpRoutes({ store, fleet, help, clock, audit }: RouteDeps): Route[] {
  function shown(one: StoredHelp): HelpRequest {
    return { ...one, deviceName: fleet.row(one.device)?.name ?? null };
  }

  return [
    roleRoute({
      method: 'get',
      path: '/api/v1/help',
      summary:
        'What people at devices ask IT for and what is not over yet, oldest first; with `over` what is, newest first.',
      access: 'viewer',
      input: z.object({ query: helpQuery }),
      response: helpResponse,
      handle: async ({ query: { over, limit, after } }) => {
        const place = after === undefined ? null : placeOf(after);
        const [found, waiting] = await Promise.all([
          store.listHelp({ over, limit, ...(place === null ? {} : { after: place }) }),
          store.countHelp(),
        ]);
        const last = found.length < limit ? undefined : found.at(-1);
        return {
          requests: found.map(shown),
          next: last === undefined ? null : `${last.receivedAt}.${last.device}.${last.id}`,
          waiting,
        };
      },
    }),
    roleRoute({
      method: 'get',
      path: '/api/v1/devices/:id/help',
      summary: 'What people at one device have asked IT for, newest first.',
      access: 'viewer',
      input: z.object({ params: idParams }),
      response: deviceHelpResponse,
      handle: async ({ params }) => ({
        requests: (await store.listHelpOf(params.id, OF_DEVICE)).map(shown),
      }),
    }),
    roleRoute({
      method: 'post',
      path: '/api/v1/devices/:id/help/:request',
      summary: 'Mark a request as seen, answer it or close it. The person at the device is told.',
      access: 'helpdesk',
      input: z.object({ params: idParams.extend({ request: helpId }), body: helpMoveRequest }),
      response: helpRequest,
      refuses: ['not-found', 'conflict'],
      handle: async ({ params: { id, request }, body }, caller) => {
        const move = moveOf(body, { by: caller.actor.name, at: clock.now() });
        const moved = await help.move(id, request, move);
        if (moved === 'not-found') throw new Problem('not-found', 'no such request');
        if (moved === 'conflict')
          throw new Problem('conflict', 'the request is not in a state for this any more');
        // The words themselves are personal and stand in the request.
        await audit.add(caller.actor, AUDITED[move.state], id, {
          request,
          ...(move.answer === undefined ? {} : { characters: move.answer.length }),
        });
        return shown(moved);
      },
    }),
  ];
}

function moveOf(body: HelpMoveRequest, by: Pick<HelpMove, 'by' | 'at'>): HelpMove {
  switch (body.do) {
    case 'seen':
      return { state: 'seen', ...by };
    case 'answer':
      return { state: 'answered', ...by, answer: body.answer };
    case 'close':
      return { state: 'closed', ...by, ...(body.answer === undefined ? {} : { answer: body.answer }) };
  }
}

function placeOf(after: string): Pick<StoredHelp, 'device' | 'id' | 'receivedAt'> {
  const [receivedAt = '0', device = '', id = ''] = after.split('.');
  return { receivedAt: Number(receivedAt), device, id };
}
