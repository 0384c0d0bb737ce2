import type { StoredEvent } from '../../collector/store/store.ts';
import { VERSION } from '../../collector/version.ts';
import { jittered } from '../../shared/base/backoff.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../shared/base/durations.ts';
import type { DeviceEvent, SequencedFrame } from '../../shared/protocol/from-device.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import type { SampleRow } from '../../shared/protocol/samples.ts';
import { tellerOf } from './findings.ts';
import { seedOf, unit } from './random.ts';
import type { Session } from './rhythm.ts';
import type { Story } from './story.ts';

/** How far back the company is known. */
export const HISTORY_MS = 10 * DAY;
/** Readings by the minute reach this far back; before that only quarter-hour averages are kept. */
export const RAW_MS = 26 * HOUR;
const COARSE_MS = 15 * MINUTE;

/** What a device said in one stretch of the past, and when the collector heard it. */
interface Told {
  readonly heardAt: number;
  readonly frames: readonly SequencedFrame[];
}

/** Tells a device's past piece by piece, in the frames its agent would have sent. */
export interface Past {
  /** What was said in (the last `to`, to]; null when the machine did not run. */
  tell(to: number): Told | null;
  /** Link events the collector would have seen up to what was told last. */
  readonly links: readonly StoredEvent[];
}

export function pastOf(story: Story, now: number): Past {
  const { rhythm, device } = story;
  const seed = seedOf(device.seed, 'past');
  const teller = tellerOf(story);
  const links: StoredEvent[] = [];
  /** Everything up to here has been told. */
  let told = now - HISTORY_MS;
  let seq = 0;
  let sampledTo = told;
  let known = false;
  let linkedTo = told;

  const link = (at: number, kind: 'link-up' | 'link-down', reason?: string): void => {
    links.push({ at: Math.round(at), by: 'collector', kind, data: reason === undefined ? {} : { reason } });
  };

  /** How long after the machine runs its agent is connected. */
  const delay = ({ begin }: Session): number => (begin === 'wake' ? 3 : 34) * SECOND;

  function before(session: Session): Session | undefined {
    return rhythm.between(session.from - 6 * DAY, session.from - 1).findLast(({ to }) => to <= session.from);
  }

  function eventsOf(session: Session, heardAt: number): DeviceEvent[] {
    const events: DeviceEvent[] = [];
    if (session.from > told && session.begin !== 'on') {
      if (session.begin === 'wake') {
        const last = before(session);
        if (last !== undefined && known) {
          events.push({ at: last.to, kind: 'sleep' });
          events.push({ at: session.from, kind: 'wake', data: { sleptMs: session.from - last.to } });
        }
      } else {
        events.push({ at: session.from, kind: 'boot' });
        events.push({ at: session.from + 28 * SECOND, kind: 'agent-started', data: { version: VERSION } });
      }
    }
    if (session.to > told && session.to <= heardAt && rhythm.endOf(session) === 'shutdown') {
      events.push({ at: session.to - 2 * SECOND, kind: 'agent-stopping', data: { reason: 'stopping' } });
    }
    return events;
  }

  function noteLinks(sessions: readonly Session[], to: number): void {
    for (const session of sessions) {
      const continues = session.begin === 'on' && links.length > 0;
      const up = Math.max(session.from + delay(session), now - HISTORY_MS + 5 * SECOND);
      if (!continues && up > linkedTo && up <= to) link(up, 'link-up');
      for (const drop of rhythm.linkDrops(Math.max(linkedTo, up), Math.min(to, session.to))) {
        if (drop.from <= Math.max(linkedTo, up) || drop.from > to || drop.to >= Math.min(session.to, now))
          continue;
        link(drop.from, 'link-down', 'lost');
        link(drop.to, 'link-up');
      }
      const end = rhythm.endOf(session);
      if (session.to > linkedTo && session.to <= to && end !== 'on') {
        link(session.to, 'link-down', end === 'shutdown' ? 'goodbye-stopping' : 'lost');
      }
    }
    linkedTo = to;
  }

  function rowsUpTo(sessions: readonly Session[], to: number): SampleRow[] {
    const rows: SampleRow[] = [];
    for (const session of sessions) {
      let t = Math.max(sampledTo, session.from + delay(session));
      for (;;) {
        const step = now - t > RAW_MS ? COARSE_MS : LIMITS.sampleMs;
        t = Math.round(t + jittered(step, () => unit(seed, Math.floor(t / 1000)), 0.06));
        if (t > Math.min(to, session.to)) break;
        rows.push(story.reading(t));
        sampledTo = t;
      }
    }
    return rows;
  }

  return {
    links,
    tell(to) {
      const sessions = rhythm.between(told + 1, to).filter(session => session.from < to - MINUTE);
      const last = sessions.at(-1);
      if (last === undefined) return null;
      const ended = last.to <= to;
      // Not everybody on the full hour; at the end of all this, the moment before the present.
      const spread = 0.6 * (to - Math.max(told, last.from + delay(last) + SECOND));
      const live = now - to < SECOND;
      const heardAt = ended
        ? last.to
        : Math.round(
            to -
              (live ? 2 * SECOND + 15 * SECOND * unit(seed, 1) : spread * unit(seed, Math.floor(to / 1000))),
          );
      if (heardAt <= told) return null;
      const frames: SequencedFrame[] = [];
      const at = heardAt;
      const number = (): number => {
        seq += 1;
        return seq;
      };
      const events = sessions.flatMap(session => eventsOf(session, heardAt));
      for (let i = 0; i < events.length; i += LIMITS.eventRows) {
        frames.push({ type: 'events', seq: number(), at, events: events.slice(i, i + LIMITS.eventRows) });
      }
      const rows = rowsUpTo(sessions, heardAt);
      for (let i = 0; i < rows.length; i += LIMITS.sampleRows) {
        frames.push({ type: 'samples', seq: number(), at, rows: rows.slice(i, i + LIMITS.sampleRows) });
      }
      // A machine is asked while it runs.
      const asked = Math.min(heardAt, last.to - SECOND);
      const restarted = sessions.some(({ begin, from }) => from > told && begin.startsWith('boot'));
      const { identity } = device;
      if (!known || restarted) {
        frames.push({ type: 'snapshot', seq: number(), at, identity, findings: teller.all(asked) });
      } else {
        const findings = teller.changes(asked);
        if (Object.keys(findings).length > 0) frames.push({ type: 'delta', seq: number(), at, findings });
      }
      // The round that looked again ends with a reading of its own, taken when its checks had answered.
      const fresh = Object.fromEntries(teller.ids.map(id => [id, Math.round(asked - SECOND)]));
      const reading = story.reading(Math.round(asked));
      frames.push({ type: 'samples', seq: number(), at, rows: [reading], fresh });
      sampledTo = Math.max(sampledTo, reading[0]);
      noteLinks(sessions, heardAt);
      known = true;
      told = heardAt;
      return { heardAt, frames };
    },
  };
}
