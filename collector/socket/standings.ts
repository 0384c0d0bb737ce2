import type { Standing } from '../../shared/protocol/to-device.ts';
import type { HotDevice } from '../fleet/hot-device.ts';

/** Reasons told; the dearest say it all. */
const REASONS = 8;

/** Tells each device how the collector sees it: after its welcome, and when that has changed in a way a person would see. */
export class Standings {
  readonly #now: () => number;
  readonly #send: (device: string, frame: Standing) => void;
  /** What each connected device was last told, without the time. */
  readonly #told = new WeakMap<HotDevice, string>();

  constructor(now: () => number, send: (device: string, frame: Standing) => void) {
    this.#now = now;
    this.#send = send;
  }

  /** It has just connected: what it was told before may be lost. */
  joined(device: HotDevice): void {
    this.#told.delete(device);
    this.changed(device);
  }

  changed(device: HotDevice): void {
    if (!device.connected) return;
    const frame = standingOf(device, this.#now());
    const text = JSON.stringify([frame.state, frame.score, frame.reasons]);
    if (this.#told.get(device) === text) return;
    this.#told.set(device, text);
    this.#send(device.id, frame);
  }
}

/** The device's own line of the fleet page, for its owner. Pure. */
export function standingOf(device: Pick<HotDevice, 'row' | 'score'>, at: number): Standing {
  const { row, score } = device;
  const reasons = (score?.value ?? null) === null ? [] : (score?.hazards ?? []).flatMap(({ reasons: all }) => all);
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
