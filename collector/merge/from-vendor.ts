import type { Claim, FieldKey } from '../../shared/device/device.ts';
import { normaliseSerial, normaliseUuid } from '../../shared/device/identity.ts';
import type { Observation, ObservedField } from '../../shared/device/observation.ts';

/** One vendor's word on one field. `receivedAt`: when the collector read the record, by its own clock. */
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
