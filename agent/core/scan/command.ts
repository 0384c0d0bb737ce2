import { type ChildProcess, spawn } from 'node:child_process';
import os from 'node:os';
import { win32 } from 'node:path';
import { type Unanswered, unanswered } from './answer.ts';
import { createChildMeter, type ProgramCost } from './cost.ts';
import { createSlots } from './slots.ts';

/**
 * The only place of the agent's core that starts a program. Programs are named here with absolute paths (no PATH search),
 * started without a shell, with a fixed environment so that numbers and words are not localised, stdin closed, a time
 * limit after which the whole tree ends, and a limit on what they may print.
 */

const SYSTEM_ROOT = process.env.SystemRoot ?? 'C:\\Windows';
const system32 = (file: string): readonly string[] => [win32.join(SYSTEM_ROOT, 'System32', file)];

/** Where each program may be; the first that exists is used. */
const PROGRAMS = {
  // Windows
  shutdown:
    process.platform === 'win32' ? system32('shutdown.exe') : ['/sbin/shutdown', '/usr/sbin/shutdown'],
  powershell: system32('WindowsPowerShell\\v1.0\\powershell.exe'),
  reg: system32('reg.exe'),
  powercfg: system32('powercfg.exe'),
  sc: system32('sc.exe'),
  dsregcmd: system32('dsregcmd.exe'),
  netstat: process.platform === 'win32' ? system32('netstat.exe') : ['/usr/sbin/netstat'],
  // macOS
  sw_vers: ['/usr/bin/sw_vers'],
  ioreg: ['/usr/sbin/ioreg'],
  fdesetup: ['/usr/bin/fdesetup'],
  diskutil: ['/usr/sbin/diskutil'],
  system_profiler: ['/usr/sbin/system_profiler'],
  socketfilterfw: ['/usr/libexec/ApplicationFirewall/socketfilterfw'],
  softwareupdate: ['/usr/sbin/softwareupdate'],
  networksetup: ['/usr/sbin/networksetup'],
  plutil: ['/usr/bin/plutil'],
  vm_stat: ['/usr/bin/vm_stat'],
  stat: ['/usr/bin/stat'],
  ps: ['/bin/ps'],
  csrutil: ['/usr/bin/csrutil'],
  defaults: ['/usr/bin/defaults'],
  launchctl: ['/bin/launchctl'],
  mount: ['/sbin/mount'],
  pwpolicy: ['/usr/bin/pwpolicy'],
  spctl: ['/usr/sbin/spctl'],
  sysadminctl: ['/usr/sbin/sysadminctl'],
  systemextensionsctl: ['/usr/bin/systemextensionsctl'],
  xprotect: ['/usr/bin/xprotect'],
  'app-sso': ['/usr/bin/app-sso'],
  dsconfigad: ['/usr/sbin/dsconfigad'],
  profiles: ['/usr/bin/profiles'],
  scutil: ['/usr/sbin/scutil'],
  security: ['/usr/bin/security'],
  systemsetup: ['/usr/sbin/systemsetup'],
  // Linux
  lsblk: ['/usr/bin/lsblk', '/bin/lsblk'],
  systemctl: ['/usr/bin/systemctl', '/bin/systemctl'],
  loginctl: ['/usr/bin/loginctl', '/bin/loginctl'],
  smartctl: ['/usr/sbin/smartctl', '/sbin/smartctl'],
  nft: ['/usr/sbin/nft', '/sbin/nft'],
  'iptables-save': ['/usr/sbin/iptables-save', '/sbin/iptables-save'],
  ufw: ['/usr/sbin/ufw'],
  needrestart: ['/usr/sbin/needrestart'],
  coredumpctl: ['/usr/bin/coredumpctl'],
  gsettings: ['/usr/bin/gsettings'],
  apt: ['/usr/bin/apt'],
  'apt-config': ['/usr/bin/apt-config'],
  'apt-helper': ['/usr/lib/apt/apt-helper'],
  chronyc: ['/usr/bin/chronyc'],
  dnf: ['/usr/bin/dnf'],
  'dpkg-query': ['/usr/bin/dpkg-query'],
  flatpak: ['/usr/bin/flatpak'],
  nmcli: ['/usr/bin/nmcli'],
  realm: ['/usr/sbin/realm', '/usr/bin/realm'],
  rpm: ['/usr/bin/rpm', '/bin/rpm'],
  timedatectl: ['/usr/bin/timedatectl'],
  // Protection products, macOS first
  mdatp: ['/usr/local/bin/mdatp', '/usr/bin/mdatp'],
  sentinelctl: ['/usr/local/bin/sentinelctl', '/opt/sentinelone/bin/sentinelctl'],
  falconctl: ['/Applications/Falcon.app/Contents/Resources/falconctl', '/opt/CrowdStrike/falconctl'],
  cytool: ['/Library/Application Support/PaloAltoNetworks/Traps/bin/cytool', '/opt/traps/bin/cytool'],
  bduitool: ['/opt/bitdefender-security-tools/bin/bduitool'],
} as const satisfies Record<string, readonly string[]>;

export type ProgramName = keyof typeof PROGRAMS;

/** What a program that ran to its end printed, undecoded, with its exit code: judging the code is the caller's business. */
export interface CommandOutput {
  readonly ok: true;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly code: number;
  /** Left out of a recording. */
  readonly cost?: ProgramCost;
}

/** Why there is no output to judge; a program stopped by its time limit leaves what it had printed until then. */
export interface CommandFailure extends Unanswered {
  readonly reason:
    | 'not-installed'
    | 'timeout'
    | 'output-too-large'
    | 'command-failed'
    | 'not-permitted'
    | 'other';
  readonly partial?: Uint8Array;
  readonly cost?: ProgramCost;
}

export type CommandResult = CommandOutput | CommandFailure;

export interface CommandOptions {
  /** Milliseconds; default 10 s. */
  readonly timeoutMs?: number;
  /** Bytes of stdout and stderr together; default 4 MiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
/** How long after a program's end its pipes may stay open: a background child that inherited them must not hold us. */
const DRAIN_MS = 500;

/**
 * Programs that run side by side. A round may ask for forty at once. Measured on two cores with forty programs of 80 ms each
 * beside one that works 5 ms in every 20: all at once they end after 1.6 s and the other's work comes up to 790 ms late; four
 * at a time 1.8 s and 170 ms; two at a time 2.2 s and 56 ms. So one for every two cores, and two at least.
 */
const MOST_AT_ONCE = Math.max(2, Math.floor(os.availableParallelism() / 2));
/** A program that runs longer gives its place on: what hangs must not hold up the others. */
const SLOT_MS = 1000;

const slots = createSlots(MOST_AT_ONCE, SLOT_MS);
const meter = createChildMeter();

/** What a person does comes first: checks can wait. Its children inherit it. */
function giveWay(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    os.setPriority(child.pid, os.constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or may not be changed: it runs as it is.
  }
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) killTree(child);
});

function killTree(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawn(win32.join(SYSTEM_ROOT, 'System32', 'taskkill.exe'), ['/PID', String(pid), '/T', '/F'], {
      stdio: 'ignore',
      windowsHide: true,
      env: { SystemRoot: SYSTEM_ROOT },
    }).on('error', () => child.kill('SIGKILL'));
    return;
  }
  try {
    // The program leads a process group of its own (detached), so its children go with it.
    process.kill(-pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function environment(): Record<string, string> {
  return process.platform === 'win32' ? { SystemRoot: SYSTEM_ROOT } : { LC_ALL: 'C', LANG: 'C' };
}

function failure(reason: CommandFailure['reason'], detail?: string): CommandFailure {
  return { ...unanswered(reason, detail), reason };
}

function spawnFailure(code: string | undefined, name: string): CommandFailure {
  if (code === 'ENOENT' || code === 'ENOTDIR') return failure('not-installed', name);
  if (code === 'EACCES' || code === 'EPERM') return failure('not-permitted', name);
  return failure('command-failed', `${name}: ${code ?? 'could not be started'}`);
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Runs one program by its path; exported for tests, everything else goes through `runCommand`. */
export async function runProgram(
  path: string,
  args: readonly string[],
  { timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES, signal }: CommandOptions = {},
): Promise<CommandResult> {
  if (isAborted(signal)) return failure('other', 'cancelled');
  const giveBack = await slots.take(signal);
  if (giveBack === null) return failure('other', 'cancelled');
  // Asked anew: it may have fired while this waited for its slot.
  if (isAborted(signal)) {
    giveBack();
    return failure('other', 'cancelled');
  }
  meter.starts();
  const started = performance.now();
  return await new Promise(resolve => {
    let child: ChildProcess;
    try {
      child = spawn(path, [...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: environment(),
        detached: process.platform !== 'win32',
        windowsHide: true,
        shell: false,
      });
    } catch (error) {
      // Only for arguments that can never start (a NUL byte); everything else comes as an `error` event.
      giveBack();
      resolve(spawnFailure(error instanceof Error ? error.name : undefined, path));
      return;
    }
    giveWay(child);
    running.add(child);
    let cpuMs = (): number | null => null;
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let size = 0;
    let drain: NodeJS.Timeout | undefined;

    const finish = (result: CommandResult): void => {
      clearTimeout(limit);
      clearTimeout(drain);
      signal?.removeEventListener('abort', cancel);
      running.delete(child);
      child.stdout?.destroy();
      child.stderr?.destroy();
      giveBack();
      resolve({ ...result, cost: { wallMs: performance.now() - started, cpuMs: cpuMs() } });
    };
    const stop = (result: CommandFailure): void => {
      killTree(child);
      finish(result);
    };
    const cancel = (): void => stop(failure('other', 'cancelled'));
    const limit = setTimeout(() => {
      stop({ ...failure('timeout', `no end within ${timeoutMs} ms`), partial: Buffer.concat(stdout) });
    }, timeoutMs);
    signal?.addEventListener('abort', cancel, { once: true });

    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) stop(failure('output-too-large', `more than ${maxBytes} bytes`));
      else into.push(chunk);
    };
    child.stdout?.on('data', collect(stdout));
    child.stderr?.on('data', collect(stderr));

    const ended = (code: number | null, by: NodeJS.Signals | null): void => {
      if (code === null) finish(failure('command-failed', `ended by ${by ?? 'a signal'}`));
      else finish({ ok: true, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), code });
    };
    child.once('error', (error: NodeJS.ErrnoException) => finish(spawnFailure(error.code, path)));
    child.once('exit', (code, by) => {
      cpuMs = meter.ended();
      drain = setTimeout(() => {
        killTree(child);
        ended(code, by);
      }, DRAIN_MS);
    });
    child.once('close', ended);
  });
}

/**
 * Runs a program of the table above. Ends within its time limit; never rejects. A program that ended with an exit code
 * other than 0 is an output, not a failure.
 */
export async function runCommand(
  name: ProgramName,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  for (const path of PROGRAMS[name]) {
    const result = await runProgram(path, args, options);
    if (result.ok || result.reason !== 'not-installed') return result;
  }
  return failure('not-installed', name);
}
