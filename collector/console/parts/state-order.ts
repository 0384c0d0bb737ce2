import type { DeviceState, Presence } from '../../../shared/device/device.ts';

/** The five states in the order every face shows them. */
export const DEVICE_STATE_ORDER: readonly DeviceState[] = [
  'well',
  'attention',
  'will-block',
  'blocked',
  'unknown',
];
export const PRESENCE_ORDER: readonly Presence[] = ['live', 'stale', 'silent'];
