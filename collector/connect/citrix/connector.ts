import { z } from 'zod';
import { HOUR } from '../../../shared/base/durations.ts';
import { isProblem, Problem } from '../../../shared/problem/problem.ts';
import {
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
import { choiceSetting, numberSetting, switchSetting } from '../setting.ts';
import { type Citrix, type CitrixRecord, NEEDED, openCitrix, sentId, signInSettings } from './api.ts';
import {
  applicationRow,
  type CitrixRules,
  citrixDetailsObservation,
  citrixObservation,
  deliveryGroupRow,
  type Marked,
  pendingOf,
  softwareRow,
} from './convert.ts';

const API_SCOPE = 'PUBLIC_API_ACCESS';
const DEVICE_SCOPE = 'Devices';
const APP_SCOPE = 'App';
const GROUP_SCOPE = 'Delivery Group';

/** The console's filter for what an action or a policy has marked. */
const OUT_OF_COMPLIANCE = 'device.status.out.of.compliance';

interface CitrixClient {
  readonly citrix: Citrix;
  readonly rules: CitrixRules;
  readonly readsDetails: boolean;
  readonly now: () => number;
}

/**
 * Ids of what is marked as out of compliance; null where the server cannot say: it does not know the filter, or it says
 * that it filtered by something else (and every device would count as marked).
 */
async function markedDevices(citrix: Citrix): Promise<ReadonlySet<string> | null> {
  const marked = new Set<string>();
  let isIgnored = false;
  const pages = citrix.devices({
    filters: [OUT_OF_COMPLIANCE],
    onPage: ({ filteredBy }) => {
      if (filteredBy !== null && !filteredBy.includes(OUT_OF_COMPLIANCE)) isIgnored = true;
    },
  });
  try {
    for await (const items of pages) {
      if (isIgnored) return null;
      for (const item of items) {
        const id = idOf(item);
        if (id !== null) marked.add(id);
      }
    }
  } catch (error) {
    // The devices themselves can be read all the same.
    if (isProblem(error) && (error.code === 'vendor-refused' || error.code === 'vendor-not-found'))
      return null;
    throw error;
  }
  return pages.whole && !isIgnored ? marked : null;
}

async function* observeCitrix({
  citrix,
  rules,
  readsDetails,
  now,
}: CitrixClient): AsyncGenerator<ObserveStep<never>> {
  const marked = await markedDevices(citrix);
  const pages = citrix.devices();
  for await (const items of pages) {
    // All details of a page are under way together, as many at once as the pace allows; none may fail unheard.
    const steps = items.map(async (item): Promise<OneStep> => {
      const id = idOf(item);
      if (id === null) return { kind: 'skipped', vendorId: null, why: 'the record has no usable id' };
      const details = readsDetails ? await detailsOf(citrix, id) : null;
      const isMarked: Marked = marked === null ? null : marked.has(id);
      const record = { ...recordOf(item), id };
      const observation = citrixObservation(record, details, isMarked, now(), rules);
      return observation === null
        ? { kind: 'skipped', vendorId: id, why: 'the record has no usable id' }
        : { kind: 'observation', observation };
    });
    for (const step of await Promise.all(steps)) yield step;
  }
  yield { kind: 'complete', covers: pages.whole ? 'all' : 'partial', checkpoint: null };
}

/** Details are an addition: a device whose details the server refuses is told as the list has it. */
async function detailsOf(citrix: Citrix, id: string): Promise<CitrixRecord | null> {
  try {
    return await citrix.device(id);
  } catch (error) {
    if (isProblem(error) && error.code === 'vendor-refused') return null;
    throw error;
  }
}

async function observeOne({ citrix, rules, now }: CitrixClient, vendorId: string): Promise<OneStep> {
  const details = await citrix.device(vendorId);
  if (details === null) return { kind: 'gone', vendorId };
  // Which devices are marked is only in the list of those that are.
  const marked = await markedDevices(citrix);
  const isMarked: Marked = marked === null ? null : marked.has(vendorId);
  const observation = citrixDetailsObservation(details, vendorId, isMarked, now(), rules);
  return observation === null
    ? { kind: 'skipped', vendorId, why: 'the record has no usable id' }
    : { kind: 'observation', observation };
}

const PIN = z.string().regex(/^\d{4,16}$/, 'is not 4 to 16 digits');

function deviceOperation<P extends z.ZodObject>(
  path: string,
  about: Pick<Operation<CitrixClient>, 'title' | 'what' | 'isDestructive'>,
  parameters: P,
): Operation<CitrixClient> {
  return defineOperation<CitrixClient, P>({
    ...about,
    scope: DEVICE_SCOPE,
    parameters,
    run: ({ citrix, now }, target, given) =>
      outcomeOf(async () => {
        const takenAt = now();
        const query = Object.fromEntries(
          Object.entries(given)
            .filter(([, value]) => value !== undefined)
            .map(([key, value]) => [key, String(value)]),
        );
        await citrix.act(path, target, query);
        return { outcome: 'accepted', tracking: `${path}@${takenAt}` };
      }),
  });
}

const none = z.strictObject({});
const ordinary = (title: string, what: string) => ({ title, what, isDestructive: false });
const destructive = (title: string, what: string) => ({ title, what, isDestructive: true });

const notify = defineOperation<CitrixClient, z.ZodObject<{ message: z.ZodString }>>({
  title: 'Send a message',
  what: 'A message of ours is shown on the device by its own agent.',
  isDestructive: false,
  scope: DEVICE_SCOPE,
  parameters: z.strictObject({ message: z.string().min(1).max(1000) }),
  run: ({ citrix }, target, { message }) =>
    outcomeAfter(
      async () => {
        const details = await citrix.device(target);
        if (details === null) throw new Problem('vendor-not-found', 'the server has no such device');
        return details;
      },
      async ({ osFamily }) => {
        const made = await citrix.notify({
          to: [{ deviceId: sentId(target), ...(typeof osFamily === 'string' ? { osFamily } : {}) }],
          agentMessage: message,
          smtp: 'false',
          sms: 'false',
          agent: 'true',
          templateId: '-1',
        });
        // -1 stands for a way that was not used; all of them: nothing was sent, although the status is 0.
        if (made.length > 0 && made.every(id => id < 0)) {
          return { outcome: 'refused', problem: new Problem('vendor-refused', 'no notification was made') };
        }
        return { outcome: 'accepted' };
      },
    ),
});

const faq = z.strictObject({ question: z.string().max(500), answer: z.string().max(2000) });
const applicationId = z
  .union([z.string().regex(/^[\w-]{1,64}$/), z.number().int().positive()])
  .transform(String);

const updateApplication = defineOperation({
  title: 'Update an application',
  what: 'Changes how an application of a public store is called, described, grouped and delivered; what is not named stays.',
  isDestructive: false,
  scope: APP_SCOPE,
  hasNoTarget: true,
  parameters: z.strictObject({
    applicationId,
    name: z.string().min(1).max(255).optional(),
    description: z.string().max(4000).optional(),
    categories: z.array(z.string().min(1).max(255)).max(50).optional(),
    /** Delivery groups by name. */
    roles: z.array(z.string().min(1).max(255)).max(200).optional(),
  }),
  run: ({ citrix }: CitrixClient, _target, { applicationId: id, ...change }) =>
    outcomeAfter(
      async () => {
        const current = await citrix.storeApplication(id);
        if (current === null) throw new Problem('vendor-not-found', 'the server has no such application');
        return current;
      },
      async current => {
        // The request replaces: what is not to change is sent back as it is.
        const kept = ['name', 'description', 'categories', 'roles', 'schedule'].map(key => [
          key,
          current[key],
        ]);
        const body = Object.fromEntries(
          [...kept, ...Object.entries(change)].filter(([, value]) => value !== undefined && value !== null),
        );
        await citrix.updateStoreApplication(id, body);
        return { outcome: 'done', reference: id };
      },
    ),
});

const updateApplicationPlatform = defineOperation({
  title: 'Update an application for one platform',
  what: 'Changes how an application of a public store behaves on one platform.',
  isDestructive: false,
  scope: APP_SCOPE,
  hasNoTarget: true,
  parameters: z.strictObject({
    applicationId,
    platform: z.enum(['iphone', 'ipad', 'android', 'android_work', 'windows', 'windows_phone']),
    displayName: z.string().min(1).max(255).optional(),
    description: z.string().max(4000).optional(),
    removeWithMdm: z.boolean().optional(),
    preventBackup: z.boolean().optional(),
    changeManagementState: z.boolean().optional(),
    checkForUpdate: z.boolean().optional(),
    faqs: z.array(faq).max(20).optional(),
  }),
  run: ({ citrix }: CitrixClient, _target, { applicationId: id, platform, ...change }) =>
    outcomeOf(async () => {
      await citrix.updateStorePlatform(id, platform, change);
      return { outcome: 'done', reference: id };
    }),
});

const deployDeliveryGroups = defineOperation({
  title: 'Deploy delivery groups',
  what: 'Every device of the delivery groups fetches its applications and policies at once.',
  isDestructive: false,
  scope: GROUP_SCOPE,
  hasNoTarget: true,
  parameters: z.strictObject({
    groups: z
      .array(z.union([z.string().min(1).max(255), z.number().int()]))
      .min(1)
      .max(50),
  }),
  run: ({ citrix }: CitrixClient, _target, { groups }) =>
    outcomeOf(async () => {
      await citrix.deploy(groups);
      return { outcome: 'accepted' };
    }),
});

/** The vendor's own names, the path after `/device/`; `cancel…` calls off what waits for the device. */
const operations: Readonly<Record<string, Operation<CitrixClient>>> = {
  notify,
  refresh: deviceOperation(
    'refresh',
    ordinary('Refresh', 'The device fetches its policies and applications at once.'),
    none,
  ),
  locate: deviceOperation('locate', ordinary('Locate', 'The device says where it is.'), none),
  ring: deviceOperation('ring', ordinary('Ring', 'The device rings until it is found.'), none),
  lock: deviceOperation(
    'lock',
    destructive('Lock', 'The device locks, with a new PIN where one is given.'),
    z.strictObject({
      newPinCode: PIN.optional(),
      lockMessage: z.string().min(1).max(255).optional(),
      phoneNumber: z.string().min(3).max(40).optional(),
    }),
  ),
  unlock: deviceOperation('unlock', destructive('Unlock', 'The passcode is removed.'), none),
  appLock: deviceOperation(
    'appLock',
    destructive('Lock applications', 'Managed applications cannot be opened until they are unlocked.'),
    none,
  ),
  appWipe: deviceOperation(
    'appWipe',
    destructive('Wipe applications', 'Managed applications and their data are removed from the device.'),
    none,
  ),
  selwipe: deviceOperation(
    'selwipe',
    destructive('Selective wipe', 'Company data and management are removed; personal data stays.'),
    none,
  ),
  wipe: deviceOperation(
    'wipe',
    destructive('Full wipe', 'The device is reset; everything on it is lost.'),
    z.strictObject({ pinCode: PIN.optional(), erasedMemoryCard: z.boolean().optional() }),
  ),
  revoke: deviceOperation(
    'revoke',
    destructive('Revoke', 'The device may no longer talk to the server; nothing on it is removed.'),
    none,
  ),
  cancelLock: deviceOperation('lock/cancel', ordinary('Call off a lock', 'If it still waits.'), none),
  cancelSelwipe: deviceOperation(
    'selwipe/cancel',
    ordinary('Call off a selective wipe', 'If it still waits.'),
    none,
  ),
  cancelWipe: deviceOperation('wipe/cancel', ordinary('Call off a full wipe', 'If it still waits.'), none),
  updateApplication,
  updateApplicationPlatform,
  deployDeliveryGroups,
};

/** Flags of the details that say that something has been done. */
const DONE_FLAGS: Readonly<Record<string, string>> = {
  appLock: 'appLock',
  appWipe: 'appWipe',
  revoke: 'revoked',
};

/**
 * `tracking` is `path@time`. The server says which actions can still be called off, and of some that they are done; whether
 * another one reached the device, it does not tell.
 */
async function followCitrix(
  { citrix }: CitrixClient,
  target: string,
  tracking: string,
): Promise<FollowOutcome> {
  const [path = '', at = ''] = tracking.split('@');
  const takenAt = Number(at);
  if (at === '' || !Number.isFinite(takenAt)) return 'unknown';
  const details = await citrix.device(target);
  if (details === null) return path === 'wipe' || path === 'selwipe' ? 'done' : 'unknown';
  if (pendingOf(details).includes(path)) return 'pending';
  const flag = DONE_FLAGS[path];
  if (flag !== undefined) return details[flag] === true ? 'done' : 'pending';
  if (path === 'refresh') return (vendorTime(details.lastAuthDate) ?? 0) > takenAt ? 'done' : 'pending';
  return 'unknown';
}

async function rowsOf(pages: Pages<unknown>, row: (item: unknown) => Row | null): Promise<Inquired> {
  const rows: Row[] = [];
  for await (const items of pages) rows.push(...items.map(row).filter(found => found !== null));
  return { rows, whole: pages.whole };
}

async function checkCitrix({ citrix }: CitrixClient): Promise<CheckLine[]> {
  const untried: CheckLine[] = [DEVICE_SCOPE, APP_SCOPE, GROUP_SCOPE].map(what => ({
    what,
    outcome: 'unknown',
    detail: 'can only be told by changing something',
  }));
  try {
    await citrix.signIn();
  } catch (error) {
    const notTried: CheckLine = { what: API_SCOPE, outcome: 'unknown', detail: 'not tried' };
    return [failed('Sign-in', error), notTried, ...untried];
  }
  const signedIn: CheckLine = { what: 'Sign-in', outcome: 'ok' };
  try {
    for await (const _ of citrix.devices({ limit: 1 })) break;
    return [signedIn, { what: API_SCOPE, outcome: 'ok' }, ...untried];
  } catch (error) {
    return [signedIn, failed(API_SCOPE, error), ...untried];
  }
}

function recordOf(item: unknown): CitrixRecord {
  return typeof item === 'object' && item !== null ? { ...item } : {};
}

const idOf = (item: unknown): string | null => vendorIdOf(recordOf(item).id);

const settings = z
  .object({
    ...signInSettings,
    readDetails: switchSetting(true, {
      title: 'Read each device’s details',
      hint: 'One request a device: when it was enrolled, its certificates, delivery groups, waiting actions, and times with their zone.',
    }),
    unmarked: choiceSetting(['compliant', 'unknown'], {
      title: 'Devices that are not marked as out of compliance',
      hint: 'Citrix marks what is out of line and says nothing of the rest.',
    }),
    serverOffsetMinutes: numberSetting(
      { fallback: 0, least: -14 * 60, most: 14 * 60 },
      {
        title: 'Time zone of the server',
        hint: 'Minutes ahead of UTC (Berlin in winter: 60). The device list writes times without a zone.',
      },
    ),
  })
  .superRefine((given, context) => {
    for (const key of NEEDED[given.deployment]) {
      if (given[key] === undefined)
        context.addIssue({ code: 'custom', path: [key], message: `is needed (${given.deployment})` });
    }
  });

export const citrixEndpointManagement = defineConnector({
  id: 'citrix-endpoint-management',
  title: 'Citrix Endpoint Management',
  summary:
    'Reads the devices of Endpoint Management or a XenMobile Server and whether they are in line; sends them messages and actions.',
  settings,
  accounts: { max: 5 },
  scopes: [
    {
      name: API_SCOPE,
      why: 'Signs in to the REST API and reads devices, applications and delivery groups.',
      neededTo: 'observe',
    },
    {
      name: DEVICE_SCOPE,
      why: 'Messages, locks, wipes. Take its actions out of the role and nothing can be sent.',
      neededTo: 'act',
    },
    { name: APP_SCOPE, why: 'Changes applications.', neededTo: 'act' },
    { name: GROUP_SCOPE, why: 'Has delivery groups deployed.', neededTo: 'act' },
  ],
  observes: {
    source: 'citrix',
    // There is neither a feed of changes nor a filter by time.
    incremental: null,
    checkpoint: z.never(),
    cadence: { fullMs: HOUR },
    run: observeCitrix,
    one: observeOne,
  },
  open: (given, io): CitrixClient => ({
    citrix: openCitrix(given, io),
    rules: { zone: { zoneless: { offsetMinutes: given.serverOffsetMinutes } }, unmarked: given.unmarked },
    readsDetails: given.readDetails,
    now: () => io.clock.now(),
  }),
  check: checkCitrix,
  operations,
  follow: followCitrix,
  inquiries: {
    software: {
      title: 'Installed software',
      what: 'What the device reported as installed.',
      about: 'device',
      run: async ({ citrix }, target) => {
        const found = await citrix.software(target);
        if (found === null) throw new Problem('vendor-not-found', 'the server has no such device');
        return { rows: found.map(softwareRow).filter(row => row !== null), whole: true };
      },
    },
    applications: {
      title: 'Applications',
      what: 'What the server distributes, with how many devices have it.',
      about: 'account',
      run: ({ citrix }) => rowsOf(citrix.applications(), applicationRow),
    },
    deliveryGroups: {
      title: 'Delivery groups',
      what: 'Who gets which applications and policies.',
      about: 'account',
      run: ({ citrix }) => rowsOf(citrix.deliveryGroups(), deliveryGroupRow),
    },
  },
});
