import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { locale, notificationSettings } from '../contract.ts';
import { STAGES } from './notify.ts';

/** What this person has chosen, and what they were told. */
const prefs = z.object({
  /** null: the system's language. */
  locale: locale.nullable(),
  notifications: notificationSettings,
  told: z.record(z.string(), z.array(z.enum(STAGES))),
  /** Requests to IT whose answer they were told of. */
  toldAnswers: z.array(z.string()).default([]),
});
export type Prefs = z.infer<typeof prefs>;

const FRESH: Prefs = {
  locale: null,
  notifications: {
    on: true,
    quietHours: { from: '19:00', to: '07:00' },
    snoozedUntil: null,
    snoozedProblems: {},
  },
  told: {},
  toldAnswers: [],
};

const FILE = 'preferences.json';

export interface PrefsStore {
  readonly value: Prefs;
  change(part: Partial<Prefs>): void;
}

/** Preferences in the app's own folder. A file that cannot be read begins anew; one that cannot be written is done without. */
export function openPrefs(folder: string): PrefsStore {
  let value = read(folder);
  return {
    get value() {
      return value;
    },
    change(part) {
      value = { ...value, ...part };
      try {
        mkdirSync(folder, { recursive: true });
        const path = join(folder, FILE);
        writeFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
        renameSync(`${path}.new`, path);
      } catch {
        // They hold until the app ends.
      }
    },
  };
}

function read(folder: string): Prefs {
  try {
    const parsed = prefs.safeParse(JSON.parse(readFileSync(join(folder, FILE), 'utf8')));
    return parsed.success ? parsed.data : FRESH;
  } catch {
    return FRESH;
  }
}
