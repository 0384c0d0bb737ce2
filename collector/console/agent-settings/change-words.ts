import { COLLECTOR_SETTINGS, type CollectorSettingKey } from '../../../shared/device/agent-settings.ts';
import type { Change, Unit } from './draft.ts';
import { KINDS, subjectLine } from './kinds.ts';

/** A short name and the unit of each setting; the sentence is the shared one. */
export const SETTING_WORDS: Readonly<
  Record<CollectorSettingKey, { readonly title: string; readonly unit: string }>
> = {
  sampleSeconds: { title: 'Load, disk space, battery', unit: 's' },
  postureMinutes: { title: 'Posture checks', unit: 'min' },
  heavyHours: { title: 'Costly checks', unit: 'h' },
  lowBatteryPercent: { title: 'Battery reserve', unit: '%' },
  scanBudgetSeconds: { title: 'Processor time of all checks', unit: 's an hour' },
};

/** `60 s`, or the default where nothing is set. */
export function valueWords(key: CollectorSettingKey, value: string): string {
  const { unit } = SETTING_WORDS[key];
  return value === ''
    ? `not set (${COLLECTOR_SETTINGS[key].fallback} ${unit} by default)`
    : `${value} ${unit}`;
}

export interface ChangeWords {
  readonly title: string;
  /** Only where it differs from how it is said for others: added, removed, changed. */
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** One change as a person reads it before it is told to every agent. */
export function changeWords({ is, before, after }: Change): ChangeWords {
  const unit = after ?? before;
  if (unit === null) return { title: '', what: is, before: null, after: null };
  if (unit.of === 'value') {
    const said = (one: Unit | null): string =>
      valueWords(unit.key, one !== null && one.of === 'value' ? one.value : '');
    return {
      title: SETTING_WORDS[unit.key].title,
      what: { added: 'set', removed: 'back to default', changed: 'changed' }[is],
      before: said(before),
      after: said(after),
    };
  }
  if (unit.of === 'osSupport') {
    const said = (one: Unit | null): string =>
      one !== null && one.of === 'osSupport' ? `given, of ${one.table.asOf}` : 'the shipped one';
    return { title: 'Table of support ends', what: is, before: said(before), after: said(after) };
  }
  const said = (one: Unit | null): string | null =>
    one === null || one.of !== 'subject' ? null : subjectWords(one.kind, one.fields);
  return {
    title: `${KINDS[unit.kind].title}: ${unit.fields.id?.trim() || 'not named yet'}`,
    what: is,
    before: said(before),
    after: said(after),
  };
}

/** Everything a row says, so that also a change of its system or hash can be seen. */
function subjectWords(kind: keyof typeof KINDS, fields: Readonly<Record<string, string>>): string {
  const choices = KINDS[kind].fields.flatMap(({ name, options }) => {
    const value = fields[name] ?? '';
    const said = options?.find(option => option.value === value)?.label;
    return said === undefined || value === '' ? [] : [said];
  });
  return [subjectLine(kind, fields), ...choices].filter(Boolean).join(' · ');
}
