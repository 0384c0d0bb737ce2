import { z } from 'zod';

/**
 * Facts of the catalogue that no device can tell: the collector answers them, from a vendor's interface or from the address a
 * connection comes from. An agent does not run them, so it never reports them as failed.
 */
export const SERVER_FACTS = ['edr.ztaScore', 'net.location', 'geo.location'] as const;
export type ServerFact = (typeof SERVER_FACTS)[number];

const short = z.string().max(200);

/**
 * `edr.ztaScore`: CrowdStrike's Zero Trust Assessment, 1 to 100. The vendor's model (domain_assessment) leaves a score out
 * where it has none: null here, never 0.
 */
const score = z.number().int().min(1).max(100).nullable();
export const ztaScore = z.object({
  overall: score,
  os: score,
  sensorConfig: score,
  /** Signals that the device does not meet, by the vendor's names. */
  unmet: z.array(short).max(128),
  /** When the vendor last assessed the device, milliseconds since 1970; null when not told. */
  assessedAt: z.number().int().nonnegative().nullable(),
});

/** `net.location`: names of the configured networks that the address of the device's connection lies in; empty: in none. The address itself is not kept here. */
export const netLocation = z.object({ networks: z.array(short).max(64) });

/** `geo.location`: country of the connection's address, ISO 3166-1 alpha-2; null when the address is in no list (a private one). */
export const geoLocation = z.object({
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .nullable(),
});

/** Value schemas by id, as `scanValues` has them for what devices answer. */
export const serverValues = {
  'edr.ztaScore': ztaScore,
  'net.location': netLocation,
  'geo.location': geoLocation,
} as const satisfies Record<ServerFact, z.ZodType>;
