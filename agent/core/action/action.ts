import type { ScanId } from '../../../shared/device/facts.ts';
import type { Finding } from '../../../shared/device/finding.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import type { CommandFailure, CommandOutput } from '../scan/command.ts';
import { decode } from '../scan/decode.ts';
import type { Probe } from '../scan/probe.ts';

/** Every change of the device this agent knows: a name travels, never a command line. */
export type ActionId = 'restart' | 'turn-on-firewall';

/** What the step that changes something came to. */
export type Acted =
  | { readonly state: 'done' }
  /** `rights`: the account we run as may not. `organisation`: a rule of the organisation decides it. */
  | { readonly state: 'not-allowed'; readonly by: 'rights' | 'organisation' }
  /** This system has no program to do it with. */
  | { readonly state: 'not-possible' }
  /** `detail` names the program and how it ended, never what it printed. */
  | { readonly state: 'failed'; readonly reason: 'timeout' | 'command-failed'; readonly detail: string };

export interface ActionContext {
  readonly probe: Pick<Probe, 'command'>;
  readonly platform: Platform;
}

export interface DeviceAction {
  readonly id: ActionId;
  /** Does it need the rights of the whole machine (root, LocalSystem)? */
  readonly needsRoot: boolean;
  /**
   * The check that raises what this solves: asked before, and after to see whether it helped. null: nothing can be asked
   * afterwards, because the device is gone by then.
   */
  readonly by: {
    readonly check: ScanId;
    /** By this answer, is there something to do? null: the answer does not say. */
    wanted(finding: Finding | undefined): boolean | null;
  } | null;
  act(context: ActionContext): Promise<Acted>;
}

/** A program that did not run to its end. */
export function notRun(result: CommandFailure): Acted {
  if (result.reason === 'not-installed') return { state: 'not-possible' };
  if (result.reason === 'not-permitted') return { state: 'not-allowed', by: 'rights' };
  const detail = result.detail ?? result.reason;
  return { state: 'failed', reason: result.reason === 'timeout' ? 'timeout' : 'command-failed', detail };
}

/** A program that ended with a code that means neither success nor a refusal. */
export function commandFailed(program: string, code: number): Acted {
  return { state: 'failed', reason: 'command-failed', detail: `${program} ended with ${code}` };
}

/** Everything a program printed: some say why they refuse on stdout, some on stderr. */
export function printed({ stdout, stderr }: CommandOutput): string {
  return `${decode(stdout)}\n${decode(stderr)}`;
}
