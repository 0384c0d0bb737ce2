import { randomBytes, randomUUID } from 'node:crypto';
import { type DeviceKey, keyFingerprint, newDeviceKey } from '../../agent/core/identity/key.ts';
import { COLLECTOR_ACTOR, COLLECTOR_SUBJECT } from '../../collector/audit/audit.ts';
import type { HotDevice } from '../../collector/fleet/hot-device.ts';
import { HotFleet } from '../../collector/fleet/hot-fleet.ts';
import { createPasswords, oneTimePassword, type Passwords } from '../../collector/http/password.ts';
import { newEnrolmentTokenSecret, secretHash } from '../../collector/http/session.ts';
import { Ingest, type IngestSession } from '../../collector/ingest/ingest.ts';
import type { Store, StoredEvent } from '../../collector/store/store.ts';
import { VERSION } from '../../collector/version.ts';
import type { Role } from '../../shared/api/schemas.ts';
import type { Actor, NewAuditEntry } from '../../shared/audit/entry.ts';
import { DAY, HOUR, MINUTE } from '../../shared/base/durations.ts';
import { Problem } from '../../shared/problem/problem.ts';
import { type Company, companyOf, type DemoDevice } from './company.ts';
import { HISTORY_MS, type Past, pastOf, RAW_MS } from './past.ts';
import { unit } from './random.ts';
import { storyOf } from './story.ts';

export interface SeedOptions {
  /** The present, milliseconds since 1970: the company's Wednesday 10:20, and where the past ends. */
  readonly now: number;
  /** The same seed makes the same company with the same past. Keys, passwords and ids are random all the same. */
  readonly seed: number;
  /** Machines that will run an agent; three more are switched off. */
  readonly count?: number;
  /** Keys by device name (keys.ts); a machine without one gets a key that nobody holds. */
  readonly keys?: ReadonlyMap<string, DeviceKey>;
  readonly passwords?: Passwords;
}

export interface DemoPerson {
  readonly user: string;
  readonly name: string;
  readonly role: Role;
  /** Made for this run and stored nowhere else. */
  readonly password: string;
}

export interface Seeded {
  /** People added; without an administrator when there was one. */
  readonly people: readonly DemoPerson[];
  readonly enrolmentToken: { readonly id: string; readonly label: string; readonly secret: string };
  readonly devices: number;
  readonly waiting: number;
}

const LABEL = 'Rollout autumn';

const TEAM: readonly { user: string; name: string; role: Role }[] = [
  { user: 'mira', name: 'Mira Holm (administrator)', role: 'admin' },
  { user: 'sam', name: 'Sam Adeyemi', role: 'helpdesk' },
  { user: 'petra', name: 'Petra Wolff', role: 'approver' },
  { user: 'guest', name: 'Guest', role: 'viewer' },
];

/**
 * Fills a store with a company that has been watched for ten days: every device's past goes frame by frame through the
 * collector's own ingest (merge, score, history) under a clock that stands in the past. Rejects with `store-unavailable`.
 */
export async function seedDemo(store: Store, options: SeedOptions): Promise<Seeded> {
  const { now, seed, count = 60, keys = new Map(), passwords = createPasswords() } = options;
  const company = companyOf(seed, count);
  // Hashing takes its time on other threads; meanwhile the past is told here.
  const added = addTeam(store, passwords, now);
  const ids = await addDevices(store, company, keys, now);
  await replay(store, company, ids, now);
  const people = await added;
  const enrolmentToken = await addToken(store, ids.size, now);
  const waiting = await addWaiting(store, company, keys, now);
  await addAudit(store, { company, ids, now, people, token: enrolmentToken.id });
  await addVisits(store, company, ids, now);
  // As the nightly housekeeping would have left it: quarter-hour averages, and readings by the minute since yesterday.
  await store.expire(now, {
    rawMs: RAW_MS,
    quarterMs: 400 * DAY,
    dailyMs: 4000 * DAY,
    eventsMs: 400 * DAY,
    historyMs: 400 * DAY,
    auditMs: 4000 * DAY,
  });
  return { people, enrolmentToken, devices: ids.size, waiting };
}

async function addTeam(store: Store, passwords: Passwords, now: number): Promise<DemoPerson[]> {
  const present = await store.listPeople();
  const hasAdmin = present.some(({ role }) => role === 'admin');
  const team = TEAM.filter(({ role }) => role !== 'admin' || !hasAdmin);
  return await Promise.all(
    team.map(async ({ user, name, role }) => {
      const password = oneTimePassword();
      await store.addPerson({
        user,
        name,
        role,
        createdAt: now - HISTORY_MS + HOUR,
        lastSignIn: null,
        disabled: false,
        lockedUntil: null,
        passwordHash: await passwords.hash(password),
        // The password is random, of this run only, and guards an invented company: no second one is asked for.
        mustChangePassword: false,
        failures: 0,
      });
      return { user, name, role, password };
    }),
  );
}

/** Adds every machine that has a past; gives their ids by name. */
async function addDevices(
  store: Store,
  { fleet, absent }: Company,
  keys: ReadonlyMap<string, DeviceKey>,
  now: number,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const added: Promise<void>[] = [];
  for (const device of [...fleet, ...absent]) {
    const id = `d_${randomUUID().replaceAll('-', '').slice(0, 20)}`;
    ids.set(device.name, id);
    const enrolledAt = now - HISTORY_MS + Math.round(20 * MINUTE * unit(device.seed, 1));
    added.push(
      store.addDevice({
        id,
        publicKey: keys.get(device.name)?.publicKey ?? newDeviceKey().publicKey,
        enrolledAt,
        enrolledBy: LABEL,
        demo: true,
        identity: device.identity,
      }),
      store.noteConnection(id, {
        identity: device.identity,
        agent: agentOf(device),
        clockSkewMs: Math.round(600 * (unit(device.seed, 2) - 0.5)),
        at: enrolledAt,
      }),
    );
  }
  await Promise.all(added);
  return ids;
}

/** What the simulated agents say of themselves. */
export function agentOf(device: DemoDevice): { version: string; arch: string; runtime: string } {
  return { version: VERSION, arch: device.system.arch ?? 'x64', runtime: `node ${process.versions.node}` };
}

interface Narrator {
  readonly hot: HotDevice;
  readonly past: Past;
  readonly session: IngestSession;
}

async function replay(
  store: Store,
  company: Company,
  ids: ReadonlyMap<string, string>,
  now: number,
): Promise<void> {
  let time = now - HISTORY_MS;
  const failures: Problem[] = [];
  const hotFleet = new HotFleet(store, () => time);
  await hotFleet.loadAll();
  const ingest = new Ingest({
    store,
    now: () => time,
    monotonic: () => time,
    onTaken: () => undefined,
    onStored: () => undefined,
    onFailed: async (_devices, problem) => {
      failures.push(problem);
    },
  });
  const actors: Narrator[] = [];
  for (const device of [...company.fleet, ...company.absent]) {
    const hot = hotFleet.get(ids.get(device.name) ?? '');
    if (hot === null) throw new Problem('internal', 'a seeded device is not in the store');
    await ingest.begin(hot, randomBytes(8).toString('hex'));
    hot.clockSkewMs = 0;
    const session: IngestSession = {
      device: hot,
      acknowledge: () => undefined,
      refuse: (code, _seq, detail) => {
        failures.push(new Problem(code, detail));
      },
      fail: problem => {
        failures.push(problem);
      },
    };
    actors.push({ hot, past: pastOf(storyOf(device, now), now), session });
  }
  for (const to of steps(now)) {
    for (const { past, session } of actors) {
      const told = past.tell(to);
      if (told === null) continue;
      time = told.heardAt;
      for (const frame of told.frames) {
        if (ingest.accept(session, frame) !== 'queued') throw new Problem('sequence-gap', 'a seeded frame');
      }
    }
    time = to;
    await ingest.drain();
    const [failure] = failures;
    if (failure !== undefined) throw failure;
  }
  await ingest.keepRecords();
  const links = actors.flatMap(({ hot, past }) => past.links.map(event => ({ device: hot.id, event })));
  await store.addEvents(links);
}

/** The ends of the stretches in which the past is told: finer towards the present, which is what people look at. */
function steps(now: number): number[] {
  const ends: number[] = [];
  let to = now - HISTORY_MS;
  while (to < now) {
    const left = now - to;
    to += left > 8 * HOUR ? 2 * HOUR : left > 2 * HOUR ? HOUR : 10 * MINUTE;
    ends.push(to);
  }
  return ends;
}

async function addToken(store: Store, uses: number, now: number): Promise<Seeded['enrolmentToken']> {
  const secret = newEnrolmentTokenSecret();
  const id = randomUUID();
  await store.addEnrolmentToken({
    id,
    label: LABEL,
    createdAt: now - HISTORY_MS - HOUR,
    createdBy: 'admin',
    expiresAt: now + 30 * DAY,
    maxUses: 500,
    uses,
    revokedAt: null,
    secretHash: secretHash(secret),
  });
  return { id, label: LABEL, secret };
}

async function addWaiting(
  store: Store,
  { newcomers }: Company,
  keys: ReadonlyMap<string, DeviceKey>,
  now: number,
): Promise<number> {
  for (const device of newcomers) {
    const { publicKey } = keys.get(device.name) ?? newDeviceKey();
    await store.noteWaiting({
      id: `w_${randomUUID().replaceAll('-', '').slice(0, 20)}`,
      publicKey,
      identity: device.identity,
      fingerprint: keyFingerprint(publicKey),
      firstSeen: now - Math.round((20 + 70 * unit(device.seed, 3)) * MINUTE),
      lastSeen: now - Math.round(MINUTE * unit(device.seed, 4)),
      address: `192.0.2.${1 + Math.floor(250 * unit(device.seed, 5))}`,
      rejected: false,
    });
  }
  return newcomers.length;
}

const ADMIN: Actor = { kind: 'person', id: 'admin', name: 'Administrator' };
const SAM: Actor = { kind: 'person', id: 'sam', name: 'Sam Adeyemi' };

/** Machines that the helpdesk looked at, by what is the matter with them, and how many hours ago. */
const VISITS = [
  ['crash-storm', 47.4],
  ['drive-failing', 25.1],
  ['firewall-off', 23.6],
  ['disk-filling-for-days', 3.2],
  ['drive-failing', 1.3],
] as const;

function visitsOf(
  { fleet }: Company,
  ids: ReadonlyMap<string, string>,
  now: number,
): { at: number; id: string }[] {
  return VISITS.flatMap(([plot, hoursAgo]) => {
    const id = ids.get(fleet.find(device => device.plot === plot)?.name ?? '');
    return id === undefined ? [] : [{ at: Math.round(now - hoursAgo * HOUR), id }];
  });
}

async function addVisits(
  store: Store,
  company: Company,
  ids: ReadonlyMap<string, string>,
  now: number,
): Promise<void> {
  const events = visitsOf(company, ids, now).map(({ at, id }) => {
    const event: StoredEvent = { at, by: 'collector', kind: 'viewed', data: { name: SAM.name } };
    return { device: id, event };
  });
  await store.addEvents(events);
}

async function addAudit(
  store: Store,
  {
    company,
    ids,
    now,
    people,
    token,
  }: {
    company: Company;
    ids: ReadonlyMap<string, string>;
    now: number;
    people: readonly DemoPerson[];
    token: string;
  },
): Promise<void> {
  const begin = now - HISTORY_MS - 2 * HOUR;
  const entries: NewAuditEntry[] = [
    {
      at: begin,
      actor: COLLECTOR_ACTOR,
      action: 'collector.started',
      subject: COLLECTOR_SUBJECT,
      data: { version: VERSION },
    },
    {
      at: begin + HOUR,
      actor: ADMIN,
      action: 'enrolment-token.created',
      subject: token,
      data: { label: LABEL, expiresAt: now + 30 * DAY, maxUses: 500 },
    },
  ];
  for (const { user, role } of people) {
    entries.push({
      at: begin + 3 * HOUR,
      actor: ADMIN,
      action: 'person.created',
      subject: user,
      data: { role },
    });
  }
  for (const device of [...company.fleet, ...company.absent]) {
    const id = ids.get(device.name);
    if (id === undefined) continue;
    entries.push({
      at: now - HISTORY_MS + Math.round(20 * MINUTE * unit(device.seed, 1)),
      actor: COLLECTOR_ACTOR,
      action: 'device.enrolled',
      subject: id,
      data: { by: LABEL },
    });
  }
  const clones = company.fleet
    .filter(({ plot }) => plot === 'cloned')
    .flatMap(({ name }) => ids.get(name) ?? []);
  const [first, second] = clones;
  if (first !== undefined && second !== undefined) {
    entries.push({
      at: now - HISTORY_MS + 25 * MINUTE,
      actor: COLLECTOR_ACTOR,
      action: 'device.duplicate-identity',
      subject: second,
      data: { other: first },
    });
  }
  for (let days = 9; days >= 0; days -= 1) {
    const at = Math.round(now - days * DAY - 1.6 * HOUR);
    entries.push({ at, actor: SAM, action: 'person.signed-in', subject: SAM.id, data: {} });
    if (days === 4) {
      entries.push({
        at: at - MINUTE,
        actor: COLLECTOR_ACTOR,
        action: 'person.sign-in-failed',
        subject: SAM.id,
        data: {},
      });
    }
  }
  for (const { at, id } of visitsOf(company, ids, now)) {
    entries.push({ at, actor: SAM, action: 'device.viewed', subject: id, data: {} });
    entries.push({
      at: at + 40_000,
      actor: SAM,
      action: 'device.scan-requested',
      subject: id,
      data: { sent: true, scans: null },
    });
  }
  for (const device of company.newcomers) {
    const at = now - Math.round((20 + 70 * unit(device.seed, 3)) * MINUTE);
    entries.push({ at, actor: COLLECTOR_ACTOR, action: 'device.waiting', subject: device.name, data: {} });
  }
  entries.sort((a, b) => a.at - b.at);
  // Appends keep the order of the calls; waiting for each one's disk write would take as long as all of the rest.
  await Promise.all(entries.map(entry => store.addAudit(entry)));
}
