import { createHash } from 'node:crypto';
import {
  type DeviceIdentity,
  isRandomisedMac,
  normaliseMac,
  normaliseSerial,
  normaliseUuid,
} from '../../shared/device/identity.ts';
import type { Observation, ObservedKind } from '../../shared/device/observation.ts';

/** One vendor record or one agent, as far as matching is concerned. */
export interface Member {
  /** `connector/account/vendorId`, or `agent/id`. */
  readonly key: string;
  /** Members of one scope are told apart by whoever keeps it: `connector/account`, or `agent`. */
  readonly scope: string;
  /** Device id of an agent; null for a vendor record. */
  readonly agent: string | null;
  readonly kind: ObservedKind;
  readonly serial: string | null;
  /** SMBIOS UUID, on a Mac its hardware UUID. */
  readonly uuid: string | null;
  readonly udid: string | null;
  readonly entraDeviceId: string | null;
  readonly falconAid: string | null;
  readonly macs: readonly string[];
  readonly hostname: string | null;
  /** From when to when it was heard of, ms since 1970; null when that cannot be told. */
  readonly since: number | null;
  readonly until: number | null;
}

/** What the collector knows of an agent that matters here. Leave revoked devices out. */
export interface AgentToMatch {
  readonly id: string;
  readonly identity: DeviceIdentity;
  readonly enrolledAt: number;
  /** null: never connected. */
  readonly lastSeen: number | null;
  /** `join.domain`, where it was found. */
  readonly entraDeviceId?: string | null;
  /** `edr.falcon`, where it was found. */
  readonly falconAid?: string | null;
}

/** An observation's key: the same for every later observation of the same record. */
export function recordKey(of: Pick<Observation, 'connector' | 'account' | 'vendorId'>): string {
  return `${of.connector}/${of.account}/${of.vendorId}`;
}

export function agentKey(deviceId: string): string {
  return `agent/${deviceId}`;
}

export function recordMember(observation: Observation): Member {
  const { identifiers, fields } = observation;
  const enrolledAt = fields['management.enrolledAt']?.value;
  return {
    key: recordKey(observation),
    scope: `${observation.connector}/${observation.account}`,
    agent: null,
    kind: observation.kind,
    serial: identifiers.serial,
    uuid: identifiers.uuid,
    udid: identifiers.udid,
    entraDeviceId: identifiers.entraDeviceId,
    falconAid: identifiers.falconAid,
    macs: identifiers.macs,
    hostname: identifiers.hostname,
    since: typeof enrolledAt === 'number' ? enrolledAt : null,
    until: observation.observedAt,
  };
}

/**
 * Put it again when the identity changes and when the agent connects; beyond that, an hour is often enough: `lastSeen` only
 * tells two agents on one machine one after the other from two at once.
 */
export function agentMember(agent: AgentToMatch): Member {
  const { identity } = agent;
  return {
    key: agentKey(agent.id),
    scope: 'agent',
    agent: agent.id,
    kind: 'computer',
    serial: identity.serial,
    uuid: identity.hardwareUuid,
    udid: null,
    entraDeviceId: agent.entraDeviceId ?? null,
    falconAid: agent.falconAid ?? null,
    macs: identity.macs,
    hostname: identity.hostname,
    since: agent.enrolledAt,
    until: agent.lastSeen,
  };
}

/**
 * Serial number as it is compared: letters and digits only, since systems disagree on blanks and dashes
 * (`VMware-56 4d 3a` and `VMware-564d3a` are one). null when unknown or a filler.
 */
export function comparedSerial(serial: string | null): string | null {
  return normaliseSerial(serial)?.replace(/[^A-Z0-9]/g, '') ?? null;
}

/**
 * UUID as it is compared: 32 hex digits. The first three groups are stored little-endian since SMBIOS 2.6 and some tools
 * still read them the other way round (DSP0134 7.2.1), so of both readings the lesser one stands for both.
 */
export function comparedUuid(uuid: string | null): string | null {
  const hex = normaliseUuid(uuid)?.replace(/-/g, '') ?? null;
  return hex === null ? null : lesserReading(hex);
}

/** A UDID of 32 digits is a Mac's hardware UUID and compared as such; others stand for themselves. */
export function comparedUdid(udid: string | null): string | null {
  if (udid === null) return null;
  const hex = udid.toLowerCase().replace(/-/g, '');
  if (hex.length !== 32) return hex === '' ? null : hex;
  return comparedUuid(hex);
}

function lesserReading(hex: string): string {
  const other =
    hex.slice(6, 8) +
    hex.slice(4, 6) +
    hex.slice(2, 4) +
    hex.slice(0, 2) +
    hex.slice(10, 12) +
    hex.slice(8, 10) +
    hex.slice(14, 16) +
    hex.slice(12, 14) +
    hex.slice(16);
  return other < hex ? other : hex;
}

/*
 * Addresses that software gives to its virtual adapter on every machine: VMware's host-only and NAT adapters, Cisco
 * AnyConnect, FortiClient, and the adapters of Windows for dialling in (WAN Miniport).
 */
const SOFTWARE_MACS = new Set([
  '00:50:56:c0:00:01',
  '00:50:56:c0:00:08',
  '00:05:9a:3c:7a:00',
  '00:09:0f:aa:00:01',
  '00:09:0f:fe:00:01',
  '00:53:45:00:00:00',
  '50:50:54:50:30:30',
  '20:41:53:59:4e:ff',
]);

/** Address as it is compared; null when it is made up, or given out by software to every machine. */
export function comparedMac(mac: string): string | null {
  const plain = normaliseMac(mac);
  return plain === null || isRandomisedMac(plain) || SOFTWARE_MACS.has(plain) ? null : plain;
}

/** First label of a host name, lower case. */
export function comparedName(hostname: string | null): string | null {
  const name = hostname?.trim().toLowerCase().split('.')[0] ?? '';
  return name === '' ? null : name;
}

/** Longest NetBIOS name: Windows cuts a computer's name there in places. */
const NETBIOS_MAX = 15;

/** Whether two compared names are one: signs other than letters and digits and what NetBIOS cuts off do not matter. */
export function isSameName(one: string, other: string): boolean {
  if (one === other) return true;
  const isCut = one.length === NETBIOS_MAX || other.length === NETBIOS_MAX;
  if (isCut && one.slice(0, NETBIOS_MAX) === other.slice(0, NETBIOS_MAX)) return true;
  return bare(one) === bare(other) && bare(one) !== '';
}

function bare(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '');
}

/** Id of a device that no agent runs on: as long as its leading member is the same. */
export function vendorDeviceId(leadKey: string): string {
  return `v-${createHash('sha256').update(leadKey).digest('hex').slice(0, 20)}`;
}

/** Do both say the very same, as far as matching goes? */
export function isSameMember(one: Member, other: Member): boolean {
  return (
    one.key === other.key &&
    one.kind === other.kind &&
    one.serial === other.serial &&
    one.uuid === other.uuid &&
    one.udid === other.udid &&
    one.entraDeviceId === other.entraDeviceId &&
    one.falconAid === other.falconAid &&
    one.hostname === other.hostname &&
    one.since === other.since &&
    one.until === other.until &&
    one.macs.length === other.macs.length &&
    one.macs.every((mac, i) => mac === other.macs[i])
  );
}
