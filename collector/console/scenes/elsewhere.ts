import type {
  DeviceMember,
  DeviceSourcesResponse,
  Integration,
  IntegrationAccount,
  IntegrationsResponse,
} from '../../../shared/api/integrations.ts';
import type { FleetRow } from '../../../shared/api/schemas.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/base/durations.ts';
import { contradictionsOf } from '../../../shared/device/contradiction.ts';
import type { Claim, FieldKey, FieldValue, MergedRecord, Source } from '../../../shared/device/device.ts';
import { seedOf } from './chance.ts';

/** What other systems say of an invented device, laid over what its agent says; a device without one has only this. */
export function inventElsewhere(row: FleetRow, own: MergedRecord, now: number): MergedRecord {
  const record: MergedRecord = row.noAgent === true ? {} : { ...own };
  const tell = (source: Source, key: FieldKey, value: FieldValue | null, ageMs: number, reason?: string) => {
    const claim: Claim = {
      source,
      value,
      ...(reason === undefined ? {} : { reason }),
      observedAt: now - ageMs,
      receivedAt: now - Math.min(ageMs, 11 * MINUTE),
    };
    const field = record[key];
    if (field === undefined) record[key] = claim;
    else if (field.value === null && value !== null) {
      const { rivals = [], ...winner } = field;
      record[key] = { ...claim, rivals: [...rivals, winner] };
    } else record[key] = { ...field, rivals: [...(field.rivals ?? []), claim] };
  };
  const manager: Source = row.platform === 'macos' ? 'jamf' : 'intune';
  if (row.platform === 'linux') return record;
  const isUnencrypted = row.encryption === 'off';
  const mail = `${(row.person ?? 'nobody').toLowerCase().replace(/[^a-z]+/g, '.')}@example.com`;
  tell(manager, 'compliance.compliant', true, 3 * HOUR);
  tell(manager, 'compliance.state', 'compliant', 3 * HOUR);
  tell(manager, 'management.managed', true, 3 * HOUR);
  tell(manager, 'management.ownership', 'company', 3 * HOUR);
  tell(manager, 'management.lastSyncAt', now - 3 * HOUR, 3 * HOUR);
  tell(manager, 'management.enrolledAt', now - 143 * DAY, 3 * HOUR);
  tell(manager, 'identity.hostname', row.name, 3 * HOUR);
  tell(manager, 'identity.person', mail, 3 * HOUR);
  tell(manager, 'os.platform', row.platform, 3 * HOUR);
  tell(manager, 'os.version', row.osVersion, 3 * HOUR, row.osVersion === null ? 'not-told' : undefined);
  if (!isUnencrypted) tell(manager, 'encryption.system', 'on', 3 * HOUR);
  tell(manager, 'hardware.model', row.model, 3 * HOUR, row.model === null ? 'not-told' : undefined);
  if (manager === 'intune') {
    tell('entra', 'directory.joinType', 'entra', 5 * HOUR);
    tell('entra', 'directory.enabled', true, 5 * HOUR);
    tell('entra', 'identity.hostname', row.name, 5 * HOUR);
    tell('entra', 'compliance.compliant', !isUnencrypted, 5 * HOUR);
  }
  tell('crowdstrike', 'edr.online', row.presence === 'live', 4 * MINUTE);
  tell('crowdstrike', 'edr.sensorVersion', '7.19.18913.0', 4 * MINUTE);
  tell('crowdstrike', 'edr.lastSeenAt', now - 4 * MINUTE, 4 * MINUTE);
  tell('crowdstrike', 'edr.containment', 'normal', 4 * MINUTE);
  tell('crowdstrike', 'edr.ztaScore', isUnencrypted ? 41 : 88, 9 * HOUR);
  tell('crowdstrike', 'security.threat', null, 4 * MINUTE, 'not-permitted');
  return record;
}

/** Everybody who speaks of an invented device. */
export function inventSources(
  row: FleetRow,
  record: MergedRecord,
  {
    serial,
    now,
    decisions,
  }: { serial: string | null; now: number; decisions: DeviceSourcesResponse['decisions'] },
): DeviceSourcesResponse {
  const number = seedOf(row.id) % 10_000;
  const split = new Set(decisions.filter(({ pin }) => pin.kind === 'split').map(({ pin }) => pin.one));
  const sources = new Set(
    Object.values(record).flatMap(({ source, rivals = [] }) => [
      source,
      ...rivals.map(rival => rival.source),
    ]),
  );
  const members: DeviceMember[] = [];
  if (row.noAgent !== true)
    members.push({ key: `agent/${row.id}`, agent: row.id, record: null, by: 'serial', value: serial });
  const add = (
    source: Exclude<Source, 'agent'>,
    about: Pick<DeviceMember, 'by' | 'value'> & { label: string; vendorId: string; ageMs: number },
  ) => {
    const key = `${source}/main/${about.vendorId}`;
    if (!sources.has(source) || split.has(key)) return;
    members.push({
      key,
      agent: null,
      by: about.by,
      value: about.value,
      record: {
        connector: source,
        account: 'main',
        accountLabel: about.label,
        vendorId: about.vendorId,
        source,
        name: row.name,
        observedAt: now - about.ageMs,
        receivedAt: now - 11 * MINUTE,
        demo: false,
      },
    });
  };
  const tail = String(number).padStart(12, '0');
  const entraId = `bbbbbbbb-0000-4000-8000-${tail}`;
  add('intune', {
    by: 'serial',
    value: serial,
    label: 'Contoso',
    vendorId: `aaaaaaaa-0000-4000-8000-${tail}`,
    ageMs: 3 * HOUR,
  });
  add('jamf', { by: 'serial', value: serial, label: 'Macs', vendorId: String(number), ageMs: 3 * HOUR });
  add('entra', {
    by: 'entra',
    value: entraId,
    label: 'Contoso',
    vendorId: `cccccccc-0000-4000-8000-${tail}`,
    ageMs: 5 * HOUR,
  });
  add('crowdstrike', {
    by: 'serial',
    value: serial,
    label: 'Falcon EU',
    vendorId: `${number}`.padStart(32, 'f'),
    ageMs: 4 * MINUTE,
  });
  return { members, issues: [], contradictions: contradictionsOf(record), decisions: [...decisions] };
}

/** Invented connectors in every state there is. */
export function inventIntegrations(now: number, lone: number): IntegrationsResponse {
  const secret = (key: string, title: string, hint: string) => ({
    key,
    title,
    hint,
    kind: 'secret' as const,
    isRequired: true,
    fallback: null,
    choices: null,
  });
  const text = (key: string, title: string, hint: string) => ({
    ...secret(key, title, hint),
    kind: 'text' as const,
  });
  const account = (
    change: Partial<IntegrationAccount> & Pick<IntegrationAccount, 'account' | 'label'>,
  ): IntegrationAccount => ({
    demo: false,
    state: 'configured',
    savedAt: now - 40 * DAY,
    savedBy: 'sam',
    settings: {},
    secretsSet: ['clientSecret'],
    workedAt: now - 11 * MINUTE,
    fullAt: now - 2 * HOUR,
    problem: null,
    running: null,
    lastRun: {
      startedAt: now - 12 * MINUTE,
      endedAt: now - 11 * MINUTE,
      asked: 'changes',
      covers: 'changes',
      observed: 43,
      gone: 0,
      skipped: 0,
      doubted: 0,
    },
    lastCheck: null,
    throttled: null,
    records: 1088,
    noticePath: null,
    ...change,
  });
  const integrations: Integration[] = [
    {
      id: 'intune',
      title: 'Microsoft Intune',
      summary: 'Devices that Intune manages: compliance, encryption, storage, owner; remote actions.',
      state: 'configured',
      withIssues: 1,
      maxAccounts: 20,
      source: 'intune',
      cadence: { fullMs: 6 * HOUR, changesMs: 15 * MINUTE },
      blindTo: 'a compliance that changes without a sync, nor a deletion',
      settings: [
        text(
          'tenantId',
          'Directory (tenant) ID',
          'Entra admin centre, App registrations, your app, Overview.',
        ),
        text('clientId', 'Application (client) ID', 'On the same page.'),
        secret(
          'clientSecret',
          'Client secret',
          'Certificates & secrets, New client secret: its value, not its id.',
        ),
        {
          ...text('graphUrl', 'Graph address', 'Another one only in a national cloud.'),
          kind: 'address',
          isRequired: false,
          fallback: 'https://graph.microsoft.com/v1.0',
        },
      ],
      scopes: [
        { name: 'DeviceManagementManagedDevices.Read.All', why: 'Reads the devices.', neededTo: 'observe' },
        {
          name: 'DeviceManagementManagedDevices.PrivilegedOperations.All',
          why: 'Lets approved actions be done: sync, restart, lock, wipe.',
          neededTo: 'act',
        },
      ],
      operations: [
        { name: 'syncDevice', title: 'Sync', what: 'Asks the device to check in.', isDestructive: false },
        { name: 'wipe', title: 'Wipe', what: 'Resets the device.', isDestructive: true },
      ],
      accounts: [
        account({
          account: 'contoso',
          label: 'Contoso',
          settings: { tenantId: 'contoso.onmicrosoft.com', clientId: '66666666-7777-8888-9999-aaaaaaaaaaaa' },
          throttled: { at: now - 12 * MINUTE, times: 3 },
          lastCheck: {
            at: now - 2 * DAY,
            lines: [
              { what: 'Sign in', outcome: 'ok', detail: null, code: null },
              { what: 'DeviceManagementManagedDevices.Read.All', outcome: 'ok', detail: null, code: null },
              {
                what: 'DeviceManagementManagedDevices.PrivilegedOperations.All',
                outcome: 'unknown',
                detail: 'cannot be tried without changing a device',
                code: null,
              },
            ],
          },
        }),
        account({
          account: 'fabrikam',
          label: 'Fabrikam (bought in May)',
          records: 61,
          workedAt: now - 5 * HOUR,
          problem: {
            code: 'vendor-unreachable',
            what: 'The system did not answer.',
            next: 'Check its address and that this machine may reach it; it is tried again by itself.',
            detail: 'no answer within 60 s',
            at: now - 4 * MINUTE,
            since: now - 4 * HOUR,
          },
          lastRun: {
            startedAt: now - 5 * MINUTE,
            endedAt: now - 4 * MINUTE,
            asked: 'all',
            covers: 'broken',
            observed: 20,
            gone: 0,
            skipped: 1,
            doubted: 0,
          },
        }),
      ],
    },
    {
      id: 'entra',
      title: 'Microsoft Entra ID',
      summary: 'The directory’s word on devices: joined how, enabled, last sign-in.',
      state: 'reconnect',
      withIssues: 1,
      maxAccounts: 20,
      source: 'entra',
      cadence: { fullMs: DAY, changesMs: 10 * MINUTE },
      blindTo: null,
      settings: [text('tenantId', 'Directory (tenant) ID', 'Entra admin centre, Overview.')],
      scopes: [{ name: 'Device.Read.All', why: 'Reads the devices of the directory.', neededTo: 'observe' }],
      operations: [],
      accounts: [
        account({
          account: 'contoso',
          label: 'Contoso',
          state: 'reconnect',
          records: 1190,
          workedAt: now - 2 * DAY,
          fullAt: now - 2 * DAY,
          problem: {
            code: 'vendor-credentials',
            what: 'The system refused our sign-in.',
            next: 'Enter a new secret: the old one may have expired or been revoked there.',
            detail: "AADSTS7000222: The provided client secret keys for app '[redacted]' are expired.",
            at: now - 20 * MINUTE,
            since: now - 2 * DAY,
          },
        }),
      ],
    },
    {
      id: 'jamf',
      title: 'Jamf Pro',
      summary: 'Macs and mobile devices that Jamf manages.',
      state: 'pending',
      withIssues: 0,
      maxAccounts: 20,
      source: 'jamf',
      cadence: { fullMs: 6 * HOUR, changesMs: 15 * MINUTE },
      blindTo: 'deletions',
      settings: [
        text('url', 'Address', 'https://company.jamfcloud.com'),
        secret('clientSecret', 'Client secret', 'Settings, API roles and clients.'),
      ],
      scopes: [{ name: 'Read Computers', why: 'Reads the Macs.', neededTo: 'observe' }],
      operations: [],
      accounts: [
        account({
          account: 'macs',
          label: 'Macs',
          demo: true,
          state: 'pending',
          savedAt: now - 9 * SECOND,
          workedAt: null,
          fullAt: null,
          lastRun: null,
          records: 0,
          running: { since: now - 8 * SECOND, observed: 34 },
        }),
      ],
    },
    {
      id: 'crowdstrike',
      title: 'CrowdStrike Falcon',
      summary: 'Sensors and their zero trust assessment; contain and lift.',
      state: 'configured',
      withIssues: 0,
      maxAccounts: 20,
      source: 'crowdstrike',
      cadence: { fullMs: 12 * HOUR, changesMs: 10 * MINUTE },
      blindTo: 'hosts that were deleted or hidden',
      settings: [secret('clientSecret', 'Client secret', 'Support and resources, API clients and keys.')],
      scopes: [{ name: 'Hosts: Read', why: 'Reads the hosts.', neededTo: 'observe' }],
      operations: [],
      accounts: [
        account({
          account: 'eu',
          label: 'Falcon EU',
          records: 1120,
          lastRun: {
            startedAt: now - 9 * MINUTE,
            endedAt: now - 8 * MINUTE,
            asked: 'all',
            covers: 'all',
            observed: 610,
            gone: 0,
            skipped: 0,
            doubted: 510,
          },
        }),
      ],
    },
    {
      id: 'workspace-one',
      title: 'Workspace ONE UEM',
      summary: 'Devices that Workspace ONE manages.',
      state: 'not-configured',
      withIssues: 0,
      maxAccounts: 20,
      source: 'workspace-one',
      cadence: { fullMs: 6 * HOUR, changesMs: null },
      blindTo: null,
      settings: [
        {
          ...text('url', 'API address', 'Groups & Settings, All Settings, Site URLs: REST API URL.'),
          kind: 'address',
        },
        text('tenantCode', 'API key', 'System, Advanced, API, REST API.'),
        secret('clientSecret', 'Client secret', 'Groups & Settings, OAuth client management.'),
      ],
      scopes: [{ name: 'Console admin: read only', why: 'Reads the devices.', neededTo: 'observe' }],
      operations: [],
      accounts: [],
    },
  ];
  return {
    integrations,
    devices: { joined: 1096, lone, notComputers: 212, systemUnknown: 0, contradicted: 31 },
    issues: 4,
  };
}
