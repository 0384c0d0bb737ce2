/*
 * Where the service's local socket is, so that both ends find it without being told. Pure: what the machine says is passed in.
 */

export type System = 'win32' | 'darwin' | 'linux';

/** What decides where things are. */
export interface Surroundings {
  readonly system: System;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** Folder of the socket of the service that runs for the whole machine. */
export function machineDesk({ system, env }: Surroundings): string {
  switch (system) {
    case 'win32':
      return `${env.ProgramData ?? 'C:\\ProgramData'}\\Trayline\\Desk`;
    case 'darwin':
      return '/var/run/trayline';
    case 'linux':
      return '/run/trayline';
  }
}

/** The same for a service that a person runs for themselves, with its default data folder. */
export function personDesk({ system, env, home }: Surroundings): string {
  switch (system) {
    case 'win32':
      return `${env.LOCALAPPDATA ?? home}\\Trayline\\Agent\\desk`;
    case 'darwin':
      return `${home}/Library/Application Support/Trayline/Agent/desk`;
    case 'linux':
      return `${env.XDG_STATE_HOME ?? `${home}/.local/state`}/trayline/agent/desk`;
  }
}

/** The socket in a desk folder. Windows has pipes instead, with one flat space of names. */
export function socketPath(system: System, folder: string): string {
  if (system !== 'win32') return `${folder}/agent.sock`;
  return `\\\\.\\pipe\\trayline-${folder.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
}

export function systemOf(platform: string): System {
  return platform === 'win32' || platform === 'darwin' ? platform : 'linux';
}
