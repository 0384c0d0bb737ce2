import type { Evidence } from '../../../shared/device/match.ts';

/** What tells that records are one device, in words. */
export const EVIDENCE: Readonly<Record<Evidence, string>> = {
  hand: 'joined by hand',
  serial: 'same serial number',
  hardware: 'same hardware UUID',
  entra: 'same Entra device id',
  falcon: 'same Falcon agent id',
  mac: 'same network address',
};
