import { isDict, parsePlist } from '../parse/plist.ts';
import { parseSmartctl } from '../parse/smartctl.ts';
import { type Facts, type Output, type Told, told, unknown, unread } from './answer.ts';
import { Bag, jsonOf, objects } from './objects.ts';
import { decimal, fields, grouped, lines, only, percentOf } from './text.ts';

/** Families `storage` (file systems and their space) and `physicalDisks`. */

interface Volume {
  readonly mount: string;
  readonly kind: 'fixed' | 'removable' | 'network' | 'optical' | 'ram' | null;
  readonly fs: string | null;
  readonly sizeBytes: number | null;
  readonly freeBytes: number | null;
  readonly freePercent: number | null;
  readonly dirty: boolean | null;
}

function volume(of: Omit<Volume, 'freePercent'>): Volume {
  const size = of.sizeBytes !== null && of.sizeBytes > 0 ? of.sizeBytes : null;
  const free =
    size !== null && of.freeBytes !== null && of.freeBytes >= 0 && of.freeBytes <= size ? of.freeBytes : null;
  return { ...of, sizeBytes: size, freeBytes: free, freePercent: percentOf(free, size) };
}

function storageFacts(
  volumes: readonly Volume[],
  ignored: readonly string[],
  smart: string | null = null,
): Facts {
  const shares = volumes.filter(one => one.kind === 'fixed').map(one => one.freePercent);
  const known = shares.filter(share => share !== null);
  return {
    volumes,
    ignored,
    lowestFixedFreePercent: known.length === 0 || known.length < shares.length ? null : Math.min(...known),
    smart,
  };
}

const DRIVE_TYPES: Readonly<Record<string, Volume['kind']>> = {
  2: 'removable',
  3: 'fixed',
  4: 'network',
  5: 'optical',
  6: 'ram',
  removable: 'removable',
  fixed: 'fixed',
  remote: 'network',
  network: 'network',
  'cd-rom': 'optical',
  ram: 'ram',
};

/** Win32_LogicalDisk, Win32_Volume and Get-Volume. Network and optical drives are named, not judged. */
export function readWindowsVolumes(output: Output): Told {
  const rows = objects(output);
  if (rows === null) return unread(output, 'volumes');
  const volumes: Volume[] = [];
  const ignored: string[] = [];
  for (const row of rows) {
    const bag = new Bag(row);
    const letter = bag.text('DriveLetter', 'DeviceID', 'Caption', 'Name')?.replace(/\\$/, '');
    if (letter === undefined || !/^[A-Z]:?$/i.test(letter)) continue;
    const mount = letter.length === 1 ? `${letter}:` : letter;
    const kind = DRIVE_TYPES[bag.text('DriveType')?.toLowerCase() ?? ''] ?? null;
    if (kind === 'network' || kind === 'optical') {
      ignored.push(mount);
      continue;
    }
    volumes.push(
      volume({
        mount,
        kind,
        fs: bag.text('FileSystem', 'FileSystemType'),
        sizeBytes: bag.number('Size', 'Capacity'),
        freeBytes: bag.number('FreeSpace', 'SizeRemaining'),
        dirty: bag.flag('VolumeDirty', 'DirtyBitSet'),
      }),
    );
  }
  return volumes.length + ignored.length === 0
    ? unread(output, 'no drive')
    : told('storage', storageFacts(volumes, ignored));
}

/** Mounts that are not this machine's own disk space: pseudo file systems, images, snapshots, container volumes without data. */
function passedOver(source: string, mount: string): boolean {
  return (
    /^(devfs|devtmpfs|tmpfs|udev|map|none|overlay|efivarfs|proc|sysfs|run|shm|cgroup\w*|squashfs|portal|gvfsd-fuse)\b/.test(
      source,
    ) ||
    /^\/dev\/loop\d/.test(source) ||
    /^com\.apple\.(TimeMachine|os\.update)/.test(source) ||
    /^(\/\/|[\w.-]+:\/|afp_|smb)/.test(source) ||
    (/^(\/private\/var\/vm|\/net|\/home\/?$|\/System\/Volumes\/(?!Data$)\S+|\/dev|\/boot(\/|$)|\/snap\/|\/run(\/|$)|\/sys(\/|$)|\/private\/var\/folders\/)/.test(
      mount,
    ) &&
      !(mount === '/home' && source.startsWith('/dev/')))
  );
}

/** `df` in blocks of 512, 1024 bytes or `1K`: sources and mounts may hold blanks. Rounded (`-h`) sizes are no numbers. */
export function readDf(output: Output): Told {
  const written = lines(output.text).filter(line => line.trim() !== '');
  const head = written[0] ?? '';
  const block = /\s(512|1024|1K|1k)-?\S+/.exec(head)?.[1];
  if (block === undefined) return unread(output, 'df without block size');
  const bytes = block === '512' ? 512 : 1024;
  const typed = /^\S+\s+Type\s/.test(head);
  const volumes: Volume[] = [];
  const ignored: string[] = [];
  for (const line of written.slice(1)) {
    const match =
      /^(.+?)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(?:\d+|-)%(?:\s+(\d+)\s+(\d+)\s+(?:\d+|-)%)?\s+(\/.*)$/.exec(line);
    if (match === null) return unread(output, 'a line of df');
    const [, front = '', size = '', , free = '', , , mount = ''] = match;
    const fs = typed ? (/\s(\S+)$/.exec(front)?.[1] ?? null) : null;
    const source = fs === null ? front : front.slice(0, -fs.length).trim();
    if (
      passedOver(source, mount) ||
      (fs !== null && /^(tmpfs|squashfs|overlay|devtmpfs|nfs4?|cifs|vfat)$/.test(fs))
    ) {
      ignored.push(mount);
      continue;
    }
    volumes.push(
      volume({
        mount,
        // Below /Volumes and /media lie images and sticks as well as disks: not told which.
        kind: /^\/(Volumes|media|mnt)\//.test(mount) || !source.startsWith('/dev/') ? null : 'fixed',
        fs,
        sizeBytes: Number(size) * bytes,
        freeBytes: Number(free) * bytes,
        dirty: null,
      }),
    );
  }
  return volumes.length + ignored.length === 0
    ? unread(output, 'df')
    : told('storage', storageFacts(volumes, ignored));
}

/** The items of `system_profiler TYPE -json` or `-xml`; null when the output is neither. */
export function profilerItems(text: string, type: string): Record<string, unknown>[] | null {
  const json = jsonOf(text);
  if (isDict(json)) {
    const list = json[type];
    return Array.isArray(list) ? list.filter(isDict) : null;
  }
  const plist = parsePlist(text);
  if (!Array.isArray(plist)) return null;
  const part = plist.filter(isDict).find(one => one._dataType === type);
  return part !== undefined && Array.isArray(part._items) ? part._items.filter(isDict) : null;
}

/** `system_profiler SPStorageDataType`. Volumes of one APFS container show the same space: they are listed, never added. */
export function readProfilerStorage(output: Output): Told {
  const items = profilerItems(output.text, 'SPStorageDataType');
  if (items === null) return unread(output, 'SPStorageDataType');
  const volumes: Volume[] = [];
  const ignored: string[] = [];
  const verdicts = new Set<string>();
  for (const item of items) {
    const bag = new Bag(item);
    const mount = bag.text('mount_point');
    if (mount === null) continue;
    const drive = new Bag(isDict(item.physical_drive) ? item.physical_drive : {});
    const internal = drive.text('is_internal_disk');
    const image = drive.text('protocol') === 'Disk Image' || drive.text('media_name') === 'Disk Image';
    if (image || (mount.startsWith('/System/Volumes/') && mount !== '/System/Volumes/Data')) {
      ignored.push(mount);
      continue;
    }
    const smart = drive.text('smart_status');
    if (internal === 'yes' && smart !== null) verdicts.add(smart);
    volumes.push(
      volume({
        mount,
        kind: internal === 'yes' ? 'fixed' : internal === 'no' ? 'removable' : null,
        fs: bag.text('file_system'),
        sizeBytes: bag.number('size_in_bytes'),
        freeBytes: bag.number('free_space_in_bytes'),
        dirty: null,
      }),
    );
  }
  const [smart] = verdicts;
  return volumes.length + ignored.length === 0
    ? unread(output, 'no volume')
    : told('storage', storageFacts(volumes, ignored, verdicts.size === 1 ? (smart ?? null) : null));
}

/** `diskutil info -plist MOUNT`, or its text form. The container's free space is what can be used. */
export function readDiskutilInfo(output: Output): Told {
  const plist = parsePlist(output.text);
  if (isDict(plist)) {
    const bag = new Bag(plist);
    const mount = bag.text('MountPoint');
    const smart = bag.text('SMARTStatus');
    if (mount === null)
      return smart === null && bag.text('DeviceIdentifier') === null
        ? unread(output, 'diskutil info')
        : told('storage', { volumes: null, ignored: null, lowestFixedFreePercent: null, smart });
    const internal = bag.flag('Internal');
    return told(
      'storage',
      storageFacts(
        [
          volume({
            mount,
            kind: internal === true ? 'fixed' : internal === false ? 'removable' : null,
            fs: bag.text('FilesystemType', 'FilesystemName'),
            sizeBytes: bag.number('APFSContainerSize', 'TotalSize', 'Size'),
            freeBytes: bag.number('APFSContainerFree', 'FreeSpace'),
            dirty: null,
          }),
        ],
        [],
        smart,
      ),
    );
  }
  const list = fields(output.text);
  const mount = only(list, 'Mount Point');
  const bytes = (key: string): number | null => grouped(/\((\d+) Bytes\)/.exec(only(list, key) ?? '')?.[1]);
  const smart = only(list, 'SMART Status');
  if (mount === null && smart === null) return unread(output, 'diskutil info');
  const place = only(list, 'Device Location');
  return told(
    'storage',
    storageFacts(
      mount === null
        ? []
        : [
            volume({
              mount,
              kind: place === 'Internal' ? 'fixed' : place === 'External' ? 'removable' : null,
              fs: only(list, 'Type (Bundle)') ?? only(list, 'File System Personality'),
              sizeBytes: bytes('Container Total Space') ?? bytes('Volume Total Space') ?? bytes('Disk Size'),
              freeBytes: bytes('Container Free Space') ?? bytes('Volume Free Space'),
              dirty: null,
            }),
          ],
      [],
      smart,
    ),
  );
}

// --- Physical disks ---------------------------------------------------------------------------------------------------

type Health = 'healthy' | 'warning' | 'unhealthy' | 'unknown' | null;

interface Disk {
  readonly device: string | null;
  readonly name: string | null;
  readonly mediaType: 'HDD' | 'SSD' | 'SCM' | 'unspecified' | null;
  readonly busType: string | null;
  readonly health: Health;
  readonly operationalStatus: readonly string[] | null;
  readonly sizeBytes: number | null;
  readonly serial: string | null;
  readonly firmware: string | null;
  readonly [more: string]: unknown;
}

/** MSFT_PhysicalDisk: MediaType, BusType, HealthStatus and OperationalStatus by number. */
const MEDIA: Readonly<Record<string, Disk['mediaType']>> = {
  0: 'unspecified',
  3: 'HDD',
  4: 'SSD',
  5: 'SCM',
  unspecified: 'unspecified',
  hdd: 'HDD',
  ssd: 'SSD',
  scm: 'SCM',
};
const BUSES: Readonly<Record<number, string>> = {
  1: 'SCSI',
  2: 'ATAPI',
  3: 'ATA',
  4: '1394',
  5: 'SSA',
  6: 'Fibre Channel',
  7: 'USB',
  8: 'RAID',
  9: 'iSCSI',
  10: 'SAS',
  11: 'SATA',
  12: 'SD',
  13: 'MMC',
  15: 'File Backed Virtual',
  16: 'Storage Spaces',
  17: 'NVMe',
  18: 'SCM',
};
const HEALTHS: Readonly<Record<string, Health>> = {
  0: 'healthy',
  1: 'warning',
  2: 'unhealthy',
  5: 'unknown',
  healthy: 'healthy',
  warning: 'warning',
  unhealthy: 'unhealthy',
  unknown: 'unknown',
};
const OPERATION: Readonly<Record<number, string>> = {
  0: 'Unknown',
  1: 'Other',
  2: 'OK',
  3: 'Degraded',
  4: 'Stressed',
  5: 'Predictive Failure',
  6: 'Error',
  7: 'Non-Recoverable Error',
  8: 'Starting',
  9: 'Stopping',
  10: 'Stopped',
  11: 'In Service',
  12: 'No Contact',
  13: 'Lost Communication',
};

/** MSFT_PhysicalDisk or Get-PhysicalDisk, numbers or words. */
export function readPhysicalDisks(output: Output): Told {
  const rows = objects(output);
  if (rows === null) return unread(output, 'MSFT_PhysicalDisk');
  const disks = rows.flatMap((row): Disk[] => {
    const bag = new Bag(row);
    const device = bag.text('DeviceId', 'Number');
    const name = bag.text('FriendlyName', 'Model');
    if (device === null && name === null) return [];
    const bus = bag.text('BusType');
    return [
      {
        device,
        name,
        mediaType: MEDIA[bag.text('MediaType')?.toLowerCase() ?? ''] ?? null,
        busType: bus === null ? null : /^\d+$/.test(bus) ? (BUSES[Number(bus)] ?? null) : bus,
        health: HEALTHS[bag.text('HealthStatus')?.toLowerCase() ?? ''] ?? null,
        operationalStatus:
          bag.list('OperationalStatus')?.flatMap(one => {
            const code = String(one);
            return /^\d+$/.test(code) ? (OPERATION[Number(code)] ?? code) : code;
          }) ?? null,
        sizeBytes: bag.number('Size'),
        serial: bag.text('SerialNumber'),
        firmware: bag.text('FirmwareVersion'),
      },
    ];
  });
  return disks.length === 0 ? unread(output, 'no disk') : told('physicalDisks', { disks });
}

/**
 * Win32_DiskDrive. It takes NVMe for SCSI and every disk for "fixed hard disk media", so neither bus nor medium can be told; its
 * Status names a predicted failure, while `OK` is no verdict on health.
 */
export function readDiskDrives(output: Output): Told {
  const rows = objects(output);
  if (rows === null) return unread(output, 'Win32_DiskDrive');
  const disks = rows.flatMap((row): Disk[] => {
    const bag = new Bag(row);
    const device = bag.text('DeviceID', 'Name');
    const name = bag.text('Model', 'Caption');
    if (device === null && name === null) return [];
    const status = bag.text('Status');
    const face = bag.text('InterfaceType');
    return [
      {
        device,
        name,
        mediaType: null,
        busType: face === 'USB' ? 'USB' : null,
        health:
          status === 'Pred Fail' || status === 'Degraded'
            ? 'warning'
            : status === 'Error'
              ? 'unhealthy'
              : null,
        operationalStatus: status === null ? null : [status],
        sizeBytes: bag.number('Size'),
        serial: bag.text('SerialNumber'),
        firmware: bag.text('FirmwareRevision'),
      },
    ];
  });
  return disks.length === 0 ? unread(output, 'no disk') : told('physicalDisks', { disks });
}

/** Get-StorageReliabilityCounter: an empty value is not 0. */
export function readReliabilityCounters(output: Output): Told {
  const rows = objects(output);
  if (rows === null) return unread(output, 'StorageReliabilityCounter');
  const disks = rows.flatMap((row): Disk[] => {
    const bag = new Bag(row);
    const device = bag.text('DeviceId');
    if (device === null) return [];
    return [
      {
        device,
        name: null,
        mediaType: null,
        busType: null,
        health: null,
        operationalStatus: null,
        sizeBytes: null,
        serial: null,
        firmware: null,
        wearPercent: bag.number('Wear'),
        temperatureC: bag.number('Temperature'),
        temperatureMaxC: bag.number('TemperatureMax'),
        powerOnHours: bag.number('PowerOnHours'),
        readErrorsUncorrected: bag.number('ReadErrorsUncorrected'),
        writeErrorsUncorrected: bag.number('WriteErrorsUncorrected'),
        readErrorsTotal: bag.number('ReadErrorsTotal'),
        writeErrorsTotal: bag.number('WriteErrorsTotal'),
      },
    ];
  });
  return disks.length === 0 ? unread(output, 'no counter') : told('physicalDisks', { disks });
}

function smartVerdict(text: string | null): Health {
  if (text === null) return null;
  if (/^verified$/i.test(text)) return 'healthy';
  return /^fail(ing|ed)$/i.test(text) ? 'unhealthy' : 'unknown';
}

/** `system_profiler SPSerialATADataType` / `SPNVMeDataType`: drives below their controllers. */
export function readProfilerDrives(output: Output): Told {
  const nvme = profilerItems(output.text, 'SPNVMeDataType');
  const items = nvme ?? profilerItems(output.text, 'SPSerialATADataType');
  if (items === null) return unread(output, 'drives');
  const disks = items.flatMap((controller): Disk[] =>
    (Array.isArray(controller._items) ? controller._items.filter(isDict) : []).map(item => {
      const bag = new Bag(item);
      const medium = bag.text('spsata_medium_type', 'medium_type')?.toLowerCase();
      const smart = bag.text('smart_status');
      return {
        device: bag.text('bsd_name'),
        name: bag.text('device_model') ?? bag.text('_name'),
        mediaType:
          medium === 'rotational'
            ? 'HDD'
            : medium === 'solid state' || medium === 'ssd' || nvme !== null
              ? 'SSD'
              : null,
        busType: nvme === null ? 'SATA' : 'NVMe',
        health: smartVerdict(smart),
        operationalStatus: null,
        sizeBytes: bag.number('size_in_bytes'),
        serial: bag.text('device_serial'),
        firmware: bag.text('device_revision'),
        smart,
      };
    }),
  );
  return told('physicalDisks', { disks });
}

/** `smartctl` as text (`-i`, `-H`, `-a`) or JSON (`-j`). Without the drive's own verdict its health is unknown. */
export function readSmartctl(output: Output): Told {
  const { text } = output;
  if (text.trim() === '') return unknown('no-output');
  const json = jsonOf(text);
  if (isDict(json)) {
    const reading = parseSmartctl(new TextEncoder().encode(text));
    if (!reading.ok) return unknown(reading.reason);
    const bag = new Bag(json);
    const device = isDict(json.device) ? new Bag(json.device) : new Bag({});
    const capacity = isDict(json.user_capacity) ? new Bag(json.user_capacity).number('bytes') : null;
    const rotation = bag.number('rotation_rate');
    const protocol = device.text('protocol');
    const name = bag.text('model_name', 'model_family');
    if (name === null && device.text('name') === null && reading.value.health === 'unknown')
      return unread(output, 'smartctl');
    return told('physicalDisks', {
      disks: [
        {
          device: device.text('name'),
          name,
          mediaType:
            protocol === 'NVMe' || rotation === 0 ? 'SSD' : rotation !== null && rotation > 0 ? 'HDD' : null,
          busType: protocol === 'ATA' ? 'SATA' : protocol,
          health: reading.value.health,
          operationalStatus: null,
          sizeBytes: capacity ?? bag.number('nvme_total_capacity'),
          serial: bag.text('serial_number'),
          firmware: bag.text('firmware_version'),
          wearPercent: reading.value.wearPercent,
          temperatureC: reading.value.temperatureC,
          mediaErrors: reading.value.mediaErrors,
          reallocatedSectors: reading.value.reallocatedSectors,
          powerOnHours: reading.value.powerOnHours,
        },
      ],
    });
  }
  const list = fields(text);
  const name = only(list, 'Device Model') ?? only(list, 'Model Number') ?? only(list, 'Product');
  const verdict =
    only(list, 'SMART overall-health self-assessment test result') ?? only(list, 'SMART Health Status');
  if (name === null && verdict === null) return unread(output, 'smartctl');
  const warning = only(list, 'Critical Warning');
  const rotation = only(list, 'Rotation Rate');
  const nvme = only(list, 'NVMe Version') !== null || only(list, 'Model Number') !== null;
  const transport = only(list, 'Transport protocol');
  const size =
    only(list, 'User Capacity') ??
    only(list, 'Total NVM Capacity') ??
    only(list, 'Namespace 1 Size/Capacity');
  const failed = verdict !== null && /^FAILED/i.test(verdict);
  const passed = verdict === 'PASSED' || verdict === 'OK';
  return told('physicalDisks', {
    disks: [
      {
        device: null,
        name,
        mediaType:
          nvme || rotation === 'Solid State Device' ? 'SSD' : /^\d+ rpm$/.test(rotation ?? '') ? 'HDD' : null,
        busType: nvme
          ? 'NVMe'
          : only(list, 'SATA Version is') !== null
            ? 'SATA'
            : transport?.startsWith('SAS') === true
              ? 'SAS'
              : null,
        health: failed
          ? 'unhealthy'
          : passed
            ? warning === null || /^0x0+$/.test(warning)
              ? 'healthy'
              : 'warning'
            : null,
        operationalStatus: null,
        sizeBytes: grouped(/^([\d,.'’ \u00a0\u202f]+?)(?: bytes| \[|$)/.exec(size ?? '')?.[1]),
        serial: only(list, 'Serial Number') ?? only(list, 'Serial number'),
        firmware: only(list, 'Firmware Version') ?? only(list, 'Revision'),
        wearPercent: decimal(only(list, 'Percentage Used')?.replace('%', '')),
      },
    ],
  });
}
