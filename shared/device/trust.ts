import type { FieldKey, Source } from './device.ts';

/** How a source comes to know something, best first. */
export const TRUSTS = [
  /** Seen on the device itself, by our agent. */
  'measured',
  /** The source's own affair: it decides it, or it is about the source itself. */
  'own',
  /** Told to the source by its own client on the device. */
  'reported',
  /** Passed on from another system. */
  'relayed',
] as const;
export type Trust = (typeof TRUSTS)[number];

/** Groups of fields that are a managing system's own affair, and those a directory's, a sensor's. */
const OWN: readonly { readonly fields: RegExp; readonly sources: readonly Source[] }[] = [
  {
    fields: /^(management|compliance)\.|^(encryption\.keyEscrowed|security\.(activationLock|recoveryLock))$/,
    sources: ['citrix', 'workspace-one', 'intune', 'jamf'],
  },
  { fields: /^directory\./, sources: ['entra'] },
  { fields: /^edr\./, sources: ['crowdstrike'] },
];

const known = new Map<string, Trust>();

/** How far a source's word on a field goes. Precedence decides; this tells a person why it is as it is. */
export function trustOf(field: FieldKey, from: Source): Trust {
  const id = `${from} ${field}`;
  const before = known.get(id);
  if (before !== undefined) return before;
  const trust = judge(field, from);
  known.set(id, trust);
  return trust;
}

function judge(field: FieldKey, from: Source): Trust {
  if (from === 'agent') return 'measured';
  if (OWN.some(({ fields, sources }) => fields.test(field) && sources.includes(from))) return 'own';
  // What a directory knows of a device beyond its own entry has been written there by the managing system.
  return from === 'entra' ? 'relayed' : 'reported';
}
