import type { Heard } from '../../collector/merge/merge.ts';
import type { Source } from '../../shared/device/device.ts';
import type { Observation, ObservedField } from '../../shared/device/observation.ts';

/** One vendor record, read at `receivedAt`, with these fields and no identifiers unless given. */
export function heard(
  source: Exclude<Source, 'agent'>,
  fields: Observation['fields'],
  told: Partial<Observation> & { readonly receivedAt?: number } = {},
): Heard {
  const { receivedAt, ...rest } = told;
  const observedAt = rest.observedAt ?? 1_800_000_000_000;
  return {
    receivedAt: receivedAt ?? observedAt,
    observation: {
      connector: source,
      source,
      account: 'main',
      vendorId: '1',
      kind: 'computer',
      identifiers: {
        serial: null,
        uuid: null,
        entraDeviceId: null,
        udid: null,
        falconAid: null,
        macs: [],
        hostname: null,
      },
      fields,
      observedAt,
      ...rest,
    },
  };
}

export const known = (value: NonNullable<ObservedField['value']>): ObservedField => ({ value });
