import { z } from 'zod';
import { DAY, HOUR, MINUTE } from '../../../shared/base/durations.ts';
import {
  type CheckLine,
  defineConnector,
  defineOperation,
  type FollowOutcome,
  failed,
  type ObserveStep,
  type Operation,
  outcomeOf,
} from '../connector.ts';
import { vendorTime } from '../dates.ts';
import { vendorIdOf } from '../fields.ts';
import { choiceSetting } from '../setting.ts';
import { type Graph, type GraphPage, openGraph, readRecord, signInSettings } from './api.ts';
import {
  actionOf,
  type ComplianceRules,
  ENTRA_PROPERTIES,
  entraObservation,
  INTUNE_PROPERTIES,
  intuneObservation,
  type Told,
} from './convert.ts';

const READ_SCOPE = 'DeviceManagementManagedDevices.Read.All';
const ACT_SCOPE = 'DeviceManagementManagedDevices.PrivilegedOperations.All';
const ENTRA_SCOPE = 'Device.Read.All';

const MANAGED_DEVICES = '/deviceManagement/managedDevices';
const DEVICES = '/devices';

// ── Intune ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Graph v1.0 has no delta for managedDevices. Its documentation allows `lastSyncDateTime gt …` as a filter, so a run from
 * a checkpoint reads who has synced since; the time is the vendor's own, with the devices that sync while we read in mind.
 */
const intuneCheckpoint = z.object({ syncedUntil: z.number().int().positive() });
type IntuneCheckpoint = z.infer<typeof intuneCheckpoint>;

/** Records turn up in the listing some time after the sync they speak of. */
const OVERLAP_MS = 15 * MINUTE;

interface IntuneClient {
  readonly graph: Graph;
  readonly rules: ComplianceRules;
  readonly now: () => number;
}

async function* observeIntune(
  { graph, rules, now }: IntuneClient,
  since: IntuneCheckpoint | null,
): AsyncGenerator<ObserveStep<IntuneCheckpoint>> {
  const page = pageWatch();
  const select = { $select: INTUNE_PROPERTIES.join(',') };
  const from = since === null ? null : new Date(since.syncedUntil - OVERLAP_MS).toISOString();
  const pages = graph.list(MANAGED_DEVICES, {
    query: from === null ? select : { ...select, $filter: `lastSyncDateTime gt ${from}` },
    onPage: page.see,
  });
  let newest = since?.syncedUntil ?? 0;
  for await (const items of pages) {
    for (const item of items) {
      const step = told(item, record => intuneObservation(record, page.last?.serverNow ?? now(), rules));
      if (step.kind === 'observation') {
        const synced = step.observation.fields['management.lastSyncAt']?.value;
        if (typeof synced === 'number') newest = Math.max(newest, synced);
      }
      yield step;
    }
  }
  // Not beyond the beginning of this run: whoever synced while it went on may have been read before that.
  const syncedUntil = Math.min(newest, page.first?.serverNow ?? now());
  const covers = since !== null ? 'changes' : 'all';
  yield pages.whole
    ? { kind: 'complete', covers, checkpoint: syncedUntil > 0 ? { syncedUntil } : null }
    : // What was cut off may have synced long ago: the next run starts where this one did.
      { kind: 'complete', covers: 'partial', checkpoint: since };
}

/**
 * `remoteAction` names under which Intune reports an operation's progress, where they differ from the operation's own
 * (microsoft-graph-docs-contrib, intune-devices-remoteaction).
 */
const REPORTED_AS: Readonly<Record<string, readonly string[]>> = {
  wipe: ['factoryReset', 'factoryResetKeepEnrollmentData', 'wipe'],
  retire: ['removeCompanyData', 'retire'],
  windowsDefenderScan: ['quickScan', 'fullScan', 'windowsDefenderScan'],
};

const FOLLOWED: Readonly<Record<string, FollowOutcome>> = {
  pending: 'pending',
  active: 'pending',
  done: 'done',
  failed: 'failed',
  notSupported: 'failed',
  canceled: 'cancelled',
};

function intuneOperation<P extends z.ZodObject>(
  name: string,
  about: Pick<Operation<IntuneClient>, 'title' | 'what' | 'isDestructive'>,
  parameters: P,
): Operation<IntuneClient> {
  const hasBody = Object.keys(parameters.shape).length > 0;
  return defineOperation<IntuneClient, P>({
    ...about,
    scope: ACT_SCOPE,
    parameters,
    run: ({ graph, now }, target, given) =>
      outcomeOf(async () => {
        const path = `${MANAGED_DEVICES}/${encodeURIComponent(target)}/${name}`;
        const takenAt = await graph.post(path, hasBody ? given : undefined);
        return { outcome: 'accepted', tracking: `${name}@${takenAt ?? now()}` };
      }),
  });
}

const none = z.strictObject({});
const ordinary = (title: string, what: string) => ({ title, what, isDestructive: false });
const destructive = (title: string, what: string) => ({ title, what, isDestructive: true });

/*
 * The remote actions of v1.0, by the vendor's names. Not among them: updateWindowsDeviceAccount, which carries a password
 * through us, and what exists in beta only (remediation scripts, BitLocker key rotation, messages to the person).
 */
const intuneOperations: Readonly<Record<string, Operation<IntuneClient>>> = Object.fromEntries(
  (
    [
      ['syncDevice', ordinary('Sync', 'The device fetches its policies at once.'), none],
      ['rebootNow', ordinary('Restart', 'The device restarts at once; unsaved work is lost.'), none],
      ['shutDown', ordinary('Shut down', 'The device turns off; somebody must turn it on again.'), none],
      [
        'windowsDefenderScan',
        ordinary('Scan for malware', 'Microsoft Defender looks through the device.'),
        z.strictObject({ quickScan: z.boolean().default(true) }),
      ],
      [
        'windowsDefenderUpdateSignatures',
        ordinary('Update malware signatures', 'Microsoft Defender fetches new signatures.'),
        none,
      ],
      ['locateDevice', ordinary('Locate', 'A supervised device in lost mode says where it is.'), none],
      ['disableLostMode', ordinary('End lost mode', 'The device can be used again.'), none],
      [
        'requestRemoteAssistance',
        ordinary('Ask for remote assistance', 'Starts a session of the remote assistance that is set up.'),
        none,
      ],
      ['recoverPasscode', ordinary('Recover passcode', 'The passcode is shown to administrators.'), none],
      [
        'logoutSharedAppleDeviceActiveUser',
        ordinary('Sign out of shared iPad', 'Whoever is signed in now is signed out.'),
        none,
      ],
      [
        'remoteLock',
        destructive('Lock', 'The device locks; a Mac then asks for a PIN that Intune makes.'),
        none,
      ],
      ['resetPasscode', destructive('Reset passcode', 'The passcode is removed or replaced.'), none],
      [
        'bypassActivationLock',
        destructive('Bypass activation lock', 'The device can be set up without its owner’s Apple account.'),
        none,
      ],
      [
        'deleteUserFromSharedAppleDevice',
        destructive('Delete person from shared iPad', 'What this person kept on the device is lost.'),
        z.strictObject({ userPrincipalName: z.string().min(3).max(256) }),
      ],
      [
        'cleanWindowsDevice',
        destructive('Fresh start', 'Windows is set up anew; installed programs are lost.'),
        z.strictObject({ keepUserData: z.boolean() }),
      ],
      [
        'retire',
        destructive('Retire', 'Company data and management are removed; personal data stays.'),
        none,
      ],
      [
        'wipe',
        destructive('Wipe', 'The device is reset; everything on it is lost unless it is told to keep it.'),
        z.strictObject({
          keepEnrollmentData: z.boolean().default(false),
          keepUserData: z.boolean().default(false),
          macOsUnlockCode: z
            .string()
            .regex(/^\d{6}$/, 'is not six digits')
            .optional(),
          persistEsimDataPlan: z.boolean().optional(),
        }),
      ],
    ] as const
  ).map(([name, about, parameters]) => [name, intuneOperation(name, about, parameters)]),
);

/** `tracking` is `operation@time`; a record that is gone after a wipe or retirement says that it was done. */
async function followIntune(
  { graph }: IntuneClient,
  target: string,
  tracking: string,
): Promise<FollowOutcome> {
  const [name = '', at = ''] = tracking.split('@');
  const takenAt = Number(at);
  if (!Object.hasOwn(intuneOperations, name) || !Number.isFinite(takenAt)) return 'unknown';
  const found = await graph.get(`${MANAGED_DEVICES}/${encodeURIComponent(target)}`, {
    $select: 'id,deviceActionResults,lastSyncDateTime',
  });
  if (found === null) return name === 'wipe' || name === 'retire' ? 'done' : 'unknown';
  // Times of the vendor have whole seconds, and its servers are not all of one mind.
  const since = takenAt - MINUTE;
  const results = Array.isArray(found.record.deviceActionResults) ? found.record.deviceActionResults : [];
  const names = REPORTED_AS[name] ?? [name];
  const [latest] = results
    .map(actionOf)
    .filter(({ actionName, startedAt }) => names.includes(actionName ?? '') && (startedAt ?? 0) >= since)
    .sort((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0));
  if (latest !== undefined) return FOLLOWED[latest.actionState ?? ''] ?? 'unknown';
  // A sync is not reported as an action; that it took place is.
  if (name === 'syncDevice') {
    return (vendorTime(found.record.lastSyncDateTime) ?? 0) > takenAt ? 'done' : 'pending';
  }
  return 'pending';
}

export const intune = defineConnector({
  id: 'intune',
  title: 'Microsoft Intune',
  summary: 'Reads what Intune manages and how compliant it is; sends devices remote actions.',
  settings: z.object({
    ...signInSettings,
    inGracePeriod: choiceSetting(['compliant', 'noncompliant', 'unknown'], {
      title: 'Devices in their grace period',
      hint: 'Out of line, but not yet held against them. Conditional Access lets them in.',
    }),
    configManager: choiceSetting(['unknown', 'compliant'], {
      title: 'Devices judged by Configuration Manager',
      hint: 'Intune does not know whether they are compliant.',
    }),
  }),
  accounts: { max: 5 },
  scopes: [
    { name: READ_SCOPE, why: 'Reads the list of managed devices and their compliance.', neededTo: 'observe' },
    {
      name: ACT_SCOPE,
      why: 'Sends remote actions (sync, restart, lock, wipe). Leave it out and nothing can be sent.',
      neededTo: 'act',
    },
  ],
  observes: {
    source: 'intune',
    incremental: {
      blindTo:
        'Graph v1.0 has no change feed for managed devices: between full runs only devices that have synced are read, so a compliance state that changes without a sync, and a device that is deleted, are noticed by the next full run.',
    },
    checkpoint: intuneCheckpoint,
    cadence: { fullMs: 6 * HOUR, changesMs: 5 * MINUTE },
    run: observeIntune,
  },
  open: (settings, io): IntuneClient => ({
    graph: openGraph(settings, io),
    rules: { inGracePeriod: settings.inGracePeriod, configManager: settings.configManager },
    now: () => io.clock.now(),
  }),
  check: async ({ graph }) => [
    ...(await checkReading(graph, MANAGED_DEVICES, READ_SCOPE)),
    { what: ACT_SCOPE, outcome: 'unknown', detail: 'can only be told by sending an action' },
  ],
  operations: intuneOperations,
  follow: followIntune,
});

// ── Entra ID ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The link the directory gave out with its last page; opaque, lives seven days. */
const entraCheckpoint = z.object({ deltaLink: z.url().max(8000) });
type EntraCheckpoint = z.infer<typeof entraCheckpoint>;

interface EntraClient {
  readonly graph: Graph;
  readonly now: () => number;
}

const ENTRA_SELECT = { $select: ENTRA_PROPERTIES.join(',') };

async function* observeEntra(
  client: EntraClient,
  since: EntraCheckpoint | null,
): AsyncGenerator<ObserveStep<EntraCheckpoint>> {
  // A link of another address is of no use (the settings have changed).
  if (since !== null && client.graph.isOurs(since.deltaLink)) {
    const page = pageWatch();
    for await (const items of client.graph.listFrom(since.deltaLink, { onPage: page.see })) {
      yield* changed(client, items);
    }
    if (!page.isPlaceLost) {
      const deltaLink = page.last?.deltaLink ?? null;
      yield { kind: 'complete', covers: 'changes', checkpoint: deltaLink === null ? null : { deltaLink } };
      return;
    }
    yield { kind: 'restart', why: 'the directory no longer knows our place in its changes' };
  }
  yield* everything(client);
}

async function* everything({ graph, now }: EntraClient): AsyncGenerator<ObserveStep<EntraCheckpoint>> {
  const page = pageWatch();
  const pages = graph.list(`${DEVICES}/delta()`, { query: ENTRA_SELECT, onPage: page.see });
  for await (const items of pages) {
    for (const item of items) {
      yield goneOf(item) ?? told(item, record => entraObservation(record, page.last?.serverNow ?? now()));
    }
  }
  const deltaLink = page.last?.deltaLink ?? null;
  yield {
    kind: 'complete',
    // The listing ends with a link for the next time; without one it has broken off.
    covers: pages.whole && deltaLink !== null ? 'all' : 'partial',
    checkpoint: deltaLink === null ? null : { deltaLink },
  };
}

/**
 * What a page of changes says. An entry may carry only the properties that changed, and an observation replaces the one
 * before it whole; so each changed device is read anew.
 */
async function* changed(
  { graph, now }: EntraClient,
  items: readonly unknown[],
): AsyncGenerator<ObserveStep<never>> {
  const steps = items.map(async (item): Promise<ObserveStep<never>> => {
    const gone = goneOf(item);
    if (gone !== null) return gone;
    const entry = readRecord(item);
    if (entry === null) return told(item, record => entraObservation(record, now()));
    const found = await graph.get(`${DEVICES}/${encodeURIComponent(entry.id)}`, ENTRA_SELECT);
    if (found === null) return { kind: 'gone', vendorId: entry.id };
    return { kind: 'observation', observation: entraObservation(found.record, found.serverNow ?? now()) };
  });
  // All of a page are under way together, as many at once as the pace allows; none may fail unheard.
  for (const step of await Promise.all(steps)) yield step;
}

/** `@removed`: deleted for good, or deleted and still to be restored; the device is not in the directory either way. */
function goneOf(item: unknown): { readonly kind: 'gone'; readonly vendorId: string } | null {
  const entry = readRecord(item);
  return entry !== null && entry['@removed'] !== undefined ? { kind: 'gone', vendorId: entry.id } : null;
}

export const entra = defineConnector({
  id: 'entra',
  title: 'Microsoft Entra ID',
  summary:
    'Reads how devices are joined to the directory and whether it holds them for managed and compliant.',
  settings: z.object(signInSettings),
  accounts: { max: 5 },
  scopes: [
    { name: ENTRA_SCOPE, why: 'Reads the devices of the directory and what changed.', neededTo: 'observe' },
  ],
  observes: {
    source: 'entra',
    incremental: { blindTo: null },
    checkpoint: entraCheckpoint,
    // A place in the changes lives seven days; a full run a day keeps well within it.
    cadence: { fullMs: DAY, changesMs: 5 * MINUTE },
    run: observeEntra,
  },
  open: (settings, io): EntraClient => ({ graph: openGraph(settings, io), now: () => io.clock.now() }),
  check: ({ graph }) => checkReading(graph, DEVICES, ENTRA_SCOPE),
  operations: {},
});

// ── Both ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Signing in, and reading one record of a collection. */
async function checkReading(graph: Graph, path: string, scope: string): Promise<CheckLine[]> {
  try {
    await graph.signIn();
  } catch (error) {
    return [failed('Sign-in', error), { what: scope, outcome: 'unknown', detail: 'not tried' }];
  }
  const signedIn: CheckLine = { what: 'Sign-in', outcome: 'ok' };
  try {
    for await (const _ of graph.list(path, { query: { $top: '1', $select: 'id' } })) break;
    return [signedIn, { what: scope, outcome: 'ok' }];
  } catch (error) {
    return [signedIn, failed(scope, error)];
  }
}

/** What the pages of one listing said beside their records. */
function pageWatch() {
  let first: GraphPage | null = null;
  let last: GraphPage | null = null;
  return {
    see: (page: GraphPage): void => {
      first ??= page;
      last = page;
    },
    get first(): GraphPage | null {
      return first;
    },
    get last(): GraphPage | null {
      return last;
    },
    get isPlaceLost(): boolean {
      return last?.isPlaceLost ?? false;
    },
  };
}

/** A record as a step; one that cannot be read costs only itself. */
function told(
  item: unknown,
  convert: (record: NonNullable<ReturnType<typeof readRecord>>) => Told,
): Extract<ObserveStep<never>, { kind: 'observation' | 'skipped' }> {
  const record = readRecord(item);
  if (record !== null) return { kind: 'observation', observation: convert(record) };
  const id = typeof item === 'object' && item !== null && 'id' in item ? vendorIdOf(item.id) : null;
  return { kind: 'skipped', vendorId: id, why: 'the record has no usable id' };
}
