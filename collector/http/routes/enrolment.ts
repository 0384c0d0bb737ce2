import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  enrolmentTokensResponse,
  newEnrolmentTokenRequest,
  newEnrolmentTokenResponse,
  waitingResponse,
} from '../../../shared/api/schemas.ts';
import { HOUR } from '../../../shared/base/durations.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { RouteDeps } from '../deps.ts';
import { idParams, noContent, noInput, type Route, roleRoute } from '../route.ts';
import { newEnrolmentTokenSecret, secretHash } from '../session.ts';

const PATH = '/api/v1/enrolment';

const admitResponse = z.object({ device: z.string().describe('id of the new device') });

/** How devices get in: tokens, and the waiting room of those that have none. */
export function enrolmentRoutes(deps: RouteDeps): Route[] {
  const { store, fleet, clock, audit } = deps;
  return [
    roleRoute({
      method: 'get',
      path: `${PATH}/tokens`,
      summary: 'Enrolment tokens, newest first; their secrets are not kept.',
      access: 'admin',
      input: noInput,
      response: enrolmentTokensResponse,
      handle: async () => ({ tokens: [...(await store.listEnrolmentTokens())] }),
    }),
    roleRoute({
      method: 'post',
      path: `${PATH}/tokens`,
      summary: 'Make an enrolment token; the secret is shown this once.',
      access: 'admin',
      input: z.object({ body: newEnrolmentTokenRequest }),
      response: newEnrolmentTokenResponse,
      status: 201,
      handle: async ({ body }, caller) => {
        const secret = newEnrolmentTokenSecret();
        const now = clock.now();
        const token = {
          id: randomUUID(),
          label: body.label,
          createdAt: now,
          createdBy: caller.actor.id,
          expiresAt: body.validHours === null ? null : now + body.validHours * HOUR,
          maxUses: body.maxUses,
          uses: 0,
          revokedAt: null,
        };
        await store.addEnrolmentToken({ ...token, secretHash: secretHash(secret) });
        await audit.add(caller.actor, 'enrolment-token.created', token.id, {
          label: token.label,
          expiresAt: token.expiresAt,
          maxUses: token.maxUses,
        });
        return { token, secret };
      },
    }),
    roleRoute({
      method: 'post',
      path: `${PATH}/tokens/:id/revoke`,
      summary: 'Revoke an enrolment token; devices that used it stay.',
      access: 'admin',
      input: z.object({ params: idParams }),
      response: noContent,
      refuses: ['not-found'],
      handle: async ({ params }, caller) => {
        if (!(await store.revokeEnrolmentToken(params.id, clock.now()))) {
          throw new Problem('not-found', 'no such token that is not revoked');
        }
        await audit.add(caller.actor, 'enrolment-token.revoked', params.id);
      },
    }),
    roleRoute({
      method: 'get',
      path: `${PATH}/waiting`,
      summary: 'Devices that ask to be admitted, oldest first.',
      access: 'admin',
      input: noInput,
      response: waitingResponse,
      handle: async () => {
        const waiting = await store.listWaiting();
        return {
          waiting: waiting.map(({ id, identity, fingerprint, firstSeen, lastSeen, address }) => ({
            id,
            identity,
            fingerprint,
            firstSeen,
            lastSeen,
            address,
          })),
        };
      },
    }),
    roleRoute({
      method: 'post',
      path: `${PATH}/waiting/:id/admit`,
      summary: 'Admit a waiting device; compare its fingerprint first.',
      access: 'admin',
      input: z.object({ params: idParams }),
      response: admitResponse,
      refuses: ['not-found'],
      handle: async ({ params }, caller) => {
        const device = await store.admit(params.id, {
          id: randomUUID(),
          enrolledAt: clock.now(),
          enrolledBy: caller.actor.name,
        });
        if (device === null) throw new Problem('not-found', 'it is not waiting any more');
        await fleet.reloadDevice(device.id);
        await fleet.waitingChanged();
        await audit.add(caller.actor, 'device.admitted', device.id);
        return { device: device.id };
      },
    }),
    roleRoute({
      method: 'post',
      path: `${PATH}/waiting/:id/reject`,
      summary: 'Turn a waiting device away; it is told so.',
      access: 'admin',
      input: z.object({ params: idParams }),
      response: noContent,
      refuses: ['not-found'],
      handle: async ({ params }, caller) => {
        if (!(await store.reject(params.id))) throw new Problem('not-found', 'it is not waiting any more');
        await fleet.waitingChanged();
        await audit.add(caller.actor, 'device.rejected', params.id);
      },
    }),
  ];
}
