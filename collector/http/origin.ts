import type { IncomingHttpHeaders } from 'node:http';
import { Problem } from '../../shared/problem/problem.ts';
import { isLoopbackHost, type Settings } from '../settings/settings.ts';

/** Host name of a `Host` header, without port; null when it is none. */
function hostName(host: string | undefined): string | null {
  return host === undefined ? null : (URL.parse(`http://${host}`)?.hostname ?? null);
}

/**
 * May a page of this origin act here? Browsers send `Origin` with everything that changes something and with every
 * WebSocket; a program that sends none is not a page and carries no one's ambient cookie.
 *
 * SECURITY: the `Host` header counts only on a loopback name. Anywhere else it would let a rebound DNS name of a hostile
 * page pass as our own.
 */
export function originProblem(
  settings: Pick<Settings, 'publicUrl' | 'allowedOrigins'>,
  headers: Pick<IncomingHttpHeaders, 'origin' | 'host'> & IncomingHttpHeaders,
): Problem | null {
  const { origin, host } = headers;
  if (origin === undefined) {
    return headers['sec-fetch-site'] === 'cross-site'
      ? new Problem('origin-refused', 'from a page of another site')
      : null;
  }
  if (origin === settings.publicUrl || settings.allowedOrigins.includes(origin)) return null;
  const page = URL.parse(origin);
  if (page !== null && page.host === host && isLoopbackHost(page.hostname)) return null;
  return new Problem('origin-refused', 'the origin of the page is not this collector');
}

/** Names by which the machine itself is asked; a page of a rebound DNS name uses another one. */
export function isLoopbackName(host: string | undefined): boolean {
  const name = hostName(host);
  return name !== null && isLoopbackHost(name);
}
