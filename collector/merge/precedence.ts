import { type FieldKey, SOURCES, type Source } from '../../shared/device/device.ts';

/*
 * Whom to believe, as data. A known value always beats an unknown one; among known ones the first source in the field's
 * list wins. What the device sees of itself is the agent's to say; who owns it and whether it is managed is not.
 */
const DEFAULT: readonly Source[] = SOURCES;

const EXCEPTIONS: Partial<Record<FieldKey, readonly Source[]>> = {
  // A directory knows its owner; the agent only sees who is signed in.
  'identity.person': ['intune', 'entra', 'jamf', 'workspace-one', 'citrix', 'agent', 'crowdstrike'],
};

/** Sources in order of trust for a field, most trusted first. */
export function precedenceOf(field: FieldKey): readonly Source[] {
  return EXCEPTIONS[field] ?? DEFAULT;
}
