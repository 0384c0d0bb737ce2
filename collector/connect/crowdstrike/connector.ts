import { z } from 'zod';
import { HOUR, MINUTE } from '../../../shared/base/durations.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import {
  type CheckLine,
  type Connector,
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
import {
  FALCON_REGIONS,
  type Falcon,
  type FalconHost,
  type FalconSettings,
  falconSettings,
  openFalcon,
  type Regions,
  readHost,
} from './api.ts';
import { auditRows, hostObservation, scoreRow, type Told } from './convert.ts';

const HOSTS_SCOPE = 'Hosts: Read';
const ASSESSMENT_SCOPE = 'Zero Trust Assessment: Read';
const ACT_SCOPE = 'Hosts: Write';

interface FalconClient {
  readonly falcon: Falcon;
  readonly settings: FalconSettings;
  readonly now: () => number;
}

/** `region`: where the account was found, so that the next session need not be led there again. */
const falconCheckpoint = z.object({
  seenUntil: z.number().int().positive(),
  region: z.string().nullable(),
});
type FalconCheckpoint = z.infer<typeof falconCheckpoint>;

/** A host is seen some time before the search knows of it. */
const OVERLAP_MS = 10 * MINUTE;

async function* observeFalcon(
  client: FalconClient,
  since: FalconCheckpoint | null,
): AsyncGenerator<ObserveStep<FalconCheckpoint>> {
  const { falcon, now } = client;
  if (since?.region !== undefined && since.region !== null) falcon.startIn(since.region);
  let startedAt: number | null = null;
  let readAt = now();
  const pages = falcon.hosts({
    ...(since === null ? {} : { seenAfter: since.seenUntil - OVERLAP_MS }),
    onPage: serverNow => {
      readAt = serverNow ?? now();
      startedAt ??= readAt;
    },
  });
  let newest = since?.seenUntil ?? 0;
  for await (const items of pages) {
    const hosts = items.map(readHost);
    const observations = await withBeside(
      client,
      hosts.filter(record => record !== null),
      readAt,
    );
    for (const observation of observations) {
      const seen = observation.fields['edr.lastSeenAt']?.value;
      if (typeof seen === 'number') newest = Math.max(newest, seen);
      yield { kind: 'observation', observation };
    }
    for (const [i, item] of items.entries()) {
      if (hosts[i] === null) yield skipped(item);
    }
  }
  const covers = since === null ? 'all' : 'changes';
  // Not beyond the beginning of this run: whoever was seen while it went on may have been read before that.
  const seenUntil = Math.min(newest, startedAt ?? now());
  yield pages.whole
    ? {
        kind: 'complete',
        covers,
        checkpoint: seenUntil > 0 ? { seenUntil, region: falcon.region } : null,
      }
    : { kind: 'complete', covers: 'partial', checkpoint: since };
}

/** Hosts with what else is read about them. */
async function withBeside(
  { falcon, settings }: FalconClient,
  hosts: readonly FalconHost[],
  readAt: number,
): Promise<Told[]> {
  const aids = hosts.map(({ device_id: aid }) => aid);
  const [assessments, states] = await Promise.all([
    settings.zeroTrust ? falcon.assessments(aids) : undefined,
    settings.onlineState ? falcon.onlineStates(aids) : undefined,
  ]);
  return hosts.map(record => {
    const aid = record.device_id;
    const assessment = assessments === undefined ? undefined : (assessments.get(aid) ?? null);
    const online = states === undefined ? undefined : (states.get(aid) ?? null);
    return hostObservation(record, { assessment, online }, readAt);
  });
}

function skipped(item: unknown): Extract<ObserveStep<never>, { kind: 'skipped' }> {
  const id = typeof item === 'object' && item !== null && 'device_id' in item ? item.device_id : null;
  return { kind: 'skipped', vendorId: vendorIdOf(id), why: 'the record has no usable id' };
}

async function oneHost(client: FalconClient, vendorId: string): Promise<OneStep> {
  const found = isAid(vendorId) ? await client.falcon.host(vendorId) : null;
  if (found === null) return { kind: 'gone', vendorId };
  const record = readHost(found.record);
  if (record === null) return skipped(found.record);
  const [observation] = await withBeside(client, [record], found.serverNow ?? client.now());
  return observation === undefined ? { kind: 'gone', vendorId } : { kind: 'observation', observation };
}

/** Agent ids are 32 hex digits. */
function isAid(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(text);
}

const none = z.strictObject({});

function hostAction(
  action: 'contain' | 'lift_containment',
  about: Pick<Operation<FalconClient>, 'title' | 'what' | 'isDestructive'>,
): Operation<FalconClient> {
  return defineOperation<FalconClient, typeof none>({
    ...about,
    scope: ACT_SCOPE,
    parameters: none,
    run: ({ falcon, now }, target) =>
      outcomeAfter(
        async () => {
          if (!isAid(target)) throw new Problem('vendor-not-found', 'this is no agent id of Falcon');
          await falcon.signIn();
        },
        async () => {
          const takenAt = await falcon.act(target, action);
          return { outcome: 'accepted', tracking: `${action}@${takenAt ?? now()}` };
        },
      ),
  });
}

/** The host goes on saying what it was for a while after it was told. */
const SETTLES_MS = 15 * MINUTE;

/** What a host's status says about an action; `before`: not begun yet. */
const FOLLOWED: Readonly<Record<string, Readonly<Record<string, FollowOutcome | 'before'>>>> = {
  contain: {
    normal: 'before',
    containment_pending: 'pending',
    contained: 'done',
    lift_containment_pending: 'cancelled',
  },
  lift_containment: {
    contained: 'before',
    lift_containment_pending: 'pending',
    normal: 'done',
    containment_pending: 'cancelled',
  },
};

async function followFalcon(
  { falcon, now }: FalconClient,
  target: string,
  tracking: string,
): Promise<FollowOutcome> {
  const [action = '', at = ''] = tracking.split('@');
  const words = Object.hasOwn(FOLLOWED, action) ? FOLLOWED[action] : undefined;
  const takenAt = Number(at);
  if (words === undefined || at === '' || !Number.isFinite(takenAt) || !isAid(target)) return 'unknown';
  const found = await falcon.host(target);
  const status = String(readHost(found?.record)?.status ?? '').toLowerCase();
  const told = Object.hasOwn(words, status) ? words[status] : undefined;
  if (told === 'before') return (found?.serverNow ?? now()) - takenAt < SETTLES_MS ? 'pending' : 'unknown';
  return told ?? 'unknown';
}

async function checkFalcon({ falcon, settings }: FalconClient): Promise<CheckLine[]> {
  const signIn = await tried('Sign-in', async () => {
    await falcon.signIn();
    return falcon.region === null ? null : `region ${falcon.region}`;
  });
  const reads: readonly (readonly [string, () => Promise<null>])[] = [
    [HOSTS_SCOPE, () => readFirst(falcon.hosts({ size: 1 }))],
    ...(settings.zeroTrust
      ? ([[ASSESSMENT_SCOPE, () => readFirst(falcon.scores({ size: 1 }))]] as const)
      : []),
  ];
  if (signIn.outcome === 'failed') {
    return [signIn, ...reads.map(([what]) => ({ what, outcome: 'unknown' as const, detail: 'not tried' }))];
  }
  const lines = [signIn];
  for (const [what, attempt] of reads) lines.push(await tried(what, attempt));
  lines.push({ what: ACT_SCOPE, outcome: 'unknown', detail: 'can only be told by containing a host' });
  return lines;
}

/** The connector over given regions; a test has its own. */
export function defineCrowdstrike(regions: Regions): Connector {
  return defineConnector({
    id: 'crowdstrike',
    title: 'CrowdStrike Falcon',
    summary: 'Reads hosts with a Falcon sensor and their zero trust assessment; contains hosts.',
    settings: z.object(falconSettings),
    accounts: { max: 5 },
    scopes: [
      { name: HOSTS_SCOPE, why: 'Reads hosts and whether their sensors are online.', neededTo: 'observe' },
      { name: ASSESSMENT_SCOPE, why: 'Reads the scores of hosts.', neededTo: 'observe' },
      { name: ACT_SCOPE, why: 'Cuts a host off the network and lets it back.', neededTo: 'act' },
    ],
    observes: {
      source: 'crowdstrike',
      incremental: {
        blindTo: 'hosts that were deleted or hidden, and what changes about a host that is not seen again',
      },
      checkpoint: falconCheckpoint,
      cadence: { fullMs: 6 * HOUR, changesMs: 10 * MINUTE },
      run: observeFalcon,
      one: oneHost,
    },
    open: (settings, io): FalconClient => ({
      falcon: openFalcon(settings, io, regions),
      settings,
      now: () => io.clock.now(),
    }),
    check: checkFalcon,
    operations: {
      contain: hostAction('contain', {
        title: 'Contain',
        what: 'The host can reach nothing in the network but Falcon until it is let back.',
        isDestructive: true,
      }),
      lift_containment: hostAction('lift_containment', {
        title: 'Lift containment',
        what: 'The host can reach the network again.',
        isDestructive: false,
      }),
    },
    inquiries: {
      audit: {
        title: 'Zero trust audit',
        what: 'The average score of all hosts, and of each platform.',
        about: 'account',
        run: async ({ falcon }) => ({ rows: auditRows(await falcon.audit()), whole: true }),
      },
      scores: {
        title: 'Zero trust scores',
        what: 'The score of every host, the worst first.',
        about: 'account',
        run: async ({ falcon }) => {
          const pages = falcon.scores();
          const rows = [];
          for await (const items of pages) rows.push(...items.map(scoreRow));
          return { rows, whole: pages.whole };
        },
      },
    },
    follow: followFalcon,
  });
}

export const crowdstrike = defineCrowdstrike(FALCON_REGIONS);
