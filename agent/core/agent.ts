import type { Clock } from '../../shared/base/clock.ts';
import { HOUR, MINUTE, SECOND } from '../../shared/base/durations.ts';
import type { Finding, Findings } from '../../shared/device/finding.ts';
import type { DeviceIdentity } from '../../shared/device/identity.ts';
import type { DeviceGoodbye } from '../../shared/protocol/from-device.ts';
import type { DeviceSettings, RequestScan } from '../../shared/protocol/to-device.ts';
import { createHelpBook, type HelpBook } from './help/help-book.ts';
import type { Host, Log } from './host.ts';
import type { Enrolment } from './identity/enrolment.ts';
import { keyFingerprint } from './identity/key.ts';
import { createLink, type LinkState } from './link/link.ts';
import type { SocketFactory } from './link/socket.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { Scanner } from './scan/scan.ts';
import type { Settings } from './settings/settings.ts';
import { createTold, type Told } from './settings/told.ts';
import type { Slowed } from './snapshot/budget.ts';
import { startPulse } from './snapshot/pulse.ts';
import { createReporter, type Reporter } from './snapshot/reporter.ts';
import { createRounds } from './snapshot/rounds.ts';
import { isBatteryLow } from './snapshot/sample.ts';
import { createWatching, type Viewer } from './snapshot/watching.ts';
import { createStatus, linkWords, type StatusBoard } from './status.ts';

export interface AgentOptions {
  readonly host: Host;
  readonly scanner: Scanner;
  /** Read once at the start and before every posture round. */
  readonly identityOf: () => Promise<DeviceIdentity>;
  readonly enrolment: Enrolment;
  readonly settings: Settings;
  /** What the collector told; left out: kept in memory only, and no check sees it. */
  readonly told?: Told;
  /** What this device's people ask IT for; left out: kept in memory only. */
  readonly help?: HelpBook;
  /** The collector's WebSocket address (link/address.ts). */
  readonly address: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly socketFactory: SocketFactory;
  readonly outbox: Outbox;
  readonly log: Log;
  /** After a round of costly checks: what they took may be given back now. */
  readonly rested?: () => void;
}

export interface Agent {
  start(): Promise<void>;
  /** Says goodbye, writes what is left to disk and ends; may be called twice. */
  stop(reason: DeviceGoodbye['reason']): Promise<void>;
  readonly status: StatusBoard;
  /** The latest answers, by check; empty before the first. */
  readonly findings: Findings;
  /** What this device's people ask IT for. */
  readonly help: HelpBook;
  /** What the machine says of itself; null before the start. */
  readonly identity: DeviceIdentity | null;
  /** When each check's value was last written for the collector, wall clock. */
  readonly sentAt: Readonly<Record<string, number>>;
  /** Runs these checks now (all, when left out) and reports them; `answered` hears each one as it comes. */
  recheck(ids?: readonly string[], answered?: (id: string, finding: Finding) => void): Promise<Findings>;
}

/** The first report leaves at the latest now, with what is known. */
const FIRST_REPORT_MS = 2 * SECOND;

/** Over how long the devices of a fleet that were told something spread their answers. */
const SPREAD_MS = 20 * SECOND;

/** One agent: scan → snapshot → outbox → link. Everything it touches is given to it, so a process can hold a thousand. */
export function createAgent(options: AgentOptions): Agent {
  const { host, scanner, enrolment, settings, clock, random, outbox, log } = options;
  const told = options.told ?? createTold({ settings });
  const help = options.help ?? createHelpBook({ outbox, clock });
  const status = createStatus({
    version: host.agent.version,
    startedAt: clock.now(),
    link: { state: 'stopped', since: clock.now(), words: 'Not connected', code: null, retryAt: null },
    device: { deviceId: enrolment.deviceId, keyFingerprint: keyFingerprint(enrolment.publicKey) },
    lastAck: null,
    clockSkewMs: null,
    outbox: { frames: outbox.frames, bytes: outbox.bytes, dropped: 0, durable: true },
    scans: {},
    viewers: [],
    receipts: [],
    asked: [],
    standing: null,
    problems: [],
  });
  let stopping: Promise<void> | null = null;
  let running: {
    stop(reason: DeviceGoodbye['reason']): Promise<void>;
    recheck: Agent['recheck'];
    reporter: Reporter;
  } | null = null;

  async function run(): Promise<void> {
    const identity = await named();
    if (stopping !== null) return;
    let toldDropped = 0;
    let scanFailed = new Set<string>();

    const reporter = createReporter({
      outbox,
      clock,
      checks: scanner.scans.map(({ id }) => id),
      identity,
      written: noteWritten,
    });
    help.onWritten(noteWritten);

    function noteWritten(): void {
      const { dropped, durable } = outbox.report();
      const before = status.current.outbox;
      status.change({ outbox: { frames: outbox.frames, bytes: outbox.bytes, dropped, durable } });
      if (before.durable && !durable) {
        log.warn('outbox is not durable: the disk takes nothing');
        status.problem({
          code: 'data-folder-unwritable',
          detail: 'reports are kept in memory',
          at: clock.now(),
        });
      }
      link.pump();
    }

    let sampledAt: number | undefined;
    const hasBatteryCheck = scanner.scans.some(({ id }) => id === 'battery');
    const rounds = createRounds({
      scanner,
      clock,
      random,
      periods: () => ({
        cheap: settings.values.sampleSeconds * SECOND,
        posture: settings.values.postureMinutes * MINUTE,
        heavy: settings.values.heavyHours * HOUR,
      }),
      // Before the battery has been asked for the first time nobody knows: what is costly can wait that long.
      lowBattery: () =>
        (hasBatteryCheck && reporter.findings.battery === undefined) ||
        isBatteryLow(reporter.findings, settings.values.lowBatteryPercent),
      budgetMs: () => settings.values.scanBudgetSeconds * SECOND,
      slowed: noteSlowed,
      found(findings) {
        noteScans(findings);
        reporter.found(findings);
      },
      ended(costs) {
        if (costs.includes('cheap')) {
          // A reading that hangs is not told a second time as a new one.
          const at = reporter.findings.perf?.at;
          if (at === undefined || at !== sampledAt) reporter.sample();
          sampledAt = at;
        }
        if (costs.includes('posture') || costs.includes('heavy')) options.rested?.();
        if (costs.includes('posture')) {
          reporter.settle();
          void named().then(next => reporter.identify(next));
        }
      },
    });

    const watching = createWatching({
      clock,
      async look() {
        await rounds.run(['perf', 'processes'].filter(id => scanner.scans.some(scan => scan.id === id)));
        reporter.sample({ processes: true });
      },
      changed: viewers => noteViewers(viewers),
    });

    const link = createLink({
      address: options.address,
      clock,
      random,
      connect: options.socketFactory,
      enrolment,
      outbox,
      describe: () => ({
        agent: host.agent,
        identity: reporter.identity,
        ...(told.hash === null ? {} : { settings: told.hash }),
        ...helpOfHello(help.unfinished()),
      }),
      admission: () => ({ token: settings.values.token, admission: settings.values.admission }),
      events: {
        state: noteLink,
        welcomed(welcome) {
          status.change({
            device: { deviceId: enrolment.deviceId, keyFingerprint: keyFingerprint(enrolment.publicKey) },
            clockSkewMs: Math.round(clock.now() - welcome.at),
          });
          const { dropped } = outbox.report();
          if (dropped > toldDropped) reporter.event('outbox-dropped', { frames: dropped - toldDropped });
          toldDropped = dropped;
          reporter.welcomed(welcome.have);
        },
        acked(seq) {
          status.change({
            lastAck: { seq, at: clock.now() },
            outbox: { ...status.current.outbox, frames: outbox.frames, bytes: outbox.bytes },
          });
        },
        snapshotWanted: () => reporter.snapshot(),
        settings: frame => takeSettings(frame),
        scanRequested: request => void answer(request),
        watched: watch => watching.watch(watch),
        standing: standing => status.change({ standing }),
        help: standings => help.told(standings),
        problem({ code, seq, detail = '' }) {
          log.warn('problem on the link', { code, detail, ...(seq === undefined ? {} : { seq }) });
          status.problem({ code, detail, at: clock.now() });
          if (seq !== undefined) help.refused(seq, code);
        },
        renewed() {
          reporter.restart();
          told.forget();
          log.warn('identity renewed', { key: keyFingerprint(enrolment.publicKey) });
          status.change({
            device: { deviceId: null, keyFingerprint: keyFingerprint(enrolment.publicKey) },
          });
        },
      },
    });

    let toldSlowed: Slowed = new Map();
    function noteSlowed(slowed: Slowed): void {
      for (const [id, factor] of slowed) {
        if (factor <= (toldSlowed.get(id) ?? 1)) continue;
        log.warn('check costs too much', { scan: id, everyNth: factor });
        status.problem({
          code: 'scan-over-budget',
          detail: `${id} runs every ${factor}th time only`,
          at: clock.now(),
        });
      }
      toldSlowed = slowed;
    }

    function takeSettings(frame: DeviceSettings): void {
      const { refused, subjectsChanged, osSupportChanged } = told.take(frame, enrolment.collectorId);
      for (const { key, why } of refused) {
        log.warn('setting from the collector not taken', { key, why });
        status.problem({ code: 'settings-invalid', detail: `${key}: ${why}`, at: clock.now() });
      }
      if (frame.hash !== undefined) {
        link.answer({ type: 'settings-taken', hash: frame.hash, refused: [...refused] });
      }
      const again = scanner.scans
        .filter(({ id, byName }) =>
          id === 'os.support' ? osSupportChanged : byName === true && subjectsChanged,
        )
        .map(({ id }) => id);
      if (again.length === 0) return;
      endAgain();
      // Every device was told in the same second: their answers need not come in the next.
      endAgain = clock.after(Math.floor(random() * SPREAD_MS), () => void rounds.run(again));
    }

    function noteScans(findings: Findings): void {
      const scans = { ...status.current.scans };
      const failed = new Set(scanFailed);
      for (const [id, finding] of Object.entries(findings)) {
        const reason = finding.status === 'ok' ? null : finding.reason;
        scans[id] = {
          status: finding.status,
          reason,
          at: finding.at,
          ms: finding.ms,
          slowed: finding.slowed ?? null,
        };
        if (finding.status !== 'failed') failed.delete(id);
        else if (!failed.has(id)) {
          failed.add(id);
          log.warn('check failed', { scan: id, reason });
          // A check that has never worked is told by its finding; the timeline is for one that stopped working.
          if (status.current.scans[id] !== undefined) reporter.event('scan-failed', { scan: id, reason });
        }
      }
      scanFailed = failed;
      status.change({ scans });
    }

    function noteViewers(viewers: readonly Viewer[]): void {
      const before = status.current.viewers;
      const left = before.filter(
        ({ name, since }) => !viewers.some(v => v.name === name && v.since === since),
      );
      const until = clock.now();
      status.change({
        viewers,
        receipts: [...status.current.receipts, ...left.map(viewer => ({ ...viewer, until }))].slice(-100),
      });
      if (before.length === 0) reporter.event('watch-started', { viewers: viewers.length });
      else if (viewers.length === 0) reporter.event('watch-ended', { viewers: before.length });
    }

    async function answer({ id, scans }: RequestScan): Promise<void> {
      status.change({
        asked: [
          ...status.current.asked,
          { id, at: clock.now(), endedAt: null, ran: null, failed: null },
        ].slice(-20),
      });
      const findings = Object.values(await recheck(scans));
      const ran = findings.length;
      const failed = findings.filter(finding => finding.status === 'failed').length;
      status.change({
        asked: status.current.asked.map(asked =>
          asked.id === id ? { ...asked, endedAt: clock.now(), ran, failed } : asked,
        ),
      });
      link.answer({ type: 'scanned', id, ran, failed });
    }

    async function recheck(
      ids?: readonly string[],
      answered?: (id: string, finding: Finding) => void,
    ): Promise<Findings> {
      reporter.asked();
      const findings = await rounds.run(ids ?? scanner.scans.map(scan => scan.id), answered);
      // Every check has answered: there is no first round left to wait for.
      if (ids === undefined) reporter.settle();
      reporter.sample();
      return findings;
    }

    function noteLink(state: LinkState): void {
      const now = clock.now();
      const code = state.at === 'offline' ? state.code : null;
      const words = linkWords(state);
      status.change({
        link: {
          state: state.at,
          since: now,
          words,
          code,
          retryAt: state.at === 'offline' ? now + state.retryInMs : null,
        },
      });
      if (state.at === 'live') log.info('connected');
      if (state.at === 'offline') {
        watching.end();
        log.info('not connected', { code, detail: state.detail, retryInMs: state.retryInMs });
      }
    }

    const { damaged } = outbox.report();
    reporter.event('agent-started', { version: host.agent.version });
    if (damaged > 0) {
      log.warn('outbox was damaged', { places: damaged });
      status.problem({ code: 'outbox-damaged', detail: `${damaged} places`, at: clock.now() });
      reporter.event('outbox-damaged', { places: damaged });
    }
    const endPulse = startPulse({
      clock,
      uptimeMs: () => host.uptimeMs(),
      noticed({ sleptMs, jumpMs }) {
        if (jumpMs !== 0) reporter.event('clock-jump', { jumpMs: Math.round(jumpMs) });
        if (sleptMs === 0) return;
        reporter.event('wake', { sleptMs: Math.round(sleptMs) });
        rounds.review();
        link.wake();
      },
    });
    let endAgain = (): void => {};
    const endSettings = settings.onChange(() => rounds.review());
    const endFirst = clock.after(FIRST_REPORT_MS, () => reporter.settle());
    rounds.start();
    link.start();

    running = {
      recheck,
      reporter,
      async stop(reason) {
        endFirst();
        endPulse();
        endSettings();
        endAgain();
        rounds.stop();
        watching.end();
        reporter.event('agent-stopping', { reason });
        await link.stop(reason);
        await outbox.close();
      },
    };
  }

  /** What the machine says of itself, under the name the settings give it. */
  async function named(): Promise<DeviceIdentity> {
    const identity = await options.identityOf();
    const { name } = settings.values;
    return name === null ? identity : { ...identity, hostname: name };
  }

  return {
    status,
    help,
    start: run,
    stop(reason) {
      stopping ??= running === null ? outbox.close() : running.stop(reason);
      return stopping;
    },
    get findings() {
      return running?.reporter.findings ?? {};
    },
    get identity() {
      return running?.reporter.identity ?? null;
    },
    get sentAt() {
      return running?.reporter.sentAt ?? {};
    },
    recheck: (ids, answered) => running?.recheck(ids, answered) ?? Promise.resolve({}),
  };
}

/** Left out when there is nothing to ask about. */
function helpOfHello(ids: readonly string[]): { help?: string[] } {
  return ids.length === 0 ? {} : { help: [...ids] };
}
