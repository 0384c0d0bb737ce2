import { DAY, HOUR, MINUTE } from '../../../shared/base/durations.ts';
import type { Company, DemoDevice } from '../company.ts';
import { unit } from '../random.ts';
import { detailedTablet, type FakeCitrix, listedTablet, property } from './fake-citrix.ts';
import { aidOf, type FakeFalcon, falconAssessment, falconHost } from './fake-falcon.ts';
import { type FakeJamf, jamfMac, jamfPad } from './fake-jamf.ts';
import { directoryLaptop, type FakeMicrosoft, graphTime, managedLaptop } from './fake-microsoft.ts';
import {
  detailedLaptop,
  type FakeWorkspaceOne,
  listedLaptop,
  uemTime,
  uuidOf,
} from './fake-workspace-one.ts';

/*
 * What the made-up vendors know of the made-up company: what they would know of such machines, with the trouble real ones
 * have. They call a machine compliant whose disk is not encrypted or whose firewall is off, have not heard of some for
 * weeks, disagree about the owner, and know machines that no agent runs on.
 */

/** Departments that came with another company and its Workspace ONE. */
const WORKSPACE_ONE = new Set(['Legal', 'People']);
/** Machines of each kind that no agent runs on. */
const LONE = 3;
const PADS = 4;

export interface DemoVendors {
  readonly microsoft: FakeMicrosoft;
  readonly jamf: FakeJamf;
  readonly falcon: FakeFalcon;
  readonly workspaceOne: FakeWorkspaceOne;
  readonly citrix: FakeCitrix;
}

/** Fills the vendors as they would be at `now`. */
export function fillVendors(vendors: DemoVendors, company: Company, now: number): void {
  const machines = [...company.fleet, ...company.absent];
  for (const [index, device] of machines.entries()) {
    const number = index + 1;
    const { platform } = device.identity;
    if (platform === 'linux') continue;
    if (platform === 'macos') vendors.jamf.computers.push(macOf(device, number, now));
    else if (WORKSPACE_ONE.has(device.department)) addUem(vendors.workspaceOne, device, number, now);
    else addIntune(vendors.microsoft, device, number, now);
    // A few were set up by hand and never got a sensor.
    if (unit(device.seed, 61) < 0.85) addFalcon(vendors.falcon, device, number, now);
  }
  addLone(vendors, now);
}

function mailOf(device: DemoDevice): string {
  const person = (device.identity.person ?? 'nobody').normalize('NFKD').replace(/[^A-Za-z ]/g, '');
  return `${person.trim().toLowerCase().replace(/ +/g, '.')}@demo.example`;
}

/** When a vendor last heard of it: lately, for those that are away days or weeks ago. */
function heardAt(device: DemoDevice, now: number, place: number): number {
  const share = unit(device.seed, place);
  if (device.plot === 'lost') return now - 41 * DAY;
  if (device.plot === 'away') return now - 6 * DAY;
  // Its management has stopped without anybody noticing.
  if (device.plot === 'crash-storm') return now - 23 * DAY;
  return now - Math.round(20 * MINUTE + 5 * HOUR * share);
}

function addIntune(microsoft: FakeMicrosoft, device: DemoDevice, number: number, now: number): void {
  const { identity, plot } = device;
  const isOutOfLine = plot === 'support-ended' || plot === 'system-ancient';
  const managed = managedLaptop(number, {
    complianceState: isOutOfLine ? 'noncompliant' : 'compliant',
    deviceName: identity.hostname,
    emailAddress: mailOf(device),
    userPrincipalName: mailOf(device),
    enrolledDateTime: graphTime(now - 200 * DAY),
    freeStorageSpaceInBytes: Math.round(device.diskBytes * 0.4),
    totalStorageSpaceInBytes: device.diskBytes,
    // Looked at when it was enrolled and believed ever since, whatever was switched off later.
    isEncrypted: true,
    lastSyncDateTime: graphTime(heardAt(device, now, 63)),
    manufacturer: identity.manufacturer,
    model: identity.model,
    osVersion: device.system.version,
    serialNumber: identity.serial,
    managementCertificateExpirationDate: graphTime(now + 165 * DAY),
    wiFiMacAddress: (identity.macs[0] ?? '').replaceAll(':', '').toUpperCase(),
  });
  microsoft.managedDevices.set(String(managed.id), managed);
  const listed = directoryLaptop(number, {
    approximateLastSignInDateTime: graphTime(heardAt(device, now, 64) - 2 * HOUR),
    displayName: identity.hostname,
    manufacturer: identity.manufacturer,
    model: identity.model,
    operatingSystemVersion: device.system.version,
    registrationDateTime: graphTime(now - 200 * DAY),
    isCompliant: !isOutOfLine,
    // Registered by its user before the company took it over.
    deviceOwnership: plot === 'disk-filling-now' ? 'Personal' : 'Company',
    // Somebody left and only the directory was told.
    accountEnabled: plot !== 'memory-short',
  });
  microsoft.devices.set(String(listed.id), listed);
}

function macOf(device: DemoDevice, number: number, now: number): Record<string, unknown> {
  const { identity, system } = device;
  const heard = heardAt(device, now, 65);
  return {
    ...jamfMac(number, {
      general: {
        name: identity.hostname,
        lastContact: new Date(heard).toISOString(),
        reportDate: graphTime(heard - 3 * HOUR),
        lastEnrolledDate: graphTime(now - 300 * DAY),
        mdmProfileExpiration: graphTime(now + 400 * DAY),
      },
      hardware: {
        make: 'Apple',
        model: identity.model,
        serialNumber: identity.serial,
        macAddress: (identity.macs[0] ?? '').toUpperCase(),
        totalRamMegabytes: Math.round(device.memoryBytes / 1024 ** 2),
      },
      operatingSystem: {
        version: system.version,
        build: system.build,
        supplementalBuildVersion: system.build,
      },
      // Jamf has the inventory of last night, when the firewall was still on.
      security: { firewallEnabled: true },
      userAndLocation: { username: mailOf(device).split('@')[0], email: mailOf(device) },
    }),
    udid: (identity.hardwareUuid ?? '').toUpperCase(),
  };
}

function addUem(uem: FakeWorkspaceOne, device: DemoDevice, number: number, now: number): void {
  const { identity, system } = device;
  const seen = uemTime(heardAt(device, now, 66));
  uem.devices.set(number, {
    id: number,
    uuid: uuidOf(number),
    listed: listedLaptop(number, {
      SerialNumber: identity.serial,
      MacAddress: (identity.macs[0] ?? '').replaceAll(':', '').toUpperCase(),
      DeviceFriendlyName: `${identity.hostname} Windows Desktop`,
      DeviceReportedName: identity.hostname,
      LocationGroupName: device.department,
      UserName: mailOf(device).split('@')[0],
      UserEmailAddress: mailOf(device),
      Model: identity.model,
      OEMInfo: identity.manufacturer,
      OperatingSystem: system.version.split('.').slice(0, 3).join('.'),
      OSBuildVersion: String(system.ubr ?? ''),
      LastSeen: seen,
      LastEnrolledOn: uemTime(now - 90 * DAY),
    }),
    details: detailedLaptop(number, {
      serial_number: identity.serial,
      friendly_name: identity.hostname,
      computer_name: identity.hostname,
      total_storage_bytes: String(device.diskBytes),
      available_storage_bytes: String(Math.round(device.diskBytes * 0.4)),
      total_physical_memory_bytes: String(device.memoryBytes),
      os_build_version: `${system.build ?? ''}.${system.ubr ?? 0}`,
      data_encrypted: true,
    }),
  });
}

function addFalcon(falcon: FakeFalcon, device: DemoDevice, number: number, now: number): void {
  const { identity, plot, system } = device;
  const isMac = identity.platform === 'macos';
  // The sensor of one has fallen silent, another one was cut off the network.
  const seen = plot === 'battery-worn-out' ? now - 9 * DAY : heardAt(device, now, 67) + 10 * MINUTE;
  const host = falconHost(number, {
    hostname: identity.hostname,
    serial_number: identity.serial,
    mac_address: (identity.macs[0] ?? '').replaceAll(':', '-'),
    platform_name: isMac ? 'Mac' : 'Windows',
    os_version: system.name,
    os_build: system.build,
    first_seen: graphTime(now - 190 * DAY),
    last_seen: graphTime(Math.min(seen, now)),
    last_reboot: graphTime(now - 2 * DAY),
    status: plot === 'drive-failing' ? 'contained' : 'normal',
    system_manufacturer: identity.manufacturer,
    system_product_name: identity.model,
  });
  falcon.hosts.set(aidOf(number), host);
  const overall = plot === 'encryption-off' ? 38 : 60 + Math.round(35 * unit(device.seed, 68));
  falcon.assessments.set(
    aidOf(number),
    falconAssessment(number, {
      system_serial_number: identity.serial,
      event_platform: isMac ? 'Mac' : 'Win',
      modified_time: graphTime(now - 5 * HOUR),
      assessment: { sensor_config: 90, os: overall, overall, version: '3.6.1' },
    }),
  );
  falcon.states.set(aidOf(number), now - seen < DAY ? 'online' : 'offline');
}

/** Machines that only a vendor knows: never enrolled here, or in a drawer; and tablets, which have no place in the fleet. */
function addLone({ microsoft, jamf, citrix }: DemoVendors, now: number): void {
  for (let i = 1; i <= LONE; i += 1) {
    const number = 900 + i;
    const lastSyncDateTime = graphTime(now - i * 9 * DAY);
    const laptop = managedLaptop(number, {
      deviceName: `SPARE-LT-${number}`,
      serialNumber: `DEMO-SPARE${i}`,
      emailAddress: '',
      userPrincipalName: '',
      wiFiMacAddress: `00005E00FF0${i}`,
      enrolledDateTime: graphTime(now - 400 * DAY),
      lastSyncDateTime,
    });
    microsoft.managedDevices.set(String(laptop.id), laptop);
  }
  jamf.computers.push({
    ...jamfMac(950, {
      general: { name: 'SPARE-MB-950', lastContact: new Date(now - 3 * DAY).toISOString() },
      hardware: { serialNumber: 'DEMO-SPAREMB', macAddress: '00:00:5E:00:FF:50' },
    }),
  });
  for (let i = 1; i <= PADS; i += 1) {
    jamf.mobiles.push(jamfPad(960 + i));
    const id = 970 + i;
    citrix.devices.set(String(id), listedTablet(id));
    // Each tablet is one of its own: with one UDID for all they would be told as clones.
    const udid = property('UDID', `00008101-${String(id).padStart(16, '0')}`);
    citrix.details.set(String(id), detailedTablet(id, { properties: [udid, property('SUPERVISED', '1')] }));
  }
}
