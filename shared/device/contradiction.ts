import { z } from 'zod';
import { DAY, HOUR } from '../base/durations.ts';
import {
  type Claim,
  claim as claimShape,
  type FieldKey,
  type FieldValue,
  fieldKey,
  type MergedField,
  type MergedRecord,
  type Source,
} from './device.ts';
import { normaliseSerial, normaliseUuid } from './identity.ts';

/*
 * What cannot both be true of one device, as data. A contradiction is shown, never averaged away: which side is wrong is
 * for a person to find out. Unknown values, too old ones among them, contradict nothing.
 */

/** Most urgent first. */
export const CONTRADICTION_WEIGHTS = ['high', 'medium', 'low'] as const;
export type ContradictionWeight = (typeof CONTRADICTION_WEIGHTS)[number];

/** Whether two known values of one field say the same. */
type Same = (one: FieldValue, other: FieldValue) => boolean;

interface Rule {
  /** Names the rule for good. */
  readonly id: string;
  /** For the helpdesk, one sentence. */
  readonly title: string;
  readonly weight: ContradictionWeight;
  /** Says rather that records of two machines were taken for one than that this one is in danger. */
  readonly doubtsMatch?: true;
}

/** Two sources disagree about one fact. */
interface Disagreement extends Rule {
  readonly kind: 'disagreement';
  readonly field: FieldKey;
  readonly same: Same;
  /** Only between these; without it, between any. */
  readonly among?: readonly Source[];
  /** News further apart than this may both have been true. */
  readonly withinMs?: number;
}

/** One fact, and another that does not go with it. */
interface Clash extends Rule {
  readonly kind: 'clash';
  /** Whoever says it. */
  readonly says: { readonly field: FieldKey; readonly is: readonly FieldValue[] };
  /** What holds for the device, that is the winning claim. */
  readonly but: { readonly field: FieldKey; readonly is: readonly FieldValue[] };
  readonly withinMs: number;
}

/** A system has not heard of the device for long, while the agent on it is heard of. `field` is a date. */
interface Silence extends Rule {
  readonly kind: 'silence';
  readonly field: FieldKey;
  readonly lagMs: number;
}

export type ContradictionRule = Disagreement | Clash | Silence;

/** Both sides look at the device about as often. */
const LATELY = 7 * DAY;
/** A compliance verdict and what it is about: the verdict may be as old as a managing system lets it be. */
const A_VERDICT = 30 * DAY;

const equal: Same = (one, other) => one === other;
const sameText: Same = (one, other) =>
  String(one).trim().toLowerCase() === String(other).trim().toLowerCase();
const sameSerial: Same = (one, other) => {
  const [a, b] = [normaliseSerial(String(one)), normaliseSerial(String(other))];
  return a === null || b === null || a.replace(/[^A-Z0-9]/g, '') === b.replace(/[^A-Z0-9]/g, '');
};
const sameUuid: Same = (one, other) => {
  const [a, b] = [normaliseUuid(String(one)), normaliseUuid(String(other))];
  return a === null || b === null || a.replace(/-/g, '') === b.replace(/-/g, '');
};
/** Half encrypted is neither, and a disk whose protection is suspended is encrypted all the same. */
const sameEncryption: Same = (one, other) => {
  const isOff = (value: FieldValue): boolean => value === 'off';
  const isOn = (value: FieldValue): boolean => value === 'on' || value === 'suspended';
  return !((isOff(one) && isOn(other)) || (isOn(one) && isOff(other)));
};
/** Systems know a version to different depths (`10.0.26100`, `10.0.26100.4061`); a lone `11` is a product's name. */
const sameVersion: Same = (one, other) => {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  const depth = Math.min(a.length, b.length);
  return depth < 2 || a.slice(0, depth).join('.') === b.slice(0, depth).join('.');
};
/** First labels, letters and digits only: `LT-1.corp.example` and `lt-1` are one, so are `Annas-Mac` and `Anna's Mac`. */
const sameName: Same = (one, other) => {
  const [a, b] = [nameOf(one), nameOf(other)];
  return a === '' || b === '' || a.startsWith(b) || b.startsWith(a);
};
/** People are only comparable where both are told by address; a local user name is no address. */
const samePerson: Same = (one, other) =>
  !String(one).includes('@') || !String(other).includes('@') || sameText(one, other);

function numbersOf(version: FieldValue): string[] {
  const text = /\d+(\.\d+)*/.exec(String(version))?.[0] ?? '';
  return text === '' ? [] : text.split('.').map(part => String(Number(part)));
}

function nameOf(name: FieldValue): string {
  const first = String(name).trim().toLowerCase().split('.')[0] ?? '';
  return first.replace(/[^\p{L}\p{N}]/gu, '');
}

/** The catalogue, in the order in which contradictions of one weight are told. */
export const CONTRADICTION_RULES: readonly ContradictionRule[] = [
  {
    kind: 'clash',
    id: 'compliant-unencrypted',
    title: 'Said to be compliant, but the system disk is not encrypted.',
    weight: 'high',
    says: { field: 'compliance.compliant', is: [true] },
    but: { field: 'encryption.system', is: ['off', 'decrypting'] },
    withinMs: A_VERDICT,
  },
  {
    kind: 'clash',
    id: 'compliant-jailbroken',
    title: 'Said to be compliant, but the device is compromised (rooted or jailbroken).',
    weight: 'high',
    says: { field: 'compliance.compliant', is: [true] },
    but: { field: 'security.jailbroken', is: [true] },
    withinMs: A_VERDICT,
  },
  {
    kind: 'clash',
    id: 'compliant-threatened',
    title: 'Said to be compliant, but its threat protection reports a threat.',
    weight: 'high',
    says: { field: 'compliance.compliant', is: [true] },
    but: { field: 'security.threat', is: ['high', 'compromised'] },
    withinMs: A_VERDICT,
  },
  {
    kind: 'clash',
    id: 'compliant-unsupported',
    title: 'Said to be compliant, but its operating system gets no security updates any more.',
    weight: 'high',
    says: { field: 'compliance.compliant', is: [true] },
    but: { field: 'os.supported', is: [false] },
    withinMs: A_VERDICT,
  },
  {
    kind: 'clash',
    id: 'compliant-suspended',
    title: 'Said to be compliant, but the protection of the encrypted disk is suspended.',
    weight: 'medium',
    says: { field: 'compliance.compliant', is: [true] },
    but: { field: 'encryption.system', is: ['suspended'] },
    withinMs: A_VERDICT,
  },
  {
    kind: 'clash',
    id: 'compliant-firewall-off',
    title: 'Said to be compliant, but the firewall is off.',
    weight: 'medium',
    says: { field: 'compliance.compliant', is: [true] },
    but: { field: 'firewall.enabled', is: [false] },
    withinMs: A_VERDICT,
  },
  {
    kind: 'clash',
    id: 'compliant-contained',
    title: 'Said to be compliant, but its sensor has cut it off from the network.',
    weight: 'medium',
    says: { field: 'compliance.compliant', is: [true] },
    but: { field: 'edr.containment', is: ['contained', 'containment-pending'] },
    withinMs: A_VERDICT,
  },
  {
    kind: 'clash',
    id: 'compliant-unmanaged',
    title: 'Said to be compliant, but not managed: nobody would know if that changed.',
    weight: 'medium',
    says: { field: 'compliance.compliant', is: [true] },
    but: { field: 'management.managed', is: [false] },
    withinMs: A_VERDICT,
  },
  {
    kind: 'clash',
    id: 'key-without-lock',
    title: 'A recovery key is kept, but the system disk is not encrypted.',
    weight: 'low',
    says: { field: 'encryption.keyEscrowed', is: [true] },
    but: { field: 'encryption.system', is: ['off'] },
    withinMs: A_VERDICT,
  },
  {
    kind: 'clash',
    id: 'disabled-managed',
    title: 'Disabled in the directory, but still managed.',
    weight: 'medium',
    says: { field: 'directory.enabled', is: [false] },
    but: { field: 'management.managed', is: [true] },
    withinMs: A_VERDICT,
  },
  {
    kind: 'silence',
    id: 'manager-silent',
    title: 'Its managing system has not heard of it for long, though it is in use.',
    weight: 'high',
    field: 'management.lastSyncAt',
    lagMs: 14 * DAY,
  },
  {
    kind: 'silence',
    id: 'sensor-silent',
    title: 'Its security sensor has not been heard of for long, though it is in use.',
    weight: 'high',
    field: 'edr.lastSeenAt',
    lagMs: 3 * DAY,
  },
  {
    kind: 'disagreement',
    id: 'serial-differs',
    title: 'Systems know it by different serial numbers.',
    weight: 'high',
    doubtsMatch: true,
    field: 'hardware.serial',
    same: sameSerial,
  },
  {
    kind: 'disagreement',
    id: 'platform-differs',
    title: 'Systems disagree about its operating system.',
    weight: 'high',
    doubtsMatch: true,
    field: 'os.platform',
    same: sameText,
  },
  {
    kind: 'disagreement',
    id: 'encryption-differs',
    title: 'Systems disagree about whether the system disk is encrypted.',
    weight: 'high',
    field: 'encryption.system',
    same: sameEncryption,
    withinMs: LATELY,
  },
  {
    kind: 'disagreement',
    id: 'jailbroken-differs',
    title: 'Systems disagree about whether it is compromised (rooted or jailbroken).',
    weight: 'high',
    field: 'security.jailbroken',
    same: equal,
    withinMs: LATELY,
  },
  {
    kind: 'disagreement',
    id: 'compliance-differs',
    title: 'Systems disagree about whether it is compliant.',
    weight: 'medium',
    field: 'compliance.compliant',
    same: equal,
    withinMs: LATELY,
  },
  {
    kind: 'disagreement',
    id: 'firewall-differs',
    title: 'Systems disagree about whether the firewall is on.',
    weight: 'medium',
    field: 'firewall.enabled',
    same: equal,
    withinMs: LATELY,
  },
  {
    kind: 'disagreement',
    id: 'managed-differs',
    title: 'Systems disagree about whether it is managed.',
    weight: 'medium',
    field: 'management.managed',
    same: equal,
    // A device is not managed by all of them; these two speak of the same management.
    among: ['intune', 'entra'],
    withinMs: LATELY,
  },
  {
    kind: 'disagreement',
    id: 'ownership-differs',
    title: 'Systems disagree about whose it is, the company’s or a person’s.',
    weight: 'medium',
    field: 'management.ownership',
    same: equal,
  },
  {
    kind: 'disagreement',
    id: 'uuid-differs',
    title: 'Systems know it by different hardware UUIDs.',
    weight: 'medium',
    doubtsMatch: true,
    field: 'hardware.uuid',
    same: sameUuid,
  },
  {
    kind: 'disagreement',
    id: 'version-differs',
    title: 'Systems disagree about the version of its operating system.',
    weight: 'low',
    field: 'os.version',
    same: sameVersion,
    withinMs: DAY,
  },
  {
    kind: 'disagreement',
    id: 'person-differs',
    title: 'Systems disagree about whose device it is.',
    weight: 'low',
    doubtsMatch: true,
    field: 'identity.person',
    same: samePerson,
    withinMs: LATELY,
  },
  {
    kind: 'disagreement',
    id: 'name-differs',
    title: 'Systems know it by different names.',
    weight: 'low',
    doubtsMatch: true,
    field: 'identity.hostname',
    same: sameName,
    withinMs: LATELY,
  },
];

/** One side: which source says what of which field. */
export const contradictionSide = claimShape.pick({ source: true, value: true, observedAt: true }).extend({
  field: fieldKey,
});
export type ContradictionSide = z.infer<typeof contradictionSide>;

export const contradiction = z.object({
  /** Id of its rule. */
  rule: z.string(),
  weight: z.enum(CONTRADICTION_WEIGHTS),
  title: z.string(),
  /** Who says what, the side that counts for the device first. */
  sides: z.array(contradictionSide),
});
export type Contradiction = z.infer<typeof contradiction>;

/** What of a device's record cannot all be true, most urgent first. Pure: it goes by the times in the record. */
export function contradictionsOf(
  record: MergedRecord,
  rules: readonly ContradictionRule[] = CONTRADICTION_RULES,
): Contradiction[] {
  const found: Contradiction[] = [];
  const newest = onceFor(record);
  for (const rule of rules) {
    const sides = judge(record, rule, newest);
    if (sides === null) continue;
    found.push({ rule: rule.id, weight: rule.weight, title: rule.title, sides });
  }
  const urgency = ({ weight }: Contradiction): number => CONTRADICTION_WEIGHTS.indexOf(weight);
  return found.sort((one, other) => urgency(one) - urgency(other));
}

const remembered = new WeakMap<MergedRecord, readonly Contradiction[]>();

/**
 * The same, remembered for as long as the record is there: its score and its row ask one after the other, for every frame.
 * Only for records that nobody changes any more.
 */
export function knownContradictions(record: MergedRecord): readonly Contradiction[] {
  const known = remembered.get(record);
  if (known !== undefined) return known;
  const found = contradictionsOf(record);
  remembered.set(record, found);
  return found;
}

/** What the agent was last heard to say; looked for when it is first asked for. */
type Newest = () => { readonly field: FieldKey; readonly claim: Claim } | null;

function onceFor(record: MergedRecord): Newest {
  let found: ReturnType<Newest> | undefined;
  return () => {
    if (found === undefined) found = newestOfAgent(record);
    return found;
  };
}

function judge(record: MergedRecord, rule: ContradictionRule, newest: Newest): ContradictionSide[] | null {
  switch (rule.kind) {
    case 'disagreement':
      return disagreeing(record, rule);
    case 'clash':
      return clashing(record, rule);
    case 'silence':
      return silent(record, rule, newest);
  }
}

function disagreeing(record: MergedRecord, rule: Disagreement): ContradictionSide[] | null {
  const field = record[rule.field];
  if (field?.rivals === undefined) return null;
  const [first, ...others] = claimsOf(field).filter(
    ({ source, value }) => value !== null && (rule.among === undefined || rule.among.includes(source)),
  );
  if (first === undefined) return null;
  const against = others.filter(
    other => !agree(rule.same, first, other) && areClose(first, other, rule.withinMs ?? null),
  );
  return against.length === 0 ? null : [first, ...against].map(claim => sideOf(rule.field, claim));
}

function agree(same: Same, one: Claim, other: Claim): boolean {
  return one.value === null || other.value === null || same(one.value, other.value);
}

function clashing(record: MergedRecord, rule: Clash): ContradictionSide[] | null {
  const but = record[rule.but.field];
  if (but === undefined || !says(but, rule.but.is)) return null;
  const field = record[rule.says.field];
  if (field === undefined) return null;
  const against = claimsOf(field).filter(
    claim => says(claim, rule.says.is) && areClose(claim, but, rule.withinMs),
  );
  if (against.length === 0) return null;
  return [sideOf(rule.but.field, but), ...against.map(claim => sideOf(rule.says.field, claim))];
}

function silent(record: MergedRecord, rule: Silence, newest: Newest): ContradictionSide[] | null {
  const field = record[rule.field];
  if (typeof field?.value !== 'number') return null;
  const agent = newest();
  if (agent === null || agent.claim.receivedAt - field.value <= rule.lagMs) return null;
  return [sideOf(agent.field, agent.claim), sideOf(rule.field, field)];
}

function newestOfAgent(record: MergedRecord): ReturnType<Newest> {
  let newest: { field: FieldKey; claim: Claim } | null = null;
  for (const key in record) {
    const field = key as FieldKey;
    const merged = record[field];
    if (merged === undefined) continue;
    const claim =
      merged.source === 'agent' ? merged : merged.rivals?.find(({ source }) => source === 'agent');
    if (claim !== undefined && (newest === null || claim.receivedAt > newest.claim.receivedAt)) {
      newest = { field, claim };
    }
  }
  return newest;
}

function claimsOf(field: MergedField): Claim[] {
  return [field, ...(field.rivals ?? [])];
}

function says({ value }: Claim, is: readonly FieldValue[]): boolean {
  return value !== null && is.includes(value);
}

/**
 * An agent's claim is as new as its last arrival: it says the same again without sending it again. A device's clock may be
 * wrong by hours, and a vendor rounds, so a little is let go.
 */
function areClose(one: Claim, other: Claim, withinMs: number | null): boolean {
  return withinMs === null || Math.abs(newsOf(one) - newsOf(other)) <= withinMs + HOUR;
}

function newsOf(claim: Claim): number {
  return claim.source === 'agent' ? claim.receivedAt : claim.observedAt;
}

function sideOf(field: FieldKey, { source, value, observedAt }: Claim): ContradictionSide {
  return { field, source, value, observedAt };
}
