import { type ChecksResponse, checksResponse } from '../../../shared/api/schemas.ts';
import { CATALOGUE } from '../../../shared/posture/catalogue.ts';
import { OPERATOR_MEANINGS, OPERATORS } from '../../../shared/posture/operator.ts';
import { noInput, type Route, roleRoute } from '../route.ts';

const ANSWER: ChecksResponse = {
  checks: CATALOGUE,
  operators: OPERATORS.map(operator => ({ operator, meaning: OPERATOR_MEANINGS[operator] })),
};

/** What can be asked of devices: the posture catalogue, the same for everybody. */
export function checkRoutes(): Route[] {
  return [
    roleRoute({
      method: 'get',
      path: '/api/v1/checks',
      summary: 'Every check, on which systems it runs, its cost, and the facts and operators rules can use.',
      access: 'viewer',
      input: noInput,
      response: checksResponse,
      handle: () => ANSWER,
    }),
  ];
}
