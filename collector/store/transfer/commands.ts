import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Problem } from '../../../shared/problem/problem.ts';
import type { StoreChoice } from '../open.ts';
import { openSqliteSource, openSqliteTarget } from '../sqlite/transfer.ts';
import type { StoreLog } from '../stored.ts';
import { openArchive, writeArchive } from './archive.ts';
import type { Source, Tally, Target } from './tables.ts';
import { transfer } from './transfer.ts';

export const TRANSFER_USAGE = `
  migrate --from sqlite:FOLDER|mongodb://… --to mongodb://…|sqlite:FOLDER
                        copies everything to another database; go on by running it again
  backup --to FILE|FOLDER    writes a backup of the database that the settings name
  restore --from FILE        puts a backup into the database that the settings name, which must be empty

Instead of an address with its password, --from and --to take env:VARIABLE.
`;

const SQLITE = 'sqlite:';

/** `sqlite:FOLDER`, a MongoDB address, or `env:VARIABLE` that holds one. SECURITY: the words are never repeated. */
function choiceOf(text: string, option: string, env: NodeJS.ProcessEnv): StoreChoice {
  const named = text.startsWith('env:') ? (env[text.slice(4)] ?? '') : text;
  if (named.startsWith(SQLITE) && named.length > SQLITE.length) {
    return { store: undefined, dataDir: resolve(named.slice(SQLITE.length)) };
  }
  if (/^mongodb(?:\+srv)?:\/\//.test(named)) return { store: named, dataDir: '' };
  throw new Problem('request-invalid', `${option} must be sqlite:FOLDER, mongodb://… or env:VARIABLE`);
}

// mongoose is loaded only where it is needed, as in open.ts.
async function openSource(
  choice: StoreChoice,
  log: StoreLog,
  { alone }: { alone: boolean },
): Promise<Source> {
  if (choice.store === undefined) return openSqliteSource(choice.dataDir, { alone });
  const { openMongoSource } = await import('../mongo/transfer.ts');
  return openMongoSource({ url: choice.store, log });
}

async function openTarget(choice: StoreChoice, log: StoreLog, from: Source): Promise<Target> {
  if (choice.store === undefined) return openSqliteTarget(choice.dataDir, from);
  const { openMongoTarget } = await import('../mongo/transfer.ts');
  return openMongoTarget({ url: choice.store, log }, from);
}

async function copy(from: Source, choice: StoreChoice, io: Io): Promise<Tally> {
  const target = await openTarget(choice, io.log, from);
  try {
    return await transfer(from, target, io.tell);
  } finally {
    await target.close();
  }
}

interface Io {
  readonly log: StoreLog;
  readonly env: NodeJS.ProcessEnv;
  /** The database that the settings name. */
  readonly settings: () => StoreChoice;
  readonly tell: (what: string) => void;
}

/** The command line names one of these instead of starting a collector. */
export function isTransferCommand(word: string | undefined): word is 'migrate' | 'backup' | 'restore' {
  return word === 'migrate' || word === 'backup' || word === 'restore';
}

/**
 * Runs `migrate`, `backup` or `restore`; gives what was copied.
 * @throws Problem `request-invalid` for wrong arguments, and what `transfer`, `writeArchive` and the databases throw.
 */
export async function runTransfer(
  command: 'migrate' | 'backup' | 'restore',
  args: string[],
  io: Io,
): Promise<Tally> {
  const { from, to } = argumentsOf(args);
  const need = (given: string | undefined, option: string): string => {
    if (given === undefined || given === '')
      throw new Problem('request-invalid', `${command} needs ${option}`);
    return given;
  };
  if (command === 'backup') {
    const path = fileFor(resolve(need(to, '--to')));
    const source = await openSource(io.settings(), io.log, { alone: false });
    try {
      const tally = await writeArchive(source, path);
      io.tell(`written to ${path}`);
      return tally;
    } finally {
      await source.close();
    }
  }
  const source =
    command === 'restore'
      ? await openArchive(resolve(need(from, '--from')))
      : await openSource(choiceOf(need(from, '--from'), '--from', io.env), io.log, { alone: true });
  try {
    return await copy(
      source,
      command === 'restore' ? io.settings() : choiceOf(need(to, '--to'), '--to', io.env),
      io,
    );
  } finally {
    await source.close();
  }
}

function argumentsOf(args: string[]): { from?: string | undefined; to?: string | undefined } {
  try {
    return parseArgs({ args, options: { from: { type: 'string' }, to: { type: 'string' } } }).values;
  } catch (error) {
    throw new Problem('request-invalid', `wrong arguments:${TRANSFER_USAGE}`, { cause: error });
  }
}

/** A name of the moment in a folder that is there; else the file itself, its folder made. */
function fileFor(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) {
    return join(path, `trayline-${new Date().toISOString().replaceAll(':', '')}.backup.gz`);
  }
  mkdirSync(join(path, '..'), { recursive: true });
  return path;
}
