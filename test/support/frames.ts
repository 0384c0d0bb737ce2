import type { FromDevice } from '../../shared/protocol/from-device.ts';
import type { ToDevice } from '../../shared/protocol/to-device.ts';
import { healthyFindings, identity, okFinding } from './records.ts';

const at = 1_800_000_000_000;
const key = 'A'.repeat(43);

/**
 * One frame of each kind, both directions, as they stand on the wire. They are written to test/fixtures/frames as golden
 * files: a change that breaks an agent in the field shows up as a changed file.
 */
export const GOLDEN_FRAMES: Readonly<Record<string, FromDevice | ToDevice>> = {
  'hello-token': {
    type: 'hello',
    versions: [1],
    agent: { version: '0.1.0', arch: 'x64', runtime: 'node 24.21.0' },
    publicKey: key,
    enrolment: { by: 'token', token: 'tle_golden-frame-not-a-real-token' },
    collectorId: null,
    identity: identity(),
    stream: '0123456789abcdef',
    at,
    nextSeq: 1,
  },
  'hello-enrolled': {
    type: 'hello',
    versions: [2, 1],
    agent: { version: '0.1.0', arch: 'arm64', runtime: 'node 24.21.0' },
    publicKey: key,
    collectorId: 'c_golden',
    identity: identity({
      platform: 'macos',
      serial: null,
      hardwareUuid: null,
      person: null,
      machineId: null,
      macs: [],
    }),
    stream: '0123456789abcdef',
    nextSeq: 42,
  },
  'hello-settings': {
    type: 'hello',
    versions: [1],
    agent: { version: '0.1.0', arch: 'x64', runtime: 'node 24.21.0' },
    publicKey: key,
    collectorId: 'c_golden',
    identity: identity(),
    stream: '0123456789abcdef',
    at,
    nextSeq: 42,
    settings: '0123456789abcdef',
  },
  'hello-help': {
    type: 'hello',
    versions: [1],
    agent: { version: '0.1.0', arch: 'x64', runtime: 'node 24.21.0' },
    publicKey: key,
    collectorId: 'c_golden',
    identity: identity(),
    stream: '0123456789abcdef',
    at,
    nextSeq: 42,
    help: ['0123456789abcdef01234567'],
  },
  help: {
    type: 'help',
    seq: 43,
    at,
    change: {
      ...{ kind: 'asked', id: '0123456789abcdef01234567', at, person: 'kim' },
      text: 'No sound.\nSince yesterday',
      about: { problem: 'firewall-off', what: { key: 'score.compliance.firewall-off', params: {} } },
    },
  },
  'help-withdrawn': {
    type: 'help',
    seq: 44,
    at,
    change: { kind: 'withdrawn', id: '0123456789abcdef01234567', at },
  },
  proof: { type: 'proof', signature: 'B'.repeat(86) },
  snapshot: { type: 'snapshot', seq: 1, at, identity: identity(), findings: healthyFindings(at) },
  delta: {
    type: 'delta',
    seq: 5,
    skipped: 3,
    at,
    findings: {
      'fw.enabled': {
        status: 'failed',
        reason: 'not-permitted',
        detail: 'nft needs root',
        at,
        ms: 12,
        hash: '00000000000000ff',
      },
      'reboot.pending': okFinding({ pending: true, markers: ['RebootRequired'] }, { at }),
    },
  },
  'delta-costs': {
    type: 'delta',
    seq: 6,
    at,
    findings: {
      uptime: { ...okFinding({ seconds: 60, bootedAt: at, fastStartup: null }, { at }), cpuMs: 10 },
      'fw.enabled': {
        status: 'failed',
        reason: 'timeout',
        at,
        ms: 12,
        cpuMs: 20,
        slowed: 2,
        hash: '00000000000000ff',
      },
    },
  },
  samples: {
    type: 'samples',
    seq: 6,
    at,
    rows: [
      [at - 1000, 12.5, 48.2, 256_000_000_000, 1200, 800, 0, 4096, null],
      [at, null, 48.2, 256_000_000_000, 0, 0, 0, 0, 80],
    ],
    fresh: { 'fw.enabled': at },
    processes: {
      count: 210,
      busiest: [{ pid: 4120, name: 'msedge.exe', cpuPercent: 4.5, memoryBytes: 400_000_000 }],
    },
  },
  events: {
    type: 'events',
    seq: 7,
    at,
    events: [
      { at, kind: 'wake', data: { sleptMs: 3_600_000 } },
      { at, kind: 'clock-jump', data: { jumpMs: -7_200_000 } },
    ],
  },
  scanned: { type: 'scanned', id: 'golden', ran: 12, failed: 1 },
  'goodbye-device': { type: 'goodbye', reason: 'stopping' },
  challenge: { type: 'challenge', version: 1, nonce: 'C'.repeat(43), collectorId: 'c_golden' },
  welcome: {
    type: 'welcome',
    version: 1,
    deviceId: 'd_golden',
    collectorId: 'c_golden',
    at,
    acked: 41,
    have: { 'fw.enabled': '0123456789abcdef' },
    inFlight: 64,
  },
  refused: { type: 'refused', code: 'token-expired', retryAfterMs: 300_000 },
  'refused-for-good': { type: 'refused', code: 'version-unsupported', retryAfterMs: null },
  ack: { type: 'ack', seq: 41 },
  resync: { type: 'resync', from: 12, snapshot: false },
  settings: { type: 'settings', values: { 'scan.postureMinutes': 30 } },
  'settings-whole': {
    type: 'settings',
    values: { sampleSeconds: 30 },
    subjects: {
      files: [{ id: 'a', path: '/opt/contoso/agent' }],
      processes: [],
      services: [],
      registry: [],
      certificates: [],
      apps: [],
    },
    osSupport: { asOf: '2026-10-01' },
    hash: '0123456789abcdef',
  },
  'settings-taken': {
    type: 'settings-taken',
    hash: '0123456789abcdef',
    refused: [{ key: 'osSupport', why: 'malformed', detail: 'windowsClient' }],
  },
  'request-scan': { type: 'request-scan', id: 'golden', scans: ['fw.enabled'] },
  watch: { type: 'watch', everyMs: 1000, forMs: 30_000, viewers: [{ name: 'Sam from IT', since: at }] },
  'help-standings': {
    type: 'help',
    requests: [
      {
        ...{ id: '0123456789abcdef01234567', state: 'answered', at, by: 'Sam Ito' },
        answer: { text: 'Press the speaker key.', by: 'Sam Ito', at },
      },
      {
        ...{ id: '0123456789abcdef01234568', state: 'refused', at, by: null, answer: null },
        code: 'help-too-many',
      },
    ],
  },
  standing: {
    type: 'standing',
    at,
    state: 'will-block',
    score: 41.2,
    reasons: [{ key: 'score.compliance.firewall-off', params: {}, points: 31 }],
    verdict: {
      state: 'will-block',
      what: { key: 'score.compliance.firewall-off', params: {} },
      deadline: at + 172_800_000,
    },
  },
  problem: { type: 'problem', code: 'finding-invalid', seq: 6, detail: 'battery: percent: too_big' },
  'goodbye-collector': { type: 'goodbye', code: 'collector-stopping', retryAfterMs: 1500 },
};

/** Frames that only a device may send. */
export const FROM_DEVICE = new Set([
  'hello',
  'proof',
  'snapshot',
  'delta',
  'samples',
  'events',
  'scanned',
  'settings-taken',
  'help',
]);
