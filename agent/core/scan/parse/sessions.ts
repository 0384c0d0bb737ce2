import { lines } from '../decode.ts';

/**
 * `loginctl list-sessions --no-legend`: columns SESSION UID USER SEAT TTY and, since systemd 254, LEADER CLASS before TTY. The
 * person at the seat; without one the only person signed in; null when that is not clear. Greeters (`gdm`, uid below 1000) are
 * nobody.
 */
export function parseLoginSessions(text: string): string | null {
  const sessions = lines(text).flatMap(line => {
    const [, uid = '', user = '', seat = '-'] = line.trim().split(/\s+/);
    return /^\d+$/.test(uid) && Number(uid) >= 1000 && Number(uid) < 65_534 ? [{ user, seat }] : [];
  });
  const seated = new Set(sessions.filter(one => one.seat.startsWith('seat')).map(one => one.user));
  const all = new Set(sessions.map(one => one.user));
  const candidates = seated.size > 0 ? seated : all;
  const [only] = candidates;
  return candidates.size === 1 && only !== undefined ? only.slice(0, 128) : null;
}
