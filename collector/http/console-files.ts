import { sep } from 'node:path';
import express, { type RequestHandler, type Router } from 'express';
import { Problem } from '../../shared/problem/problem.ts';
import { CONSOLE_PATH, DEVICE_PATH } from '../../shared/protocol/version.ts';

/** Paths that are never a page of the console. */
const NOT_PAGES = ['/api', '/healthz', '/readyz', '/metrics', '/assets', DEVICE_PATH, CONSOLE_PATH];

/**
 * The built console: its files, and its one page for every address a person may have bookmarked. Files under `assets/`
 * carry a hash of their content in their name and never change; the page that names them is always asked for again.
 */
export function consoleFiles(folder: string): Router {
  const router = express.Router();
  router.use(
    express.static(folder, {
      index: false,
      redirect: false,
      setHeaders: (response, path) => {
        const hashed = path.includes(`${sep}assets${sep}`);
        response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
  const page: RequestHandler = (request, response, next) => {
    const { path, method } = request;
    const isPage = !NOT_PAGES.some(prefix => path === prefix || path.startsWith(`${prefix}/`));
    if ((method !== 'GET' && method !== 'HEAD') || !isPage || request.accepts(['html']) === false) {
      next();
      return;
    }
    response.sendFile(
      'index.html',
      { root: folder, cacheControl: false, headers: { 'Cache-Control': 'no-cache' } },
      error => {
        if (error !== undefined && !response.headersSent) {
          next(
            new Problem(
              'not-found',
              'the console is not built, or TRAYLINE_CONSOLE_DIR names another folder',
            ),
          );
        }
      },
    );
  };
  router.use(page);
  return router;
}
