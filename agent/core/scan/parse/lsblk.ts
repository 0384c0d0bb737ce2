import { z } from 'zod';
import type { DiskEncryption } from '../../../../shared/device/facts.ts';
import { type Answer, answered, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';

type Volume = DiskEncryption['volumes'][number];

const name = z.string().nullish().catch(null);
const device = z.object({
  name: z.string(),
  type: name,
  fstype: name,
  fsver: name,
  mountpoint: name,
  mountpoints: z.array(name).optional().catch(undefined),
  get children() {
    return z.array(device).optional();
  },
});
const listing = z.object({ blockdevices: z.array(device) });
type Device = z.infer<typeof device>;

/** Mount points that hold no data of a person and cannot be encrypted: firmware and boot loader read them. */
const BOOT = /^\/(boot|efi)(\/|$)/;

/**
 * `lsblk --json -o NAME,TYPE,FSTYPE,MOUNTPOINT` (or `-f`): every mounted volume with whether a LUKS (or BitLocker) layer lies
 * under it. A listing without `/` leaves the system volume unknown.
 */
export function parseLsblk(stdout: Uint8Array): Answer<DiskEncryption> {
  if (stdout.length === 0) return unanswered('no-output');
  let json: unknown;
  try {
    json = JSON.parse(decode(stdout));
  } catch {
    return unanswered('parse-error', 'lsblk: not JSON');
  }
  const checked = listing.safeParse(json);
  if (!checked.success) return unanswered('parse-error', 'lsblk: not a listing');

  const volumes = new Map<string, Volume>();
  const walk = (one: Device, above: string | null): void => {
    const layer =
      one.fstype === 'crypto_LUKS'
        ? `LUKS${one.fsver ?? ''}`
        : one.fstype === 'BitLocker'
          ? 'BitLocker'
          : one.type === 'crypt'
            ? (above ?? 'dm-crypt')
            : above;
    for (const mount of [one.mountpoint, ...(one.mountpoints ?? [])]) {
      if (mount === null || mount === undefined || !mount.startsWith('/') || mount.length > 200) continue;
      if (/^(loop|rom)$/.test(one.type ?? '') || BOOT.test(mount)) continue;
      volumes.set(mount, {
        mount,
        system: mount === '/',
        protection: layer === null ? 'off' : 'on',
        method: layer,
        percent: null,
      });
    }
    for (const child of one.children ?? []) walk(child, layer);
  };
  for (const one of checked.data.blockdevices) walk(one, null);
  const all = [...volumes.values()].slice(0, 64);
  return answered({ systemVolume: volumes.get('/')?.protection ?? 'unknown', volumes: all });
}
