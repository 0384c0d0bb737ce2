import type { CatalogueCheck } from '../../../shared/api/schemas.ts';
import { SUBJECT_LIMITS, type Subjects } from '../../../shared/device/subjects.ts';

export type SubjectKind = keyof Subjects;

/** One thing a person fills in about a subject. What it holds is a text until it is judged. */
export interface SubjectField {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly required: boolean;
  /** A choice instead of a text; the first is what a new row begins with. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  readonly wide?: boolean;
}

export interface KindWords {
  readonly title: string;
  /** `a file`, as the button that adds one says it. */
  readonly one: string;
  readonly asks: string;
  readonly max: number;
  readonly fields: readonly SubjectField[];
}

const ANYWHERE = { value: '', label: 'Wherever it makes sense' };
const SYSTEMS = [
  { value: 'windows', label: 'Windows' },
  { value: 'macos', label: 'macOS' },
  { value: 'linux', label: 'Linux' },
];
const platform: SubjectField = {
  name: 'platform',
  label: 'System',
  hint: 'Which devices look for it.',
  required: false,
  options: [ANYWHERE, ...SYSTEMS],
};
const id = (placeholder: string): SubjectField => ({
  name: 'id',
  label: 'Name in rules',
  hint: 'Small letters, digits, hyphens.',
  placeholder,
  required: true,
});

/** The lists of shared/device/subjects.ts in the words of the page, in the order they are shown. */
export const KINDS: Readonly<Record<SubjectKind, KindWords>> = {
  files: {
    title: 'Files',
    one: 'a file',
    asks: 'Is it there, how large, of which day, which version, which hash.',
    max: SUBJECT_LIMITS.files,
    fields: [
      id('vpn-client'),
      {
        name: 'path',
        label: 'Path',
        hint: 'The whole path, from the drive or from /.',
        placeholder: 'C:\\Program Files\\Contoso\\agent.exe',
        required: true,
        wide: true,
      },
      {
        name: 'hash',
        label: 'Hash',
        hint: 'Told with the rest.',
        required: false,
        options: [
          { value: '', label: 'Not asked' },
          { value: 'sha256', label: 'SHA-256' },
          { value: 'md5', label: 'MD5, for older rules only' },
        ],
      },
      platform,
    ],
  },
  processes: {
    title: 'Processes',
    one: 'a process',
    asks: 'Does it run, and how many of it.',
    max: SUBJECT_LIMITS.processes,
    fields: [
      id('citrix-session'),
      {
        name: 'name',
        label: 'File name of the program',
        hint: 'Without a folder.',
        placeholder: 'wfica32.exe',
        required: true,
      },
      {
        name: 'path',
        label: 'Only when it runs from',
        hint: 'The whole path of the program. Optional.',
        placeholder: 'C:\\Program Files\\Contoso\\agent.exe',
        required: false,
        wide: true,
      },
      platform,
    ],
  },
  services: {
    title: 'Services',
    one: 'a service',
    asks: 'Is it installed, does it run, how is it started.',
    max: SUBJECT_LIMITS.services,
    fields: [
      id('spooler'),
      {
        name: 'name',
        label: 'Name of the service',
        hint: 'Windows service name, launchd label or systemd unit.',
        placeholder: 'Spooler',
        required: true,
        wide: true,
      },
      platform,
    ],
  },
  registry: {
    title: 'Registry values and preferences',
    one: 'a value',
    asks: 'Is it there and what does it say. On macOS a preference.',
    max: SUBJECT_LIMITS.registry,
    fields: [
      id('uac'),
      {
        name: 'platform',
        label: 'System',
        hint: 'Where it is kept.',
        required: true,
        options: [
          { value: 'windows', label: 'Windows registry' },
          { value: 'macos', label: 'macOS preferences' },
        ],
      },
      {
        name: 'key',
        label: 'Key',
        hint: 'Below HKLM or HKCU; on macOS a preference domain.',
        placeholder: 'HKLM\\SOFTWARE\\Contoso',
        required: true,
        wide: true,
      },
      { name: 'name', label: 'Value', hint: 'Its name.', placeholder: 'EnableLUA', required: true },
      {
        name: 'kind',
        label: 'Holds',
        hint: 'Decides its facts.',
        required: true,
        options: [
          { value: 'numeric', label: 'A number' },
          { value: 'text', label: 'A text' },
        ],
      },
      {
        name: 'view',
        label: 'Registry half',
        hint: 'Nothing on macOS.',
        required: true,
        options: [
          { value: '64', label: '64 bit' },
          { value: '32', label: '32 bit' },
        ],
      },
    ],
  },
  certificates: {
    title: 'Certificates',
    one: 'a certificate',
    asks: 'Is one of this issuer there, is it valid, until when.',
    max: SUBJECT_LIMITS.certificates,
    fields: [
      id('device-ca'),
      {
        name: 'issuer',
        label: 'Issuer',
        hint: 'A common name, or attributes that must all be there.',
        placeholder: 'CN=Contoso Device CA, O=Contoso',
        required: true,
        wide: true,
      },
      {
        name: 'path',
        label: 'File on Linux',
        hint: 'The PEM file there; Linux has no store. Optional.',
        placeholder: '/etc/contoso/device.pem',
        required: false,
        wide: true,
      },
    ],
  },
  apps: {
    title: 'Applications',
    one: 'an application',
    asks: 'Is it installed and in which version.',
    max: SUBJECT_LIMITS.apps,
    fields: [
      id('office'),
      {
        name: 'name',
        label: 'Name',
        hint: 'As the system lists it; * at the end stands for any ending.',
        placeholder: 'Contoso VPN*',
        required: true,
        wide: true,
      },
      {
        name: 'publisher',
        label: 'Maker',
        hint: 'Optional; not told everywhere.',
        placeholder: 'Contoso*',
        required: false,
      },
      platform,
    ],
  },
};

export const SUBJECT_KINDS: readonly SubjectKind[] = [
  'files',
  'processes',
  'services',
  'registry',
  'certificates',
  'apps',
];

/** What a row says in one line. */
export function subjectLine(kind: SubjectKind, fields: Readonly<Record<string, string>>): string {
  const of = (name: string): string => fields[name]?.trim() ?? '';
  const parts: readonly string[] = {
    files: [of('path')],
    processes: [of('name'), of('path')],
    services: [of('name')],
    registry: [`${of('key')}${of('name') === '' ? '' : ` › ${of('name')}`}`],
    certificates: [of('issuer'), of('path')],
    apps: [of('name'), of('publisher') === '' ? '' : `by ${of('publisher')}`],
  }[kind];
  return parts.filter(part => part !== '').join(' · ');
}

/** A fact that a rule can name once this subject is told. */
export interface NamedFact {
  readonly name: string;
  readonly meaning: string;
}

/** The facts of one subject by the names rules use; a registry value has those of what it holds. */
export function factsOfSubject(
  checks: readonly CatalogueCheck[],
  kind: SubjectKind,
  fields: Readonly<Record<string, string>>,
): NamedFact[] {
  const named = fields.id?.trim() ?? '';
  return checks
    .filter(
      check => check.subjects === kind && (kind !== 'registry' || check.id === `registry.${fields.kind}`),
    )
    .flatMap(check => check.facts)
    .filter(fact => fact.id.includes('<subject>') && !notAsked(fact.id, kind, fields))
    .map(fact => ({ name: fact.id.replace('<subject>', named === '' ? '…' : named), meaning: fact.meaning }));
}

/** A hash that was not asked for is never told. */
function notAsked(fact: string, kind: SubjectKind, fields: Readonly<Record<string, string>>): boolean {
  return kind === 'files' && /\.(sha256|md5)$/.test(fact) && !fact.endsWith(`.${fields.hash}`);
}
