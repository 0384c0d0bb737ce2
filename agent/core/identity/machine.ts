import { z } from 'zod';
import { type DeviceIdentity, normaliseSerial, normaliseUuid } from '../../../shared/device/identity.ts';

/** What tells one machine from another, kept beside the key; null is unknown. */
export const machineMark = z.object({
  serial: z.string().nullable(),
  hardwareUuid: z.string().nullable(),
  machineId: z.string().nullable(),
});
export type MachineMark = z.infer<typeof machineMark>;

export function machineMarkOf(identity: DeviceIdentity): MachineMark {
  return {
    serial: normaliseSerial(identity.serial),
    hardwareUuid: normaliseUuid(identity.hardwareUuid),
    machineId: identity.machineId,
  };
}

/**
 * Was the folder copied here from another machine? A known hardware identifier decides; the installation's id only where no
 * hardware identifier is known on both sides, because reinstalling a system changes it.
 */
export function isOtherMachine(kept: MachineMark, here: MachineMark): boolean {
  let compared = false;
  for (const key of ['serial', 'hardwareUuid'] as const) {
    if (kept[key] === null || here[key] === null) continue;
    if (kept[key] !== here[key]) return true;
    compared = true;
  }
  if (compared || kept.machineId === null || here.machineId === null) return false;
  return kept.machineId !== here.machineId;
}

/** What is known now, and what was known before where it is not. */
export function fillIn(kept: MachineMark, here: MachineMark): MachineMark {
  return {
    serial: here.serial ?? kept.serial,
    hardwareUuid: here.hardwareUuid ?? kept.hardwareUuid,
    machineId: here.machineId ?? kept.machineId,
  };
}
