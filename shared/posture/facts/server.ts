import { serverValues } from '../../device/server-facts.ts';
import { type Fact, factsOf } from '../fact.ts';

/** Facts that the collector's side answers; their findings stand beside the device's own. */
export const SERVER_FACTS: readonly Fact[] = [
  ...factsOf('edr.ztaScore', serverValues['edr.ztaScore'], {
    overall: {
      kind: 'number',
      unit: 'points',
      meaning: "CrowdStrike's Zero Trust Assessment of the whole device, 1 to 100, higher is better.",
      read: value => value.overall,
    },
    os: {
      kind: 'number',
      unit: 'points',
      meaning: 'Its part for the settings of the system.',
      read: value => value.os,
    },
    sensorConfig: {
      kind: 'number',
      unit: 'points',
      meaning: 'Its part for the settings of the sensor.',
      read: value => value.sensorConfig,
    },
    unmet: {
      kind: 'set',
      meaning: "Signals the device does not meet, by CrowdStrike's names.",
      read: value => value.unmet,
    },
    assessedAt: {
      kind: 'age',
      unit: 'hours',
      meaning: 'Last assessment.',
      read: value => value.assessedAt,
    },
  }),
  ...factsOf('net.location', serverValues['net.location'], {
    networks: {
      kind: 'set',
      meaning:
        'Networks, by the names they have on the collector, that the address of the connection lies in. None of them: an empty list.',
      read: value => value.networks,
    },
  }),
  ...factsOf('geo.location', serverValues['geo.location'], {
    country: {
      kind: 'text',
      meaning:
        'Country of the address of the connection, as ISO 3166-1 writes it: DE. Unknown for private addresses.',
      read: value => value.country,
    },
  }),
];
