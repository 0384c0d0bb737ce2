import type { z } from 'zod';
import { scanValues } from '../device/facts.ts';
import { securityValues } from '../device/facts-security.ts';
import { softwareValues } from '../device/facts-software.ts';
import { serverValues } from '../device/server-facts.ts';
import type { CheckId } from './checks.ts';

/** The schema of every check's value, of devices and of the collector's side. */
export const CHECK_VALUES = {
  ...scanValues,
  ...softwareValues,
  ...securityValues,
  ...serverValues,
} as const satisfies Readonly<Record<CheckId, z.ZodType>>;

type Samples = { readonly [Id in CheckId]: z.infer<(typeof CHECK_VALUES)[Id]> };

const GIB = 1024 ** 3;
/** 22 November 2026, 09:00 UTC: the samples' today. */
export const SAMPLE_NOW = Date.UTC(2026, 10, 22, 9);
const before = (hours: number): number => SAMPLE_NOW - hours * 3_600_000;

/** One believable answer of each check, as the catalogue shows it. Invented; no device's. */
export const SAMPLES: Samples = {
  'os.version': {
    platform: 'windows',
    name: 'Windows 11 Enterprise',
    version: '10.0.26200.7171',
    build: '26200',
    ubr: 7171,
    displayVersion: '25H2',
    edition: 'Enterprise',
    arch: 'x64',
    isServer: false,
    isLtsc: false,
  },
  'os.support': {
    cycle: '11-25h2-e',
    label: 'Windows 11 25H2',
    supported: true,
    supportEnd: '2028-10-10',
    extendedEnd: null,
    asOf: '2026-08-22',
  },
  uptime: { seconds: 271_800, bootedAt: before(75.5), fastStartup: true },
  'reboot.pending': { pending: true, markers: ['windows-update'] },
  'time.skew': { collectorOffsetMs: -420, synchronised: true, configured: true },
  'crash.count': {
    days: 14,
    systemCrashes: 1,
    unexpectedShutdowns: 0,
    appCrashes: 3,
    appHangs: 1,
    programs: [{ name: 'outlook.exe', count: 3 }],
  },
  'disk.free': {
    volumes: [{ mount: 'C:', fs: 'NTFS', sizeBytes: 476 * GIB, freeBytes: 92 * GIB, system: true }],
  },
  'disk.health': {
    disks: [
      {
        device: '0',
        model: 'NVMe 512 GB',
        media: 'ssd',
        bus: 'NVMe',
        health: 'healthy',
        sizeBytes: 512_110_190_592,
        wearPercent: 6,
        temperatureC: 41,
        mediaErrors: 0,
        reallocatedSectors: null,
        powerOnHours: 6211,
        reason: null,
      },
    ],
  },
  battery: {
    onAc: false,
    percent: 72,
    healthPercent: 87.4,
    worstHealthPercent: 87.4,
    batteries: [
      {
        id: 'BAT0',
        state: 'discharging',
        percent: 72,
        unit: 'mWh',
        designCapacity: 57_000,
        fullChargeCapacity: 49_820,
        healthPercent: 87.4,
        cycleCount: 204,
        condition: 'Normal',
        minutesRemaining: 214,
      },
    ],
  },
  perf: {
    cpuPercent: 17.5,
    memoryTotalBytes: 16 * GIB,
    memoryUsedBytes: 9 * GIB,
    netRxBytesPerS: 20_480,
    netTxBytesPerS: 8192,
    diskReadBytesPerS: 0,
    diskWriteBytesPerS: 122_880,
  },
  processes: {
    count: 214,
    busiest: [{ pid: 4120, name: 'teams', cpuPercent: 21.5, memoryBytes: 612_368_384 }],
  },
  'disk.encryption': {
    systemVolume: 'on',
    volumes: [{ mount: 'C:', system: true, protection: 'on', method: 'XTS-AES 256', percent: 100 }],
  },
  'fw.enabled': {
    enabled: true,
    product: 'Windows Defender Firewall',
    profiles: { domain: true, private: true, public: true },
    blockAll: false,
    stealth: null,
  },
  'av.products': {
    products: [
      {
        name: 'Microsoft Defender Antivirus',
        state: 'on',
        signatures: 'upToDate',
        signaturesAt: before(5),
        version: '4.18.26090.12',
        builtIn: true,
      },
    ],
    enabled: true,
    upToDate: true,
  },
  'av.defender': {
    mode: 'normal',
    enabled: true,
    realTimeProtection: true,
    behaviorMonitoring: true,
    tamperProtection: true,
    healthy: null,
    licensed: null,
    productVersion: '4.18.26090.12',
    engineVersion: '1.1.26090.8',
    signatureVersion: '1.441.212.0',
    signaturesAt: before(5),
    signatureAgeDays: 0,
    quickScanAgeDays: 1,
    fullScanAgeDays: 'never',
    waitsFor: [],
  },
  antispyware: {
    products: [
      {
        name: 'Microsoft Defender Antivirus',
        state: 'on',
        signatures: 'upToDate',
        signaturesAt: null,
        version: null,
        builtIn: true,
      },
    ],
    enabled: true,
    upToDate: true,
  },
  'edr.falcon': {
    installed: true,
    running: true,
    reducedFunctionality: false,
    registered: true,
    connected: true,
    version: '7.31.19905.0',
    agentId: '0123456789abcdef0123456789abcdef',
  },
  'edr.ztaScore': {
    overall: 83,
    os: 79,
    sensorConfig: 92,
    unmet: ['Credential Guard'],
    assessedAt: before(3),
  },
  'boot.secure': { enabled: true, firmware: 'uefi', level: null, defeatedBy: null },
  tpm: { present: true, kind: 'tpm', version: '2.0', ready: true, manufacturer: 'INTC' },
  'os.integrity': {
    kind: 'memoryIntegrity',
    enabled: true,
    configured: true,
    vbs: 'running',
    credentialGuard: true,
    sealedSystem: null,
    customised: null,
    lockdown: null,
  },
  gatekeeper: { product: 'smartScreen', enabled: true, enforced: true, sources: null, level: 'block' },
  'screen.lock': {
    enabled: true,
    idleSeconds: 600,
    graceSeconds: 5,
    delaySeconds: 605,
    enforced: true,
    enforcedIdleSeconds: 900,
    enforcedGraceSeconds: 5,
  },
  'password.policy': {
    minLength: 14,
    history: 24,
    expires: false,
    maxAgeDays: null,
    complexity: true,
    lockoutAfter: 10,
    enforced: true,
  },
  'login.auto': { automatic: false, guest: false, forbidden: true },
  'remote.access': { enabled: false, ssh: false, desktop: false, management: false },
  'update.lastCheck': { checkedAt: before(7), atLeast: false },
  'update.missing': {
    total: 3,
    security: 1,
    critical: 0,
    restart: true,
    listedAt: null,
    updates: [{ title: 'Cumulative Update (KB5068861)', security: true }],
  },
  'update.lastInstalled': { installedAt: before(250), title: 'Cumulative Update (KB5067036)' },
  'update.auto': { enabled: true, installs: true, enforced: true },
  'join.domain': {
    adDomainJoined: true,
    adDomain: 'corp.example.com',
    entraJoined: true,
    workplaceJoined: false,
    joinType: 'hybrid',
    entraDeviceId: '5f0c2f0e-0000-4000-8000-000000000001',
    entraTenantId: '9a3d1b52-0000-4000-8000-000000000002',
  },
  'sso.prt': { present: true, updatedAt: before(1.5), expiresAt: before(-330) },
  'mdm.enrolled': {
    enrolled: true,
    userApproved: null,
    automated: true,
    server: 'mdm.example.com',
    provider: 'Intune',
  },
  'mdm.lastSync': { syncedAt: before(2), lastTryOk: true, provider: 'Intune' },
  'net.mac': {
    adapters: [{ name: 'Ethernet', mac: '8c:04:ba:12:34:56', kind: 'ethernet', randomised: false, up: true }],
  },
  'net.vpn': { connected: true, tunnels: [{ name: 'Company', kind: 'IKEv2', up: true }] },
  'net.location': { networks: ['Berlin office'] },
  'geo.location': { country: 'DE' },
  'app.citrixWorkspace': { installed: true, version: '25.8.0.62', scope: 'machine' },
  browser: {
    default: 'edge',
    browsers: [
      { name: 'edge', version: '142.0.3595.80' },
      { name: 'firefox', version: '145.0' },
    ],
  },
  'app.installed': {
    apps: [
      {
        id: 'seven-zip',
        installed: true,
        version: '25.01',
        name: '7-Zip 25.01 (x64)',
        publisher: 'Igor Pavlov',
        reason: null,
      },
    ],
  },
  file: {
    files: [
      {
        id: 'vpn-client',
        exists: true,
        kind: 'file',
        sizeBytes: 18_264,
        modifiedAt: before(720),
        version: '6.2.0.14',
        hash: { algorithm: 'sha256', hex: '3f'.repeat(32) },
        reason: null,
      },
    ],
  },
  process: { processes: [{ id: 'citrix-session', running: true, count: 1, reason: null }] },
  service: {
    services: [{ id: 'spooler', installed: true, running: true, start: 'automatic', reason: null }],
  },
  'registry.numeric': { values: [{ id: 'uac', exists: true, value: 1, reason: null }] },
  'registry.text': { values: [{ id: 'site', exists: true, value: 'BER', reason: null }] },
  'cert.device': {
    certificates: [
      {
        id: 'device-ca',
        found: true,
        valid: true,
        hasPrivateKey: true,
        notAfter: before(-8000),
        issuer: 'Contoso Device CA',
        fingerprint: 'a7'.repeat(32),
        reason: null,
      },
    ],
  },
};
