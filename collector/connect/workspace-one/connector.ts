import { z } from 'zod';
import { HOUR, MINUTE } from '../../../shared/base/durations.ts';
import { isProblem, Problem, toProblem } from '../../../shared/problem/problem.ts';
import {
  type ActOutcome,
  type CheckLine,
  defineConnector,
  defineOperation,
  type FollowOutcome,
  failed,
  type Inquired,
  type ObserveStep,
  type OneStep,
  type Operation,
  outcomeAfter,
  outcomeOf,
  type Row,
} from '../connector.ts';
import { vendorTime } from '../dates.ts';
import { vendorIdOf } from '../fields.ts';
import type { Pages } from '../page.ts';
import { choiceSetting, secretSettingOptional, switchSetting, textSettingOptional } from '../setting.ts';
import {
  type BulkResult,
  type DeviceRef,
  neededSettings,
  openUem,
  refOf,
  searchBy,
  signInSettings,
  type Uem,
  type UemRecord,
  vendorIdOfDevice,
} from './api.ts';
import {
  applicationRow,
  catalogueRow,
  plainRecord,
  profileRow,
  scriptRow,
  smartGroupRow,
  uemObservation,
  workflowRow,
} from './convert.ts';
import { type Caller, receive, Seen } from './notice.ts';

const READ_SCOPE = 'REST API Devices Read';
const EXECUTE_SCOPE = 'REST API Devices Execute';
const WRITE_SCOPE = 'REST API Devices Write';
const PROFILE_SCOPE = 'REST API Profiles Execute';
const SCRIPT_SCOPE = 'REST API Scripts Write';

/** Until when, by the vendor's clock, who was seen has been read. */
const checkpointSchema = z.object({ seenUntil: z.number().int().positive() });
type UemCheckpoint = z.infer<typeof checkpointSchema>;

/** Records turn up in the search some time after the device was seen. */
const OVERLAP_MS = 15 * MINUTE;

interface UemClient {
  readonly uem: Uem;
  readonly readsDetails: boolean;
  readonly caller: Caller;
  readonly seen: Seen;
  readonly now: () => number;
}

async function* observeUem(
  client: UemClient,
  since: UemCheckpoint | null,
): AsyncGenerator<ObserveStep<UemCheckpoint>> {
  const { uem, now } = client;
  const startedAt = now();
  const pages = uem.devices(since === null ? {} : { seenSince: since.seenUntil - OVERLAP_MS });
  let newest = since?.seenUntil ?? 0;
  for await (const items of pages) {
    // All details of a page are under way together, as many at once as the pace allows; none may fail unheard.
    for (const step of await Promise.all(items.map(item => told(client, item)))) {
      if (step.kind === 'observation') {
        const seen = step.observation.fields['management.lastSyncAt']?.value;
        if (typeof seen === 'number') newest = Math.max(newest, seen);
      }
      yield step;
    }
  }
  // Not beyond the beginning of this run: whoever was seen while it went on may have been read before that.
  const seenUntil = Math.min(newest, startedAt);
  yield pages.whole
    ? {
        kind: 'complete',
        covers: since === null ? 'all' : 'changes',
        checkpoint: seenUntil > 0 ? { seenUntil } : null,
      }
    : // What was cut off may have been seen long ago: the next run starts where this one did.
      { kind: 'complete', covers: 'partial', checkpoint: since };
}

async function told({ uem, readsDetails, now }: UemClient, item: unknown): Promise<OneStep> {
  const { uuid } = refOf(item);
  const details = readsDetails && uuid !== null ? await detailsOf(uem, uuid) : null;
  const observation = uemObservation(item, details, now());
  return observation === null
    ? { kind: 'skipped', vendorId: null, why: 'the record has no usable id' }
    : { kind: 'observation', observation };
}

/** Details are an addition: a device whose details the server refuses is told as the search has it. */
async function detailsOf(uem: Uem, uuid: string): Promise<UemRecord | null> {
  try {
    return await uem.details(uuid);
  } catch (error) {
    if (isProblem(error) && error.code === 'vendor-refused') return null;
    throw error;
  }
}

async function observeOne(client: UemClient, vendorId: string): Promise<OneStep> {
  const device = await client.uem.device(vendorId);
  if (device === null) return { kind: 'gone', vendorId };
  // The other kind of id may have asked for it; it is kept under one.
  return told(client, device);
}

/** A device the vendor has, by both kinds of id. @throws Problem `vendor-not-found` */
async function refOfTarget(uem: Uem, target: string): Promise<DeviceRef & { readonly record: UemRecord }> {
  const record = await uem.device(target);
  if (record === null) throw new Problem('vendor-not-found', 'the server has no such device');
  return { ...refOf(record), record };
}

/** The number of a device; asked for only where a GUID is what we have. */
async function numberOf(uem: Uem, target: string): Promise<number> {
  if (/^[1-9]\d{0,14}$/.test(target)) return Number(target);
  const { id } = await refOfTarget(uem, target);
  if (id === null) throw new Problem('vendor-answer', 'the device has no number');
  return id;
}

async function uuidOf(uem: Uem, target: string): Promise<string> {
  if (searchBy(target).searchby === 'Uuid') return target;
  const { uuid } = await refOfTarget(uem, target);
  if (uuid === null) throw new Problem('vendor-answer', 'the device has no UUID');
  return uuid;
}

function command<P extends z.ZodObject>(
  name: string,
  about: Pick<Operation<UemClient>, 'title' | 'what' | 'isDestructive'>,
  parameters: P,
): Operation<UemClient> {
  return defineOperation<UemClient, P>({
    ...about,
    scope: EXECUTE_SCOPE,
    parameters,
    run: ({ uem, now }, target, given) =>
      outcomeOf(async () => {
        const { isHeld, words, takenAt } = await uem.command(target, name, given);
        return {
          outcome: 'accepted',
          tracking: `${name}@${takenAt ?? now()}`,
          ...(isHeld
            ? { detail: `held back by the wipe threshold until an administrator lets it go: ${words}` }
            : {}),
        };
      }),
  });
}

const none = z.strictObject({});
const ordinary = (title: string, what: string) => ({ title, what, isDestructive: false });
const destructive = (title: string, what: string) => ({ title, what, isDestructive: true });

/** The vendor's commands by their own names. */
const commands: Readonly<Record<string, Operation<UemClient>>> = Object.fromEntries(
  (
    [
      ['SyncDevice', ordinary('Sync', 'The device fetches its profiles and commands at once.'), none],
      ['DeviceQuery', ordinary('Query', 'The device reports how it is.'), none],
      ['SyncSensors', ordinary('Read sensors', 'The device runs its sensors and reports them.'), none],
      [
        'SyncWorkflows',
        ordinary('Sync workflows', 'The device fetches its Freestyle workflows at once.'),
        none,
      ],
      [
        'OsUpdateStatus',
        ordinary('Ask for update status', 'The device reports the state of its updates.'),
        none,
      ],
      ['ScheduleOsUpdate', ordinary('Update the system', 'The device installs the system’s update.'), none],
      ['SoftReset', ordinary('Restart', 'The device restarts at once; unsaved work is lost.'), none],
      ['Shutdown', ordinary('Shut down', 'The device turns off; somebody must turn it on again.'), none],
      [
        'InstallPackagedMacOSXAgent',
        ordinary('Install the Hub', 'The Mac installs Workspace ONE Intelligent Hub.'),
        none,
      ],
      [
        'RotateFileVaultKey',
        ordinary(
          'Renew the FileVault key',
          'The Mac makes a new recovery key, and the old one is of no use.',
        ),
        none,
      ],
      [
        'ResetBiosPassword',
        destructive('Reset the BIOS password', 'The firmware gets a new password that the vendor keeps.'),
        none,
      ],
      ['Lock', destructive('Lock', 'The device locks.'), none],
      ['ClearPasscode', destructive('Clear the passcode', 'The passcode is removed.'), none],
      [
        'EnterpriseWipe',
        destructive('Enterprise wipe', 'Company data and management are removed; personal data stays.'),
        none,
      ],
      ['DeviceWipe', destructive('Device wipe', 'The device is reset; everything on it is lost.'), none],
      [
        'EnterpriseReset',
        destructive('Enterprise reset', 'The device is reset and enrolled again; what is on it is lost.'),
        none,
      ],
      [
        'CustomMdmCommand',
        destructive('Custom MDM command', 'Sends a command of one’s own making; it may do anything.'),
        z.strictObject({ CommandXml: z.string().min(1).max(20_000) }),
      ],
    ] as const
  ).map(([name, about, parameters]) => [name, command(name, about, parameters)]),
);

/** How a push reaches a platform; the vendor's words. */
const PUSH_BY: Readonly<Record<string, string>> = {
  ios: 'Apns',
  macos: 'Apns',
  android: 'Awcm',
  windows: 'Wns',
};

const sendPush = defineOperation({
  title: 'Send a message',
  what: 'A message of ours is shown on the device by its Hub.',
  isDestructive: false,
  scope: EXECUTE_SCOPE,
  parameters: z.strictObject({
    message: z.string().min(1).max(1000),
    /** By the device’s platform unless said. */
    via: z.enum(['Apns', 'Awcm', 'Gcm', 'Wns']).optional(),
    application: z.string().min(1).max(100).default('AirWatch'),
  }),
  run: ({ uem, now }: UemClient, target, { message, via, application }) =>
    outcomeAfter(
      async () => {
        if (via !== undefined) return via;
        const { record } = await refOfTarget(uem, target);
        const platform = uemObservation(record, null, now())?.fields['os.platform']?.value;
        const found = PUSH_BY[String(platform)];
        if (found === undefined)
          throw new Problem('request-invalid', 'via: cannot be told by the device’s platform', {
            fields: ['via'],
          });
        return found;
      },
      async messageType => {
        await uem.post(
          '/mdm/devices/messages/push',
          { MessageBody: message, Application: application, MessageType: messageType },
          searchBy(target),
        );
        return { outcome: 'accepted' };
      },
    ),
});

const sendEmail = defineOperation({
  title: 'Send an email',
  what: 'An email of ours goes to the person of the device.',
  isDestructive: false,
  scope: EXECUTE_SCOPE,
  parameters: z.strictObject({
    to: z.email().max(256),
    subject: z.string().min(1).max(200),
    message: z.string().min(1).max(20_000),
    isHtml: z.boolean().default(false),
  }),
  run: ({ uem }: UemClient, target, { to, subject, message, isHtml }) =>
    outcomeOf(async () => {
      await uem.post(
        '/mdm/devices/messages/email',
        { ToAddress: to, Subject: subject, MessageBody: message, IsHtmlBody: isHtml },
        searchBy(target),
      );
      return { outcome: 'accepted' };
    }),
});

function profileOperation(verb: 'install' | 'remove', what: string): Operation<UemClient> {
  return defineOperation({
    title: verb === 'install' ? 'Install a profile' : 'Remove a profile',
    what,
    isDestructive: verb === 'remove',
    scope: PROFILE_SCOPE,
    parameters: z.strictObject({ profileId: z.number().int().positive() }),
    run: ({ uem, now }: UemClient, target, { profileId }) =>
      outcomeAfter(
        () => numberOf(uem, target),
        async id => {
          const takenAt = now();
          await uem.post(`/mdm/profiles/${profileId}/${verb}`, { DeviceId: id });
          return { outcome: 'accepted', tracking: `profile.${verb}.${profileId}@${takenAt}` };
        },
      ),
  });
}

/** A bulk answer has HTTP 200 also where nothing of it was taken. */
function bulkOutcome({ accepted, failed, faults }: BulkResult): ActOutcome {
  if (failed > 0) {
    const problem = new Problem('vendor-refused', faults === '' ? `${failed} were refused` : faults);
    return accepted === 0 ? { outcome: 'refused', problem } : { outcome: 'unknown', problem };
  }
  return {
    outcome: 'done',
    ...(accepted === 0 ? { detail: 'the vendor did not say how many it took' } : {}),
  };
}

const attribute = z.strictObject({
  applicationGroup: z.string().min(1).max(255),
  name: z.string().min(1).max(255),
  value: z.string().max(255),
});

const setCustomAttributes = defineOperation({
  title: 'Set custom attributes',
  what: 'Smart groups that go by them take the device in or let it go, with all that is assigned to them.',
  isDestructive: false,
  scope: WRITE_SCOPE,
  parameters: z.strictObject({ attributes: z.array(attribute).min(1).max(50) }),
  run: ({ uem }: UemClient, target, { attributes }) =>
    outcomeAfter(
      () => numberOf(uem, target),
      async id =>
        bulkOutcome(
          await uem.putBulk(`/mdm/devices/${id}/customattributes`, { CustomAttributes: attributes }),
        ),
    ),
});

const addTag = defineOperation({
  title: 'Tag',
  what: 'Smart groups that go by the tag take the device in, with all that is assigned to them.',
  isDestructive: false,
  scope: WRITE_SCOPE,
  parameters: z.strictObject({ tagId: z.number().int().positive() }),
  run: ({ uem }: UemClient, target, { tagId }) =>
    outcomeAfter(
      () => numberOf(uem, target),
      async id =>
        bulkOutcome(
          await uem.postBulk(`/mdm/tags/${tagId}/adddevices`, { BulkValues: { Value: [String(id)] } }),
        ),
    ),
});

const GUID = z.guid();

const assignScript = defineOperation({
  title: 'Assign a script',
  what: 'Every device of the smart groups runs the script when its trigger says so; there is no way to run it on one device.',
  isDestructive: true,
  scope: SCRIPT_SCOPE,
  hasNoTarget: true,
  parameters: z
    .strictObject({
      scriptUuid: GUID,
      name: z.string().min(1).max(200),
      organizationGroupUuid: GUID,
      smartGroupUuids: z.array(GUID).min(1).max(50),
      events: z
        .array(
          z.enum([
            'LOGIN',
            'LOGOUT',
            'STARTUP',
            'USER_SWITCH',
            'NETWORK_CHANGE',
            'RUN_ON_PUBLISH',
            'RUN_ON_ENROLLMENT',
            'RUN_IMMEDIATELY',
          ]),
        )
        .max(8)
        .default([]),
      schedule: z
        .enum(['FOUR_HOURS', 'SIX_HOURS', 'EIGHT_HOURS', 'TWELVE_HOURS', 'TWENTY_FOUR_HOURS'])
        .optional(),
    })
    .refine(({ events, schedule }) => events.length > 0 || schedule !== undefined, {
      path: ['events'],
      error: 'an event or a schedule is needed',
    }),
  run: ({ uem }: UemClient, _target, given) =>
    outcomeOf(async () => {
      const { scriptUuid, events, schedule } = given;
      const both = events.length > 0 && schedule !== undefined;
      const answer = await uem.post(`/mdm/scripts/${scriptUuid}/assignments`, {
        name: given.name,
        organization_group_uuid: given.organizationGroupUuid,
        deployment_mode: 'AUTO',
        show_in_catalog: false,
        memberships: given.smartGroupUuids.map(uuid => ({ smart_group_uuid: uuid })),
        script_deployment: {
          trigger_type: both ? 'SCHEDULE_AND_EVENT' : schedule === undefined ? 'EVENT' : 'SCHEDULE',
          ...(events.length > 0 ? { trigger_events: events } : {}),
          ...(schedule === undefined ? {} : { trigger_schedule: schedule }),
        },
      });
      const reference = answer.headers.get('location')?.split('/').at(-1);
      return { outcome: 'done', ...(reference === undefined || reference === '' ? {} : { reference }) };
    }),
});

const operations: Readonly<Record<string, Operation<UemClient>>> = {
  ...commands,
  sendPush,
  sendEmail,
  installProfile: profileOperation('install', 'The device gets the profile’s settings.'),
  removeProfile: profileOperation(
    'remove',
    'The profile’s settings, accounts and certificates leave the device.',
  ),
  setCustomAttributes,
  addTag,
  assignScript,
};

/** `Status` of a profile on a device, and what it means for an installation and for a removal. */
const PROFILE_STATES: Readonly<Record<string, readonly [FollowOutcome, FollowOutcome]>> = {
  pendinginstall: ['pending', 'unknown'],
  unconfirmedinstall: ['pending', 'unknown'],
  pendinginformation: ['pending', 'pending'],
  confirmedinstall: ['done', 'pending'],
  installedbutnotassigned: ['done', 'pending'],
  pendingremoval: ['unknown', 'pending'],
  unconfirmedremoval: ['unknown', 'pending'],
  confirmedremoval: ['failed', 'done'],
  corrupted: ['failed', 'failed'],
};

/** `tracking` is `command@time` or `profile.verb.id@time`; the vendor has no word on single commands. */
async function followUem({ uem }: UemClient, target: string, tracking: string): Promise<FollowOutcome> {
  const [name = '', at = ''] = tracking.split('@');
  const takenAt = Number(at);
  if (at === '' || !Number.isFinite(takenAt)) return 'unknown';
  const profile = /^profile\.(install|remove)\.(\d+)$/.exec(name);
  if (profile !== null) return followProfile(uem, target, profile[1] === 'install', profile[2] ?? '');
  const device = await uem.device(target);
  const isWipe = name === 'EnterpriseWipe' || name === 'DeviceWipe';
  if (device === null) return isWipe ? 'done' : 'unknown';
  const fields = uemObservation(device, null, takenAt)?.fields;
  if (isWipe) return fields?.['management.managed']?.value === false ? 'done' : 'pending';
  if (name === 'SyncDevice' || name === 'DeviceQuery') {
    return (vendorTime(plainRecord(device).last_seen) ?? 0) > takenAt ? 'done' : 'pending';
  }
  return 'unknown';
}

async function followProfile(
  uem: Uem,
  target: string,
  isInstall: boolean,
  profileId: string,
): Promise<FollowOutcome> {
  const { rows, whole } = await profilesOf(uem, target);
  const found = rows.find(({ id }) => id === profileId);
  // A profile that is no longer there has been removed, if all were read.
  if (found === undefined) return isInstall ? 'pending' : whole ? 'done' : 'unknown';
  const states = PROFILE_STATES[String(found.status).toLowerCase()];
  return states?.[isInstall ? 0 : 1] ?? 'unknown';
}

async function profilesOf(uem: Uem, target: string): Promise<Inquired> {
  const id = await numberOf(uem, target);
  return rowsOf(
    uem.list(`/mdm/devices/${id}/profiles`, { list: 'DeviceProfiles', idOf: idOrAll }),
    profileRow,
  );
}

async function rowsOf(pages: Pages<unknown>, row: (item: unknown) => Row | null): Promise<Inquired> {
  const rows: Row[] = [];
  for await (const items of pages) rows.push(...items.map(row).filter(found => found !== null));
  return { rows, whole: pages.whole };
}

/** Lists repeat themselves; an entry without an id is told from others by everything it is. */
function idOrAll(item: unknown): string {
  return vendorIdOfDevice(item) ?? vendorIdOf(plainRecord(item).script_uuid) ?? JSON.stringify(item);
}

/** The administrator's own organization group: the highest there is. */
async function topGroup(uem: Uem): Promise<string> {
  const groups = uem.list('/system/groups/search', {
    // Recorded servers have another name for them than the specification.
    list: ['LocationGroups', 'OrganizationGroups'],
    idOf: idOrAll,
  });
  const found: { readonly uuid: string; readonly level: number }[] = [];
  for await (const items of groups) {
    for (const item of items) {
      const { uuid } = refOf(item);
      const level = plainRecord(item).lg_level;
      if (uuid !== null) found.push({ uuid, level: typeof level === 'number' ? level : Number.MAX_VALUE });
    }
  }
  const [top] = found.sort((a, b) => a.level - b.level);
  if (top === undefined) throw new Problem('vendor-answer', 'the server names no organization group');
  return top.uuid;
}

async function checkUem({ uem }: UemClient): Promise<CheckLine[]> {
  const untried = [EXECUTE_SCOPE, WRITE_SCOPE, PROFILE_SCOPE, SCRIPT_SCOPE].map(
    (what): CheckLine => ({ what, outcome: 'unknown', detail: 'can only be told by changing something' }),
  );
  const notTried: CheckLine = { what: READ_SCOPE, outcome: 'unknown', detail: 'not tried' };
  try {
    await uem.signIn();
  } catch (error) {
    return [failed('Sign-in', error), notTried, ...untried];
  }
  try {
    for await (const _ of uem.devices({ pageSize: 1 })) break;
    return [{ what: 'Sign-in', outcome: 'ok' }, { what: READ_SCOPE, outcome: 'ok' }, ...untried];
  } catch (error) {
    const problem = toProblem(error);
    // The API key is only looked at here, and so are an administrator's name and password.
    if (problem.code === 'vendor-credentials') return [failed('Sign-in', problem), notTried, ...untried];
    return [{ what: 'Sign-in', outcome: 'ok' }, failed(READ_SCOPE, problem), ...untried];
  }
}

const settings = z
  .object({
    ...signInSettings,
    searchVersion: choiceSetting(['1', '2', '3'], {
      title: 'Version of the device search',
      hint: '1 is answered by every server; 3 needs a recent one.',
    }),
    readDetails: switchSetting(true, {
      title: 'Read each device’s details',
      hint: 'One request a device: storage, battery, memory, restart. Counts towards the day’s quota of requests.',
    }),
    noticeUser: textSettingOptional({
      title: 'User name for event notifications',
      hint: 'What UEM is to sign its calls to us with (Basic). Without it no call is taken.',
    }),
    noticePassword: secretSettingOptional({
      title: 'Password for event notifications',
      hint: 'A password for this alone.',
    }),
  })
  .superRefine((given, context) => {
    for (const key of neededSettings(given)) {
      if (given[key] === undefined) context.addIssue({ code: 'custom', path: [key], message: 'is needed' });
    }
    if ((given.noticeUser === undefined) !== (given.noticePassword === undefined)) {
      const path = given.noticeUser === undefined ? 'noticeUser' : 'noticePassword';
      context.addIssue({ code: 'custom', path: [path], message: 'goes with the other' });
    }
  });

export const workspaceOne = defineConnector({
  id: 'workspace-one',
  title: 'Workspace ONE UEM',
  summary:
    'Reads what Workspace ONE manages and how compliant it is; sends devices commands, messages and profiles.',
  settings,
  accounts: { max: 5 },
  scopes: [
    {
      name: READ_SCOPE,
      why: 'Reads devices, their applications, profiles and workflows.',
      neededTo: 'observe',
    },
    {
      name: EXECUTE_SCOPE,
      why: 'Sends commands and messages. Leave it out and nothing can be sent.',
      neededTo: 'act',
    },
    { name: WRITE_SCOPE, why: 'Sets custom attributes and tags.', neededTo: 'act' },
    { name: PROFILE_SCOPE, why: 'Installs and removes profiles.', neededTo: 'act' },
    { name: SCRIPT_SCOPE, why: 'Assigns scripts to smart groups.', neededTo: 'act' },
  ],
  observes: {
    source: 'workspace-one',
    incremental: {
      blindTo:
        'Between full runs only devices that have been seen are read: a compliance that changes without that, and a device that is deleted, are noticed by the next full run, or by an event notification where they are set up.',
    },
    checkpoint: checkpointSchema,
    cadence: { fullMs: 12 * HOUR, changesMs: 15 * MINUTE },
    run: observeUem,
    one: observeOne,
  },
  open: (given, io): UemClient => {
    const { noticeUser, noticePassword } = given;
    return {
      uem: openUem(given, io),
      readsDetails: given.readDetails,
      caller:
        noticeUser === undefined || noticePassword === undefined
          ? null
          : { user: noticeUser, password: noticePassword },
      seen: new Seen(),
      now: () => io.clock.now(),
    };
  },
  check: checkUem,
  operations,
  follow: followUem,
  notice: (client, notice) => receive(notice, client),
  inquiries: {
    deviceApplications: {
      title: 'Applications of a device',
      what: 'What is assigned to and installed on the device.',
      about: 'device',
      run: async ({ uem }, target) => {
        const uuid = await uuidOf(uem, target);
        const path = `/mdm/devices/${encodeURIComponent(uuid)}/apps/search`;
        return rowsOf(
          uem.list(path, { list: 'app_items', idOf: item => JSON.stringify(item) }),
          applicationRow,
        );
      },
    },
    deviceProfiles: {
      title: 'Profiles of a device',
      what: 'Which profiles the device has and which it is to get.',
      about: 'device',
      run: ({ uem }, target) => profilesOf(uem, target),
    },
    deviceWorkflows: {
      title: 'Freestyle workflows of a device',
      what: 'How far each workflow is on the device, and which step failed.',
      about: 'device',
      run: async ({ uem }, target) => {
        const uuid = await uuidOf(uem, target);
        const path = `/mdm/devices/${encodeURIComponent(uuid)}/workflows/status`;
        const found = await uem.get(path, { page: 0, pagesize: 500 });
        const items: unknown[] = Array.isArray(found) ? found : [];
        return { rows: items.map(workflowRow).filter(row => row !== null), whole: items.length < 500 };
      },
    },
    applications: {
      title: 'Applications',
      what: 'What the tenant distributes, with how many devices have it.',
      about: 'account',
      run: ({ uem }) =>
        rowsOf(uem.list('/mam/apps/search', { list: 'Application', idOf: idOrAll }), catalogueRow),
    },
    profiles: {
      title: 'Profiles',
      what: 'The tenant’s profiles, with the ids that installing one asks for.',
      about: 'account',
      run: ({ uem }) =>
        rowsOf(
          uem.list('/mdm/profiles/search', {
            list: ['ProfileList', 'Profiles'],
            idOf: item => JSON.stringify(item),
          }),
          profileRow,
        ),
    },
    scripts: {
      title: 'Scripts',
      what: 'Scripts of the top organization group, with how often each is assigned.',
      about: 'account',
      run: async ({ uem }) => {
        const path = `/mdm/groups/${encodeURIComponent(await topGroup(uem))}/scripts`;
        const shape = { list: 'SearchResults', pageSize: 'page_size', idOf: idOrAll };
        return rowsOf(uem.list(path, shape, { expand: false }), scriptRow);
      },
    },
    smartGroups: {
      title: 'Smart groups',
      what: 'Groups that profiles, applications, scripts and workflows are assigned to.',
      about: 'account',
      run: ({ uem }) =>
        rowsOf(
          uem.list('/mdm/smartgroups/search', { list: 'SmartGroups', idOf: item => JSON.stringify(item) }),
          smartGroupRow,
        ),
    },
  },
});
