import type { Finding } from '../../shared/device/finding.ts';
import type {
  About,
  ActOutcome,
  Answer,
  AppInfo,
  Connection,
  contract,
  DeskHelp,
  DeskProblem,
  DeskRequest,
  Home,
  NotificationSettings,
  OutputOf,
  Privacy,
  View,
} from './contract.ts';

/*
 * Situations for `?scene=NAME` and for pictures: everything the page can be told, fixed, so that two pictures of one scene
 * are alike. None of it comes from a real device.
 */

/** What the double answers with. */
export interface Scene {
  readonly home: Home;
  readonly problems: DeskProblem[];
  readonly requests: DeskRequest[];
  readonly help: readonly DeskHelp[];
  readonly privacy: Privacy;
  readonly about: About;
  readonly info: AppInfo;
  readonly view: View;
  readonly language: OutputOf<(typeof contract)['language']['get']>;
  readonly notifications: NotificationSettings;
  readonly outcome: ActOutcome;
  readonly answer: (question: string) => Answer;
  /** Calls that are refused, by name, with the code. */
  readonly refuses: Readonly<Record<string, string>>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Tuesday 24 November 2026, 10:42 UTC: the moment all scenes play at. */
export const SCENE_NOW = Date.UTC(2026, 10, 24, 10, 42);

const say = (key: string, params: Record<string, string | number> = {}) => ({ key, params });

function ok(value: unknown, ago: number): Finding {
  return { status: 'ok', value, at: SCENE_NOW - ago, ms: 12, hash: '0123456789abcdef' };
}

const FINDINGS: Readonly<Record<string, { finding: Finding; cost: 'cheap' | 'posture' | 'heavy' }>> = {
  'os.version': {
    cost: 'posture',
    finding: ok(
      {
        platform: 'windows',
        name: 'Windows 11 Enterprise',
        version: '10.0.26100.4061',
        build: '26100',
        ubr: 4061,
        displayVersion: '24H2',
        edition: 'Enterprise',
        arch: 'x64',
        isServer: false,
        isLtsc: false,
      },
      11 * MINUTE,
    ),
  },
  'os.support': {
    cost: 'posture',
    finding: ok(
      {
        cycle: '11-24h2-e',
        label: 'Windows 11 24H2 Enterprise',
        supported: true,
        supportEnd: '2027-10-12',
        extendedEnd: null,
        asOf: '2026-11-01',
      },
      11 * MINUTE,
    ),
  },
  'disk.free': {
    cost: 'cheap',
    finding: ok(
      {
        volumes: [
          { mount: 'C:', fs: 'NTFS', sizeBytes: 511_000_000_000, freeBytes: 214_000_000_000, system: true },
        ],
      },
      20_000,
    ),
  },
  'disk.encryption': {
    cost: 'posture',
    finding: ok(
      {
        systemVolume: 'on',
        volumes: [{ mount: 'C:', system: true, protection: 'on', method: 'XTS-AES 256', percent: 100 }],
      },
      11 * MINUTE,
    ),
  },
  'fw.enabled': {
    cost: 'posture',
    finding: ok(
      {
        enabled: true,
        product: 'Windows Defender Firewall',
        profiles: { domain: true, private: true, public: true },
        blockAll: null,
        stealth: null,
      },
      11 * MINUTE,
    ),
  },
  battery: {
    cost: 'cheap',
    finding: ok(
      {
        onAc: true,
        percent: 81,
        healthPercent: 91,
        worstHealthPercent: 91,
        batteries: [],
      },
      20_000,
    ),
  },
  'disk.health': {
    cost: 'heavy',
    finding: {
      status: 'failed',
      reason: 'not-permitted',
      at: SCENE_NOW - 3 * HOUR,
      ms: 40,
      hash: '0123456789abcdef',
    },
  },
  uptime: {
    cost: 'cheap',
    finding: ok({ seconds: 190_000, bootedAt: SCENE_NOW - 190_000_000, fastStartup: true }, 20_000),
  },
  'reboot.pending': { cost: 'posture', finding: ok({ pending: false, markers: [] }, 11 * MINUTE) },
  processes: { cost: 'cheap', finding: ok({ count: 212, busiest: [] }, 20_000) },
};

const LIVE: Connection = {
  state: 'live',
  since: SCENE_NOW - 3 * HOUR,
  code: null,
  retryAt: null,
  storedAt: SCENE_NOW - 9000,
};

const FIREWALL: DeskProblem = {
  id: 'firewall-off',
  state: 'attention',
  what: say('score.compliance.firewall-off'),
  why: say('desk.firewall.why'),
  since: SCENE_NOW - 2 * DAY,
  by: null,
  steps: [say('desk.firewall.step.windows'), say('desk.firewall.step.managed')],
  checks: ['fw.enabled'],
  action: {
    action: 'turn-on-firewall',
    title: say('act.turn-on-firewall.title'),
    minutes: 1,
    restarts: false,
  },
  who: 'you',
};
const RESTART: DeskProblem = {
  id: 'restart-waiting',
  state: 'attention',
  what: say('score.incident.reboot'),
  why: say('desk.restart.why'),
  since: SCENE_NOW - 5 * HOUR,
  by: null,
  steps: [say('desk.restart.step.save'), say('desk.restart.step.restart')],
  checks: ['reboot.pending', 'uptime'],
  action: { action: 'restart', title: say('act.restart.title'), minutes: 5, restarts: true },
  who: 'you',
};
const DRIVE: DeskProblem = {
  id: 'drive-warning',
  state: 'attention',
  what: say('score.drive.warning', { device: 'NVMe SSD 512' }),
  why: say('desk.drive.why'),
  since: SCENE_NOW - 20 * DAY,
  by: null,
  steps: [say('desk.drive.step.save'), say('desk.drive.step.watch')],
  checks: ['disk.health'],
  action: null,
  who: 'helpdesk',
};

const WELL_HOME: Home = {
  at: SCENE_NOW,
  device: { name: 'FIN-LT-0231', person: 'A. Kovacs', platform: 'windows' },
  state: 'well',
  score: {
    known: true,
    value: 92.4,
    at: SCENE_NOW - 9000,
    reasons: [{ ...say('score.ordinary', { hazard: 'incident' }), points: 4.1 }],
  },
  verdict: { known: false, why: 'no-policy-yet' },
  next: null,
  problems: [],
  connection: LIVE,
  viewers: [],
  run: null,
};

/** One request to IT; what is not said is as at its beginning. */
function helpOf(id: string, ago: number, text: string, more: Partial<DeskHelp> = {}): DeskHelp {
  const at = SCENE_NOW - ago;
  return {
    ...{ id, at, text, about: null, state: 'open', changedAt: at, by: null, answer: null, code: null },
    open: true,
    ...more,
  };
}

const WELL: Scene = {
  home: WELL_HOME,
  problems: [],
  requests: [
    {
      id: 'r-1',
      at: SCENE_NOW - 26 * HOUR,
      kind: 'checks',
      by: null,
      state: 'done',
      endedAt: SCENE_NOW - 26 * HOUR + 2400,
      ran: 12,
      failed: 1,
    },
  ],
  help: [],
  privacy: {
    at: SCENE_NOW,
    checks: Object.entries(FINDINGS).map(([id, { finding, cost }]) => ({
      id,
      finding,
      cost,
      sentAt: id === 'disk.health' ? SCENE_NOW - 3 * HOUR : SCENE_NOW - 11 * MINUTE,
    })),
    sent: {
      collector: 'https://trayline.example.com',
      waiting: 0,
      waitingBytes: 0,
      storedAt: SCENE_NOW - 9000,
    },
    views: [{ name: 'Sam Ortiz', since: SCENE_NOW - 26 * HOUR, until: SCENE_NOW - 26 * HOUR + 4 * MINUTE }],
    journal: [
      { at: SCENE_NOW - 3 * HOUR, what: say('journal.connected'), about: null },
      {
        at: SCENE_NOW - 26 * HOUR + 4 * MINUTE,
        what: say('journal.view-ended', { name: 'Sam Ortiz' }),
        about: null,
      },
      { at: SCENE_NOW - 26 * HOUR, what: say('journal.viewed', { name: 'Sam Ortiz' }), about: null },
      { at: SCENE_NOW - 26 * HOUR, what: say('journal.checks-helpdesk'), about: null },
      {
        at: SCENE_NOW - 3 * DAY,
        what: say('journal.problem-gone'),
        about: say('score.disk.full', { percent: 4, gib: 11.2 }),
      },
      { at: SCENE_NOW - 3 * DAY - HOUR, what: say('journal.started'), about: null },
    ],
  },
  about: {
    agent: { version: '0.1.0', runtime: 'node 24.21.0', startedAt: SCENE_NOW - 3 * HOUR },
    contract: 1,
    device: { id: 'd_4f0c2a9b7e', keyFingerprint: '1f3a9c0d…77be02aa' },
    connection: LIVE,
    collector: 'https://trayline.example.com',
    clockSkewMs: 140,
    settings: [
      {
        key: 'collector',
        value: 'https://trayline.example.com',
        isSet: true,
        layer: 'policy',
        sentence: 'Address of the collector, for example https://collector.example.com.',
      },
      {
        key: 'token',
        value: null,
        isSet: true,
        layer: 'policy',
        sentence: 'Enrolment token. Needed once; may be removed when the device is enrolled.',
      },
      {
        key: 'postureMinutes',
        value: 30,
        isSet: true,
        layer: 'default',
        sentence: 'Minutes between two runs of the posture checks (encryption, firewall, system version).',
      },
    ],
    trouble: [],
  },
  info: {
    version: '0.1.0',
    electron: '45.4.1',
    chromium: '150.0.0.0',
    node: '24.21.0',
    service: 'connected',
    autostart: { on: true, changeable: false },
  },
  view: { page: 'home' },
  language: { locale: 'en', follows: true },
  notifications: {
    on: true,
    quietHours: { from: '19:00', to: '07:00' },
    snoozedUntil: null,
    snoozedProblems: {},
  },
  outcome: { state: 'done', says: say('act.restart.done') },
  answer: question =>
    /firewall|pare-feu|cortafuegos/i.test(question)
      ? {
          kind: 'check',
          says: [say('assist.check', { check: 'Firewall' }), say('assist.no-problem')],
          problems: [],
          findings: [{ id: 'fw.enabled', finding: FINDINGS['fw.enabled']?.finding ?? ok(null, 0) }],
          basis: say('assist.basis'),
        }
      : {
          kind: 'nothing',
          says: [say('assist.nothing')],
          problems: [],
          findings: [],
          basis: say('assist.basis'),
        },
  refuses: {},
};

/** The same scene with problems, all else that follows from them put right. */
function withProblems(scene: Scene, problems: DeskProblem[], home: Partial<Home>): Scene {
  return {
    ...scene,
    problems,
    home: { ...scene.home, next: problems[0] ?? null, problems: problems.map(({ id }) => id), ...home },
    answer: () => ({
      kind: problems.length === 1 ? 'problem' : 'overview',
      says: [say('assist.problems', { count: problems.length })],
      problems,
      findings: [],
      basis: say('assist.basis'),
    }),
  };
}

/** More than a window holds, the longest sentences among them. */
const MANY: DeskProblem[] = [
  FIREWALL,
  {
    id: 'encryption-suspended',
    state: 'attention',
    what: say('score.compliance.encryption-suspended', { mount: 'C:' }),
    why: say('desk.encryption.why'),
    since: SCENE_NOW - 6 * DAY,
    by: null,
    steps: [say('desk.encryption.step.resume'), say('desk.firewall.step.managed')],
    checks: ['disk.encryption'],
    action: null,
    who: 'you',
  },
  {
    id: 'support-ending',
    state: 'attention',
    what: say('score.compliance.support-ending', {
      name: 'Windows 10 22H2 Enterprise',
      date: '2026-12-08',
      days: 14,
    }),
    why: say('desk.support.why.ending'),
    since: SCENE_NOW - 46 * DAY,
    by: Date.UTC(2026, 11, 8),
    steps: [say('desk.support.step.windows'), say('desk.support.step.helpdesk')],
    checks: ['os.support'],
    action: null,
    who: 'you',
  },
  {
    id: 'disk-full',
    state: 'attention',
    what: say('score.disk.full', { percent: 4, gib: 11.2 }),
    why: say('desk.disk.why'),
    since: SCENE_NOW - 3 * HOUR,
    by: null,
    steps: [say('desk.disk.step.bin'), say('desk.disk.step.windows'), say('desk.disk.step.downloads')],
    checks: ['disk.free'],
    action: null,
    who: 'you',
  },
  DRIVE,
  {
    id: 'battery-worn',
    state: 'attention',
    what: say('score.battery.worn', { percent: 48 }),
    why: say('desk.battery.why'),
    since: SCENE_NOW - 80 * DAY,
    by: null,
    steps: [say('desk.battery.step.mains'), say('desk.battery.step.helpdesk')],
    checks: ['battery'],
    action: null,
    who: 'helpdesk',
  },
  RESTART,
];

const THURSDAY = Date.UTC(2026, 10, 26, 13, 0);

const ATTENTION = withProblems(WELL, [FIREWALL, RESTART, DRIVE], {
  state: 'attention',
  score: {
    known: true,
    value: 41.2,
    at: SCENE_NOW - 9000,
    reasons: [
      { ...say('score.compliance.firewall-off'), points: 31 },
      { ...say('score.drive.warning', { device: 'NVMe SSD 512' }), points: 17.4 },
      { ...say('score.incident.reboot'), points: 6.1 },
    ],
  },
});

/** What is refused while no service answers. */
const SERVICE_AWAY: Scene['refuses'] = Object.fromEntries(
  [
    'home.get',
    'problems.list',
    'checks.run',
    'assistant.ask',
    'requests.list',
    'help.list',
    'help.ask',
    'help.withdraw',
    'privacy.get',
    'about.get',
    'device.act',
  ].map(name => [name, 'service-unreachable']),
);

/** Every scene by name, in the order a picture book would show them. */
export const SCENES = {
  well: WELL,
  attention: ATTENTION,
  many: withProblems(ATTENTION, MANY, {
    score: {
      known: true,
      value: 12.3,
      at: SCENE_NOW - 9000,
      reasons: MANY.map(({ what }, index) => ({ ...what, points: 24 - 3 * index })),
    },
  }),
  'will-block': withProblems(ATTENTION, [{ ...FIREWALL, state: 'will-block', by: THURSDAY }, RESTART], {
    state: 'will-block',
    verdict: {
      known: true,
      state: 'will-block',
      what: say('score.compliance.firewall-off'),
      deadline: THURSDAY,
      at: SCENE_NOW - 9000,
    },
  }),
  blocked: withProblems(ATTENTION, [{ ...FIREWALL, state: 'blocked', by: SCENE_NOW - DAY }], {
    state: 'blocked',
    verdict: {
      known: true,
      state: 'blocked',
      what: say('score.compliance.firewall-off'),
      deadline: SCENE_NOW - DAY,
      at: SCENE_NOW - 9000,
    },
  }),
  unknown: {
    ...WELL,
    home: {
      ...WELL_HOME,
      state: 'unknown',
      score: { known: false, why: 'not-told-yet' },
      verdict: { known: false, why: 'not-told-yet' },
      connection: { ...LIVE, state: 'connecting', storedAt: null },
    },
    requests: [],
    privacy: {
      ...WELL.privacy,
      checks: WELL.privacy.checks.map(check => ({ ...check, finding: null, sentAt: null })),
      views: [],
      journal: [{ at: SCENE_NOW, what: say('journal.started'), about: null }],
      sent: { ...WELL.privacy.sent, storedAt: null },
    },
    answer: () => ({
      kind: 'nothing',
      says: [say('assist.unknown')],
      problems: [],
      findings: [],
      basis: say('assist.basis'),
    }),
  },
  offline: {
    ...ATTENTION,
    home: {
      ...ATTENTION.home,
      connection: {
        state: 'offline',
        since: SCENE_NOW - 2 * HOUR,
        code: 'collector-stopping',
        retryAt: SCENE_NOW + 40_000,
        storedAt: SCENE_NOW - 2 * HOUR,
      },
    },
    privacy: {
      ...ATTENTION.privacy,
      sent: { ...ATTENTION.privacy.sent, waiting: 131, waitingBytes: 48_200, storedAt: SCENE_NOW - 2 * HOUR },
    },
  },
  waiting: {
    ...WELL,
    home: {
      ...WELL_HOME,
      score: { known: false, why: 'not-told-yet' },
      verdict: { known: false, why: 'not-told-yet' },
      connection: {
        state: 'offline',
        since: SCENE_NOW - MINUTE,
        code: 'admission-waiting',
        retryAt: SCENE_NOW + 5000,
        storedAt: null,
      },
    },
  },
  watched: {
    ...WELL,
    home: { ...WELL_HOME, viewers: [{ name: 'Sam Ortiz', since: SCENE_NOW - 3 * MINUTE }] },
    privacy: {
      ...WELL.privacy,
      views: [{ name: 'Sam Ortiz', since: SCENE_NOW - 3 * MINUTE, until: null }, ...WELL.privacy.views],
    },
  },
  checking: {
    ...ATTENTION,
    home: {
      ...ATTENTION.home,
      run: {
        run: 'run-1',
        startedAt: SCENE_NOW - 1500,
        endedAt: null,
        done: 5,
        of: 12,
        answered: [
          { id: 'os.version', status: 'ok' },
          { id: 'disk.free', status: 'ok' },
          { id: 'uptime', status: 'ok' },
          { id: 'processes', status: 'ok' },
          { id: 'disk.health', status: 'failed' },
        ],
        by: 'you',
      },
    },
  },
  snoozed: {
    ...ATTENTION,
    notifications: {
      ...WELL.notifications,
      snoozedUntil: SCENE_NOW + 40 * MINUTE,
      snoozedProblems: { 'drive-warning': SCENE_NOW + 7 * DAY },
    },
  },
  'first-start': { ...WELL, requests: [], privacy: { ...WELL.privacy, views: [], journal: [] } },
  'no-service': {
    ...WELL,
    info: { ...WELL.info, service: 'absent' },
    refuses: SERVICE_AWAY,
  },
  'old-service': {
    ...WELL,
    info: { ...WELL.info, service: 'version-unsupported' },
    refuses: SERVICE_AWAY,
  },
  'asked-twice': {
    ...WELL,
    requests: [
      {
        id: 'r-2',
        at: SCENE_NOW - 4000,
        kind: 'checks',
        by: 'Sam Ortiz',
        state: 'running',
        endedAt: null,
        ran: null,
        failed: null,
      },
      ...WELL.requests,
    ],
    privacy: {
      ...WELL.privacy,
      journal: [
        { at: SCENE_NOW - MINUTE, what: say('journal.declined'), about: null },
        { at: SCENE_NOW - 9 * MINUTE, what: say('journal.checks-you'), about: null },
        ...WELL.privacy.journal,
      ],
    },
    about: { ...WELL.about, trouble: [{ code: 'collector-stopping', at: SCENE_NOW - 5 * HOUR }] },
  },
  /** Requests to IT in every state, over several days. */
  helped: {
    ...ATTENTION,
    help: [
      helpOf('h-6', 20_000, 'The projector in room 4.12 stays dark.\nWith the other laptop it works.', {
        state: 'open',
      }),
      helpOf('h-5', 26 * MINUTE, 'I need access to the folder Finance/2027.', {
        ...{ state: 'seen', changedAt: SCENE_NOW - 12 * MINUTE, by: 'Sam Ortiz' },
      }),
      helpOf('h-4', 3 * HOUR, 'May I turn the firewall on while I am in the call with the bank?', {
        ...{ about: say('score.compliance.firewall-off'), state: 'answered', by: 'Sam Ortiz' },
        ...{ changedAt: SCENE_NOW - 5 * MINUTE, open: false },
        answer: {
          text: 'Yes, the call goes on. Open Home and press the button beside the problem; nothing restarts.',
          by: 'Sam Ortiz',
          at: SCENE_NOW - 5 * MINUTE,
        },
      }),
      helpOf('h-3', 2 * DAY, 'The battery lasts for an hour only.', {
        ...{ state: 'closed', changedAt: SCENE_NOW - DAY, by: 'Ines Weber', open: false },
        answer: {
          text: 'A new one comes on Thursday, to your desk.',
          by: 'Ines Weber',
          at: SCENE_NOW - 2 * DAY + HOUR,
        },
      }),
      helpOf('h-2', 5 * DAY, 'Please install the drawing program.', {
        ...{ state: 'withdrawn', changedAt: SCENE_NOW - 5 * DAY + HOUR, open: false },
      }),
      helpOf('h-1', 6 * DAY, 'And one more thing.', {
        ...{ state: 'refused', changedAt: SCENE_NOW - 6 * DAY, code: 'help-too-many', open: false },
      }),
    ],
  },
  'help-offline': {
    ...WELL,
    home: {
      ...WELL_HOME,
      connection: {
        ...{ state: 'offline', since: SCENE_NOW - 2 * HOUR, code: null },
        ...{ retryAt: SCENE_NOW + 40_000, storedAt: SCENE_NOW - 2 * HOUR },
      },
    },
    help: [helpOf('h-1', 8 * MINUTE, 'Outlook asks for my password again and again.', { state: 'waiting' })],
  },
  'help-old-collector': {
    ...WELL,
    help: [
      helpOf('h-1', HOUR, 'Outlook asks for my password again and again.', {
        ...{ state: 'waiting', code: 'frame-unsupported' },
      }),
    ],
  },
  declined: { ...ATTENTION, outcome: { state: 'declined' } },
  failed: { ...ATTENTION, outcome: { state: 'failed', says: say('act.failed.command-failed') } },
} as const satisfies Record<string, Scene>;

export type SceneName = keyof typeof SCENES;

export function isSceneName(text: string): text is SceneName {
  return Object.hasOwn(SCENES, text);
}
