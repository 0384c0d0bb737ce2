import { z } from 'zod';
import { HOUR, MINUTE } from '../../../shared/base/durations.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import {
  type CheckLine,
  defineConnector,
  defineOperation,
  type FollowOutcome,
  type ObserveStep,
  type OneStep,
  type Operation,
  outcomeAfter,
  readFirst,
  tried,
} from '../connector.ts';
import { vendorIdOf } from '../fields.ts';
import type { Pages } from '../page.ts';
import {
  type Addressee,
  type Found,
  type Jamf,
  type JamfSettings,
  jamfSettings,
  type ListOptions,
  openJamf,
  readAddressee,
  readComputer,
  readMobile,
} from './api.ts';
import {
  computerObservation,
  mobileObservation,
  type RecordKind,
  readRecordName,
  recordName,
  type Told,
} from './convert.ts';

const COMPUTERS_SCOPE = 'Read Computers';
const MOBILES_SCOPE = 'Read Mobile Devices';
const COMMANDS_SCOPE = 'View MDM command information in Jamf Pro API';
const RENEW_SCOPE = 'Send Command to Renew MDM Profile';

interface JamfClient {
  readonly jamf: Jamf;
  readonly reads: JamfSettings['reads'];
  readonly now: () => number;
}

/**
 * Until when each kind of device had spoken to Jamf, by the vendor's clock; null: that kind has not been read yet. Jamf tells
 * no changes, but filters by the last contact of computers and by the last inventory of mobile devices.
 */
const jamfCheckpoint = z.object({
  computersUntil: z.number().int().positive().nullable(),
  mobilesUntil: z.number().int().positive().nullable(),
});
type JamfCheckpoint = z.infer<typeof jamfCheckpoint>;

/** A contact turns up in the listing a while after the time it carries, and a cluster's nodes differ. */
const OVERLAP_MS = 10 * MINUTE;

/** What one kind of device is read by. */
interface Listing {
  readonly kind: RecordKind;
  readonly until: number | null;
  readonly list: (options: ListOptions) => Pages<unknown>;
  /** The id of a record that cannot be read otherwise, by its key. */
  readonly idKey: 'id' | 'mobileDeviceId';
  readonly convert: (item: unknown, readAt: number) => Told | null;
  /** What the listing filters by. */
  readonly newestBy: 'management.lastSyncAt' | 'management.lastInventoryAt';
}

async function* observeJamf(
  client: JamfClient,
  since: JamfCheckpoint | null,
): AsyncGenerator<ObserveStep<JamfCheckpoint>> {
  const { jamf, reads } = client;
  const computers = reads.includes('computers')
    ? yield* readListing(client, {
        kind: 'computer',
        until: since?.computersUntil ?? null,
        list: options => jamf.computers(options),
        idKey: 'id',
        convert: (item, readAt) =>
          convertIf(readComputer(item), record => computerObservation(record, readAt)),
        newestBy: 'management.lastSyncAt',
      })
    : NOT_READ;
  const mobiles = reads.includes('mobile')
    ? yield* readListing(client, {
        kind: 'mobile',
        until: since?.mobilesUntil ?? null,
        list: options => jamf.mobiles(options),
        idKey: 'mobileDeviceId',
        convert: (item, readAt) => convertIf(readMobile(item), record => mobileObservation(record, readAt)),
        newestBy: 'management.lastInventoryAt',
      })
    : NOT_READ;
  if (!computers.isWhole || !mobiles.isWhole) {
    yield { kind: 'complete', covers: 'partial', checkpoint: since };
    return;
  }
  const checkpoint = { computersUntil: computers.until, mobilesUntil: mobiles.until };
  const isEmpty = checkpoint.computersUntil === null && checkpoint.mobilesUntil === null;
  yield {
    kind: 'complete',
    covers: since === null ? 'all' : 'changes',
    checkpoint: isEmpty ? null : checkpoint,
  };
}

interface ListingRead {
  readonly isWhole: boolean;
  readonly until: number | null;
}

const NOT_READ: ListingRead = { isWhole: true, until: null };

async function* readListing(
  { now }: JamfClient,
  { kind, until, list, idKey, convert, newestBy }: Listing,
): AsyncGenerator<ObserveStep<never>, ListingRead> {
  let startedAt: number | null = null;
  let readAt = now();
  const pages = list({
    ...(until === null ? {} : { contactedAfter: until - OVERLAP_MS }),
    onPage: serverNow => {
      readAt = serverNow ?? now();
      startedAt ??= readAt;
    },
  });
  let newest = until;
  for await (const items of pages) {
    for (const item of items) {
      const observation = convert(item, readAt);
      if (observation === null) {
        const id = vendorIdOf(
          z.looseObject({ [idKey]: z.unknown().optional() }).safeParse(item).data?.[idKey],
        );
        const vendorId = id === null ? null : recordName(kind, id);
        yield { kind: 'skipped', vendorId, why: 'the record has no usable id' };
        continue;
      }
      const spoke = observation.fields[newestBy]?.value;
      if (typeof spoke === 'number') newest = Math.max(newest ?? 0, spoke);
      yield { kind: 'observation', observation };
    }
  }
  // Not beyond the beginning of this run: whoever spoke while it went on may have been read before that.
  return { isWhole: pages.whole, until: newest === null ? null : Math.min(newest, startedAt ?? now()) };
}

function convertIf<Item>(record: Item | null, convert: (record: Item) => Told): Told | null {
  return record === null ? null : convert(record);
}

async function findDevice(
  jamf: Jamf,
  target: string,
): Promise<(Found & { readonly kind: RecordKind }) | null> {
  const name = readRecordName(target);
  if (name === null) return null;
  const found = await (name.kind === 'computer' ? jamf.computer(name.id) : jamf.mobile(name.id));
  return found === null ? null : { ...found, kind: name.kind };
}

async function oneDevice({ jamf, now }: JamfClient, vendorId: string): Promise<OneStep> {
  const found = await findDevice(jamf, vendorId);
  if (found === null) return { kind: 'gone', vendorId };
  const readAt = found.serverNow ?? now();
  const observation =
    found.kind === 'computer'
      ? convertIf(readComputer(found.record), record => computerObservation(record, readAt))
      : convertIf(readMobile(found.record), record => mobileObservation(record, readAt));
  return observation === null
    ? { kind: 'skipped', vendorId, why: 'the record has no usable id' }
    : { kind: 'observation', observation };
}

/**
 * Whom to address; the record's own id is not what commands go by.
 *
 * @throws Problem `vendor-not-found` when there is no such record
 */
async function addresseeOf(jamf: Jamf, target: string): Promise<Addressee> {
  const found = await findDevice(jamf, target);
  if (found === null) throw new Problem('vendor-not-found', 'Jamf Pro has no device of this id');
  return readAddressee(found.record);
}

function command<P extends z.ZodObject>(
  commandType: string,
  about: Pick<Operation<JamfClient>, 'title' | 'what' | 'isDestructive'>,
  parameters: P,
): Operation<JamfClient> {
  return defineOperation<JamfClient, P>({
    ...about,
    scope: COMMANDS_SCOPE,
    parameters,
    run: ({ jamf }, target, given) =>
      outcomeAfter(
        async () => {
          const { managementId } = await addresseeOf(jamf, target);
          if (managementId === null) throw new Problem('vendor-refused', 'the device is not managed by MDM');
          return managementId;
        },
        async managementId => {
          const uuid = await jamf.command(managementId, { commandType, ...given });
          return { outcome: 'accepted', ...(uuid === null ? {} : { tracking: uuid }) };
        },
      ),
  });
}

const none = z.strictObject({});
const pin = z
  .string()
  .regex(/^\d{6}$/, 'is not six digits')
  .optional();
const words = z.string().max(500).optional();
const ordinary = (title: string, what: string) => ({ title, what, isDestructive: false });
const destructive = (title: string, what: string) => ({ title, what, isDestructive: true });

/*
 * MDM commands by the vendor's names. Not among them: what carries a password through us (SET_RECOVERY_LOCK,
 * SET_AUTO_ADMIN_PASSWORD) and what changes settings as a whole (SETTINGS, DECLARATIVE_MANAGEMENT).
 */
const commands: Readonly<Record<string, Operation<JamfClient>>> = Object.fromEntries(
  (
    [
      [
        'DEVICE_INFORMATION',
        ordinary('Ask for information', 'The device tells Jamf Pro about itself anew.'),
        z.strictObject({ queries: z.array(z.string().min(1).max(64)).min(1).max(50) }),
      ],
      [
        'RESTART_DEVICE',
        ordinary('Restart', 'The device restarts; told to, it lets the person finish first.'),
        z.strictObject({ notifyUser: z.boolean().optional() }),
      ],
      [
        'SHUT_DOWN_DEVICE',
        ordinary('Shut down', 'The device turns off; somebody must turn it on again.'),
        none,
      ],
      ['LOG_OUT_USER', ordinary('Sign out', 'Whoever is signed in to a shared iPad is signed out.'), none],
      [
        'CLEAR_RESTRICTIONS_PASSWORD',
        ordinary('Clear restrictions password', 'The Screen Time password of the device is removed.'),
        none,
      ],
      [
        'DEVICE_LOCK',
        destructive('Lock', 'The device locks; a Mac restarts and asks for the six-digit PIN given here.'),
        z.strictObject({ message: words, phoneNumber: z.string().max(30).optional(), pin }),
      ],
      [
        'ENABLE_LOST_MODE',
        destructive('Lost mode', 'A supervised iPhone or iPad shows a message and nothing else.'),
        z.strictObject({
          lostModeMessage: words,
          lostModePhone: z.string().max(30).optional(),
          lostModeFootnote: words,
        }),
      ],
      [
        'DELETE_USER',
        destructive('Delete person', 'What this person kept on the device is lost.'),
        z.strictObject({ userName: z.string().min(1).max(256), forceDeletion: z.boolean().optional() }),
      ],
      [
        'ERASE_DEVICE',
        destructive('Erase', 'Everything on the device is lost; an Intel Mac then asks for the PIN.'),
        z.strictObject({
          pin,
          preserveDataPlan: z.boolean().optional(),
          disallowProximitySetup: z.boolean().optional(),
          obliterationBehavior: z
            .enum(['Default', 'DoNotObliterate', 'ObliterateWithWarning', 'Always'])
            .optional(),
        }),
      ],
    ] as const
  ).map(([name, about, parameters]) => [name, command(name, about, parameters)]),
);

const renewProfile = defineOperation<JamfClient, typeof none>({
  title: 'Renew MDM profile',
  what: 'The device gets a new management profile and certificate before the old ones end.',
  isDestructive: false,
  scope: RENEW_SCOPE,
  parameters: none,
  run: ({ jamf }, target) =>
    outcomeAfter(
      async () => {
        const { udid } = await addresseeOf(jamf, target);
        if (udid === null) throw new Problem('vendor-refused', 'the record has no UDID to address it by');
        return udid;
      },
      async udid => {
        if (await jamf.renewProfile(udid)) return { outcome: 'accepted' };
        const problem = new Problem('vendor-refused', 'Jamf Pro did not process the device’s UDID');
        return { outcome: 'refused', problem };
      },
    ),
});

/** `commandState` of the description; `Completed` and `Failed` are words of `status` in other versions. */
const FOLLOWED: Readonly<Record<string, FollowOutcome>> = {
  PENDING: 'pending',
  // The device was busy and will be asked again.
  NOT_NOW: 'pending',
  ACKNOWLEDGED: 'done',
  COMPLETED: 'done',
  ERROR: 'failed',
  FAILED: 'failed',
};

async function followJamf({ jamf }: JamfClient, _: string, tracking: string): Promise<FollowOutcome> {
  // It becomes part of a filter.
  if (!/^[A-Za-z0-9-]{1,64}$/.test(tracking)) return 'unknown';
  const state = await jamf.commandState(tracking);
  return FOLLOWED[state?.toUpperCase() ?? ''] ?? 'unknown';
}

async function checkJamf({ jamf, reads }: JamfClient): Promise<CheckLine[]> {
  const readScopes = [
    ...(reads.includes('computers') ? [COMPUTERS_SCOPE] : []),
    ...(reads.includes('mobile') ? [MOBILES_SCOPE] : []),
  ];
  const signIn = await tried('Sign-in', async () => {
    await jamf.signIn();
    return null;
  });
  if (signIn.outcome === 'failed') {
    return [signIn, ...readScopes.map(what => ({ what, outcome: 'unknown' as const, detail: 'not tried' }))];
  }
  const lines = [signIn];
  if (readScopes.includes(COMPUTERS_SCOPE)) {
    lines.push(
      await tried(COMPUTERS_SCOPE, async () => {
        await readFirst(jamf.computers({ size: 1 }));
        const { name } = await jamf.inventory();
        return `inventory ${name} of Jamf Pro ${(await jamf.version()) ?? 'of unknown version'}`;
      }),
    );
  }
  if (readScopes.includes(MOBILES_SCOPE)) {
    lines.push(await tried(MOBILES_SCOPE, () => readFirst(jamf.mobiles({ size: 1 }))));
  }
  // Asking after a command that does not exist changes nothing and needs the right all the same.
  const view = await tried(COMMANDS_SCOPE, async () => {
    await jamf.commandState('00000000-0000-0000-0000-000000000000');
    return null;
  });
  // Without it devices can still be read.
  const isMissing = view.problem?.code === 'vendor-permission';
  lines.push(isMissing ? { ...view, outcome: 'unknown', detail: 'not granted: no commands' } : view);
  lines.push({ what: RENEW_SCOPE, outcome: 'unknown', detail: 'can only be told by renewing a profile' });
  return lines;
}

export const jamf = defineConnector({
  id: 'jamf',
  title: 'Jamf Pro',
  summary: 'Reads the Macs, iPhones and iPads Jamf Pro manages; sends them MDM commands.',
  settings: z.object(jamfSettings),
  accounts: { max: 5 },
  scopes: [
    { name: COMPUTERS_SCOPE, why: 'Reads the inventory of Macs.', neededTo: 'observe' },
    { name: MOBILES_SCOPE, why: 'Reads the inventory of iPhones, iPads and Apple TVs.', neededTo: 'observe' },
    {
      name: COMMANDS_SCOPE,
      why: 'Queues MDM commands and reads how far they are; each command also needs its own privilege, such as Send Computer Remote Lock Command.',
      neededTo: 'act',
    },
    { name: RENEW_SCOPE, why: 'Renews the management profile of a device.', neededTo: 'act' },
  ],
  observes: {
    source: 'jamf',
    incremental: {
      blindTo:
        'devices that were deleted, and what administrators change before a device speaks to Jamf Pro again',
    },
    checkpoint: jamfCheckpoint,
    cadence: { fullMs: 6 * HOUR, changesMs: 10 * MINUTE },
    run: observeJamf,
    one: oneDevice,
  },
  open: (settings, io): JamfClient => ({
    jamf: openJamf(settings, io),
    reads: settings.reads,
    now: () => io.clock.now(),
  }),
  check: checkJamf,
  operations: { ...commands, 'renew-profile': renewProfile },
  follow: followJamf,
});
