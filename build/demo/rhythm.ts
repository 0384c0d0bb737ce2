import { DAY, HOUR, MINUTE, SECOND } from '../../shared/base/durations.ts';
import type { DemoDevice } from './company.ts';
import { seedOf, unit, wave } from './random.ts';

/*
 * When people work and machines run, as a function of time. The company keeps a clock of its own: whenever the demo is
 * started, there it is a Wednesday morning (`anchor` is 10:20 in Berlin), so that the fleet is at work on a Sunday night too
 * and the evening, the weekend and the nights before it lie behind.
 */

/** One stretch in which a machine runs. `on`: it simply runs on from the day before. */
export interface Session {
  readonly from: number;
  readonly to: number;
  readonly begin: 'boot' | 'boot-after-crash' | 'wake' | 'on';
}

/** How a session ends; null while none follows that would say (a machine that was switched off for good). */
type SessionEnd = 'sleep' | 'shutdown' | 'crash' | 'on';

interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Rhythm {
  /** The session that runs at `t`, or null: asleep or off. */
  at(t: number): Session | null;
  /** Sessions that overlap [from, to], ascending. */
  between(from: number, to: number): Session[];
  endOf(session: Session): SessionEnd;
  /** The last full start at or before `t`. */
  bootAt(t: number): number;
  /** The next planned start after `t` within two days, or null. */
  nextBoot(t: number): number | null;
  /** How busily somebody works at `t`, 0 to 1. */
  activity(t: number): number;
  /** On mains power at `t`, and the charge (percent) of a laptop. */
  power(t: number): { readonly onAc: boolean; readonly percent: number };
  /** Times within [from, to] in which the machine runs and its network does not carry. */
  linkDrops(from: number, to: number): Span[];
  /** Hour of the company's day at the device's office, 0 to 24. */
  hour(t: number): number;
  /** Whole days since the anchor's day; negative before. */
  day(t: number): number;
}

const WEDNESDAY = 3;
const ANCHOR_OF_DAY = 10 * HOUR + 20 * MINUTE;
/** How far back starts are looked for. */
const BOOT_DAYS = 60;
/** Charge and mains power change by blocks of this length. */
const POWER_BLOCK = 45 * MINUTE;
/** What moves by the minute in the live demo begins a little before it, so that it is under way when somebody looks. */
const LIVE_BEFORE = 30 * MINUTE;

export function rhythmOf(device: DemoDevice, anchor: number): Rhythm {
  const { seed, plot, form } = device;
  // 1970-01-01 was a Thursday; the anchor's local day is made a Wednesday.
  const offset = device.office.utcOffsetHours * HOUR;
  const midnight = anchor - ANCHOR_OF_DAY - offset;
  const days = new Map<number, readonly Session[]>();
  const charges = new Map<number, readonly number[]>();
  const seeds = {
    day: seedOf(seed, 'day'),
    power: seedOf(seed, 'power'),
    link: seedOf(seed, 'link'),
    work: seedOf(seed, 'work'),
    crash: seedOf(seed, 'crash'),
  };

  const day = (t: number): number => Math.floor((t - midnight) / DAY);
  const startOf = (d: number): number => midnight + d * DAY;
  const weekday = (d: number): number => (((WEDNESDAY + d) % 7) + 7) % 7;
  const dice = (d: number, n: number): number => unit(seeds.day, d * 16 + n);

  /** No start after this; the machine was put away then. */
  const switchedOff =
    plot === 'away' ? anchor - (3.2 + 2.4 * dice(0, 9)) * DAY : plot === 'lost' ? anchor - 8.4 * DAY : null;

  function desktopDay(d: number): Session[] {
    const start = startOf(d);
    const maintenance = start + 3 * HOUR + 12 * MINUTE;
    if (plot === 'restart-pending' || weekday(d) !== Math.floor(dice(0, 1) * 7)) {
      return [{ from: start, to: start + DAY, begin: 'on' }];
    }
    return [
      { from: start, to: maintenance, begin: 'on' },
      { from: maintenance + 100 * SECOND, to: start + DAY, begin: 'boot' },
    ];
  }

  function laptopDay(d: number): Session[] {
    const start = startOf(d);
    const at = (hours: number, n: number, spreadMinutes: number): number =>
      start + hours * HOUR + Math.round(dice(d, n) * spreadMinutes) * MINUTE;
    const weekend = weekday(d) === 0 || weekday(d) === 6;
    const spans: Span[] = [];
    if (weekend) {
      if (dice(d, 2) < 0.12) spans.push({ from: at(19, 3, 90), to: at(21, 4, 60) });
    } else if (d >= 0 || dice(d, 2) > 0.05) {
      const morning = at(7.5, 3, 80);
      const evening = at(16.75, 4, 110);
      if (dice(d, 5) < 0.5)
        spans.push({ from: morning, to: at(12, 6, 25) }, { from: at(12.75, 7, 20), to: evening });
      else spans.push({ from: morning, to: evening });
      if (dice(d, 8) < 0.14) spans.push({ from: at(20.25, 9, 30), to: at(21.5, 10, 40) });
    }
    const restarts = plot === 'crash-storm' || dice(d, 11) < 0.17;
    return spans.map((span, i) => ({ ...span, begin: i === 0 && restarts ? 'boot' : 'wake' }));
  }

  /** Cuts each session at the given times, off for `offMs`. */
  function cut(
    sessions: readonly Session[],
    times: readonly number[],
    offMs: number,
    begin: Session['begin'],
  ): Session[] {
    return sessions.flatMap(session => {
      const parts: Session[] = [];
      let rest = session;
      for (const at of times) {
        if (at <= rest.from + 20 * SECOND || at + offMs >= rest.to) continue;
        parts.push({ ...rest, to: at });
        rest = { from: at + offMs, to: rest.to, begin };
      }
      return [...parts, rest];
    });
  }

  /** Irregular moments of day `d`: one in each slot, counted from the anchor. */
  function moments(d: number, slotMs: number, from: number): number[] {
    const times: number[] = [];
    const first = Math.max(startOf(d), from);
    for (
      let slot = Math.ceil((first - anchor) / slotMs);
      anchor + slot * slotMs < startOf(d + 1);
      slot += 1
    ) {
      times.push(anchor + Math.floor((slot + 0.35 + 0.5 * unit(seeds.crash, slot)) * slotMs));
    }
    return times;
  }

  function sessionsOf(d: number): readonly Session[] {
    const known = days.get(d);
    if (known !== undefined) return known;
    let sessions = form === 'desktop' ? desktopDay(d) : laptopDay(d);
    if (plot === 'crash-storm') {
      const slots = d < 0 ? moments(d, 2.5 * HOUR, 0) : moments(d, 14 * MINUTE, anchor);
      sessions = cut(sessions, slots, 45 * SECOND, 'boot-after-crash');
    }
    if (plot === 'lid-opens-and-closes') {
      sessions = cut(sessions, moments(d, 6 * MINUTE, anchor - LIVE_BEFORE), 80 * SECOND, 'wake');
    }
    if (switchedOff !== null) {
      sessions = sessions
        .filter(({ from }) => from < switchedOff)
        .map(session => ({ ...session, to: Math.min(session.to, switchedOff) }));
    }
    days.set(d, sessions);
    return sessions;
  }

  function between(from: number, to: number): Session[] {
    const found: Session[] = [];
    for (let d = day(from); d <= day(to); d += 1) {
      for (const session of sessionsOf(d)) if (session.to > from && session.from <= to) found.push(session);
    }
    return found;
  }

  function at(t: number): Session | null {
    return sessionsOf(day(t)).find(session => session.from <= t && t < session.to) ?? null;
  }

  function endOf(session: Session): SessionEnd {
    const next = between(session.to, session.to + 6 * DAY).find(({ from }) => from >= session.to);
    if (next === undefined) return 'shutdown';
    if (next.begin === 'on') return 'on';
    return next.begin === 'wake' ? 'sleep' : next.begin === 'boot' ? 'shutdown' : 'crash';
  }

  const isBoot = ({ begin }: Session): boolean => begin === 'boot' || begin === 'boot-after-crash';

  const boots = new Map<number, number>();
  function bootAt(t: number): number {
    const today = day(t);
    const here = sessionsOf(today).findLast(session => session.from <= t && isBoot(session));
    if (here !== undefined) return here.from;
    const known = boots.get(today);
    if (known !== undefined) return known;
    let boot = anchor - BOOT_DAYS * DAY;
    if (plot === 'restart-pending') boot = anchor - 47 * DAY - 3 * HOUR;
    else {
      for (let d = today - 1; d > today - BOOT_DAYS; d -= 1) {
        const last = sessionsOf(d).findLast(isBoot);
        if (last === undefined) continue;
        boot = last.from;
        break;
      }
    }
    boots.set(today, boot);
    return boot;
  }

  function nextBoot(t: number): number | null {
    const next = between(t, t + 2 * DAY).find(session => session.from > t && session.begin === 'boot');
    return next?.from ?? null;
  }

  function hour(t: number): number {
    return ((((t - midnight) % DAY) + DAY) % DAY) / HOUR;
  }

  function activity(t: number): number {
    const h = hour(t);
    const weekend = weekday(day(t)) % 6 === 0;
    const bell = (peak: number, width: number): number => Math.exp(-(((h - peak) / width) ** 2));
    const shape = Math.min(1, bell(10.4, 1.7) + 0.95 * bell(15, 2.1) + 0.12 * bell(21, 1));
    return shape * (weekend ? 0.35 : 1) * (0.45 + 0.55 * wave(seeds.work, t / (37 * MINUTE)));
  }

  const onAcIn = (block: number): boolean => form === 'desktop' || unit(seeds.power, block) < 0.6;
  const blocksADay = Math.ceil(DAY / POWER_BLOCK);

  /** Charge at the beginning of each block of day `d`. People plug in before it is too late. */
  function chargesOf(d: number): readonly number[] {
    const known = charges.get(d);
    if (known !== undefined) return known;
    const drain = plot === 'battery-worn-out' ? 34 : plot === 'battery-wearing' ? 19 : 11;
    const points = [76 + 24 * unit(seeds.power, d * 131 + 7)];
    for (let i = 0; i < blocksADay; i += 1) {
      const now = points[i] ?? 80;
      const from = startOf(d) + i * POWER_BLOCK;
      const awake = at(from + POWER_BLOCK / 2) !== null;
      const hours = POWER_BLOCK / HOUR;
      const charging = onAcIn(d * blocksADay + i) || now < 16;
      const change = charging ? (now < 80 ? 44 : 18) * hours : -(awake ? drain : 0.4) * hours;
      points.push(Math.min(100, Math.max(3, now + change)));
    }
    charges.set(d, points);
    return points;
  }

  function power(t: number): { onAc: boolean; percent: number } {
    if (form === 'desktop') return { onAc: true, percent: 100 };
    const d = day(t);
    const points = chargesOf(d);
    const place = (t - startOf(d)) / POWER_BLOCK;
    const block = Math.floor(place);
    const before = points[block] ?? 80;
    const after = points[block + 1] ?? before;
    const percent = before + (after - before) * (place - block);
    return { onAc: onAcIn(d * blocksADay + block) || before < 16, percent };
  }

  function linkDrops(from: number, to: number): Span[] {
    const drops: Span[] = [];
    const add = (
      slotMs: number,
      share: number,
      least: number,
      most: number,
      since: number,
      until: number,
    ) => {
      for (
        let slot = Math.floor((Math.max(from, since) - anchor) / slotMs) - 1;
        anchor + slot * slotMs < Math.min(to, until);
        slot += 1
      ) {
        if (unit(seeds.link, slot * 3) >= share) continue;
        const begin = anchor + Math.floor((slot + 0.6 * unit(seeds.link, slot * 3 + 1)) * slotMs);
        const end = begin + Math.floor(least + (most - least) * unit(seeds.link, slot * 3 + 2));
        if (end > from && begin < to && begin >= since && begin < until) drops.push({ from: begin, to: end });
      }
    };
    if (plot === 'network-flaps') {
      add(HOUR / 2, 0.8, 20 * SECOND, 2 * MINUTE, Number.NEGATIVE_INFINITY, anchor - LIVE_BEFORE);
      add(70 * SECOND, 1, 4 * SECOND, 11 * SECOND, anchor - LIVE_BEFORE, Number.POSITIVE_INFINITY);
    } else {
      // Others lose the network now and then too, but not while somebody first looks at the demo.
      add(6 * HOUR, 0.08, MINUTE, 7 * MINUTE, Number.NEGATIVE_INFINITY, anchor - HOUR);
    }
    return drops;
  }

  return { at, between, endOf, bootAt, nextBoot, activity, power, linkDrops, hour, day };
}
