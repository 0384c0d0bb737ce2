import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FleetRow } from '../shared/api/schemas.ts';
import type { AuditAction } from '../shared/audit/entry.ts';
import type { Clock } from '../shared/base/clock.ts';
import { DAY, SECOND } from '../shared/base/durations.ts';
import { COLLECTOR_SETTINGS } from '../shared/device/agent-settings.ts';
import type { ProblemCode } from '../shared/problem/codes.ts';
import { Problem, toProblem } from '../shared/problem/problem.ts';
import type { ToDevice } from '../shared/protocol/to-device.ts';
import { CONSOLE_PATH, DEVICE_PATH } from '../shared/protocol/version.ts';
import { COLLECTOR_ACTOR, COLLECTOR_SUBJECT, createAudit } from './audit/audit.ts';
import { Cluster } from './cluster/cluster.ts';
import { CONNECTORS } from './connect/catalogue.ts';
import { openSecretBox, type SecretBox } from './connect/secrets.ts';
import { AgentSettingsBoard } from './fleet/agent-settings.ts';
import { HelpLine } from './fleet/help-line.ts';
import { rowOf } from './fleet/hot-device.ts';
import { HotFleet, lastSevenDays } from './fleet/hot-fleet.ts';
import { LiveFleet } from './fleet/live-fleet.ts';
import { createApp } from './http/app.ts';
import { addressReader } from './http/client-address.ts';
import { authenticateUpgrade, stillSignedIn } from './http/session.ts';
import { Ingest } from './ingest/ingest.ts';
import { jobs } from './job/jobs.ts';
import { Scheduler } from './job/scheduler.ts';
import type { Log } from './log.ts';
import { QuietCollection } from './memory.ts';
import type { Metrics } from './metrics.ts';
import { Quiet } from './quiet.ts';
import { Rate } from './rate.ts';
import { isLoopbackHost, type Settings } from './settings/settings.ts';
import { ConsoleSockets } from './socket/console-sockets.ts';
import { DeviceSockets } from './socket/device-sockets.ts';
import { Standings } from './socket/standings.ts';
import { Watching } from './socket/watching.ts';
import type { Retention, Store } from './store/store.ts';
import { Accounts } from './sync/accounts.ts';
import { Records } from './sync/records.ts';
import { VERSION } from './version.ts';

export interface CollectorParts {
  readonly settings: Settings;
  readonly store: Store;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

export interface RunningCollector {
  /** Address for browsers and agents, `http://127.0.0.1:8620`. */
  readonly url: string;
  readonly port: number;
  /** Says goodbye to everybody, stores what was taken in, closes the store. Idempotent. */
  stop(): Promise<void>;
}

/** What a device may name as not taken; other words of a device do not reach the log. */
const SETTING_PARTS: ReadonlySet<string> = new Set([
  ...Object.keys(COLLECTOR_SETTINGS),
  'subjects',
  'osSupport',
  'keeping',
]);
/** A device whose connection at another collector was heard of this lately is not taken for half-open. */
const BUSY_MS = 90 * SECOND;
/** Who is sent away without fault comes back after this. */
const AWAY_MS = 2 * SECOND;
/** Note in the store: when the collector last knew itself alive. */
const ALIVE_NOTE = 'alive-until';
/** Frames a second below which a short pause disturbs nobody. */
const QUIET_PER_S = 200;
/** Devices that came back since the last look, above which a fleet is returning: a pause would keep it waiting. */
const QUIET_JOINS = 100;
/** Longest a shutdown waits for requests that are being answered. */
const CLOSE_MS = 3 * SECOND;

/** Puts the collector together and listens. Rejects with a Problem that says what to do when it cannot. */
export async function startCollector(parts: CollectorParts): Promise<RunningCollector> {
  const { settings, store, log, metrics, clock } = parts;
  const now = (): number => clock.now();
  const monotonic = (): number => clock.monotonic();
  const startedAt = now();
  const collectorId = await store.collectorId();
  const audit = createAudit(store, clock);
  const quiet = new Quiet(monotonic);
  const rate = new Rate(monotonic);
  const quietCollection = new QuietCollection();
  let joinedBefore = 0;

  const complain = (
    code: ProblemCode,
    where: 'device' | 'console',
    device: string | null,
    detail: string,
  ): void => {
    metrics.problem(code, where);
    // Once per device and code, then silent for a while: a broken device must not fill the log.
    if (quiet.first(`${where} ${code} ${device ?? ''}`)) {
      log.warn({ code, device, detail }, where === 'device' ? 'device problem' : 'console problem');
    }
  };
  const note = (promise: Promise<unknown>, what: string): void => {
    promise.catch((error: unknown) => log.error({ err: toProblem(error) }, what));
  };

  const box = await secretBoxOf(settings);
  const hot = new HotFleet(store, now);
  const scheduler = new Scheduler({
    random: Math.random,
    onDone: (job, ms) => log.debug({ job, ms: Math.round(ms) }, 'job done'),
    onFailed: (job, problem) => log.error({ job, err: problem }, 'job failed'),
  });

  let isStopping = false;
  let stopping: Promise<void> | null = null;
  let lastMessageAt: number | null = null;
  let storageBytes = 0;
  let url = '';

  const records: Records = new Records({
    store,
    hot,
    now,
    isDemo: account => accounts.isDemo(account),
    onRow: row => rowChanged(row),
    onGone: id => consoles.rowGone(id),
    writable: devices => cluster.writable(devices),
    tellObserved: (account, observed, gone) => cluster.observed(account, observed, gone),
    tellDecided: () => cluster.stale('decisions'),
    tellIdentity: id => cluster.reload(id),
    onFailed: problem => log.error({ err: problem }, 'an agent could not be matched with other systems'),
  });
  const accounts: Accounts = new Accounts({
    store,
    box,
    connectors: CONNECTORS,
    records,
    scheduler,
    clock,
    random: Math.random,
    log,
    once: (name, everyMs, run, how) => cluster.once(name, everyMs, run, how),
    tellOthers: () => cluster.stale('accounts'),
  });

  const ingest: Ingest = new Ingest({
    store,
    now,
    monotonic,
    rules: () => records.rules,
    onTaken: news => {
      lastMessageAt = now();
      consoles.taken(news);
    },
    onStored: news => {
      consoles.stored(news);
      if (cluster.hasOthers) {
        for (const { device, changed, samples: rows, processes, receivedAt } of news) {
          cluster.rowChanged(device, changed);
          if ((rows.length > 0 || processes !== null) && watching.isWatchedElsewhere(device.id)) {
            cluster.live({ device: device.id, rows, processes, receivedAt });
          }
        }
      }
      for (const { device, changed } of news) {
        if (!changed) continue;
        standings.changed(device);
        records.agentChanged(device);
      }
    },
    onFailed: async (devices, problem) => {
      metrics.commitFailed();
      if (quiet.first(`commit ${problem.code}`)) log.error({ err: problem }, 'frames could not be stored');
      for (const { id } of devices) {
        const device = await hot.load(id);
        if (device === null) continue;
        // What was shown of it was not stored.
        rowChanged(device.row);
        records.agentChanged(device, true);
      }
    },
    onHelp: (device, taken) => {
      note(helpLine.taken(device.id, taken), 'a device could not be told of its requests');
    },
    onCommit: (_devices, frames, ms) => {
      metrics.committed(ms / 1000, frames);
      metrics.acknowledged(ms / 1000);
      rate.count(frames);
    },
  });

  const agentSettings = new AgentSettingsBoard({
    store,
    now,
    changed: () => note(sockets.tellSettings(), 'agents could not be told their settings'),
    tellOthers: () => cluster.stale('settings'),
    delivery: hash => {
      const sum = sockets.settingsDelivery(hash);
      for (const { devices, settings: held, holding, refusing } of cluster.others) {
        sum.connected += Number(devices ?? 0);
        if (held !== hash) continue;
        sum.holding += Number(holding ?? 0);
        sum.refusing += Number(refusing ?? 0);
      }
      return sum;
    },
  });

  const sockets: DeviceSockets = new DeviceSockets({
    collectorId,
    store,
    fleet: hot,
    ingest,
    now,
    monotonic,
    random: Math.random,
    connectsPerS: settings.maxConnectsPerS,
    admission: settings.admission,
    onProblem: (code, device, detail) => complain(code, 'device', device, detail),
    onFrame: type => metrics.frameReceived(type),
    onAudit: (action, subject, data) => {
      log.info({ device: subject }, action);
      note(audit.add(COLLECTOR_ACTOR, action, subject, data), 'audit entry could not be stored');
    },
    agentSettings: () => agentSettings.told,
    onSettingsRefused: (device, { refused }) => {
      const keys = refused.map(({ key }) => key).filter(key => SETTING_PARTS.has(key));
      if (quiet.first(`settings ${device.id} ${keys.join(' ')}`)) {
        log.warn({ device: device.id, keys, refused: refused.length }, 'device did not take its settings');
      }
    },
    onHelpAsked: (device, ids) => {
      note(helpLine.asked(device.id, ids), 'a device could not be told of its requests');
    },
    onScanned: (device, answer) => log.debug({ device: device.id, ran: answer.ran }, 'device ran its checks'),
    onPresence: device => {
      if (device.revoked) return;
      device.row = rowOf(device, now());
      metrics.devicesConnected(sockets.size);
      rowChanged(device.row);
      if (device.connected && watching.isWatched(device.id)) watching.tell(device.id);
      if (device.connected) {
        standings.joined(device);
        records.agentChanged(device);
      }
    },
    onWaiting: () => {
      note(fleet.waitingChanged(), 'waiting devices could not be counted');
      cluster.stale('waiting');
    },
    claim: async device => {
      const isNew = device.claim === null;
      const isAnew = await cluster.claim(device);
      // What other systems said of it may have come while nobody here could write it.
      if (isAnew || (isNew && store.cluster.isShared)) records.agentChanged(device, true);
      return isAnew;
    },
    onLeft: device => {
      // Whoever leaves altogether frees all of its devices at once.
      if (!isStopping) cluster.left(device);
    },
    holds: () => cluster.holds(),
    isBusyElsewhere: ({ elsewhere, lastSeen }) =>
      elsewhere !== null && lastSeen !== null && now() - lastSeen < BUSY_MS,
  });

  const standings = new Standings(now, (device, frame) => sockets.of(device)?.send(frame));
  const helpLine = new HelpLine({
    store,
    now,
    // Whoever has the device hears of it, and tells it.
    send: (device, frame) => sockets.of(device)?.send(frame),
    tellOthers: device => cluster.help(device),
    onChanged: (device, waiting) => consoles.help(device, waiting),
  });
  const watching: Watching = new Watching({
    now,
    monotonic,
    send: (device, frame) => sockets.of(device)?.send(frame),
    tellOthers: (device, viewers) => cluster.watch(device, viewers),
  });

  const fleet: LiveFleet = new LiveFleet({
    hot,
    store,
    now,
    version: VERSION,
    collectorId,
    startedAt,
    demo: settings.demo,
    agentUrl: () => url,
    messagesPerS: () => rate.perSecond(),
    lastMessageAt: () => lastMessageAt,
    storageBytes: () => storageBytes,
    sendScanRequest: (device, request) => give(device, request),
    drop: (device, code) => sockets.of(device)?.turnAway(code, 10 * 60 * SECOND),
    onGone: id => consoles.rowGone(id),
    onRow: row => rowChanged(row),
    onWaiting: count => consoles.waiting(count),
    lone: records,
    onChanged: device => records.agentChanged(device, true),
    tellOthers: id => cluster.reload(id),
    others: () => {
      let messagesPerS = 0;
      let latest: number | null = null;
      for (const facts of cluster.others) {
        messagesPerS += Number(facts.messagesPerS ?? 0);
        if (typeof facts.lastMessageAt === 'number') latest = Math.max(latest ?? 0, facts.lastMessageAt);
      }
      return { collectors: 1 + cluster.size, messagesPerS, lastMessageAt: latest };
    },
  });

  const consoles: ConsoleSockets = new ConsoleSockets({
    fleet,
    watching,
    now,
    onCount: pages => metrics.consolesConnected(pages),
    stillSignedIn: idHash => stillSignedIn({ settings, store, clock }, idHash),
    authenticate: request => authenticateUpgrade({ settings, store, clock }, request),
    onProblem: (code, detail) => complain(code, 'console', null, detail),
    onViewed: (person, device) => {
      const actor = { kind: 'person', id: person.user, name: person.name } as const;
      note(
        audit.add(actor, 'device.viewed' satisfies AuditAction, device),
        'audit entry could not be stored',
      );
      const event = { at: now(), by: 'collector', kind: 'viewed', data: { name: person.name } } as const;
      note(store.addEvents([{ device, event }]), 'view could not be noted');
    },
  });

  const cluster: Cluster = new Cluster({
    store: store.cluster,
    hot,
    monotonic,
    leaseMs: settings.leaseS * SECOND,
    facts: () => {
      const { hash } = agentSettings.told;
      const { connected: devices, holding, refusing } = sockets.settingsDelivery(hash);
      const messagesPerS = rate.perSecond();
      return { version: VERSION, devices, messagesPerS, lastMessageAt, settings: hash, holding, refusing };
    },
    onTrouble: problem => {
      if (quiet.first(`cluster ${problem.code}`)) log.error({ err: problem }, 'trouble among collectors');
    },
    hears: {
      rows: (rows, changed) => consoles.rowsChanged(rows, changed),
      live: ({ device, rows: samples, processes, receivedAt }) =>
        consoles.live(device, { samples, processes, receivedAt }),
      watched: (collector, device, viewers) => {
        watching.elsewhere(collector, device, viewers);
        consoles.viewersChanged(device);
      },
      give: (device, frame) => {
        const connection = sockets.of(device);
        connection?.send(frame);
        return connection !== null;
      },
      superseded: device => sockets.superseded(device),
      reload: ids => fleet.changedElsewhere(ids),
      help: device => helpLine.changedElsewhere(device),
      stale: async what => {
        if (what === 'settings') await agentSettings.changedElsewhere();
        else if (what === 'waiting') await fleet.waitingChanged();
        else if (what === 'accounts') await accounts.changedElsewhere();
        else await records.decidedElsewhere();
      },
      observed: (account, observed, gone) => records.observedElsewhere(account, observed, gone),
      ended: collector => watching.ended(collector),
      tellWatches: () => watching.renew(),
      cut: why => {
        metrics.leaseHeld(false);
        log.error({ why }, 'this collector cannot say that it lives; its devices are sent away');
        sockets.sendAway('store-unavailable', AWAY_MS);
      },
      back: () => {
        metrics.leaseHeld(true);
        log.info('this collector has its lease again');
        sockets.acknowledgeAgain();
      },
      readAgain: async () => {
        metrics.leaseHeld(true);
        log.warn('everything is read again');
        await hot.readAgain();
        await agentSettings.changedElsewhere();
        await accounts.changedElsewhere();
        await records.readAgain();
        await fleet.waitingChanged();
        consoles.fleetChanged();
      },
      seen: collectors => metrics.collectorsSeen(collectors),
      lag: ms => metrics.busLagged(ms / 1000),
    },
  });

  /** A row is new: on this collector's pages, and on those of the others when the device is ours to tell of. */
  function rowChanged(row: FleetRow): void {
    consoles.rowChanged(row);
    const device = hot.get(row.id);
    if (device !== null) cluster.rowChanged(device, true);
  }

  /** To a device, wherever it is connected; false when it is not. */
  async function give(device: string, frame: ToDevice): Promise<boolean> {
    const connection = sockets.of(device);
    connection?.send(frame);
    return connection !== null || cluster.give(device, frame);
  }

  // What changes elsewhere from here on is heard; it waits until everything is read.
  await cluster.start();
  metrics.leaseHeld(true);
  await hot.loadAll(await cluster.held());
  await agentSettings.load();
  await accounts.load();
  await records.load();
  await cluster.ready();

  const app = createApp({
    settings,
    store,
    fleet,
    agentSettings,
    help: helpLine,
    accounts,
    records,
    log,
    metrics,
    clock,
    version: VERSION,
    unready: () => {
      if (isStopping) return new Problem('collector-stopping', 'the collector is about to stop');
      return cluster.holds() ? null : new Problem('store-unavailable', 'this collector has no lease');
    },
  });
  const server: Server =
    settings.tls === null ? createHttpServer(app) : createHttpsServer(await readTls(settings.tls), app);
  const addressOf = addressReader(settings.behindProxy);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const { pathname } = new URL(request.url ?? '/', 'http://collector.invalid');
    if (pathname === DEVICE_PATH) sockets.upgrade(request, socket, head, addressOf(request));
    else if (pathname === CONSOLE_PATH) consoles.upgrade(request, socket, head);
    else socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });

  const aliveUntil = Number((await store.getNote(ALIVE_NOTE)) ?? Number.NaN);
  await audit.add(COLLECTOR_ACTOR, 'collector.started', COLLECTOR_SUBJECT, {
    version: VERSION,
    others: cluster.answered,
    ...(Number.isFinite(aliveUntil) ? { aliveUntil } : {}),
  });
  const port = await listen(server, settings);
  url = settings.publicUrl ?? `http://${loopbackName(settings.host)}:${port}`;

  scheduler.start(
    jobs({
      store,
      retention: retentionOf(settings),
      now,
      once: (name, everyMs, run) => cluster.once(name, everyMs, run),
      checkPresence: () => {
        const at = now();
        for (const device of hot.all()) {
          if (device.revoked || device.row.presence === device.presence(at)) continue;
          device.row = rowOf(device, at);
          consoles.rowChanged(device.row);
        }
      },
      noteAlive: () => store.setNote(ALIVE_NOTE, String(now())),
      turnDay: async () => {
        const days = lastSevenDays(now());
        const scores = await store.getDayScores(days);
        for (const device of hot.all()) {
          const known = scores.get(device.id);
          device.week = days.map(day => known?.get(day) ?? null);
        }
      },
      keepRecords: () => ingest.keepRecords(),
      collectGarbage: () => {
        const joined = sockets.joinedCount - joinedBefore;
        joinedBefore = sockets.joinedCount;
        if (rate.perSecond() < QUIET_PER_S && joined < QUIET_JOINS) quietCollection.collect();
      },
      measureStorage: async () => {
        storageBytes = await store.storageBytes();
      },
      settleRecords: () => records.settle('own'),
      settleFree: () => records.settle('free'),
    }),
  );
  // What they said is shown as soon as it is merged; nobody waits for it.
  note(records.mergeAll(), 'what other systems say could not be merged');
  accounts.start();
  log.info({ url, store: store.description, devices: hot.size, version: VERSION }, 'collector listens');

  return {
    url,
    port,
    stop: () => {
      stopping ??= (async () => {
        isStopping = true;
        log.info('collector stops');
        sockets.stop();
        consoles.stop();
        watching.stop();
        await accounts.stop();
        await scheduler.stop();
        await cluster.stop();
        await records.stop();
        await closeServer(server);
        await ingest.drain();
        await ingest.keepRecords().catch((error: unknown) => {
          log.error({ err: toProblem(error) }, 'merged records could not be stored');
        });
        await sockets.flushNotes();
        await audit
          .add(COLLECTOR_ACTOR, 'collector.stopped', COLLECTOR_SUBJECT, { others: cluster.size })
          .catch((error: unknown) => {
            log.error({ err: toProblem(error) }, 'audit entry could not be stored');
          });
        await cluster.leave().catch((error: unknown) => {
          log.error({ err: toProblem(error) }, 'the other collectors could not be told of the stop');
        });
        await store.close();
      })();
      return stopping;
    },
  };
}

/** @throws Problem `settings-invalid`, `data-folder-unwritable` */
async function secretBoxOf({
  secretKey,
  secretKeyCommand,
  secretKeyFile,
  dataDir,
}: Settings): Promise<SecretBox> {
  try {
    return await openSecretBox({ key: secretKey, command: secretKeyCommand, file: secretKeyFile, dataDir });
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('data-folder-unwritable', 'the key for secrets cannot be made there', { cause: error });
  }
}

async function readTls(tls: NonNullable<Settings['tls']>): Promise<{ cert: Buffer; key: Buffer }> {
  try {
    return { cert: await readFile(tls.certFile), key: await readFile(tls.keyFile) };
  } catch (error) {
    throw new Problem('settings-invalid', 'the certificate or its key cannot be read', {
      cause: error,
      fields: ['TRAYLINE_TLS_CERT_FILE', 'TRAYLINE_TLS_KEY_FILE'],
    });
  }
}

function listen(server: Server, settings: Settings): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = error.code === 'EADDRINUSE';
      reject(
        new Problem(
          inUse ? 'address-in-use' : 'settings-invalid',
          inUse
            ? `port ${settings.port} is taken by another program`
            : `cannot listen: ${error.code ?? 'unknown'}`,
          { cause: error, fields: ['TRAYLINE_PORT', 'TRAYLINE_HOST'] },
        ),
      );
    });
    // The default backlog of 511 drops connections when a fleet comes back at once.
    server.listen({ port: settings.port, host: settings.host, backlog: 4096 }, () => {
      const address = server.address() as AddressInfo;
      resolve(address.port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise(resolve => {
    const deadline = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    server.close(() => {
      clearTimeout(deadline);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** What a person types for a loopback address. */
function loopbackName(host: string): string {
  const bare = host.replace(/^\[|\]$/g, '');
  if (!isLoopbackHost(bare)) return bare;
  return bare.includes(':') ? `[${bare}]` : bare;
}

function retentionOf(settings: Settings): Retention {
  return {
    rawMs: settings.retainRawDays * DAY,
    quarterMs: settings.retainQuarterDays * DAY,
    dailyMs: settings.retainDailyDays * DAY,
    eventsMs: settings.retainEventsDays * DAY,
    historyMs: settings.retainHistoryDays * DAY,
    auditMs: settings.retainAuditDays * DAY,
  };
}
