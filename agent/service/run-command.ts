import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECOND } from '../../shared/base/durations.ts';
import type { DeviceIdentity } from '../../shared/device/identity.ts';
import { Problem, toProblem } from '../../shared/problem/problem.ts';
import { type Agent, createAgent } from '../core/agent.ts';
import { createHelpBook } from '../core/help/help-book.ts';
import { helpFile } from '../core/help/help-file.ts';
import type { Log } from '../core/host.ts';
import { openEnrolment } from '../core/identity/enrolment.ts';
import { machineMarkOf } from '../core/identity/machine.ts';
import { deviceAddress } from '../core/link/address.ts';
import { webSocket } from '../core/link/web-socket.ts';
import { openFileOutbox } from '../core/outbox/file.ts';
import { lockFolder } from '../core/outbox/folder-lock.ts';
import { readMachine } from '../core/scan/machine.ts';
import { liveProbe } from '../core/scan/probe.ts';
import { createScanner } from '../core/scan/run.ts';
import { readManaged } from '../core/settings/managed.ts';
import { createSettings, type LayerValues, type Settings } from '../core/settings/settings.ts';
import { createTold } from '../core/settings/told.ts';
import { toldFile } from '../core/settings/told-file.ts';
import type { AgentStatus } from '../core/status.ts';
import { systemClock } from './clock.ts';
import type { RunCommand } from './command-line.ts';
import { openDesk } from './desk/open.ts';
import { tidyHeap } from './frugal.ts';
import { currentPlatform, defaultDataFolder, serviceHost } from './host.ts';
import { consoleLog } from './log.ts';
import { readSubjectsFile } from './subjects-file.ts';

/** A stop must not take longer than this, whatever hangs. */
const STOP_MS = 3 * SECOND;
/** When starting up and the first round are over. */
const TIDY_MS = 12 * SECOND;
/** The same after a round of costly checks, whose outputs are megabytes: when its reports have left. */
const REST_MS = 3 * SECOND;
/** How often the status file is written at most. */
const STATUS_MS = 10 * SECOND;

function fileLayer(folder: string): LayerValues {
  let text: string;
  try {
    text = readFileSync(join(folder, 'settings.json'), 'utf8');
  } catch {
    return {};
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // Falls through.
  }
  throw new Problem('settings-invalid', 'settings.json is not a JSON object');
}

function tokenOf(file: string | null): LayerValues {
  if (file === null) return {};
  try {
    return { token: readFileSync(file, 'utf8').trim() };
  } catch (error) {
    throw new Problem('settings-invalid', 'the token file cannot be read', {
      cause: error,
      fields: ['token-file'],
    });
  }
}

/** Every layer of settings but the collector's. @throws Problem `settings-invalid` */
export async function readSettings(
  command: Pick<RunCommand, 'settings' | 'tokenFile'>,
  folder: string,
  log: Log,
): Promise<Settings> {
  const settings = createSettings();
  const probe = liveProbe();
  settings.apply('file', fileLayer(folder));
  const managed = await readManaged(currentPlatform(), probe);
  if (managed.status === 'values') settings.apply('policy', managed.values);
  if (managed.status === 'unavailable')
    log.warn('managed settings cannot be read', { reason: managed.reason });
  settings.apply('command', { ...command.settings, ...tokenOf(command.tokenFile) });
  for (const { key, layer, why } of settings.problems) log.warn('setting not taken', { key, layer, why });
  return settings;
}

/** Keeps `status.json` up to date for `agent status`: at once when the link changes, else every ten seconds at most. */
function keepStatusFile(agent: Agent, folder: string): () => void {
  const path = join(folder, 'status.json');
  let cancel: (() => void) | null = null;
  let link = '';
  const write = (): void => {
    cancel?.();
    cancel = null;
    try {
      const status = { writtenAt: Date.now(), pid: process.pid, ...agent.status.current };
      writeFileSync(path, `${JSON.stringify(status)}\n`, { mode: 0o600 });
    } catch {
      // A disk that takes nothing is reported through the outbox.
    }
  };
  const end = agent.status.subscribe(status => {
    if (status.link.words !== link) {
      link = status.link.words;
      write();
    } else cancel ??= systemClock.after(STATUS_MS, write);
  });
  return () => {
    end();
    write();
  };
}

function until(agent: Agent, reached: (status: AgentStatus) => boolean): Promise<void> {
  return new Promise(resolve => {
    const look = (status: AgentStatus): void => {
      if (!reached(status)) return;
      end();
      resolve();
    };
    const end = agent.status.subscribe(look);
    look(agent.status.current);
  });
}

/** Runs every check once more and resolves when the collector has stored what they found. */
async function deliverOnce(agent: Agent): Promise<void> {
  await until(agent, ({ link }) => link.state === 'live');
  await agent.recheck();
  await until(agent, ({ link, outbox }) => link.state === 'live' && outbox.frames === 0);
}

/** Without --once: never. */
async function deliverOnceIf(once: boolean, agent: Agent): Promise<'delivered'> {
  if (!once) return await new Promise<never>(() => {});
  await deliverOnce(agent);
  return 'delivered';
}

function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.once(signal, () => resolve(signal));
  });
}

/**
 * Runs the agent until a signal (or, with --once, until its first report is stored).
 *
 * @throws Problem when it cannot start: address, data folder, another agent on it.
 */
export async function runCommand(command: RunCommand): Promise<number> {
  const log = consoleLog(command.jsonLog);
  const folder = command.folder ?? defaultDataFolder();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (process.platform !== 'win32') chmodSync(folder, 0o700);
  } catch (error) {
    throw new Problem('data-folder-unwritable', 'the data folder cannot be made', { cause: error });
  }
  const settings = await readSettings(command, folder, log);
  const { collector, insecure } = settings.values;
  if (collector === null) {
    throw new Problem('settings-invalid', 'no collector is set; use --collector URL', {
      fields: ['collector'],
    });
  }
  const address = deviceAddress(collector, { insecure });
  const unlock = await lockFolder(folder);
  try {
    return await runLocked({ command, log, folder, settings, address });
  } finally {
    unlock();
  }
}

interface Prepared {
  readonly command: RunCommand;
  readonly log: Log;
  readonly folder: string;
  readonly settings: Settings;
  readonly address: string;
}

async function runLocked({ command, log, folder, settings, address }: Prepared): Promise<number> {
  const platform = currentPlatform();
  const probe = liveProbe();
  const machine = await readMachine(probe, platform);
  // The agent asks at once: what was just read (seconds of PowerShell on a cold laptop) is given to it.
  let justRead: DeviceIdentity | null = machine;
  const { enrolment, opened } = openEnrolment({ folder, machine: machineMarkOf(machine), now: Date.now() });
  const outbox = openFileOutbox({
    folder: join(folder, 'outbox'),
    clock: systemClock,
    maxBytes: settings.values.outboxMiB * 1024 * 1024,
  });
  // Numbers and waiting reports belong to the key they were made under.
  if (opened !== 'kept') outbox.reset();
  const kept = helpFile(join(folder, 'help.json'));
  // People of another machine, in a folder that was copied here.
  if (opened === 'cloned') kept.save([]);
  const help = createHelpBook({ outbox, clock: systemClock, file: kept });
  const told = createTold({
    settings,
    file: toldFile(join(folder, 'told.json')),
    collectorId: enrolment.collectorId,
    ...(command.subjects === null ? {} : { ownSubjects: readSubjectsFile(command.subjects) }),
  });
  for (const { key, layer, why } of settings.problems.filter(({ layer }) => layer === 'collector')) {
    log.warn('setting not taken', { key, layer, why });
  }
  const scanner = createScanner({
    platform,
    probe,
    clock: systemClock,
    subjects: () => told.subjects,
    osSupport: () => told.osSupport,
    collectorOffsetMs: () => agent.status.current.clockSkewMs,
  });
  let tidying = systemClock.after(TIDY_MS, tidyHeap);
  const agent: Agent = createAgent({
    host: serviceHost,
    told,
    help,
    scanner,
    async identityOf() {
      const known = justRead;
      justRead = null;
      return known ?? (await readMachine(probe, platform));
    },
    enrolment,
    settings,
    address,
    clock: systemClock,
    random: Math.random,
    socketFactory: webSocket,
    outbox,
    log,
    rested: () => {
      tidying();
      tidying = systemClock.after(REST_MS, tidyHeap);
    },
  });
  if (opened === 'cloned') log.warn('data folder was made on another machine: new identity');
  if (opened === 'unreadable') {
    log.error('identity could not be read: moved aside, new identity');
    agent.status.problem({ code: 'identity-unreadable', detail: 'a new identity was made', at: Date.now() });
  }
  let waiting = false;
  agent.status.subscribe(({ link, device }) => {
    const waits = link.code === 'admission-waiting';
    if (waits && !waiting)
      log.info('waiting to be admitted; compare the key', { key: device.keyFingerprint });
    // Between two askings the link says that it is connecting: still the same wait.
    waiting = waits || (waiting && link.state !== 'live');
  });

  const endStatusFile = keepStatusFile(agent, folder);
  const signalled = untilSignal();
  process.on('uncaughtException', error => {
    // Supervision starts us again; the outbox survives. Going on after an unknown error would not be honest.
    log.error('unexpected error', { code: toProblem(error).code, name: error.name });
    process.exit(70);
  });
  log.info('agent started', {
    version: serviceHost.agent.version,
    platform,
    key: agent.status.current.device.keyFingerprint,
  });
  await agent.start();
  const closeDesk = await openDesk({
    agent,
    settings,
    scanner,
    platform,
    probe,
    log,
    folder,
    isDefaultFolder: folder === defaultDataFolder(),
    desk: command.desk,
  });
  const delivered = deliverOnceIf(command.once, agent);
  log.info('stopping', { why: await Promise.race([signalled, delivered]) });
  tidying();
  const cancel = systemClock.after(STOP_MS, () => {
    log.error('did not stop in time');
    process.exit(1);
  });
  await closeDesk();
  await agent.stop('stopping');
  cancel();
  endStatusFile();
  return 0;
}
