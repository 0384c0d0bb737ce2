import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../shared/base/clock.ts';
import { OS_SUPPORT, type OsSupportTable, osSupportTable } from '../../shared/device/os-support-table.ts';
import type { Platform } from '../../shared/device/platform.ts';
import { type Subjects, subjects } from '../../shared/device/subjects.ts';
import { recordedOf } from '../core/scan/replay.ts';
import { systemClock } from './clock.ts';

/** What a folder of recorded outputs says of the round it was recorded in; null where it does not. */
export interface Replayed {
  readonly platform: Platform | null;
  readonly recordedAt: number | null;
  readonly subjects: Subjects | null;
  readonly osSupport: OsSupportTable;
}

function jsonIn(folder: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8'));
  } catch {
    return null;
  }
}

export function replayedFrom(folder: string): Replayed {
  return {
    ...recordedOf(folder),
    subjects: subjects.safeParse(jsonIn(folder, 'subjects.json')).data ?? null,
    osSupport: osSupportTable.safeParse(jsonIn(folder, 'os-support.json')).data ?? OS_SUPPORT,
  };
}

/** A clock whose wall time stands still, so that everything in a round is of one moment. */
export function standingClock(at: number): Clock {
  return { ...systemClock, now: () => at };
}
