import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openApiPath, refusalsOf } from '../../../collector/http/openapi.ts';
import { PROBLEM_CODES } from '../../../shared/problem/codes.ts';
import { startScene } from './scene.ts';

/** The parts of an OpenAPI 3.1 document that must be there (OAS 3.1.1, section 4.8). */
const parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean(),
  schema: z.record(z.string(), z.unknown()),
});
const content = z.record(
  z.string().regex(/^[a-z]+\/[a-z0-9.+-]+$/),
  z.object({ schema: z.record(z.string(), z.unknown()) }),
);
const operation = z.object({
  operationId: z.string().regex(/^[a-zA-Z]+$/),
  summary: z.string().min(5),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(parameter),
  requestBody: z.object({ required: z.boolean(), content }).optional(),
  responses: z.record(
    z.string().regex(/^[1-5]\d\d$/),
    z.object({ description: z.string().min(1), content: content.optional() }),
  ),
});
const openApi = z.object({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.object({ title: z.string(), version: z.string() }),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(z.enum(['get', 'post', 'put', 'patch', 'delete']), operation),
  ),
  components: z.object({
    schemas: z.record(z.string().regex(/^[A-Za-z0-9._-]+$/), z.record(z.string(), z.unknown())),
    securitySchemes: z.record(z.string(), z.object({ type: z.string() })),
  }),
});

async function read() {
  const scene = await startScene();
  const { body } = await scene.ask('/api/openapi.json');
  const document = openApi.parse(body);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return { scene, body, document, operations };
}

/** Every value of a key, however deep. */
function valuesOf(key: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(part => valuesOf(key, part));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [
    ...(name === key ? [part] : []),
    ...valuesOf(key, part),
  ]);
}

describe('the OpenAPI document', () => {
  it('describes exactly the routes the server answers', async () => {
    const { scene, operations } = await read();
    const served = scene.app.router.stack.flatMap(layer => {
      const { route } = layer;
      if (route === undefined) return [];
      const methods = route.stack.map(handler => handler.method).filter(method => method !== undefined);
      return methods.map(method => `${method} ${openApiPath(route.path)}`);
    });
    const described = operations.map(({ path, method }) => `${method} ${path}`);
    expect(served.length).toBeGreaterThan(25);
    expect(described.toSorted()).toEqual(served.toSorted());
  });

  it('refers only to what it contains, and contains only what it refers to', async () => {
    const { body, document } = await read();
    const references = new Set(valuesOf('$ref', body));
    const schemas = new Set(
      Object.keys(document.components.schemas).map(name => `#/components/schemas/${name}`),
    );
    expect(references).toEqual(schemas);
    const schemes = new Set(Object.keys(document.components.securitySchemes));
    for (const security of valuesOf('security', body).flat()) {
      for (const name of Object.keys(security as object)) expect(schemes).toContain(name);
    }
  });

  it('declares every part of every path, and gives every operation its own id', async () => {
    const { operations } = await read();
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{([a-z]+)\}/g)].map(match => match[1]);
      const declared = operation.parameters.filter(one => one.in === 'path');
      expect(declared.map(one => one.name)).toEqual(inPath);
      expect(declared.every(one => one.required)).toBe(true);
    }
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('names each way a route refuses, with problem details', async () => {
    const { scene, document } = await read();
    for (const route of scene.routes) {
      const described = document.paths[openApiPath(route.path)]?.[route.method];
      for (const code of refusalsOf(route)) {
        const answer = described?.responses[String(PROBLEM_CODES[code].http)];
        expect(answer?.description).toContain(`\`${code}\``);
        expect(Object.keys(answer?.content ?? {})).toEqual(['application/problem+json']);
      }
    }
  });

  it('says what a query may be, with defaults and bounds', async () => {
    const { document } = await read();
    const limit = document.paths['/api/v1/devices']?.get?.parameters.find(one => one.name === 'limit');
    expect(limit).toMatchObject({
      in: 'query',
      required: false,
      schema: { default: 200, minimum: 1, maximum: 1000 },
    });
  });
});
