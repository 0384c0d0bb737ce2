import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Platform } from '../../../shared/device/platform.ts';
import { toProblem } from '../../../shared/problem/problem.ts';
import { openLedger } from '../../core/action/ledger.ts';
import { createActions } from '../../core/action/run.ts';
import type { Agent } from '../../core/agent.ts';
import type { Log } from '../../core/host.ts';
import type { Probe } from '../../core/scan/probe.ts';
import type { Scanner } from '../../core/scan/scan.ts';
import type { Settings } from '../../core/settings/settings.ts';
import { machineDesk, socketPath, systemOf } from '../../desktop/places.ts';
import { systemClock } from '../clock.ts';
import { isMachineAccount, serviceHost } from '../host.ts';
import { type LocalSocket, openLocalSocket } from '../local-socket.ts';
import { createDesk } from './desk.ts';

export interface OpenDeskOptions {
  readonly agent: Agent;
  readonly settings: Settings;
  readonly scanner: Scanner;
  readonly platform: Platform;
  readonly probe: Probe;
  readonly log: Log;
  /** The agent's data folder. */
  readonly folder: string;
  /** Is that the folder an installed service has? Then its socket lies where every account finds it. */
  readonly isDefaultFolder: boolean;
  /** Where the socket goes instead. */
  readonly desk: string | null;
}

/**
 * Opens the desk for the tray apps of this machine's people. A socket that cannot be opened is logged and done without: the
 * agent's work does not depend on anybody looking.
 */
export async function openDesk(options: OpenDeskOptions): Promise<() => Promise<void>> {
  const { agent, settings, scanner, platform, probe, log, folder, isDefaultFolder } = options;
  const system = systemOf(process.platform);
  const machine = isMachineAccount();
  const shared = options.desk !== null || (machine && isDefaultFolder);
  const deskFolder =
    options.desk ??
    (shared ? machineDesk({ system, env: process.env, home: homedir() }) : join(folder, 'desk'));
  const desk = createDesk({
    agent,
    settings,
    host: serviceHost,
    platform,
    checks: scanner.scans,
    folder,
    clock: systemClock,
    actions: createActions({
      probe,
      platform,
      ledger: openLedger(folder, systemClock.now()),
      clock: systemClock,
      recheck: ids => agent.recheck(ids),
      log,
    }),
  });
  let socket: LocalSocket | null = null;
  try {
    socket = await openLocalSocket({
      desk,
      path: socketPath(system, deskFolder),
      everybody: machine && shared,
      version: serviceHost.agent.version,
      log,
    });
  } catch (error) {
    const { code, detail } = toProblem(error);
    log.warn('no local socket: the tray app cannot be answered', { code, detail });
  }
  return async () => {
    await socket?.stop();
    desk.close();
  };
}
