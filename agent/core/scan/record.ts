import type { Answer } from './answer.ts';
import type { CommandResult } from './command.ts';
import type { FileFacts } from './file-facts.ts';
import type { OsFacts, Probe, VolumeSpace } from './probe.ts';

/** Everything a round asked the machine and what it was answered, in the order of asking. */
export interface Recording {
  readonly commands: readonly {
    readonly program: string;
    readonly args: readonly string[];
    readonly result: CommandResult;
  }[];
  readonly read: ReadonlyMap<string, Answer<string>>;
  readonly listed: ReadonlyMap<string, Answer<readonly string[]>>;
  readonly exist: ReadonlyMap<string, Answer<boolean>>;
  readonly links: ReadonlyMap<string, Answer<string>>;
  readonly files: ReadonlyMap<string, Answer<FileFacts>>;
  readonly volumes: ReadonlyMap<string, Answer<VolumeSpace>>;
  readonly facts: OsFacts;
}

/**
 * A machine that remembers what it was asked. The first answer to a question counts; of what may change while it is looked at
 * (load, free memory) the recording holds one moment.
 */
export function recordingProbe(probe: Probe): { readonly probe: Probe; recording(): Recording } {
  const commands: { program: string; args: readonly string[]; result: CommandResult }[] = [];
  const read = new Map<string, Answer<string>>();
  const listed = new Map<string, Answer<readonly string[]>>();
  const exist = new Map<string, Answer<boolean>>();
  const links = new Map<string, Answer<string>>();
  const files = new Map<string, Answer<FileFacts>>();
  const volumes = new Map<string, Answer<VolumeSpace>>();
  const facts = probe.facts();

  async function kept<Value>(into: Map<string, Answer<Value>>, path: string, asked: Promise<Answer<Value>>) {
    const answer = await asked;
    const before = into.get(path);
    if (before === undefined) into.set(path, answer);
    // One moment for all: what changed in between would be told differently by the recording.
    return before ?? answer;
  }

  return {
    probe: {
      async command(name, args, options) {
        const result = await probe.command(name, args, options);
        commands.push({ program: name, args: [...args], result });
        return result;
      },
      readFile: (path, part) => kept(read, path, probe.readFile(path, part)),
      file: (path, wishes) => kept(files, path, probe.file(path, wishes)),
      list: path => kept(listed, path, probe.list(path)),
      exists: path => kept(exist, path, probe.exists(path)),
      link: path => kept(links, path, probe.link(path)),
      statfs: mount => kept(volumes, mount, probe.statfs(mount)),
      facts: () => facts,
    },
    recording: () => ({ commands, read, listed, exist, links, files, volumes, facts }),
  };
}
