import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../shared/base/clock.ts';
import { DAY } from '../../../shared/base/durations.ts';
import {
  HELP_WAITING,
  type HelpAbout,
  type HelpChange,
  type HelpState,
} from '../../../shared/device/help.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import type { HelpStandings } from '../../../shared/protocol/to-device.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { HelpFile, KeptHelp, SentFrame } from './help-file.ts';

/**
 * What this device's people have asked IT for. A request is kept here from the moment it is made until its end is known, and
 * travels through the outbox like everything else that must not get lost. Should it get lost all the same (a collector too old
 * to take it, one that was set back to a backup, a full outbox), it is told again when the collector says that it does not
 * know it; the id it was given here makes sure that it counts once.
 */
export interface HelpBook {
  /** Oldest first. */
  readonly requests: readonly KeptHelp[];
  /** @throws Problem `help-too-many` when as many wait as the collector would take. */
  ask(request: HelpRequest): KeptHelp;
  /** @throws Problem `not-found` for a request that is not this person's, `help-over` when IT was faster. */
  withdraw(id: string, personKey: string): KeptHelp;
  /** Called after every change; the returned function ends it. */
  subscribe(listener: () => void): () => void;
  /** For the hello: those of which the end is not known. */
  unfinished(): string[];
  /** The collector said how it has requests. */
  told(frame: HelpStandings): void;
  /** The collector refused a frame of this number. */
  refused(seq: number, code: string): void;
  /** After something was put into the outbox. */
  onWritten(written: () => void): void;
}

export interface HelpRequest {
  readonly person: KeptHelp['person'];
  readonly text: string;
  readonly about: HelpAbout | null;
}

export interface HelpBookOptions {
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** Left out: kept in memory only. */
  readonly file?: HelpFile;
}

/** One the collector does not know is told again for this long; later nobody waits for it any more. */
const RETELL_MS = 30 * DAY;

/** How far a request has come, as its person is told it. */
export function helpProgress({ standing, withdrawnAt }: KeptHelp): HelpState | 'waiting' | 'refused' {
  const state = standing === null || standing.state === 'unknown' ? 'waiting' : standing.state;
  // The withdrawal may still be on its way; an answer that was faster counts.
  return withdrawnAt !== null && waits(state) ? 'withdrawn' : state;
}

/** Does it wait for IT, whether IT knows of it or not? */
export function isWaiting(request: KeptHelp): boolean {
  return waits(helpProgress(request));
}

function waits(progress: ReturnType<typeof helpProgress>): boolean {
  return progress === 'waiting' || HELP_WAITING.some(state => state === progress);
}

function isFinished({ standing }: KeptHelp): boolean {
  return (
    standing !== null &&
    (standing.state === 'closed' || standing.state === 'withdrawn' || standing.state === 'refused')
  );
}

export function createHelpBook({ outbox, clock, file }: HelpBookOptions): HelpBook {
  let requests: readonly KeptHelp[] = file?.load() ?? [];
  let written = (): void => {};
  const listeners = new Set<() => void>();
  const now = (): number => Math.max(0, Math.round(clock.now()));

  function keep(next: readonly KeptHelp[]): void {
    requests = next;
    try {
      file?.save(next);
    } catch {
      // A disk that takes nothing is reported through the outbox; until it does again they are kept in memory.
    }
    for (const listener of listeners) listener();
  }

  function replace(changed: KeptHelp): void {
    keep(requests.map(one => (one.id === changed.id ? changed : one)));
  }

  const isUnderWay = (frame: SentFrame | null): boolean =>
    frame !== null && frame.stream === outbox.stream && frame.seq >= outbox.firstUnacked;

  /** Puts into the outbox what the collector must be told; kept first, so that a crash in between tells it again. */
  function send(request: KeptHelp): KeptHelp {
    const { id, at, person, text, about, withdrawnAt, standing } = request;
    let { asked, withdrawn } = request.sent;
    const put = (change: HelpChange): SentFrame => {
      const seq = outbox.append({ type: 'help', at: now(), change });
      return { stream: outbox.stream, seq };
    };
    if (standing === null && !isUnderWay(asked)) {
      asked = put({ kind: 'asked', id, at, person: person.name?.slice(0, 128) ?? null, text, about });
    }
    if (withdrawnAt !== null && !isFinished(request) && !isUnderWay(withdrawn)) {
      withdrawn = put({ kind: 'withdrawn', id, at: withdrawnAt });
    }
    const sent = { ...request, held: null, sent: { asked, withdrawn } };
    replace(sent);
    written();
    return sent;
  }

  function take(request: KeptHelp, standing: NonNullable<KeptHelp['standing']>): void {
    if (standing.state !== 'unknown') {
      const changed = { ...request, standing, held: null };
      if (JSON.stringify(changed) !== JSON.stringify(request)) replace(changed);
      // Taken back meanwhile, and the collector has not heard of it.
      const isOwed = request.withdrawnAt !== null && waits(standing.state);
      if (isOwed && !isUnderWay(request.sent.withdrawn)) send(changed);
      return;
    }
    if (isFinished(request) || isUnderWay(request.sent.asked)) return;
    const isAnswered = request.standing?.state === 'answered';
    if (isAnswered || request.withdrawnAt !== null || now() - request.at > RETELL_MS) {
      const over = request.withdrawnAt === null ? ('closed' as const) : ('withdrawn' as const);
      const { at, by, answer } = request.standing ?? { ...standing, by: null, answer: null };
      replace({ ...request, standing: { id: request.id, state: over, at, by, answer } });
      return;
    }
    send({ ...request, standing: null });
  }

  // Kept by a process that was stopped before it could put them in line.
  for (const request of requests) {
    if (request.standing === null && request.sent.asked === null) send(request);
  }

  return {
    get requests() {
      return requests;
    },
    ask({ person, text, about }) {
      if (requests.filter(isWaiting).length >= LIMITS.helpOpen) {
        throw new Problem('help-too-many', 'as many requests wait as are taken');
      }
      const request: KeptHelp = {
        id: randomBytes(12).toString('hex'),
        ...{ person, text, about, at: now(), withdrawnAt: null, standing: null, held: null },
        sent: { asked: null, withdrawn: null },
      };
      // Those whose end is known go first when there are too many to keep.
      const before = requests.slice();
      while (before.length >= LIMITS.helpKept) before.splice(Math.max(0, before.findIndex(isFinished)), 1);
      keep([...before, request]);
      return send(request);
    },
    withdraw(id, personKey) {
      const request = requests.find(one => one.id === id && one.person.key === personKey);
      if (request === undefined) throw new Problem('not-found', 'no such request of this person');
      if (helpProgress(request) === 'withdrawn') return request;
      if (!isWaiting(request)) throw new Problem('help-over', 'it is not open any more');
      const taken = { ...request, withdrawnAt: now() };
      replace(taken);
      return send(taken);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    unfinished: () => requests.filter(one => !isFinished(one)).map(({ id }) => id),
    told(frame) {
      for (const standing of frame.requests) {
        const request = requests.find(({ id }) => id === standing.id);
        if (request !== undefined) take(request, standing);
      }
    },
    refused(seq, code) {
      const request = requests.find(
        ({ sent: { asked }, standing }) =>
          standing === null && asked?.seq === seq && asked.stream === outbox.stream,
      );
      if (request !== undefined) replace({ ...request, held: code });
    },
    onWritten(listener) {
      written = listener;
    },
  };
}
