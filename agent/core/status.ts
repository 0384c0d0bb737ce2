import { shortDuration } from '../../shared/base/durations.ts';
import type { FindingReason, FindingStatus } from '../../shared/device/finding.ts';
import type { ProblemCode } from '../../shared/problem/codes.ts';
import type { Standing } from '../../shared/protocol/to-device.ts';
import type { LinkState } from './link/link.ts';
import type { Viewer } from './snapshot/watching.ts';

export interface ScanStatus {
  readonly status: FindingStatus;
  readonly reason: FindingReason | null;
  readonly at: number;
  readonly ms: number;
  /** Runs only every so many times because it costs too much; null: as planned. */
  readonly slowed?: number | null;
}

/** Who looked at this device and when; wall-clock milliseconds. */
export interface ViewReceipt {
  readonly name: string;
  readonly since: number;
  readonly until: number;
}

export interface StatusProblem {
  readonly code: string;
  readonly detail: string;
  readonly at: number;
}

/** Checks the helpdesk asked for over the link. */
export interface AskedChecks {
  readonly id: string;
  readonly at: number;
  /** null while they run. */
  readonly endedAt: number | null;
  readonly ran: number | null;
  readonly failed: number | null;
}

/** Everything there is to say about a running agent, in one value. Times are milliseconds since 1970, device clock. */
export interface AgentStatus {
  readonly version: string;
  readonly startedAt: number;
  readonly link: {
    readonly state: LinkState['at'];
    readonly since: number;
    /** What a person is told. */
    readonly words: string;
    readonly code: ProblemCode | null;
    readonly retryAt: number | null;
  };
  readonly device: { readonly deviceId: string | null; readonly keyFingerprint: string };
  readonly lastAck: { readonly seq: number; readonly at: number } | null;
  /** Device clock minus collector clock, measured at the welcome. */
  readonly clockSkewMs: number | null;
  readonly outbox: {
    readonly frames: number;
    readonly bytes: number;
    readonly dropped: number;
    readonly durable: boolean;
  };
  readonly scans: Readonly<Record<string, ScanStatus>>;
  readonly viewers: readonly Viewer[];
  /** The last hundred. */
  readonly receipts: readonly ViewReceipt[];
  /** What the collector asked this device to check, the last twenty, newest last. */
  readonly asked: readonly AskedChecks[];
  /** How the collector sees this device, as last told; null: not told since the start. */
  readonly standing: Standing | null;
  /** The last twenty, newest last. */
  readonly problems: readonly StatusProblem[];
}

const REFUSED: Partial<Record<ProblemCode, string>> = {
  'admission-waiting': 'Waiting for somebody to admit this device in the console',
  'admission-rejected': 'This device was not admitted',
  'device-revoked': 'This device was removed from the collector',
  'device-unknown': 'The collector does not know this device; asking to be let in again',
  'device-duplicated': "This device's identity was in use twice; it gets a new one",
  'device-superseded': 'Another connection of this device took over',
  'collector-changed': 'Another collector answers at this address; nothing is sent to it',
  'version-unsupported':
    'This agent and the collector do not speak the same version; one of them must be updated',
  'token-unknown': 'The collector does not know the enrolment token',
  'token-expired': 'The enrolment token has expired',
  'token-used-up': 'The enrolment token has been used up',
  'token-revoked': 'The enrolment token was withdrawn',
  'signature-wrong': "The collector did not accept this device's signature",
  'collector-busy': 'The collector is busy and gave this device a later slot',
  'collector-stopping': 'The collector is being restarted',
  'store-unavailable': 'The collector cannot store anything right now',
};

/** The link's state as a sentence. */
export function linkWords(state: LinkState): string {
  switch (state.at) {
    case 'stopped':
      return 'Not connected';
    case 'connecting':
    case 'greeting':
      return 'Connecting';
    case 'live':
      return 'Connected';
    case 'offline': {
      const why =
        (state.code === null ? undefined : REFUSED[state.code]) ?? `Not connected (${state.detail})`;
      return `${why}; trying again in ${shortDuration(state.retryInMs)}`;
    }
  }
}

export interface StatusBoard {
  readonly current: AgentStatus;
  change(part: Partial<AgentStatus>): void;
  problem(problem: StatusProblem): void;
  /** Calls back with every new status; the returned function ends it. */
  subscribe(listener: (status: AgentStatus) => void): () => void;
}

export function createStatus(initial: AgentStatus): StatusBoard {
  let current = initial;
  const listeners = new Set<(status: AgentStatus) => void>();
  function change(part: Partial<AgentStatus>): void {
    current = { ...current, ...part };
    for (const listener of listeners) listener(current);
  }
  return {
    get current() {
      return current;
    },
    change,
    problem: problem => change({ problems: [...current.problems, problem].slice(-20) }),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
