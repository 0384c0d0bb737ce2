import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/base/clock.ts';
import { MINUTE } from '../../../shared/base/durations.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { Actions } from '../../core/action/run.ts';
import { answerFrom } from '../../core/advise/answer.ts';
import { type DeviceProblem, problemsOf } from '../../core/advise/problems.ts';
import type { Agent } from '../../core/agent.ts';
import type { Host } from '../../core/host.ts';
import type { Settings } from '../../core/settings/settings.ts';
import type { AgentStatus } from '../../core/status.ts';
import {
  type ChecksRun,
  CONTRACT_VERSION,
  type Connection,
  type DeskHelp,
  type DeskProblem,
  type DeskRequest,
  type DeskVerdict,
  type DeviceAction,
  type Handlers,
  type Home,
  type Payloads,
  type Privacy,
  type Saying,
} from '../../desktop/contract.ts';
import { deskHelpOf, helpNews } from './help.ts';
import { keeper } from './keep.ts';
import { offer, outcomeWords } from './offer.ts';

/** Somebody signed in to this device. */
export interface Person {
  /** What tells them apart on this device: the account's id. */
  readonly key: string;
  readonly name: string | null;
}

export interface DeskOptions {
  readonly agent: Agent;
  readonly settings: Settings;
  readonly host: Host;
  readonly platform: Platform;
  /** Every check with what it costs. */
  readonly checks: readonly { readonly id: string; readonly cost: 'cheap' | 'posture' | 'heavy' }[];
  /** Where the desk's memory is kept; null: nowhere. */
  readonly folder: string | null;
  readonly clock: Clock;
  readonly actions: Actions;
}

type Told = Payloads<'service'>;
export type Tell = <Name extends keyof Told>(name: Name, payload: Told[Name]) => void;

export interface Desk {
  readonly handlers: Handlers<'service' | 'inner', Person>;
  /** Tells this person's app what changes, from now on; the returned function ends it. */
  attach(person: Person, tell: Tell): () => void;
  close(): void;
}

/** Changes that come together are told together. */
const GATHER_MS = 100;
/** How long a person may take to say yes. */
const CONSENT_MS = 2 * MINUTE;
/** Checks that together say whether a device is well where the collector has not said so. */
const TELLING = ['os.support', 'disk.encryption', 'fw.enabled'];
/** Order of badness. */
const STATES = ['unknown', 'well', 'attention', 'will-block', 'blocked'] as const;

/**
 * What this device's people are shown and may ask for, made from the agent's status, its findings and what the collector
 * told. Several people may be attached at once: what concerns the device is everybody's, what one of them asked or agreed to
 * is only theirs.
 */
export function createDesk(options: DeskOptions): Desk {
  const { agent, settings, host, platform, checks, clock, actions } = options;
  const memory = keeper(options.folder, clock);
  const attached = new Set<{ person: Person; tell: Tell; told: Map<string, string> }>();
  const consents = new Map<string, { person: string; action: DeviceAction; until: number }>();
  let run: { state: Omit<ChecksRun, 'by'>; person: string } | null = null;
  /** The last answer for problems whose checks cannot tell right now. */
  let known: readonly DeviceProblem[] = [];
  let before: AgentStatus = agent.status.current;
  let cancel: (() => void) | null = null;
  let wasLive = false;
  let privacyText = '';
  let helpBefore = agent.help.requests;

  const now = (): number => Math.max(0, Math.round(clock.now()));

  function note(what: Saying, about: Saying | null = null, person: string | null = null): void {
    memory.change({ journal: [...memory.value.journal, { at: now(), what, about, person }] });
  }

  /** Problems now: those the findings show, and those whose checks cannot say that they are gone. */
  function review(): void {
    const { findings } = agent;
    const shown = problemsOf(findings, platform, clock.now());
    const unsure = known.filter(
      problem =>
        !shown.some(({ id }) => id === problem.id) &&
        problem.checks.some(id => !['ok', 'absent'].includes(findings[id]?.status ?? 'failed')),
    );
    const { since } = memory.value;
    const next: Record<string, number> = {};
    for (const problem of [...shown, ...unsure]) {
      next[problem.id] = since[problem.id] ?? now();
      if (since[problem.id] === undefined) note(say('journal.problem-found'), problem.what);
    }
    for (const problem of known) {
      if (next[problem.id] === undefined) note(say('journal.problem-gone'), problem.what);
    }
    // From before a restart, and its checks have not answered yet.
    for (const [id, at] of Object.entries(since)) {
      if (next[id] === undefined && !known.some(problem => problem.id === id) && !answeredAll())
        next[id] = at;
    }
    known = [...shown, ...unsure].sort((a, b) => b.weight - a.weight);
    if (JSON.stringify(next) !== JSON.stringify(since)) memory.change({ since: next });
  }

  function answeredAll(): boolean {
    return checks.every(({ id }) => agent.findings[id] !== undefined);
  }

  function problems(): DeskProblem[] {
    const verdict = agent.status.current.standing?.verdict;
    return known.map(problem => {
      const blocks =
        verdict !== undefined && verdict.state !== 'well' && verdict.what.key === problem.what.key
          ? verdict.state
          : null;
      return {
        id: problem.id,
        state: blocks ?? 'attention',
        what: copy(problem.what),
        why: copy(problem.why),
        since: memory.value.since[problem.id] ?? now(),
        by: blocks === null || verdict === undefined ? problem.by : ownClock(verdict.deadline),
        steps: problem.steps.map(copy),
        checks: [...problem.checks],
        action: problem.action !== null && actions.offered(problem.action) ? offer(problem.action) : null,
        who: problem.who,
      };
    });
  }

  /** A moment by the collector's clock as this device's clock shows it. */
  function ownClock(at: number): number;
  function ownClock(at: number | null): number | null;
  function ownClock(at: number | null): number | null {
    return at === null ? null : Math.max(0, Math.round(at + (agent.status.current.clockSkewMs ?? 0)));
  }

  function connection(): Connection {
    const { link, lastAck } = agent.status.current;
    return {
      state: link.state === 'greeting' ? 'connecting' : link.state,
      since: Math.round(link.since),
      code: link.code,
      retryAt: link.retryAt === null ? null : Math.round(link.retryAt),
      storedAt: lastAck === null ? null : Math.round(lastAck.at),
    };
  }

  function verdict(): DeskVerdict {
    const { standing } = agent.status.current;
    if (standing === null) return { known: false, why: 'not-told-yet' };
    if (standing.verdict === undefined) return { known: false, why: 'no-policy-yet' };
    const { state, what, deadline } = standing.verdict;
    return { known: true, state, what, deadline: ownClock(deadline), at: ownClock(standing.at) };
  }

  function homeFor(person: Person): Home {
    const { standing, viewers } = agent.status.current;
    const all = problems();
    const judged = verdict();
    // Those of before a restart are still there until their checks have answered.
    const open = Object.keys(memory.value.since);
    const own = TELLING.every(id => agent.findings[id]?.status === 'ok') ? 'well' : 'unknown';
    const states = [
      judged.known ? judged.state : 'unknown',
      open.length > 0 ? 'attention' : 'unknown',
      standing?.state ?? own,
    ] as const;
    return {
      at: now(),
      device: { name: agent.identity?.hostname ?? '', person: person.name, platform },
      state: STATES.findLast(state => states.includes(state)) ?? 'unknown',
      score:
        standing === null
          ? { known: false, why: 'not-told-yet' }
          : standing.score === null
            ? { known: false, why: 'too-little-known' }
            : {
                known: true,
                value: standing.score,
                at: ownClock(standing.at),
                reasons: standing.reasons,
              },
      verdict: judged,
      next: all[0] ?? null,
      problems: open,
      connection: connection(),
      viewers: viewers.map(({ name, since }) => ({ name, since: ownClock(since) })),
      run: run === null ? null : runFor(person, run),
    };
  }

  function runFor(person: Person, { state, person: by }: NonNullable<typeof run>): ChecksRun {
    return { ...state, by: by === person.key ? 'you' : 'another' };
  }

  function requests(): DeskRequest[] {
    return memory.value.requests.toReversed();
  }

  /** This person's own, newest first. */
  function helpFor(person: Person): DeskHelp[] {
    return agent.help.requests
      .filter(one => one.person.key === person.key)
      .map(one => deskHelpOf(one, ownClock))
      .reverse();
  }

  function helped(): void {
    for (const { what, about, person } of helpNews(helpBefore, agent.help.requests))
      note(what, about, person);
    helpBefore = agent.help.requests;
    soon();
  }

  function privacyFor(person: Person): Privacy {
    const { viewers, outbox } = agent.status.current;
    return {
      at: now(),
      checks: checks.map(({ id, cost }) => ({
        id,
        cost,
        finding: agent.findings[id] ?? null,
        sentAt: agent.sentAt[id] ?? null,
      })),
      sent: {
        collector: settings.values.collector ?? '',
        waiting: outbox.frames,
        waitingBytes: outbox.bytes,
        storedAt: connection().storedAt,
      },
      views: [
        ...viewers.map(({ name, since }) => ({ name, since: ownClock(since), until: null })),
        ...memory.value.views.toReversed(),
      ],
      journal: memory.value.journal
        .filter(entry => entry.person === null || entry.person === person.key)
        .map(({ at, what, about }) => ({ at, what, about }))
        .reverse(),
    };
  }

  /** Tells everybody what is new for them. */
  function publish(): void {
    cancel?.();
    cancel = null;
    review();
    const all = problems();
    const asked = requests();
    const text = JSON.stringify([
      agent.sentAt,
      memory.value,
      agent.status.current.scans,
      agent.status.current.viewers,
    ]);
    const privacyNew = text !== privacyText;
    privacyText = text;
    for (const one of attached) {
      const tellNew = <Name extends keyof Told>(
        name: Name,
        payload: Told[Name],
        compared: unknown = payload,
      ): void => {
        const said = JSON.stringify(compared);
        if (one.told.get(name) === said) return;
        one.told.set(name, said);
        one.tell(name, payload);
      };
      const home = homeFor(one.person);
      tellNew('home.changed', home, { ...home, at: 0 });
      tellNew('problems.changed', all);
      tellNew('requests.changed', asked);
      tellNew('help.changed', helpFor(one.person));
      if (privacyNew) one.tell('privacy.changed', null);
    }
  }

  function soon(): void {
    cancel ??= clock.after(GATHER_MS, publish);
  }

  function noticed(status: AgentStatus): void {
    const live = status.link.state === 'live';
    if (live && !wasLive) note(say('journal.connected'));
    if (wasLive && status.link.state === 'offline') note(say('journal.disconnected'));
    if (live || status.link.state === 'offline') wasLive = live;
    for (const { name, since } of status.viewers) {
      if (!before.viewers.some(one => one.name === name && one.since === since))
        note(say('journal.viewed', { name }));
    }
    const over = status.receipts.filter(one => !before.receipts.includes(one));
    if (over.length > 0) {
      for (const { name } of over) note(say('journal.view-ended', { name }));
      const ended = over.map(({ name, since, until }) => ({
        name,
        since: ownClock(since),
        until: Math.round(until),
      }));
      memory.change({ views: [...memory.value.views, ...ended] });
    }
    if (status.asked !== before.asked) {
      const fresh = status.asked.filter(({ id }) => !before.asked.some(one => one.id === id));
      for (const _request of fresh) note(say('journal.checks-helpdesk'));
      const told = new Map(memory.value.requests.map(request => [request.id, request]));
      for (const { id, at, endedAt, ran, failed } of status.asked) {
        told.set(id, {
          id,
          at: Math.round(at),
          kind: 'checks',
          by: null,
          state: endedAt === null ? 'running' : 'done',
          endedAt: endedAt === null ? null : Math.round(endedAt),
          ran,
          failed,
        });
      }
      memory.change({ requests: [...told.values()] });
    }
    before = status;
    soon();
  }

  function startRun(ids: readonly string[], person: Person): ChecksRun {
    if (run !== null && run.state.endedAt === null) return runFor(person, run);
    const mine = {
      person: person.key,
      state: {
        run: randomUUID(),
        startedAt: now(),
        endedAt: null,
        done: 0,
        of: ids.length,
        answered: [],
      } as Omit<ChecksRun, 'by'>,
    };
    run = mine;
    note(say('journal.checks-you'), null, person.key);
    const tell = (): void => {
      for (const one of attached) one.tell('checks.progress', runFor(one.person, mine));
    };
    const end = (): void => {
      mine.state = { ...mine.state, endedAt: now() };
      tell();
      publish();
    };
    agent
      .recheck(ids, (id, { status }) => {
        const answered = [...mine.state.answered, { id, status }];
        mine.state = { ...mine.state, answered, done: answered.length };
        tell();
      })
      .then(end, end);
    publish();
    return runFor(person, mine);
  }

  /** Takes a consent that was given for exactly this, once. */
  function spend(consent: string, action: DeviceAction, person: Person): void {
    const given = consents.get(consent);
    if (given === undefined || given.person !== person.key || given.action !== action) {
      throw new Problem('consent-missing', 'no such consent');
    }
    consents.delete(consent);
    if (clock.monotonic() > given.until) throw new Problem('consent-missing', 'the consent is over');
  }

  const handlers: Desk['handlers'] = {
    home: {
      get: (_input, person) => {
        review();
        return homeFor(person);
      },
    },
    problems: {
      list: () => {
        review();
        return problems();
      },
    },
    checks: {
      run: ({ checks: wanted }, person) => {
        const ids = checks.map(({ id }) => id).filter(id => wanted === undefined || wanted.includes(id));
        if (ids.length === 0) throw new Problem('request-invalid', 'none of these checks exists here');
        return startRun(ids, person);
      },
    },
    assistant: {
      ask: ({ question, locale }) => {
        review();
        const { findings } = agent;
        const said = answerFrom(question, { findings, problems: known, locale });
        return {
          kind: said.kind,
          says: said.says.map(copy),
          problems: problems()
            .filter(({ id }) => said.problems.includes(id))
            .slice(0, 10),
          findings: said.findings.flatMap(id => {
            const finding = findings[id];
            return finding === undefined ? [] : [{ id, finding }];
          }),
          basis: say('assist.basis'),
        };
      },
    },
    requests: { list: requests },
    help: {
      list: (_input, person) => helpFor(person),
      ask: ({ text, problem: id }, person) => {
        review();
        const problem = id === undefined ? undefined : known.find(one => one.id === id);
        if (id !== undefined && problem === undefined) {
          throw new Problem('request-invalid', 'there is no such problem (any more)');
        }
        const about = problem === undefined ? null : { problem: problem.id, what: copy(problem.what) };
        const { key, name } = person;
        return deskHelpOf(agent.help.ask({ person: { key, name }, text, about }), ownClock);
      },
      withdraw: ({ id }, person) => deskHelpOf(agent.help.withdraw(id, person.key), ownClock),
    },
    privacy: { get: (_input, person) => privacyFor(person) },
    about: {
      get: () => {
        const { device, clockSkewMs, problems: trouble, startedAt } = agent.status.current;
        return {
          agent: {
            version: host.agent.version,
            runtime: host.agent.runtime,
            startedAt: Math.round(startedAt),
          },
          contract: CONTRACT_VERSION,
          device: { id: device.deviceId, keyFingerprint: device.keyFingerprint },
          connection: connection(),
          collector: settings.values.collector ?? '',
          clockSkewMs,
          settings: settings.explain().map(row => ({ ...row })),
          trouble: trouble.map(({ code, at }) => ({ code, at: Math.round(at) })),
        };
      },
    },
    device: {
      plan: ({ action }, person) => {
        for (const [token, { until }] of consents) if (clock.monotonic() > until) consents.delete(token);
        const consent = randomBytes(24).toString('base64url');
        consents.set(consent, { person: person.key, action, until: clock.monotonic() + CONSENT_MS });
        const { title, restarts } = offer(action);
        return {
          action,
          title,
          what: say(`act.${action}.what`),
          restarts,
          consent,
          until: now() + CONSENT_MS,
        };
      },
      run: async ({ action, consent }, person) => {
        spend(consent, action, person);
        note(say('journal.consented'), say(`act.${action}.title`), person.key);
        const became = outcomeWords(action, await actions.run(action, person.key));
        note(became.says, say(`act.${action}.title`), person.key);
        publish();
        return became;
      },
      declined: ({ action, consent }, person) => {
        spend(consent, action, person);
        note(say('journal.declined'), say(`act.${action}.title`), person.key);
        publish();
        return null;
      },
    },
  };

  note(say('journal.started'));
  const endStatus = agent.status.subscribe(noticed);
  const endHelp = agent.help.subscribe(helped);
  return {
    handlers,
    attach(person, tell) {
      const one = { person, tell, told: new Map<string, string>() };
      attached.add(one);
      return () => attached.delete(one);
    },
    close() {
      endStatus();
      endHelp();
      cancel?.();
      cancel = null;
      memory.close();
    },
  };
}

function say(key: string, params: Record<string, string | number> = {}): Saying {
  return { key, params };
}

function copy({ key, params }: { key: string; params: Readonly<Record<string, string | number>> }): Saying {
  return { key, params: { ...params } };
}
