import { OS_SUPPORT, type OsSupportTable, replacementFor } from '../../../shared/device/os-support-table.ts';
import { NO_SUBJECTS, type Subjects, subjects as subjectsSchema } from '../../../shared/device/subjects.ts';
import type { SettingsTaken } from '../../../shared/protocol/from-device.ts';
import type { DeviceSettings } from '../../../shared/protocol/to-device.ts';
import type { Settings } from './settings.ts';
import type { ToldFile } from './told-file.ts';

export type ToldRefusal = SettingsTaken['refused'][number];

/** What of the collector's word changed by taking it. */
export interface Taken {
  readonly refused: readonly ToldRefusal[];
  readonly subjectsChanged: boolean;
  readonly osSupportChanged: boolean;
}

/** What the collector tells all its agents, as it is in force here; it also holds offline and after a restart. */
export interface Told {
  /** The collector's name for what is in force; null when it has said nothing. */
  readonly hash: string | null;
  readonly subjects: Subjects;
  readonly osSupport: OsSupportTable;
  /** Puts this in the place of what was told before, member by member: one that cannot be taken leaves the others alone. */
  take(frame: DeviceSettings, collectorId: string | null): Taken;
  /** As if nothing had ever been told. */
  forget(): void;
}

export interface ToldOptions {
  /** Its layer `collector` belongs to this. */
  readonly settings: Settings;
  /** Left out: nothing outlives the process. */
  readonly file?: ToldFile;
  /** The collector this device belongs to; what another one told is not taken up again. */
  readonly collectorId?: string | null;
  /** Subjects of this machine, in force while the collector says nothing about any. */
  readonly ownSubjects?: Subjects;
}

function place(issues: readonly { readonly path: readonly PropertyKey[] }[]): string {
  return (issues[0]?.path ?? []).slice(0, 5).map(String).join('.').slice(0, 120);
}

/** Takes up what was kept, where it is of this collector and still reads. */
export function createTold({
  settings,
  file,
  collectorId = null,
  ownSubjects = NO_SUBJECTS,
}: ToldOptions): Told {
  let hash: string | null = null;
  let subjects = ownSubjects;
  let osSupport = OS_SUPPORT;

  /** Puts it in force; says what was not taken. */
  function enforce(frame: DeviceSettings): Taken {
    const refused: ToldRefusal[] = settings
      .apply('collector', frame.values)
      .slice(0, 30)
      .map(({ key, why }) => ({ key, why }));
    const before = { subjects: JSON.stringify(subjects), osSupport: osSupport.asOf };

    const asked = frame.subjects === undefined ? null : subjectsSchema.safeParse(frame.subjects);
    if (asked?.success === true) subjects = asked.data;
    // Wrong ones are no reason to stop looking for what was asked for rightly before.
    else if (asked !== null)
      refused.push({ key: 'subjects', why: 'malformed', detail: place(asked.error.issues) });
    else subjects = ownSubjects;

    const table = frame.osSupport === undefined ? null : replacementFor(frame.osSupport);
    if (table?.ok === true) osSupport = table.table;
    else if (table !== null) refused.push({ key: 'osSupport', why: table.why, detail: table.detail });
    else osSupport = OS_SUPPORT;

    hash = frame.hash ?? null;
    return {
      refused,
      subjectsChanged: JSON.stringify(subjects) !== before.subjects,
      osSupportChanged: osSupport.asOf !== before.osSupport,
    };
  }

  const kept = file?.load(collectorId) ?? null;
  if (kept !== null) enforce(kept);

  return {
    get hash() {
      return hash;
    },
    get subjects() {
      return subjects;
    },
    get osSupport() {
      return osSupport;
    },
    take(frame, from) {
      const taken = enforce(frame);
      try {
        if (frame.hash === undefined || from === null) file?.clear();
        else file?.save(frame, from);
      } catch {
        return { ...taken, refused: [...taken.refused, { key: 'keeping', why: 'not-written' }] };
      }
      return taken;
    },
    forget() {
      enforce({ type: 'settings', values: {} });
      try {
        file?.clear();
      } catch {
        // It names the collector it came from, so that no other one's is taken for it.
      }
    },
  };
}
