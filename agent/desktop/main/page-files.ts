import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** The page comes from here and nowhere else; not `file:`, which could read the disk. */
export const PAGE_SCHEME = 'trayline-page';
export const PAGE_ORIGIN = `${PAGE_SCHEME}://app`;

/** SECURITY: nothing inline, nothing from elsewhere, no connection at all: the page talks through its bridge only. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "frame-src 'none'",
  "object-src 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

interface PageFile {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A file of the page; 404 for everything that is not one. `folder` holds the page and nothing else. */
export function pageFile(folder: string, address: string): PageFile {
  const headers = {
    'Content-Security-Policy': PAGE_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
  };
  const none = {
    status: 404,
    headers: { ...headers, 'Content-Type': 'text/plain' },
    body: Buffer.from('not found'),
  };
  const { host, pathname } = new URL(address);
  const path = pathname === '/' ? '/index.html' : pathname;
  const type = TYPES[extname(path)];
  // SECURITY: plain names below the folder only: no way up, no escapes, no hidden files.
  if (host !== 'app' || type === undefined || !/^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/.test(path)) return none;
  try {
    return {
      status: 200,
      headers: { ...headers, 'Content-Type': type },
      body: readFileSync(join(folder, path)),
    };
  } catch {
    return none;
  }
}

/** Is this an address of the page's own files? */
export function isPageAddress(address: string): boolean {
  return address === PAGE_ORIGIN || address.startsWith(`${PAGE_ORIGIN}/`);
}
