import { z } from 'zod';
import * as schemas from '../../shared/api/schemas.ts';
import { PROBLEM_CODES, type ProblemCode } from '../../shared/problem/codes.ts';
import { tell } from '../../shared/problem/tell.ts';
import { PROBLEM_MEDIA_TYPE } from './problem-response.ts';
import type { Route } from './route.ts';

type Json = Record<string, unknown>;

/** `/devices/:id` → `/devices/{id}` */
export function openApiPath(path: string): string {
  return path.replace(/:([A-Za-z]+)/g, '{$1}');
}

/** What a route can refuse with, from its own list and from what its access and input imply. */
export function refusalsOf(route: Route): ProblemCode[] {
  const codes = new Set<ProblemCode>(['internal', ...route.refuses]);
  const { params, query, body } = route.input.shape;
  if (params !== undefined || query !== undefined || body !== undefined) codes.add('request-invalid');
  if (body !== undefined) codes.add('body-too-large');
  if (route.path.startsWith('/api/')) codes.add('store-unavailable');
  const changes = route.method !== 'get';
  if (changes) codes.add('origin-refused');
  if (route.access !== 'public') {
    codes.add('signed-out');
    if (route.access !== 'session') codes.add('role-missing');
    if (changes) {
      codes.add('csrf-refused');
      codes.add('password-change-needed');
    }
  }
  return [...codes];
}

/** The OpenAPI 3.1 document of the declared routes (https://spec.openapis.org/oas/v3.1.1). */
export function openApiDocument(routes: readonly Route[], version: string): Json {
  const names = new Map<unknown, string>();
  for (const [name, value] of Object.entries(schemas)) {
    if (value instanceof z.ZodType) names.set(value, name.charAt(0).toUpperCase() + name.slice(1));
  }
  const components: Json = {};
  const reference = (schema: z.ZodType, io: 'input' | 'output'): Json => {
    const name = names.get(schema);
    if (name === undefined) return jsonSchema(schema, io);
    components[name] ??= jsonSchema(schema, io);
    return { $ref: `#/components/schemas/${name}` };
  };

  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = openApiPath(route.path);
    paths[path] = { ...paths[path], [route.method]: operation(route, reference) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Trayline collector',
      version,
      description: 'Devices, their past, and who may do what. Times are milliseconds since 1970-01-01 UTC.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'trayline',
          description:
            'Set by signing in; `__Host-trayline` over https. Changing requests need X-CSRF-Token too.',
        },
      },
    },
  };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
  });
  return rest;
}

function operation(route: Route, reference: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  const { params, query, body } = route.input.shape;
  const changes = route.method !== 'get';
  const bySession = route.access !== 'public' && changes;
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(route.access === 'public' || route.access === 'session'
      ? {}
      : { description: `Needs the role \`${route.access}\`.` }),
    security:
      route.access === 'public'
        ? []
        : route.access === 'session'
          ? [{ session: [] }]
          : [{ session: [] }, { token: [] }],
    parameters: [
      ...parametersOf(params, 'path'),
      ...parametersOf(query, 'query'),
      ...(bySession
        ? [
            {
              name: 'X-CSRF-Token',
              in: 'header',
              required: false,
              description: 'The `csrf` of the session; not needed with an API token.',
              schema: { type: 'string' },
            },
          ]
        : []),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: reference(body, 'input') } },
          },
        }),
    responses: {
      [String(route.status)]:
        route.status === 204
          ? { description: 'Done.' }
          : {
              description: 'The answer.',
              content: {
                [route.produces.split(';')[0] ?? route.produces]: {
                  schema: reference(route.response, 'output'),
                },
              },
            },
      ...problemsOf(route, reference(schemas.problemResponse, 'output')),
    },
  };
}

/** `get /api/v1/devices/:id/samples` → `getDevicesIdSamples` */
function operationId(route: Route): string {
  const words = route.path.replace(/^\/api(\/v1)?/, '').split(/[^A-Za-z]+/);
  return route.method + words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  const { properties, required } = z
    .object({ properties: z.record(z.string(), z.unknown()), required: z.array(z.string()).default([]) })
    .parse(jsonSchema(schema, 'input'));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function problemsOf(route: Route, schema: Json): Json {
  const byStatus = Map.groupBy(refusalsOf(route), code => PROBLEM_CODES[code].http);
  return Object.fromEntries(
    [...byStatus]
      .toSorted(([a], [b]) => a - b)
      .map(([status, codes]) => [
        String(status),
        {
          description: codes.map(code => `\`${code}\`: ${tell(code, 'en').what}`).join(' '),
          content: { [PROBLEM_MEDIA_TYPE]: { schema } },
        },
      ]),
  );
}
