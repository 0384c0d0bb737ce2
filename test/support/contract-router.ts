import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeAtEnd } from './teardown.ts';

/** Where a request goes, and under which path; undefined: nowhere (404). */
export type Route = (
  request: IncomingMessage,
) => { readonly base: string; readonly path: string } | undefined;

/** One address before several, for a vendor whose specification is in several files. */
export async function startRouter(route: Route): Promise<string> {
  const front = createServer((request, response) => {
    void pass(request, response, route).catch(() => response.destroy());
  });
  await new Promise<void>(resolve => front.listen(0, '127.0.0.1', resolve));
  closeAtEnd(async () => {
    front.closeAllConnections();
    await new Promise(resolve => front.close(resolve));
  });
  return `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
}

async function pass(request: IncomingMessage, response: ServerResponse, route: Route): Promise<void> {
  let body = '';
  request.setEncoding('utf8');
  for await (const chunk of request) body += chunk;
  const to = route(request);
  if (to === undefined) {
    response.writeHead(404).end();
    return;
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || ['host', 'connection', 'content-length', 'transfer-encoding'].includes(name))
      continue;
    headers.set(name, String(value));
  }
  const answer = await fetch(to.base + to.path, {
    method: request.method ?? 'GET',
    headers,
    redirect: 'manual',
    ...(body === '' ? {} : { body }),
  });
  const text = await answer.text();
  response.writeHead(answer.status, {
    'Content-Type': answer.headers.get('content-type') ?? 'application/octet-stream',
  });
  response.end(text);
}
