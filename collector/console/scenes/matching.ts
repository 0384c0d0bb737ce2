import {
  type Decision,
  type MatchIssueEntry,
  type MatchIssuesResponse,
  type MatchMatter,
  type MatchMember,
  type MatchPreviewResponse,
  matchChangeRequest,
  type PrecedencePreviewResponse,
  type PrecedenceResponse,
  precedencePreviewRequest,
  precedenceRequest,
} from '../../../shared/api/integrations.ts';
import type { FleetRow } from '../../../shared/api/schemas.ts';
import { DAY, MINUTE } from '../../../shared/base/durations.ts';
import { FIELD_KEYS, type FieldKey, SOURCES, type Source } from '../../../shared/device/device.ts';
import type { Pin } from '../../../shared/device/match.ts';
import type { Answer, Request, Trouble } from '../source/source.ts';
import { now } from '../time.ts';
import { seedOf } from './chance.ts';

/** Kinds in the order they are handed out to devices, with what is said of each. */
const KINDS: readonly (readonly [MatchMatter, string])[] = [
  [
    'two-records',
    'The device was enrolled again, and its former record was left behind. The newest record counts.',
  ],
  [
    'no-agent',
    'No agent runs on it, or none that has a serial number, UUID, id or address in common with it.',
  ],
  [
    'clone',
    'Both have this hardware UUID and were in touch at the same time: two machines, one of them a clone. They are kept apart.',
  ],
  ['re-enrolled', 'The agent enrolled again on the same machine. The newest enrolment counts.'],
  [
    'other-serial',
    'Both have this Entra device id, but different serial numbers: a clone, or a part that moved. They are kept apart.',
  ],
  ['other-board', 'The serial number is the same, the board is another one: it was replaced.'],
  [
    'one-for-two',
    'Its network address is that of several devices. It was given to the one with which it has most in common.',
  ],
  ['no-row', 'A computer, but no system says what runs on it: it stands in no list.'],
];

/** Orders and ages as a collector has them by default, near enough. */
const USUAL: readonly Source[] = [
  'agent',
  'citrix',
  'workspace-one',
  'intune',
  'jamf',
  'crowdstrike',
  'entra',
];
const PERSON: readonly Source[] = [
  'intune',
  'entra',
  'jamf',
  'workspace-one',
  'citrix',
  'agent',
  'crowdstrike',
];

/** What an invented collector has matched in ways to look at, what was decided about it, and who is believed. */
export class MatchingScene {
  readonly #rows: readonly FleetRow[];
  readonly #issues: readonly MatchIssueEntry[];
  readonly #isConflict: boolean;
  readonly #defaults = defaults();
  #decisions: Decision[] = [];
  #made = 0;
  #said: Pick<PrecedenceResponse, 'order' | 'maxAgeMs'> = {
    order: {
      'hardware.model': ['intune', 'jamf', 'agent', 'citrix', 'workspace-one', 'crowdstrike', 'entra'],
    },
    maxAgeMs: { 'firewall.enabled': DAY },
  };
  #saved = { by: 'ines', at: now() - 9 * DAY, times: 1 };
  #hasMetConflict = false;

  constructor({ rows, many, conflict }: { rows: readonly FleetRow[]; many: number; conflict: boolean }) {
    this.#rows = rows;
    this.#isConflict = conflict;
    const computers = rows.filter(({ platform }) => platform !== 'linux');
    this.#issues =
      computers.length === 0 ? [] : Array.from({ length: many }, (_, i) => inventIssue(computers, i));
  }

  /** Decisions about this device's members, as its page shows them. */
  decisionsOn(id: string): Decision[] {
    return this.#decisions.filter(({ one, other }) => one.device?.id === id || other.device?.id === id);
  }

  answer({ method, path, body }: Request, query: URLSearchParams): Answer<unknown> {
    switch (`${method} ${path.split('?')[0]}`) {
      case 'GET match/issues':
        return good(this.#list(query.get('kind'), Number(query.get('limit') ?? '1000')));
      case 'GET match/decisions':
        return good({ decisions: this.#decisions });
      case 'POST match/preview': {
        const asked = matchChangeRequest.safeParse(body);
        return asked.success ? good(this.#preview(asked.data.add, asked.data.remove)) : bad(INVALID);
      }
      case 'PATCH match/decisions': {
        const asked = matchChangeRequest.safeParse(body);
        if (!asked.success) return bad(INVALID);
        const removed = this.#decisions.filter(({ id }) => asked.data.remove.includes(id));
        const added = asked.data.add.map(pin => this.#decision(pin));
        this.#decisions = [...this.#decisions.filter(one => !removed.includes(one)), ...added];
        return good({ added, removed });
      }
      case 'GET precedence':
        return good(this.#believed());
      case 'POST precedence/preview': {
        const asked = precedencePreviewRequest.safeParse(body);
        return asked.success ? good(this.#effect(asked.data)) : bad(INVALID);
      }
      case 'PUT precedence': {
        const asked = precedenceRequest.safeParse(body);
        if (!asked.success) return bad(INVALID);
        if (this.#isConflict && !this.#hasMetConflict) {
          this.#hasMetConflict = true;
          this.#said = { order: { 'os.name': ['intune', 'agent'] }, maxAgeMs: {} };
          this.#saved = { by: 'ines', at: now() - MINUTE, times: this.#saved.times + 1 };
        }
        if (asked.data.replaces !== this.#hash()) return bad(CONFLICT);
        this.#said = { order: asked.data.order, maxAgeMs: asked.data.maxAgeMs };
        this.#saved = { by: 'sam', at: now(), times: this.#saved.times + 1 };
        return good(this.#believed());
      }
    }
    return bad(NOT_THERE);
  }

  #list(kind: string | null, limit: number): MatchIssuesResponse {
    const settled = new Set(
      this.#decisions.flatMap(({ pin }) => [`${pin.one} ${pin.other}`, `${pin.other} ${pin.one}`]),
    );
    const left = this.#issues.filter(({ members }) => {
      const [first, second] = members;
      return first === undefined || second === undefined || !settled.has(`${first.key} ${second.key}`);
    });
    const counts: MatchIssuesResponse['counts'] = {
      'two-records': 0,
      're-enrolled': 0,
      'other-board': 0,
      clone: 0,
      'other-serial': 0,
      'one-for-two': 0,
      'join-refused': 0,
      'no-agent': 0,
      'no-row': 0,
    };
    for (const entry of left) counts[entry.kind] += 1;
    return { issues: left.filter(entry => kind === null || entry.kind === kind).slice(0, limit), counts };
  }

  #decision(pin: Pin): Decision {
    this.#made += 1;
    return {
      id: `pin${this.#made}`,
      pin,
      at: now(),
      by: 'sam',
      one: this.#member(pin.one),
      other: this.#member(pin.other),
    };
  }

  /** A member of an issue as it stands there; one of a device's page by its key. */
  #member(key: string): MatchMember {
    const known = this.#issues.flatMap(({ members }) => members).find(one => one.key === key);
    if (known !== undefined) return known;
    const [connector = '', ...rest] = key.split('/');
    const vendorId = rest.at(-1) ?? key;
    const source = SOURCES.find(one => one === connector) ?? null;
    const row = this.#rows.find(({ id }) => id === vendorId || isRecordOf(vendorId, id));
    return {
      key,
      source,
      accountLabel: source === 'agent' ? null : 'Contoso',
      vendorId,
      name: row?.name ?? null,
      device: row === undefined ? null : { id: row.id, name: row.name },
    };
  }

  #preview(add: readonly Pin[], remove: readonly string[]): MatchPreviewResponse {
    const devices: MatchPreviewResponse['devices'] = [];
    const refused: MatchPreviewResponse['refused'] = [];
    for (const pin of add) {
      const [one, other] = [this.#member(pin.one), this.#member(pin.other)];
      if (pin.kind === 'join' && pin.despiteSerials !== true && one.device?.id !== other.device?.id) {
        refused.push({
          pin,
          why: 'Joined by hand, but their serial numbers differ. They are kept apart until somebody confirms that.',
        });
        continue;
      }
      const target = other.device ?? { id: 'v-new', name: other.name ?? other.vendorId };
      if (devices.some(({ id }) => id === target.id)) continue;
      const members = pin.kind === 'join' ? [other, one] : [other];
      devices.push({ ...target, isNew: false, hasAgent: other.source === 'agent', members });
    }
    const split = add.find(({ kind }) => kind === 'split');
    if (split !== undefined && !add.some(({ kind }) => kind === 'join')) {
      const out = this.#member(split.one);
      devices.push({
        id: 'v-new',
        name: out.name ?? out.vendorId,
        isNew: true,
        hasAgent: false,
        members: [out],
      });
    }
    for (const { one, other } of this.#decisions.filter(({ id }) => remove.includes(id))) {
      const name = other.name ?? other.vendorId;
      devices.push({
        id: other.device?.id ?? 'v-new',
        name,
        isNew: false,
        hasAgent: true,
        members: [other, one],
      });
    }
    return { devices, gone: [], refused };
  }

  #believed(): PrecedenceResponse {
    return {
      ...this.#said,
      ...this.#defaults,
      hash: this.#rows.length === 0 ? null : this.#hash(),
      changedAt: this.#rows.length === 0 ? null : this.#saved.at,
      changedBy: this.#rows.length === 0 ? null : this.#saved.by,
    };
  }

  #hash(): string {
    return `be11e7ed0000${String(this.#saved.times).padStart(4, '0')}`;
  }

  /** Some devices have another value for whatever is said otherwise: more of them, the more is changed. */
  #effect(next: Pick<PrecedenceResponse, 'order' | 'maxAgeMs'>): PrecedencePreviewResponse {
    const changed = FIELD_KEYS.filter(
      field =>
        JSON.stringify([next.order[field], next.maxAgeMs[field]]) !==
        JSON.stringify([this.#said.order[field], this.#said.maxAgeMs[field]]),
    );
    const fields = changed.map(field => ({
      field,
      values: 12 + (seedOf(field) % 60),
      sources: seedOf(field) % 400,
    }));
    return {
      of: this.#rows.length,
      devices: fields.reduce((most, { values }) => Math.max(most, values), 0),
      fields,
      examples: fields.length === 0 ? [] : this.#rows.slice(0, 3).map(({ id, name }) => ({ id, name })),
    };
  }
}

/** As `inventSources` numbers its records. */
function isRecordOf(vendorId: string, device: string): boolean {
  const number = String(seedOf(device) % 10_000);
  return (
    vendorId === number ||
    vendorId === number.padStart(32, 'f') ||
    vendorId.endsWith(`-${number.padStart(12, '0')}`)
  );
}

function defaults(): Pick<PrecedenceResponse, 'defaults' | 'defaultMaxAgeMs'> {
  const order: Partial<Record<FieldKey, Source[]>> = {};
  const ages: Partial<Record<FieldKey, number | null>> = {};
  for (const field of FIELD_KEYS) {
    order[field] = [...(field === 'identity.person' ? PERSON : USUAL)];
    ages[field] = /^(identity|hardware)|At$/.test(field) ? null : /^perf/.test(field) ? DAY : 30 * DAY;
  }
  return {
    defaults: order as PrecedenceResponse['defaults'],
    defaultMaxAgeMs: ages as PrecedenceResponse['defaultMaxAgeMs'],
  };
}

function inventIssue(rows: readonly FleetRow[], i: number): MatchIssueEntry {
  const [kind, why] = KINDS[i % KINDS.length] ?? ['clone', ''];
  const row = rows[(i * 7) % rows.length];
  const next = rows[(i * 7 + 3) % rows.length];
  const member = (source: Source, of: FleetRow | undefined, vendorId: string): MatchMember => ({
    key: source === 'agent' ? `agent/${vendorId}` : `${source}/main/${vendorId}`,
    source,
    accountLabel: source === 'agent' ? null : 'Contoso',
    vendorId,
    name: of?.name ?? null,
    device: of === undefined ? null : { id: of.id, name: of.name },
  });
  const serial = `PF${(4_000_000 + i * 37).toString(36).toUpperCase()}`;
  const intune = member('intune', row, `aaaaaaaa-0000-4000-9000-${String(i).padStart(12, '0')}`);
  const older = member('intune', row, `aaaaaaaa-0000-4000-a000-${String(i).padStart(12, '0')}`);
  const told = (
    members: MatchMember[],
    by: MatchIssueEntry['by'],
    value: string | null,
  ): MatchIssueEntry => ({
    id: `issue${i}`,
    kind,
    by,
    value,
    why,
    members,
  });
  switch (kind) {
    case 'two-records':
      return told([intune, older], null, null);
    case 're-enrolled':
      return told([member('agent', row, row?.id ?? ''), member('agent', row, `before-${i}`)], null, null);
    case 'other-board':
      return told([member('agent', row, row?.id ?? ''), intune], null, null);
    case 'clone':
      return told(
        [member('agent', row, row?.id ?? ''), member('agent', next, next?.id ?? '')],
        'hardware',
        '4c4c454400564d10805ac7c04f4d3933',
      );
    case 'other-serial':
      return told(
        [intune, member('entra', next, `cccccccc-0000-4000-9000-${i}`)],
        'entra',
        serial.toLowerCase(),
      );
    case 'one-for-two':
      return told(
        [intune, member('agent', row, row?.id ?? ''), member('agent', next, next?.id ?? '')],
        'mac',
        '3c:52:82:4f:01:7d',
      );
    case 'join-refused':
    case 'no-agent':
    case 'no-row':
      return told([{ ...intune, device: kind === 'no-row' ? null : intune.device }], null, null);
  }
}

const said = (code: string, title: string, what: string, next: string): Trouble => ({
  code,
  title,
  what,
  next,
  trace: '7f3c9a12d0b4',
  fields: [],
});
const INVALID = said(
  'request-invalid',
  'That cannot be done',
  'The request is not right.',
  'Reload the page.',
);
const NOT_THERE = said('not-found', 'Not found', 'There is nothing at this address.', 'Go back to the list.');
const CONFLICT = said(
  'conflict',
  'Somebody was faster',
  'It has changed since this page showed it, or it exists already.',
  'Reload to see how it is now, then try again.',
);

function good(value: unknown): Answer<unknown> {
  return { ok: true, value };
}
function bad(trouble: Trouble): Answer<unknown> {
  return { ok: false, trouble };
}
