import { parseArgs } from 'node:util';
import { type Platform, platform as platformSchema } from '../../shared/device/platform.ts';
import { Problem } from '../../shared/problem/problem.ts';
import type { LayerValues } from '../core/settings/settings.ts';

export interface RunCommand {
  readonly command: 'run';
  readonly settings: LayerValues;
  readonly tokenFile: string | null;
  readonly folder: string | null;
  /** Folder of the tray app's socket; null: the usual one. */
  readonly desk: string | null;
  /** File that says what to look for by name while the collector says nothing about that. */
  readonly subjects: string | null;
  readonly jsonLog: boolean;
  readonly once: boolean;
}
export interface ScanCommand {
  readonly command: 'scan';
  readonly json: boolean;
  readonly replay: string | null;
  readonly platform: Platform | null;
  /** File that says what to look for by name. */
  readonly subjects: string | null;
}
export interface StatusCommand {
  readonly command: 'status';
  readonly folder: string | null;
  readonly json: boolean;
}
export interface DiagnosticsCommand {
  readonly command: 'diagnostics';
  /** Folder to make; null: one named after the time, here. */
  readonly out: string | null;
  readonly folder: string | null;
  readonly log: string | null;
  readonly replay: string | null;
  readonly platform: Platform | null;
  readonly subjects: string | null;
}
export type Command =
  | RunCommand
  | ScanCommand
  | StatusCommand
  | DiagnosticsCommand
  | { readonly command: 'help' | 'version' };

export const HELP = `Trayline agent: reports the health and posture of this device to a collector.

  agent --collector URL [options]     run until stopped
  agent scan [--json]                 run every check once and print what was found
  agent scan --replay DIR --platform windows|macos|linux
                                      the same over recorded outputs
  agent scan --subjects FILE          look also for the files, programs, services and settings named in FILE (JSON)
  agent diagnostics [--out DIR]       make a folder that shows what every check asked and was answered, without names,
                                      serial numbers and addresses; it is sent nowhere
  agent status [--json]               what the running agent last said of itself

  --collector URL    the collector, for example https://collector.example.com
  --token T          enrolment token (better: --token-file, or TRAYLINE_ENROLMENT_TOKEN in the environment)
  --token-file FILE  file that holds the enrolment token
  --admission        wait for a person to admit this device in the console
  --data DIR         where the key and waiting reports are kept
  --desk DIR         where the tray app's socket is made
  --log FILE         log whose end goes into the diagnostics
  --subjects FILE    what to look for by name while the collector names nothing (JSON, as for scan)
  --name NAME        name to report instead of the host name
  --insecure         allow an unencrypted connection to another machine (trials only)
  --once             report once, wait until everything is stored, and end
  --json-log         log one JSON object a line
  --help, --version
`;

const OPTIONS = {
  collector: { type: 'string' },
  token: { type: 'string' },
  'token-file': { type: 'string' },
  admission: { type: 'boolean' },
  data: { type: 'string' },
  desk: { type: 'string' },
  name: { type: 'string' },
  insecure: { type: 'boolean' },
  once: { type: 'boolean' },
  'json-log': { type: 'boolean' },
  json: { type: 'boolean' },
  out: { type: 'string' },
  log: { type: 'string' },
  replay: { type: 'string' },
  platform: { type: 'string' },
  subjects: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/**
 * What is asked for.
 *
 * @throws Problem `settings-invalid` naming the option, never its value.
 */
export function parseCommandLine(args: readonly string[], environment: NodeJS.ProcessEnv): Command {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    // Node's message repeats the argument, which may be a token typed in the wrong place: keep what stands between quotes
    // only when it is an option's name.
    const option = /'(--?[a-z][a-z-]*)/.exec(error instanceof Error ? error.message : '')?.[1];
    throw new Problem(
      'settings-invalid',
      `the command line is not understood${option ? ` at ${option}` : ''}; see --help`,
    );
  }
  const { values, positionals } = parsed;
  if (values.help) return { command: 'help' };
  if (values.version) return { command: 'version' };
  const [word = 'run', ...rest] = positionals;
  if (rest.length > 0) throw new Problem('settings-invalid', 'one command at a time; see --help');
  switch (word) {
    case 'run':
      return {
        command: 'run',
        settings: {
          collector: values.collector ?? environment.TRAYLINE_AGENT_COLLECTOR ?? null,
          token: values.token ?? environment.TRAYLINE_ENROLMENT_TOKEN ?? null,
          admission: values.admission ?? null,
          insecure: values.insecure ?? null,
          name: values.name ?? null,
        },
        tokenFile: values['token-file'] ?? null,
        folder: values.data ?? null,
        desk: values.desk ?? null,
        subjects: values.subjects ?? null,
        jsonLog: values['json-log'] ?? false,
        once: values.once ?? false,
      };
    case 'scan':
      return {
        command: 'scan',
        json: values.json ?? false,
        replay: values.replay ?? null,
        platform: platformOf(values.platform),
        subjects: values.subjects ?? null,
      };
    case 'diagnostics':
      return {
        command: 'diagnostics',
        out: values.out ?? null,
        folder: values.data ?? null,
        log: values.log ?? null,
        replay: values.replay ?? null,
        platform: platformOf(values.platform),
        subjects: values.subjects ?? null,
      };
    case 'status':
      return { command: 'status', folder: values.data ?? null, json: values.json ?? false };
    default:
      throw new Problem('settings-invalid', 'no such command; see --help');
  }
}

function platformOf(word: string | undefined): Platform | null {
  if (word === undefined) return null;
  const asked = platformSchema.safeParse(word);
  if (asked.success) return asked.data;
  throw new Problem('settings-invalid', '--platform must be windows, macos or linux', {
    fields: ['platform'],
  });
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
}
