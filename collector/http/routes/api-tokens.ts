import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { apiTokensResponse, newApiTokenRequest, newApiTokenResponse } from '../../../shared/api/schemas.ts';
import { HOUR } from '../../../shared/base/durations.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { RouteDeps } from '../deps.ts';
import { idParams, noContent, noInput, type Route, roleRoute } from '../route.ts';
import { newApiTokenSecret, secretHash } from '../session.ts';

const PATH = '/api/v1/api-tokens';

/** Tokens other programs use this interface with. */
export function apiTokenRoutes({ store, clock, audit }: RouteDeps): Route[] {
  return [
    roleRoute({
      method: 'get',
      path: PATH,
      summary: 'API tokens, newest first; their secrets are not kept.',
      access: 'admin',
      input: noInput,
      response: apiTokensResponse,
      handle: async () => ({ tokens: [...(await store.listApiTokens())] }),
    }),
    roleRoute({
      method: 'post',
      path: PATH,
      summary: 'Make an API token; the secret is shown this once.',
      access: 'admin',
      input: z.object({ body: newApiTokenRequest }),
      response: newApiTokenResponse,
      status: 201,
      handle: async ({ body }, caller) => {
        const secret = newApiTokenSecret();
        const now = clock.now();
        const token = {
          id: randomUUID(),
          label: body.label,
          role: body.role,
          createdAt: now,
          createdBy: caller.actor.id,
          expiresAt: body.validHours === null ? null : now + body.validHours * HOUR,
          lastUsed: null,
          revokedAt: null,
        };
        await store.addApiToken({ ...token, secretHash: secretHash(secret) });
        await audit.add(caller.actor, 'api-token.created', token.id, {
          label: token.label,
          role: token.role,
          expiresAt: token.expiresAt,
        });
        return { token, secret };
      },
    }),
    roleRoute({
      method: 'post',
      path: `${PATH}/:id/revoke`,
      summary: 'Revoke an API token.',
      access: 'admin',
      input: z.object({ params: idParams }),
      response: noContent,
      refuses: ['not-found'],
      handle: async ({ params }, caller) => {
        if (!(await store.revokeApiToken(params.id, clock.now()))) {
          throw new Problem('not-found', 'no such token that is not revoked');
        }
        await audit.add(caller.actor, 'api-token.revoked', params.id);
      },
    }),
  ];
}
