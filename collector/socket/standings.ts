import type { Standing } from '../../shared/protocol/to-device.ts';
import type { HotDevice } from '../fleet/hot-device.ts';

/** A device is told this often at most. */
const OFTEN_MS = 500;
/** Reasons told; the dearest say it all. */
const REASONS = 8;

/** Tells each device how the collector sees it: after its welcome, and when that has changed in a way a person would see. */
export class Standings {
  readonly #now: () => number;
  readonly #send: (device: string, frame: Standing) => void;
  /** What each connected device was last told, without the time, and when. */
  readonly #told = new WeakMap<HotDevice, { text: string; at: number }>();
  /** Changed again too soon after they were told. */
  #due = new Set<HotDevice>();
  #timer: NodeJS.Timeout | null = null;

  constructor(now: () => number, send: (device: string, frame: Standing) => void) {
    this.#now = now;
    this.#send = send;
  }

  /** It has just connected: what it was told before may be lost. */
  joined(device: HotDevice): void {
    this.#told.delete(device);
    this.changed(device);
  }

  /** At once, unless it was told only just now: then a little later, and once for all that changes until then. */
  changed(device: HotDevice): void {
    if (!device.connected) return;
    const now = this.#now();
    const told = this.#told.get(device);
    if (told !== undefined && now - told.at < OFTEN_MS && now >= told.at) {
      this.#due.add(device);
      this.#timer ??= setTimeout(() => this.#tellDue(), OFTEN_MS).unref();
      return;
    }
    const frame = standingOf(device, now);
    const text = JSON.stringify([frame.state, frame.score, frame.reasons]);
    this.#told.set(device, { text, at: now });
    if (told?.text !== text) this.#send(device.id, frame);
  }

  #tellDue(): void {
    this.#timer = null;
    const due = this.#due;
    this.#due = new Set();
    for (const device of due) this.changed(device);
  }
}

/** The device's own line of the fleet page, for its owner. Pure. */
export function standingOf(device: Pick<HotDevice, 'row' | 'score'>, at: number): Standing {
  const { row, score } = device;
  const reasons =
    (score?.value ?? null) === null ? [] : (score?.hazards ?? []).flatMap(({ reasons: all }) => all);
  return {
    type: 'standing',
    at,
    state: row.state,
    score: row.score === null ? null : tenths(row.score),
    reasons: reasons
      .toSorted((a, b) => b.points - a.points)
      .slice(0, REASONS)
      .map(({ key, params, points }) => ({ key, params, points: tenths(points) })),
  };
}

/** Finer steps are not shown, so they are not told. */
function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
