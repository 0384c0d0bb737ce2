import type { DiskFree } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { parseStorage } from '../parse/macos.ts';
import { type Mount, parseMounts } from '../parse/proc.ts';
import { windowsVolumes } from '../parse/windows.ts';
import type { Probe } from '../probe.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

type Volume = DiskFree['volumes'][number];

/** File systems that keep data on a disk of this machine. */
const ON_DISK = new Set([
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'zfs',
  'f2fs',
  'jfs',
  'reiserfs',
  'bcachefs',
  'vfat',
  'ntfs3',
  'fuseblk',
]);
const FIRMWARE_MOUNTS = new Set(['/boot/efi', '/efi', '/boot/firmware']);

/** Mounts of fixed volumes, each device once: the root first, images (loop), optical discs and bind mounts left out. */
export function fixedMounts(mounts: readonly Mount[]): Mount[] {
  const seen = new Set<string>();
  const fixed: Mount[] = [];
  // Later mounts over the same point hide earlier ones.
  const visible = [...new Map(mounts.map(one => [one.mount, one])).values()];
  visible.sort((a, b) => (a.mount === '/' ? -1 : b.mount === '/' ? 1 : a.mount.length - b.mount.length));
  for (const one of visible) {
    const isRoot = one.mount === '/';
    if (!isRoot) {
      if (!ON_DISK.has(one.fs) || FIRMWARE_MOUNTS.has(one.mount) || one.mount.length > 200) continue;
      if (/^\/dev\/(loop|sr|ram|zram|nbd)/.test(one.source)) continue;
    }
    // btrfs and zfs give every subvolume a device number of its own; their source is what is shared.
    const key = one.fs === 'zfs' ? (one.source.split('/')[0] ?? '') : one.source;
    if (seen.has(key) || seen.has(one.device)) continue;
    seen.add(key).add(one.device);
    fixed.push(one);
  }
  return fixed;
}

/** Is the disk under a block device one that can be pulled out? Looks at the device's place in sysfs. */
async function isRemovable(probe: Probe, source: string): Promise<boolean> {
  const name = source.replace(/^\/dev\//, '');
  if (!source.startsWith('/dev/') || name.includes('/')) return false;
  const place = await probe.link(`/sys/class/block/${name}`);
  if (place.ok && /\/usb\d/.test(place.value)) return true;
  const flag = await probe.readFile(`/sys/class/block/${name}/removable`);
  return flag.ok && flag.value.trim() === '1';
}

async function linux({ probe }: ScanContext): Promise<Answer<DiskFree>> {
  const table = await probe.readFile('/proc/self/mountinfo');
  if (!table.ok) return table;
  const volumes: Volume[] = [];
  for (const { mount, fs, source } of fixedMounts(parseMounts(table.value)).slice(0, 64)) {
    const system = mount === '/';
    if (!system && (await isRemovable(probe, source))) continue;
    const space = await probe.statfs(mount);
    if (!space.ok) {
      if (system) return space;
      continue;
    }
    if (space.value.sizeBytes > 0) volumes.push({ mount, fs, ...space.value, system });
  }
  return volumes.some(one => one.system)
    ? answered({ volumes })
    : unanswered('parse-error', 'no system volume in the mount table');
}

async function windows({ probe, round, signal }: ScanContext): Promise<Answer<DiskFree>> {
  const rows = await windowsSection(probe, round, 'volumes', signal);
  return rows.ok ? windowsVolumes(rows.value) : rows;
}

async function macos({ probe, signal }: ScanContext): Promise<Answer<DiskFree>> {
  const ran = await probe.command('system_profiler', ['SPStorageDataType', '-json'], { signal });
  return ran.ok ? parseStorage(ran.stdout) : ran;
}

const read = perPlatform({ windows, macos, linux });

/** What decides over a change worth telling at once: the volumes there are and their free space in steps of a twentieth. */
function coarse({ volumes }: DiskFree): unknown {
  return volumes.map(one => [
    one.mount,
    one.sizeBytes,
    one.sizeBytes === 0 ? 0 : Math.round((20 * one.freeBytes) / one.sizeBytes),
  ]);
}

export function diskFreeScan() {
  return defineScan({
    id: 'disk.free',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
    significant: coarse,
  });
}
