import { PAGES, type View, view } from '../contract.ts';

/** Scheme of links that lead into the app: `trayline://problems/firewall-off`, `trayline://privacy`. */
export const LINK_SCHEME = 'trayline';

/** What a link shows; null for one that is not ours or leads nowhere. A link can show, never do. */
export function viewOfLink(link: string): View | null {
  let url: URL;
  try {
    url = new URL(link);
  } catch {
    return null;
  }
  if (url.protocol !== `${LINK_SCHEME}:`) return null;
  const page = PAGES.find(one => one === url.hostname);
  if (page === undefined) return null;
  const problem = url.pathname.split('/').filter(part => part !== '')[0];
  if (problem === undefined) return { page };
  const parsed = view.safeParse({ page, problem });
  return page === 'problems' && /^[a-z0-9.:-]+$/i.test(problem) && parsed.success ? parsed.data : { page };
}

/** The first of our links among a program's arguments. */
export function linkAmong(args: readonly string[]): string | null {
  return args.find(arg => arg.startsWith(`${LINK_SCHEME}://`)) ?? null;
}

/** Where steps may lead: makers' own help pages. The collector's host is added while it is known. */
const HOSTS: readonly string[] = [
  'support.microsoft.com',
  'support.apple.com',
  'wiki.debian.org',
  'help.ubuntu.com',
];

/** May this address be opened in the person's browser? Only https, only listed hosts, no user or port in it. */
export function mayOpen(address: string, collector: string): boolean {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return false;
  }
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '')
    return false;
  return HOSTS.includes(url.hostname) || url.hostname === hostOf(collector);
}

function hostOf(address: string): string | null {
  try {
    return new URL(address).hostname;
  } catch {
    return null;
  }
}
