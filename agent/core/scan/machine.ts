import { createHash } from 'node:crypto';
import os from 'node:os';
import type { NetMac } from '../../../shared/device/facts.ts';
import { type DeviceIdentity, normaliseSerial, normaliseUuid } from '../../../shared/device/identity.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import type { Answer } from './answer.ts';
import { decode } from './decode.ts';
import { shortText } from './parse/keys.ts';
import { parsePlatformExpert } from './parse/macos.ts';
import { registryText } from './parse/reg.ts';
import { textIn } from './parse/rows.ts';
import { parseLoginSessions } from './parse/sessions.ts';
import type { Probe } from './probe.ts';
import { type AdapterContext, readAdapters } from './scans/net-mac.ts';
import { registryKey } from './windows/registry.ts';
import { windowsSection } from './windows/round.ts';

type Machine = Omit<DeviceIdentity, 'platform' | 'hostname' | 'macs'>;

/** The installation id leaves the device only as the first 32 hex digits of its SHA-256: it tells machines apart, no more. */
function hashed(id: string | null): string | null {
  const text = id?.trim().toLowerCase() ?? '';
  // systemd writes `uninitialized` into images that make their id at first start.
  if (!/^[0-9a-f-]{32,36}$/.test(text)) return null;
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

async function file(probe: Probe, path: string): Promise<string | null> {
  const read = await probe.readFile(path);
  return read.ok ? shortText(read.value, 128) : null;
}

async function linux(probe: Probe): Promise<Machine> {
  const dmi = '/sys/class/dmi/id';
  const [id, serial, uuid, manufacturer, model, sessions] = await Promise.all([
    file(probe, '/etc/machine-id'),
    file(probe, `${dmi}/product_serial`),
    file(probe, `${dmi}/product_uuid`),
    file(probe, `${dmi}/sys_vendor`),
    file(probe, `${dmi}/product_name`),
    probe.command('loginctl', ['list-sessions', '--no-legend', '--no-pager']),
  ]);
  return {
    machineId: hashed(id),
    serial: normaliseSerial(serial),
    hardwareUuid: normaliseUuid(uuid),
    manufacturer,
    model,
    person: sessions.ok && sessions.code === 0 ? parseLoginSessions(decode(sessions.stdout)) : null,
  };
}

async function macos(probe: Probe): Promise<Machine> {
  const [expert, owner] = await Promise.all([
    probe.command('ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice', '-a']),
    probe.command('stat', ['-f', '%Su', '/dev/console']),
  ]);
  const told = expert.ok ? parsePlatformExpert(expert.stdout) : { uuid: null, serial: null, model: null };
  const person = owner.ok && owner.code === 0 ? shortText(decode(owner.stdout), 128) : null;
  return {
    machineId: hashed(told.uuid),
    serial: normaliseSerial(told.serial),
    hardwareUuid: normaliseUuid(told.uuid),
    manufacturer: told.model === null ? null : 'Apple',
    model: told.model,
    // At the login window the console belongs to root (or `_windowserver` before).
    person: person === null || person === 'root' || person.startsWith('_') ? null : person,
  };
}

async function windows({ probe, round, signal }: AdapterContext): Promise<Machine> {
  const [crypto, bios, identity] = await Promise.all([
    registryKey(probe, 'HKLM\\SOFTWARE\\Microsoft\\Cryptography', signal),
    registryKey(probe, 'HKLM\\HARDWARE\\DESCRIPTION\\System\\BIOS', signal),
    windowsSection(probe, round, 'identity', signal),
  ]);
  const row = (identity.ok ? identity.value[0] : undefined) ?? {};
  const fromBios = (name: string): string | null => (bios.ok ? registryText(bios.value, name) : null);
  return {
    machineId: crypto.ok ? hashed(registryText(crypto.value, 'MachineGuid')) : null,
    serial: normaliseSerial(textIn(row, 'Serial', 128)),
    hardwareUuid: normaliseUuid(textIn(row, 'Uuid', 128)),
    manufacturer: shortText(textIn(row, 'Manufacturer') ?? fromBios('SystemManufacturer'), 128),
    model: shortText(textIn(row, 'Model') ?? fromBios('SystemProductName'), 128),
    person: textIn(row, 'Person', 128),
  };
}

async function machine(context: AdapterContext): Promise<Machine> {
  switch (context.platform) {
    case 'windows':
      return await windows(context);
    case 'macos':
      return await macos(context.probe);
    case 'linux':
      return await linux(context.probe);
  }
}

/**
 * What the device says of itself when it connects. Never throws; what cannot be read is null, and only physical adapters with
 * an address of their own are named. Fillers that many machines share are dropped by the shared normalisation.
 */
export async function readMachine(probe: Probe, platform: Platform): Promise<DeviceIdentity> {
  const context: AdapterContext = {
    platform,
    probe,
    round: ['identity'],
    signal: AbortSignal.timeout(60_000),
  };
  // One after the other: on Windows both ask the same PowerShell script, and a cold laptop should not start it twice at once.
  const told = await machine(context);
  const adapters: Answer<NetMac> = await readAdapters(context);
  const macs = adapters.ok ? adapters.value.adapters.filter(one => !one.randomised).map(one => one.mac) : [];
  return {
    platform,
    hostname: shortText(probe.facts().hostname, 255) ?? shortText(os.hostname(), 255) ?? 'unknown',
    ...told,
    macs: [...new Set(macs)].slice(0, 16),
  };
}
