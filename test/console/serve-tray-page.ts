import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'vite';
import { PAGE_ORIGIN, pageFile } from '../../agent/desktop/main/page-files.ts';
import { pageConfig } from '../../build/vite.desktop.ts';
import { temporaryFolder } from '../support/teardown.ts';

export interface TrayPage {
  readonly url: string;
  /** Where it was built, for who measures it. */
  readonly folder: string;
  readonly close: () => Promise<void>;
}

/**
 * Builds the tray app's page as it is now and serves it as the app does: the same function answers, with the same policy. It
 * is built beside dist/desktop, which an app under test may be showing.
 */
export async function serveTrayPage(): Promise<TrayPage> {
  const folder = temporaryFolder('page');
  const config = pageConfig();
  // A test runner's `test` would take the slow React.
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await build({ ...config, build: { ...config.build, outDir: folder } });
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const { status, headers, body } = pageFile(folder, `${PAGE_ORIGIN}${pathname}`);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    close: () => new Promise(resolve => server.close(() => resolve())),
  };
}
