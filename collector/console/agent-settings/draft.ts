import {
  type AgentSettings,
  agentSettings,
  COLLECTOR_SETTINGS,
  type CollectorSettingKey,
} from '../../../shared/device/agent-settings.ts';
import type { OsSupportTable } from '../../../shared/device/os-support-table.ts';
import { KINDS, SUBJECT_KINDS, type SubjectKind } from './kinds.ts';
import { problemWords } from './problem-words.ts';

export const SETTING_KEYS = Object.keys(COLLECTOR_SETTINGS).filter(isSettingKey);

function isSettingKey(key: string): key is CollectorSettingKey {
  return Object.hasOwn(COLLECTOR_SETTINGS, key);
}

export type Fields = Readonly<Record<string, string>>;

/** One subject while it is edited. */
export interface DraftRow {
  /** Stays the same while the row is on the page. */
  readonly key: string;
  /** The id it is told by now; null for one that was added. */
  readonly was: string | null;
  readonly fields: Fields;
}

/** What is typed, as it is typed: nothing is lost because it is not right yet. */
export interface Draft {
  /** Empty: not set. */
  readonly values: Readonly<Record<CollectorSettingKey, string>>;
  readonly subjects: Readonly<Record<SubjectKind, readonly DraftRow[]>>;
  readonly osSupport: OsSupportTable | null;
}

export function perSetting<Value>(
  make: (key: CollectorSettingKey) => Value,
): Record<CollectorSettingKey, Value> {
  return {
    sampleSeconds: make('sampleSeconds'),
    postureMinutes: make('postureMinutes'),
    heavyHours: make('heavyHours'),
    lowBatteryPercent: make('lowBatteryPercent'),
    scanBudgetSeconds: make('scanBudgetSeconds'),
  };
}

export function perKind<Value>(make: (kind: SubjectKind) => Value): Record<SubjectKind, Value> {
  return {
    files: make('files'),
    processes: make('processes'),
    services: make('services'),
    registry: make('registry'),
    certificates: make('certificates'),
    apps: make('apps'),
  };
}

/** What is told now, ready to be edited. */
export function draftOf(settings: AgentSettings): Draft {
  return {
    values: perSetting(key => String(settings.values[key] ?? '')),
    subjects: perKind(kind =>
      (settings.subjects?.[kind] ?? []).map(row => ({
        key: `${kind}-${row.id}`,
        was: row.id,
        fields: fieldsOf(kind, row),
      })),
    ),
    osSupport: settings.osSupport,
  };
}

function fieldsOf(kind: SubjectKind, row: object): Fields {
  return Object.fromEntries(
    KINDS[kind].fields.map(({ name }) => {
      const value: unknown = Object.getOwnPropertyDescriptor(row, name)?.value;
      return [name, value === undefined ? '' : String(value)];
    }),
  );
}

/** A new row of a list: choices stand on their first, texts are empty. */
export function newRow(kind: SubjectKind, key: string): DraftRow {
  return {
    key,
    was: null,
    fields: Object.fromEntries(
      KINDS[kind].fields.map(field => [field.name, field.options?.[0]?.value ?? '']),
    ),
  };
}

/** What the typed texts mean, unchecked. */
function candidateOf(draft: Draft): unknown {
  const values = Object.fromEntries(
    SETTING_KEYS.flatMap(key => {
      const text = draft.values[key].trim();
      return text === '' ? [] : [[key, /^\d{1,9}$/.test(text) ? Number(text) : text]];
    }),
  );
  const rows = perKind(kind => draft.subjects[kind].map(({ fields }) => subjectOf(kind, fields)));
  const none = SUBJECT_KINDS.every(kind => rows[kind].length === 0);
  return { values, subjects: none ? null : rows, osSupport: draft.osSupport };
}

function subjectOf(kind: SubjectKind, fields: Fields): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    KINDS[kind].fields.flatMap(({ name, required }) => {
      const text = (fields[name] ?? '').trim();
      if (text === '' && !required) return [];
      return [[name, name === 'view' ? Number(text) : text]];
    }),
  );
}

/** What is wrong by the address the collector would name it by (`subjects.files.0.path`), in words. */
export type Problems = ReadonlyMap<string, string>;

export type Judged =
  | { readonly ok: true; readonly settings: AgentSettings }
  | { readonly ok: false; readonly problems: Problems };

/** Judges everything by the schema the collector and the agents judge it by. */
export function judge(draft: Draft): Judged {
  const problems = new Map<string, string>();
  const parsed = agentSettings.safeParse(candidateOf(draft));
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const address = issue.path.map(String).join('.');
      // The list's own word on ids says less than the one at the field, below.
      if (issue.code === 'custom' && /^subjects\.\w+$/.test(address)) continue;
      if (!problems.has(address))
        problems.set(address, problemWords(issue, address, typedAt(draft, address)));
    }
  }
  for (const kind of SUBJECT_KINDS) {
    const seen = new Set<string>();
    for (const [at, { fields }] of draft.subjects[kind].entries()) {
      const id = (fields.id ?? '').trim();
      const address = `subjects.${kind}.${at}.id`;
      if (id !== '' && seen.has(id) && !problems.has(address))
        problems.set(
          address,
          `“${id}” is taken by another row of this list. Rules could not tell them apart.`,
        );
      seen.add(id);
    }
  }
  return parsed.success && problems.size === 0
    ? { ok: true, settings: parsed.data }
    : { ok: false, problems };
}

function typedAt(draft: Draft, address: string): string {
  const [part, second = '', at, field = ''] = address.split('.');
  if (part !== 'subjects') return '';
  const kind = SUBJECT_KINDS.find(one => one === second);
  return kind === undefined ? '' : (draft.subjects[kind][Number(at)]?.fields[field] ?? '').trim();
}

/** One difference between two drafts. */
export interface Change {
  /** Names what differs: `values.sampleSeconds`, `files.vpn-client`, `osSupport`. */
  readonly unit: string;
  readonly is: 'added' | 'removed' | 'changed';
  readonly before: Unit | null;
  readonly after: Unit | null;
}

export type Unit =
  | { readonly of: 'value'; readonly key: CollectorSettingKey; readonly value: string }
  | { readonly of: 'subject'; readonly kind: SubjectKind; readonly fields: Fields }
  | { readonly of: 'osSupport'; readonly table: OsSupportTable };

/** Everything that can differ, by name. A row that has no id yet, or one that is taken, goes by its place on the page. */
function unitsOf(draft: Draft): Map<string, Unit> {
  const units = new Map<string, Unit>();
  for (const key of SETTING_KEYS) {
    const value = draft.values[key].trim();
    if (value !== '') units.set(`values.${key}`, { of: 'value', key, value });
  }
  for (const kind of SUBJECT_KINDS) {
    for (const { key, fields } of draft.subjects[kind]) {
      const id = (fields.id ?? '').trim();
      const named = `${kind}.${id}`;
      units.set(id === '' || units.has(named) ? `${kind}/${key}` : named, { of: 'subject', kind, fields });
    }
  }
  if (draft.osSupport !== null) units.set('osSupport', { of: 'osSupport', table: draft.osSupport });
  return units;
}

/** What is different in `after`, in the order of the page. */
export function changesBetween(before: Draft, after: Draft): Change[] {
  const old = unitsOf(before);
  const now = unitsOf(after);
  const names = [...new Set([...old.keys(), ...now.keys()])];
  const found = names.flatMap((unit): Change[] => {
    const was = old.get(unit) ?? null;
    const is = now.get(unit) ?? null;
    if (was === null) return [{ unit, is: 'added', before: null, after: is }];
    if (is === null) return [{ unit, is: 'removed', before: was, after: null }];
    return sameUnit(was, is) ? [] : [{ unit, is: 'changed', before: was, after: is }];
  });
  const place = ({ before: was, after: is }: Change): number => {
    const unit = is ?? was;
    if (unit === null || unit.of === 'osSupport') return SUBJECT_KINDS.length + 1;
    return unit.of === 'value' ? 0 : 1 + SUBJECT_KINDS.indexOf(unit.kind);
  };
  return found.sort((a, b) => place(a) - place(b));
}

function sameUnit(one: Unit, other: Unit): boolean {
  if (one.of === 'subject' && other.of === 'subject') return sameFields(one.fields, other.fields);
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function sameFields(one: Fields, other: Fields): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every(name => (one[name] ?? '').trim() === (other[name] ?? '').trim());
}

/**
 * Both sides' changes to `base` in one draft. Where both changed the same thing, `mine` stays; a row that `theirs` also has
 * under a new id is kept beside it, and judge() then asks for another name.
 */
export function mergeDrafts(base: Draft, mine: Draft, theirs: Draft): Draft {
  return {
    values: perSetting(
      key => (mine.values[key].trim() === base.values[key].trim() ? theirs : mine).values[key],
    ),
    subjects: perKind(kind => mergeRows(base.subjects[kind], mine.subjects[kind], theirs.subjects[kind])),
    osSupport:
      JSON.stringify(mine.osSupport) === JSON.stringify(base.osSupport) ? theirs.osSupport : mine.osSupport,
  };
}

function mergeRows(
  base: readonly DraftRow[],
  mine: readonly DraftRow[],
  theirs: readonly DraftRow[],
): DraftRow[] {
  const baseById = new Map(base.map(row => [row.was, row]));
  const mineById = new Map(mine.flatMap(row => (row.was === null ? [] : [[row.was, row] as const])));
  const theirIds = new Set(theirs.map(row => row.was));
  const edited = (row: DraftRow): boolean => {
    const was = baseById.get(row.was);
    return was === undefined || !sameFields(was.fields, row.fields);
  };
  const kept = theirs.flatMap(row => {
    const own = row.was === null ? undefined : mineById.get(row.was);
    if (own !== undefined) return [edited(own) ? own : row];
    // Not among mine: removed here, or new there.
    return baseById.has(row.was) ? [] : [row];
  });
  const added = mine
    .filter(row => (row.was === null || !theirIds.has(row.was)) && edited(row))
    // What the other side has removed comes in again as new.
    .map(row => ({ ...row, was: null }));
  return [...kept, ...added];
}
