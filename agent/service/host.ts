import { homedir, uptime } from 'node:os';
import { join } from 'node:path';
import type { Platform } from '../../shared/device/platform.ts';
import type { Host } from '../core/host.ts';
import { VERSION } from './version.ts';

export function currentPlatform(): Platform {
  if (process.platform === 'win32') return 'windows';
  return process.platform === 'darwin' ? 'macos' : 'linux';
}

/** Running with the rights of the machine (root, LocalSystem) rather than of a person? */
export function isMachineAccount(): boolean {
  if (process.getuid !== undefined) return process.getuid() === 0;
  // LocalSystem's profile lies below System32; there is no cheaper sign without starting a program.
  return (process.env.USERPROFILE ?? '').toLowerCase().includes('\\config\\systemprofile');
}

/** Where the agent keeps its key and its outbox: machine-wide for the service, below the home folder for a person. */
export function defaultDataFolder(): string {
  const machine = isMachineAccount();
  switch (currentPlatform()) {
    case 'windows': {
      const base = machine ? process.env.ProgramData : process.env.LOCALAPPDATA;
      return join(base ?? (machine ? 'C:\\ProgramData' : homedir()), 'Trayline', 'Agent');
    }
    case 'macos':
      return join(machine ? '/' : homedir(), 'Library', 'Application Support', 'Trayline', 'Agent');
    case 'linux':
      return machine
        ? '/var/lib/trayline/agent'
        : join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'trayline', 'agent');
  }
}

export const serviceHost: Host = {
  agent: { version: VERSION, arch: process.arch, runtime: `node ${process.versions.node}` },
  uptimeMs: () => uptime() * 1000,
};
