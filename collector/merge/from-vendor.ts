import { type Claim, FIELD_KEYS, type FieldKey } from '../../shared/device/device.ts';
import { normaliseSerial, normaliseUuid } from '../../shared/device/identity.ts';
import type { Observation, ObservedField } from '../../shared/device/observation.ts';
import type { Claims } from './from-agent.ts';

/** What one vendor record says about the merged fields. `receivedAt`: when the collector read it, by its own clock. */
export function claimsOfObservation(observation: Observation, receivedAt: number): Claims {
  const claims: Claims = {};
  for (const field of FIELD_KEYS) {
    const told = observation.fields[field];
    if (told !== undefined) claims[field] = claimOf(observation, field, told, receivedAt);
  }
  return claims;
}

/** One field of it. */
export function claimOf(
  observation: Observation,
  field: FieldKey,
  told: ObservedField,
  receivedAt: number,
): Claim {
  const { source } = observation;
  const observedAt = told.observedAt ?? observation.observedAt;
  const value = comparable(field, told.value);
  return value === null
    ? { source, value, reason: told.reason ?? 'not-told', observedAt, receivedAt }
    : { source, value, observedAt, receivedAt };
}

/** Vendors pass on what a board says of itself, fillers included: written as the agent's own are. */
function comparable(field: FieldKey, value: ObservedField['value']): ObservedField['value'] {
  if (typeof value !== 'string') return value;
  if (field === 'hardware.serial') return normaliseSerial(value);
  if (field === 'hardware.uuid') return normaliseUuid(value);
  return value;
}
