import { Problem } from '../../../shared/problem/problem.ts';
import { DEVICE_PATH } from '../../../shared/protocol/version.ts';

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}

/**
 * The WebSocket address of a collector as a person writes it: `collector.example`, `https://collector.example`,
 * `wss://collector.example/base`. Without a scheme it is TLS.
 *
 * SECURITY: without TLS anybody on the way reads the enrolment token and everything the device reports, so plain text is
 * only for this machine itself or when it was asked for by name.
 *
 * @throws Problem `settings-invalid`, `tls-required`.
 */
export function deviceAddress(text: string, { insecure = false }: { insecure?: boolean } = {}): string {
  const given = text.trim();
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `wss://${given}`);
  } catch {
    throw new Problem('settings-invalid', 'the collector address is not a URL', { fields: ['collector'] });
  }
  if (url.username !== '' || url.password !== '') {
    throw new Problem('settings-invalid', 'the collector address must not contain a password', {
      fields: ['collector'],
    });
  }
  const secure = url.protocol === 'https:' || url.protocol === 'wss:';
  if (!secure && url.protocol !== 'http:' && url.protocol !== 'ws:') {
    throw new Problem('settings-invalid', 'the collector address must begin with https:// or wss://', {
      fields: ['collector'],
    });
  }
  if (!secure && !insecure && !isLoopback(url.hostname)) {
    throw new Problem(
      'tls-required',
      'the connection to this collector would not be encrypted; use https://, or allow it with --insecure',
      { fields: ['collector'] },
    );
  }
  const base = url.pathname.replace(/\/+$/, '');
  const path = base.endsWith(DEVICE_PATH) ? base : `${base}${DEVICE_PATH}`;
  return `${secure ? 'wss' : 'ws'}://${url.host}${path}`;
}
