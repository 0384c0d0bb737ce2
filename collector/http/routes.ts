import { z } from 'zod';
import type { RouteDeps } from './deps.ts';
import { openApiDocument } from './openapi.ts';
import { noInput, publicRoute, type Route } from './route.ts';
import { agentSettingsRoutes } from './routes/agent-settings.ts';
import { apiTokenRoutes } from './routes/api-tokens.ts';
import { checkRoutes } from './routes/checks.ts';
import { collectorRoutes } from './routes/collector.ts';
import { deviceRoutes } from './routes/devices.ts';
import { enrolmentRoutes } from './routes/enrolment.ts';
import { helpRoutes } from './routes/help.ts';
import { integrationRoutes } from './routes/integrations.ts';
import { matchingRoutes } from './routes/matching.ts';
import { peopleRoutes } from './routes/people.ts';
import { sessionRoutes } from './routes/session.ts';

/** Every route of the collector. Express, the OpenAPI document and the documentation are made from this list. */
export function allRoutes(deps: RouteDeps): Route[] {
  const routes: Route[] = [
    ...sessionRoutes(deps),
    ...deviceRoutes(deps),
    ...helpRoutes(deps),
    ...enrolmentRoutes(deps),
    ...peopleRoutes(deps),
    ...apiTokenRoutes(deps),
    ...agentSettingsRoutes(deps),
    ...checkRoutes(),
    ...integrationRoutes(deps),
    ...matchingRoutes(deps),
    ...collectorRoutes(deps),
  ];
  let document: Record<string, unknown> | null = null;
  routes.push(
    publicRoute({
      method: 'get',
      path: '/api/openapi.json',
      summary: 'This interface as an OpenAPI document.',
      input: noInput,
      response: z.record(z.string(), z.unknown()),
      handle: () => {
        document ??= openApiDocument(routes, deps.version);
        return document;
      },
    }),
  );
  return routes;
}
