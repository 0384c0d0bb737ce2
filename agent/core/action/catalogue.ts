import type { ActionId, DeviceAction } from './action.ts';
import { restart } from './actions/restart.ts';
import { turnOnFirewall } from './actions/turn-on-firewall.ts';

/** The closed catalogue of what this agent can do to its device. */
export const ACTIONS: Readonly<Record<ActionId, DeviceAction>> = {
  restart,
  'turn-on-firewall': turnOnFirewall,
};
