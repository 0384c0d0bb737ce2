import type {
  DeviceResponse,
  FleetRow,
  MomentResponse,
  SamplesResponse,
  TimelineEntry,
  TimelineResponse,
} from '../../../shared/api/schemas.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/base/durations.ts';
import type { Claim, FieldKey, FieldValue, MergedRecord } from '../../../shared/device/device.ts';
import type { Processes } from '../../../shared/device/facts.ts';
import type { Finding, FindingReason, Findings } from '../../../shared/device/finding.ts';
import type { CheckId } from '../../../shared/posture/checks.ts';
import { SAMPLE_NOW, SAMPLES } from '../../../shared/posture/samples.ts';
import type { SampleRow } from '../../../shared/protocol/samples.ts';
import type { Hazard, HazardId, Score, ScoreReason } from '../../../shared/score/score.ts';
import { chance, seedOf } from './chance.ts';
import { inventElsewhere } from './elsewhere.ts';

const GIB = 1024 ** 3;
const METRICS = [
  'at',
  'cpuPercent',
  'memoryUsedPercent',
  'diskFreeBytes',
  'netRxBytesPerS',
  'netTxBytesPerS',
  'diskReadBytesPerS',
  'diskWriteBytesPerS',
  'batteryPercent',
] as const;

/** The whole invented record of a row, always the same for the same row. */
export function inventDevice(row: FleetRow, now: number, revokedAt: number | null = null): DeviceResponse {
  const random = chance(seedOf(row.id));
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  const serial = `PF${hex(6).toUpperCase()}`;
  const uuid = `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
  const mac = `8c:${hex(2)}:${hex(2)}:${hex(2)}:${hex(2)}:${hex(2)}`;
  const manufacturer = row.platform === 'macos' ? 'Apple' : 'Lenovo';
  const heard = row.lastSeen ?? now;
  const score = inventScore(row, heard);
  const findings = inventFindings(row, heard, { mac });
  return {
    row,
    enrolledAt: now - 143 * DAY,
    enrolledBy: 'token “Autumn rollout”',
    revokedAt,
    agentVersion: '0.1.0',
    arch: row.platform === 'macos' ? 'arm64' : 'x64',
    clockSkewMs: Math.round((random() - 0.5) * 900),
    identity: {
      platform: row.platform,
      hostname: row.name,
      machineId: hex(32),
      serial,
      hardwareUuid: uuid,
      manufacturer,
      model: row.model,
      person: row.person,
      macs: [mac],
    },
    record: inventElsewhere(row, inventRecord(row, heard, { serial, uuid, mac, manufacturer }), now),
    findings: row.noAgent === true ? {} : findings,
    score,
    duplicates: row.duplicate
      ? [{ id: 'story-well', name: 'ENG-LT-0008', same: ['serial', 'hardwareUuid'] }]
      : [],
  };
}

function inventRecord(
  row: FleetRow,
  heard: number,
  ids: { serial: string; uuid: string; mac: string; manufacturer: string },
): MergedRecord {
  const record: MergedRecord = {};
  const put = (key: FieldKey, value: FieldValue | null, ageMs: number, reason?: string, rivals?: Claim[]) => {
    record[key] = {
      source: 'agent',
      value,
      ...(reason === undefined ? {} : { reason }),
      observedAt: heard - ageMs,
      receivedAt: heard - ageMs + 180,
      ...(rivals === undefined ? {} : { rivals }),
    };
  };
  const size =
    row.diskFreeBytes !== null && row.diskFreePercent
      ? (row.diskFreeBytes / row.diskFreePercent) * 100
      : null;
  put('identity.hostname', row.name, 4 * HOUR);
  put('identity.person', row.person, 12 * MINUTE, row.person === null ? 'not-permitted' : undefined);
  put('hardware.serial', ids.serial, 4 * HOUR);
  put('hardware.uuid', ids.uuid, 4 * HOUR);
  put('hardware.manufacturer', ids.manufacturer, 4 * HOUR);
  put('hardware.model', row.model, 4 * HOUR, row.model === null ? 'not-run-yet' : undefined);
  put('os.platform', row.platform, 4 * HOUR);
  if (row.os !== null) {
    put('os.name', row.os, 4 * HOUR);
    put('os.version', row.osVersion, 4 * HOUR);
    put('os.supported', row.osSupported, 4 * HOUR);
    put('os.supportEnd', row.osSupportEnd, 4 * HOUR);
  } else {
    put('os.name', null, 4 * MINUTE, 'not-run-yet');
  }
  put('disk.systemSizeBytes', size, MINUTE, size === null ? 'not-run-yet' : undefined);
  put(
    'disk.systemFreeBytes',
    row.diskFreeBytes,
    MINUTE,
    row.diskFreeBytes === null ? 'not-run-yet' : undefined,
  );
  put(
    'disk.systemFreePercent',
    row.diskFreePercent,
    MINUTE,
    row.diskFreePercent === null ? 'not-run-yet' : undefined,
  );
  put('disk.health', row.why?.key === 'score.drive.unhealthy' ? 'unhealthy' : 'healthy', 31 * MINUTE);
  put('disk.worstWearPercent', row.why?.key === 'score.drive.unhealthy' ? 97 : 6, 31 * MINUTE);
  put('battery.present', row.batteryPresent, MINUTE, row.batteryPresent === null ? 'not-run-yet' : undefined);
  if (row.batteryPercent !== null) {
    put('battery.percent', row.batteryPercent, 12 * SECOND);
    put('battery.healthPercent', row.batteryHealthPercent, 31 * MINUTE);
    put('battery.cycleCount', row.why?.key === 'score.battery.worn' ? 911 : 204, 31 * MINUTE);
    put('battery.onAc', false, 12 * SECOND);
  }
  const rivals: Claim[] | undefined =
    row.encryption === 'off'
      ? [{ source: 'intune', value: 'on', observedAt: heard - 7 * HOUR, receivedAt: heard - 6 * HOUR }]
      : undefined;
  put(
    'encryption.system',
    row.encryption,
    31 * MINUTE,
    row.encryption === null ? 'not-permitted' : undefined,
    rivals,
  );
  put('firewall.enabled', row.firewall, 31 * MINUTE, row.firewall === null ? 'not-permitted' : undefined);
  put(
    'reboot.pending',
    row.rebootPending,
    31 * MINUTE,
    row.rebootPending === null ? 'not-permitted' : undefined,
  );
  if (row.uptimeSeconds !== null) put('boot.at', heard - row.uptimeSeconds * 1000, 4 * HOUR);
  put('perf.cpuPercent', row.cpuPercent, 12 * SECOND, row.cpuPercent === null ? 'not-run-yet' : undefined);
  put(
    'perf.memoryUsedPercent',
    row.memoryUsedPercent,
    12 * SECOND,
    row.memoryUsedPercent === null ? 'not-run-yet' : undefined,
  );
  put('perf.memoryTotalBytes', 16 * GIB, 4 * HOUR);
  put('network.macs', [ids.mac], 4 * HOUR);
  return record;
}

function inventFindings(row: FleetRow, heard: number, ids: { mac: string }): Findings {
  const random = chance(seedOf(`${row.id} findings`));
  const hash = () => Array.from({ length: 16 }, () => Math.floor(random() * 16).toString(16)).join('');
  // Linux machines run the agent as a service; on the others it runs as the person, so that it may not ask everything.
  const part = row.platform === 'linux' ? 'service' : 'user';
  const ok = (value: unknown, ageMs: number, ms: number): Finding => ({
    status: 'ok',
    value,
    at: heard - ageMs,
    ms,
    part,
    hash: hash(),
  });
  const not = (
    status: 'absent' | 'unsupported' | 'failed',
    reason: FindingReason,
    ageMs: number,
    ms: number,
    detail?: string,
  ): Finding => ({
    status,
    reason,
    at: heard - ageMs,
    ms,
    part,
    hash: hash(),
    ...(detail === undefined ? {} : { detail }),
  });
  if (row.state === 'unknown') {
    return {
      'os.version': not('failed', 'not-run-yet', MINUTE, 0),
      'disk.free': not('failed', 'not-run-yet', MINUTE, 0),
      'disk.encryption': not('failed', 'not-permitted', MINUTE, 41, 'manage-bde needs an administrator'),
      'fw.enabled': not('failed', 'timeout', MINUTE, 10_000),
      battery: not('failed', 'not-run-yet', MINUTE, 0),
    };
  }
  const bad = row.why?.key === 'score.drive.unhealthy';
  const size =
    row.diskFreeBytes !== null && row.diskFreePercent ? (row.diskFreeBytes / row.diskFreePercent) * 100 : 0;
  const mount = row.platform === 'windows' ? 'C:' : '/';
  return {
    'os.version': ok(
      {
        platform: row.platform,
        name: row.os ?? '',
        version: row.osVersion ?? '',
        build: null,
        ubr: null,
        displayVersion: null,
        edition: 'Enterprise',
        arch: 'x64',
        isServer: false,
        isLtsc: false,
      },
      4 * HOUR,
      38,
    ),
    'os.support': ok(
      {
        cycle: row.osVersion ?? '',
        label: row.os ?? '',
        supported: row.osSupported ?? true,
        supportEnd: row.osSupportEnd,
        extendedEnd: null,
        asOf: '2025-11-01',
      },
      4 * HOUR,
      1,
    ),
    'disk.free': ok(
      {
        volumes: [
          { mount, fs: 'ntfs', sizeBytes: Math.round(size), freeBytes: row.diskFreeBytes ?? 0, system: true },
        ],
      },
      MINUTE,
      12,
    ),
    'disk.health': ok(
      {
        disks: [
          {
            device: '0',
            model: 'Samsung PM9A1',
            media: 'ssd',
            bus: 'NVMe',
            health: bad ? 'unhealthy' : 'healthy',
            sizeBytes: Math.round(size),
            wearPercent: bad ? 97 : 6,
            temperatureC: 41,
            mediaErrors: bad ? 112 : 0,
            reallocatedSectors: null,
            powerOnHours: 6211,
            reason: null,
          },
        ],
      },
      31 * MINUTE,
      640,
    ),
    battery: ok(
      {
        onAc: false,
        percent: row.batteryPercent,
        healthPercent: row.batteryHealthPercent,
        worstHealthPercent: row.batteryHealthPercent,
        batteries: [],
      },
      31 * MINUTE,
      210,
    ),
    'disk.encryption': ok(
      {
        systemVolume: row.encryption === 'off' ? 'off' : 'on',
        volumes: [
          {
            mount,
            system: true,
            protection: row.encryption === 'off' ? 'off' : 'on',
            method: 'XTS-AES 128',
            percent: null,
          },
        ],
      },
      31 * MINUTE,
      388,
    ),
    'fw.enabled': ok(
      {
        enabled: row.firewall ?? true,
        product: row.platform === 'windows' ? 'Windows Defender Firewall' : null,
        profiles: null,
        blockAll: null,
        stealth: null,
      },
      31 * MINUTE,
      190,
    ),
    uptime: ok(
      {
        seconds: row.uptimeSeconds ?? 0,
        bootedAt: heard - (row.uptimeSeconds ?? 0) * 1000,
        fastStartup: null,
      },
      MINUTE,
      3,
    ),
    'reboot.pending': ok({ pending: row.rebootPending ?? false, markers: [] }, 31 * MINUTE, 55),
    perf: ok(
      {
        cpuPercent: row.cpuPercent,
        memoryTotalBytes: 16 * GIB,
        memoryUsedBytes: Math.round(((row.memoryUsedPercent ?? 0) / 100) * 16 * GIB),
        netRxBytesPerS: 20_000,
        netTxBytesPerS: 8000,
        diskReadBytesPerS: 0,
        diskWriteBytesPerS: 120_000,
      },
      12 * SECOND,
      24,
    ),
    'net.mac': ok(
      { adapters: [{ name: 'Wi-Fi', mac: ids.mac, kind: 'wifi', randomised: false, up: true }] },
      4 * HOUR,
      16,
    ),
    ...inventPosture(row, heard, { ok, not }),
  };
}

type Told = (value: unknown, ageMs: number, ms: number) => Finding;
type Untold = (
  status: 'absent' | 'unsupported' | 'failed',
  reason: FindingReason,
  ageMs: number,
  ms: number,
  detail?: string,
) => Finding;

/** Checks of which the row says nothing: believable answers, and some that this machine cannot give. */
function inventPosture(row: FleetRow, heard: number, { ok, not }: { ok: Told; not: Untold }): Findings {
  const sample = (id: CheckId): unknown => shifted(SAMPLES[id], heard - SAMPLE_NOW);
  const each = (ids: readonly CheckId[], ageMs: number, ms: number): Findings =>
    Object.fromEntries(ids.map((id, index) => [id, ok(sample(id), ageMs, ms + 7 * index)]));
  const everywhere: Findings = {
    ...each(['login.auto', 'remote.access', 'time.skew', 'net.vpn', 'browser'], 31 * MINUTE, 12),
    ...each(['app.citrixWorkspace', 'mdm.enrolled'], 31 * MINUTE, 22),
    'app.installed': not('absent', 'not-applicable', 31 * MINUTE, 0),
    process: ok(sample('process'), 31 * MINUTE, 61),
    service: ok(sample('service'), 31 * MINUTE, 33),
    file: not('absent', 'not-applicable', 31 * MINUTE, 0),
    'cert.device': not('absent', 'not-applicable', 31 * MINUTE, 0),
    'edr.falcon': not('unsupported', 'not-installed', 31 * MINUTE, 18),
    'crash.count': ok(sample('crash.count'), 5 * HOUR, 840),
    'update.missing': not('failed', 'timeout', 5 * HOUR, 600_000, 'no answer within 600000 ms'),
  };
  if (row.platform === 'linux') {
    return {
      ...everywhere,
      'av.products': not('unsupported', 'not-installed', 31 * MINUTE, 9),
      'av.defender': not('unsupported', 'not-installed', 31 * MINUTE, 3),
      'password.policy': ok(sample('password.policy'), 31 * MINUTE, 2),
    };
  }
  const shared: Findings = {
    ...each(['join.domain', 'update.auto', 'update.lastInstalled', 'update.lastCheck'], 31 * MINUTE, 44),
    ...each(['screen.lock', 'gatekeeper', 'boot.secure'], 31 * MINUTE, 15),
    'password.policy': not('failed', 'not-permitted', 31 * MINUTE, 96),
  };
  if (row.platform === 'macos') {
    return {
      ...everywhere,
      ...shared,
      'av.products': not('unsupported', 'not-installed', 31 * MINUTE, 9),
      'av.defender': not('unsupported', 'not-installed', 31 * MINUTE, 3),
      'sso.prt': not('unsupported', 'not-applicable', 31 * MINUTE, 48),
      'mdm.lastSync': not('failed', 'not-permitted', 31 * MINUTE, 4),
    };
  }
  return {
    ...everywhere,
    ...shared,
    ...each(['av.products', 'av.defender', 'antispyware', 'sso.prt', 'mdm.lastSync'], 31 * MINUTE, 210),
    'os.integrity': not('failed', 'constrained-language', 31 * MINUTE, 402),
    tpm: not('failed', 'not-permitted', 31 * MINUTE, 388, 'needs an administrator'),
    'registry.numeric': ok(sample('registry.numeric'), 31 * MINUTE, 19),
  };
}

/** The samples are of one day; their moments move with the scene's. Nothing else in them is as large as a moment. */
function shifted(value: unknown, byMs: number): unknown {
  if (typeof value === 'number') return value > 1e12 ? value + byMs : value;
  if (Array.isArray(value)) return value.map(one => shifted(one, byMs));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shifted(one, byMs)]));
}

const HAZARD_OF: readonly (readonly [string, HazardId, string])[] = [
  ['score.drive', 'drive', 'disk.health'],
  ['score.disk', 'disk-full', 'disk.free'],
  ['score.battery', 'battery', 'battery'],
  ['score.compliance.encryption', 'compliance', 'disk.encryption'],
  ['score.compliance.firewall', 'compliance', 'fw.enabled'],
  ['score.compliance', 'compliance', 'os.support'],
  ['score.incident.reboot', 'incident', 'reboot.pending'],
  ['score.incident', 'incident', 'uptime'],
];

/** A score whose points add up, with the row's reason as the dearest. */
export function inventScore(row: FleetRow, at: number): Score {
  const value = row.score;
  const lost = value === null ? 0 : 100 - value;
  const why = row.why;
  const main = why === null ? undefined : HAZARD_OF.find(([prefix]) => why.key.startsWith(prefix));
  const reasons: { hazard: HazardId; reason: Omit<ScoreReason, 'points'>; share: number }[] = [];
  if (main && why) {
    reasons.push({
      hazard: main[1],
      reason: { key: why.key, params: why.params, evidence: main[2] },
      share: 0.62,
    });
  }
  if (main?.[1] !== 'incident') {
    reasons.push({
      hazard: 'incident',
      reason: {
        key: 'score.incident.uptime',
        params: { days: Math.max(2, Math.round((row.uptimeSeconds ?? 0) / 86_400)) },
        evidence: 'uptime',
      },
      share: 0.22,
    });
  }
  if (main?.[1] !== 'battery') {
    reasons.push({
      hazard: 'battery',
      reason: { key: 'score.battery.cycles', params: { count: 204 }, evidence: 'battery' },
      share: 0.16,
    });
  }
  const total = reasons.reduce((sum, { share }) => sum + share, 0);
  // The same scale as shared/score: P = 0.01 (101^(1 - S/100) - 1), then h = -ln(1 - P) shared out by points.
  const p = value === null ? 0.04 : 0.01 * Math.expm1((1 - value / 100) * Math.log(101));
  const h = -Math.log(1 - Math.min(0.999, p));
  const ids: readonly HazardId[] = ['drive', 'disk-full', 'battery', 'incident', 'compliance'];
  const hazards: Hazard[] = ids.map(id => {
    const mine = reasons.filter(reason => reason.hazard === id);
    const share = mine.reduce((sum, reason) => sum + reason.share, 0) / total;
    return {
      id,
      p: 1 - Math.exp(-h * share),
      points: lost * share,
      basis: 'rule',
      coverage: value === null ? 0.2 : 1,
      reasons:
        value === null
          ? [{ key: 'score.unknown', params: { hazard: id }, evidence: 'os.version', points: 0 }]
          : mine.map(reason => ({ ...reason.reason, points: (lost * reason.share) / total })),
    };
  });
  return { model: 'rules-2', value, p, hazards, coverage: { fresh: value === null ? 1 : 5, of: 5 }, at };
}

/** Nothing is known between these: at night the lid is closed, and once the network was away. */
function gapsOf(row: FleetRow, from: number, to: number, now: number): TimelineResponse['gaps'] {
  const gaps: TimelineResponse['gaps'] = [];
  for (let day = Math.floor(from / DAY) * DAY - DAY; day < to; day += DAY) {
    const night = { from: day + 18.2 * HOUR, to: day + 30.6 * HOUR, reason: 'asleep' as const };
    if (night.to > from && night.from < to) gaps.push(night);
    const lunch = { from: day + 11.4 * HOUR, to: day + 11.9 * HOUR, reason: 'offline' as const };
    if (lunch.to > from && lunch.from < to) gaps.push(lunch);
  }
  const heard = row.lastSeen ?? now;
  const inTime = gaps
    .filter(gap => gap.from < heard)
    .map(gap => ({ ...gap, to: Math.min(gap.to, heard), from: Math.max(gap.from, from) }));
  if (now - heard > 3 * MINUTE && heard < to) {
    inTime.push({
      from: Math.max(heard, from),
      to: Math.min(now, to),
      reason: row.presence === 'silent' ? 'unknown' : 'offline',
    });
  }
  return inTime;
}

/** One invented reading; smooth, repeatable, never outside what the metric can be. */
export function inventSample(row: FleetRow, at: number): SampleRow {
  const seed = seedOf(row.id) % 1000;
  const wave = (periodMs: number, phase: number) =>
    Math.sin(((at + seed * 7919) / periodMs) * 2 * Math.PI + phase);
  const jitter = chance((at / 1000 + seed * 31) | 0)();
  const cpu = Math.max(
    1,
    Math.min(
      100,
      (row.cpuPercent ?? 10) + 9 * wave(47_000, 0) + 6 * wave(11_000, 2) + (jitter > 0.94 ? 38 : jitter * 9),
    ),
  );
  const memory = Math.max(5, Math.min(99, (row.memoryUsedPercent ?? 50) + 3 * wave(190_000, 1)));
  const free =
    row.diskFreeBytes === null ? null : Math.round(row.diskFreeBytes * (1 + 0.01 * wave(6 * HOUR, 0)));
  const rx = Math.max(0, 60_000 + 55_000 * wave(23_000, 1) + (jitter > 0.9 ? 1_400_000 * jitter : 0));
  const battery =
    row.batteryPercent === null
      ? null
      : Math.max(1, Math.min(100, row.batteryPercent + 4 * wave(5 * HOUR, 2)));
  return [
    at,
    cpu,
    memory,
    free,
    Math.round(rx),
    Math.round(rx / 6),
    Math.round(Math.max(0, 400_000 * wave(31_000, 3))),
    Math.round(90_000 + 80_000 * jitter),
    battery === null ? null : Math.round(battery),
  ];
}

export function inventSamples(row: FleetRow, from: number, to: number, now: number): SamplesResponse {
  const span = to - from;
  const stepMs =
    span <= 2 * HOUR ? MINUTE : span <= 2 * DAY ? 5 * MINUTE : span <= 8 * DAY ? 15 * MINUTE : HOUR;
  const gaps = gapsOf(row, from, to, now);
  const rows: (number | null)[][] = [];
  for (let at = Math.ceil(from / stepMs) * stepMs; at <= Math.min(to, row.lastSeen ?? now); at += stepMs) {
    if (!gaps.some(gap => at >= gap.from && at < gap.to)) rows.push(inventSample(row, at));
  }
  return { stepMs, metrics: [...METRICS], rows };
}

export function inventTimeline(row: FleetRow, from: number, to: number, now: number): TimelineResponse {
  const gaps = gapsOf(row, from, to, now);
  const entries: TimelineEntry[] = [];
  let awake = from;
  for (const gap of [...gaps, { from: to, to, reason: 'offline' as const }]) {
    if (gap.from > awake) {
      entries.push({
        at: awake,
        until: gap.from,
        band: 'link',
        kind: 'connected',
        data: { open: gap.from === to, reason: gap.reason === 'asleep' ? 'goodbye-sleeping' : null },
      });
      if (awake > from) entries.push({ at: awake, band: 'power', kind: 'wake', data: {} });
      if (gap.reason === 'asleep') entries.push({ at: gap.from, band: 'power', kind: 'sleep', data: {} });
    }
    awake = Math.max(awake, gap.to);
  }
  const heard = row.lastSeen ?? now;
  const said = (at: number, band: TimelineEntry['band'], kind: string, data: TimelineEntry['data']) => {
    if (at >= from && at <= Math.min(to, heard)) entries.push({ at, band, kind, data });
  };
  said(heard - 3 * HOUR, 'findings', 'changed', { check: 'uptime', status: 'ok', was: 'failed' });
  said(heard - 70 * MINUTE, 'findings', 'changed', { check: 'disk.encryption' });
  said(heard - 2.2 * HOUR, 'agent', 'agent-started', { version: '0.1.0' });
  said(heard - 40 * MINUTE, 'people', 'viewed', { name: 'Sam Ito' });
  said(heard - 25 * MINUTE, 'people', 'scan-requested', { name: 'Sam Ito' });
  if (row.score !== null) {
    let was = Math.round(Math.min(100, row.score + 24));
    for (let at = Math.ceil(from / (3 * HOUR)) * 3 * HOUR; at <= Math.min(to, heard); at += 3 * HOUR) {
      const value = Math.round(Math.min(100, row.score + Math.min(24, ((heard - at) / DAY) * 12)));
      if (value === was || gaps.some(gap => at >= gap.from && at < gap.to)) continue;
      entries.push({ at, band: 'score', kind: 'moved', data: { value, was } });
      was = value;
    }
  }
  return { from, to, entries, gaps };
}

export function inventMoment(row: FleetRow, at: number, now: number): MomentResponse {
  const days = Math.max(0, (now - at) / DAY);
  const then: FleetRow = {
    ...row,
    score: row.score === null ? null : Math.min(100, row.score + days * 6),
    lastSeen: at,
  };
  const device = inventDevice(then, at);
  return { at, findings: device.findings, score: device.score };
}

export function inventProcesses(row: FleetRow, tick: number): Processes {
  const random = chance(seedOf(row.id) + Math.floor(tick / 3));
  const names = ['Teams', 'chrome', 'Code', 'Outlook', 'explorer', 'MsMpEng', 'OneDrive', 'trayline'];
  return {
    count: 214,
    busiest: names
      .map((name, index) => ({
        pid: 1200 + index * 77,
        name,
        cpuPercent: Math.round(random() * (index < 2 ? 60 : 12) * 10) / 10,
        memoryBytes: Math.round((120 + random() * 900) * 1024 * 1024),
      }))
      .sort((one, other) => other.cpuPercent - one.cpuPercent),
  };
}
