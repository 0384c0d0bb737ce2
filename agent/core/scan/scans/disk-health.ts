import type { DiskHealth } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { shortText, wholeNumber } from '../parse/keys.ts';
import { parseStorageHealth } from '../parse/macos.ts';
import { parseSmartctl, type SmartReading } from '../parse/smartctl.ts';
import { windowsDisks } from '../parse/windows.ts';
import type { Probe } from '../probe.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

type Disk = DiskHealth['disks'][number];

const NOT_A_DRIVE = /^(loop|ram|zram|dm-|md|sr|fd|nbd|zd)/;
const VIRTUAL_VENDOR = /qemu|vmware|vbox|virtual|msft|xen|google|amazon elastic block|o\.?v\.?m/i;

function unknownHealth(reason: string): SmartReading {
  return {
    health: 'unknown',
    wearPercent: null,
    temperatureC: null,
    mediaErrors: null,
    reallocatedSectors: null,
    powerOnHours: null,
    reason,
  };
}

async function text(probe: Probe, path: string): Promise<string | null> {
  const file = await probe.readFile(path);
  return file.ok ? shortText(file.value) : null;
}

async function smart({ probe, signal }: ScanContext, name: string): Promise<SmartReading> {
  // `-n standby` leaves a sleeping hard disk asleep.
  const args = ['-a', '-j', '-n', 'standby', `/dev/${name}`];
  const ran = await probe.command('smartctl', args, { timeoutMs: 8000, signal });
  const reading = ran.ok ? parseSmartctl(ran.stdout) : ran;
  if (reading.ok) return reading.value;
  return unknownHealth(reading.reason === 'not-installed' ? 'smartctl is not installed' : reading.reason);
}

/** Temperature from the kernel's drivetemp or nvme sensor: needs neither rights nor programs. */
async function sensorTemperature(probe: Probe, name: string): Promise<number | null> {
  for (const folder of [`/sys/block/${name}/device`, `/sys/block/${name}/device/hwmon`]) {
    const names = await probe.list(folder);
    const sensor = names.ok ? names.value.find(one => /^hwmon\d+$/.test(one)) : undefined;
    if (sensor === undefined) continue;
    const thousandths = Number((await text(probe, `${folder}/${sensor}/temp1_input`)) ?? Number.NaN);
    if (thousandths >= -60_000 && thousandths <= 200_000) return Math.round(thousandths / 100) / 10;
  }
  return null;
}

async function linuxDisk(context: ScanContext, name: string): Promise<Disk | null> {
  const { probe } = context;
  const at = `/sys/block/${name}`;
  const [place, removable, model, vendor, sectors, rotational] = await Promise.all([
    probe.link(at),
    text(probe, `${at}/removable`),
    text(probe, `${at}/device/model`),
    text(probe, `${at}/device/vendor`),
    text(probe, `${at}/size`),
    text(probe, `${at}/queue/rotational`),
  ]);
  const where = place.ok ? place.value : '';
  if (removable === '1' || /\/usb\d/.test(where)) return null;
  const size = wholeNumber(sectors);
  if (size === 0) return null;
  const virtual = /^(vd|xvd)/.test(name) || VIRTUAL_VENDOR.test(`${vendor ?? ''} ${model ?? ''}`);
  const reading = virtual
    ? unknownHealth('a virtual disk has no health of its own')
    : await smart(context, name);
  const bus = name.startsWith('nvme')
    ? 'NVMe'
    : /virtio/.test(where) || name.startsWith('vd')
      ? 'virtio'
      : /\/ata\d/.test(where)
        ? 'SATA'
        : name.startsWith('mmcblk')
          ? 'MMC'
          : null;
  return {
    device: name,
    model:
      vendor === null || vendor === 'ATA' || /^0x/.test(vendor)
        ? model
        : shortText(`${vendor} ${model ?? ''}`),
    media: rotational === '0' && !virtual ? 'ssd' : rotational === '1' && !virtual ? 'hdd' : 'unspecified',
    bus,
    sizeBytes: size === null ? null : size * 512,
    ...reading,
    temperatureC: reading.temperatureC ?? (virtual ? null : await sensorTemperature(probe, name)),
  };
}

async function linux(context: ScanContext): Promise<Answer<DiskHealth>> {
  const names = await context.probe.list('/sys/block');
  if (!names.ok) {
    return names.reason === 'not-present' ? unanswered('not-supported', 'no /sys/block') : names;
  }
  const drives = names.value.filter(name => !NOT_A_DRIVE.test(name) && !/^mmcblk\d+boot/.test(name)).sort();
  const disks: Disk[] = [];
  for (const name of drives.slice(0, 64)) {
    const disk = await linuxDisk(context, name);
    if (disk !== null) disks.push(disk);
  }
  return disks.length === 0 ? unanswered('not-supported', 'no drive is visible here') : answered({ disks });
}

async function windows({ probe, round, signal }: ScanContext): Promise<Answer<DiskHealth>> {
  const rows = await windowsSection(probe, round, 'disks', signal);
  if (!rows.ok) return rows;
  return windowsDisks(rows.value, await windowsSection(probe, round, 'diskCounters', signal));
}

async function macos({ probe, signal }: ScanContext): Promise<Answer<DiskHealth>> {
  const ran = await probe.command('system_profiler', ['SPStorageDataType', '-json'], { signal });
  return ran.ok ? parseStorageHealth(ran.stdout) : ran;
}

const read = perPlatform({ windows, macos, linux });

export function diskHealthScan() {
  return defineScan({
    id: 'disk.health',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
    significant: ({ disks }) =>
      disks.map(({ device, model, health, reason, mediaErrors, reallocatedSectors }) => ({
        device,
        model,
        health,
        reason,
        mediaErrors,
        reallocatedSectors,
      })),
  });
}
