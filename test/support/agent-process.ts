import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { temporaryFolder } from './teardown.ts';

export interface AgentOptions {
  readonly collector: string;
  readonly token?: string;
  readonly admission?: boolean;
  readonly name?: string;
  readonly dataDir?: string;
  /** Folder of the tray app's socket; left out: `desk` in the data folder. */
  readonly desk?: string;
  /** What `settings.json` of the data folder says. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface AgentProcess extends Child {
  readonly dataDir: string;
}

/** A real agent process, `node agent/service/main.ts`, with a data folder of its own. */
export function startAgentProcess(options: AgentOptions): AgentProcess {
  const {
    collector,
    token,
    admission = false,
    name,
    dataDir = temporaryFolder('agent'),
    desk,
    settings,
  } = options;
  if (settings !== undefined) writeFileSync(join(dataDir, 'settings.json'), JSON.stringify(settings));
  const child = startChild({
    script: 'agent/service/main.ts',
    args: [
      '--collector',
      collector,
      '--data',
      dataDir,
      '--json-log',
      ...(admission ? ['--admission'] : []),
      ...(name === undefined ? [] : ['--name', name]),
      ...(desk === undefined ? [] : ['--desk', desk]),
    ],
    env: token === undefined ? {} : { TRAYLINE_ENROLMENT_TOKEN: token },
  });
  return { ...child, dataDir };
}
