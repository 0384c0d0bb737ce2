/**
 * One connector from the command line, against any address its settings name: what it reads as JSON lines (or lines for a
 * person) on standard output, everything else on standard error. No secret is written to either.
 *
 * Ends with 0 when all went well, 1 when a vendor failed or refused (for any account), 2 for wrong arguments or settings,
 * 3 when it cannot be told whether an operation was taken.
 */
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { Problem, toProblem } from '../../shared/problem/problem.ts';
import { tell } from '../../shared/problem/tell.ts';
import { CONNECTORS, findConnector } from './catalogue.ts';
import type { AccountInput, Connector, Session } from './connector.ts';
import { isCheckFine, runAccount } from './run.ts';
import { Secrets } from './scrub.ts';

const USAGE = `Usage: npm run --silent connect -- CONNECTOR --settings FILE [--json] WHAT
       npm run --silent connect -- --list [--json]

WHAT is one of
  --check                      try sign-in and rights (the default)
  --observe                    read everything; --since JSON starts from a checkpoint of an earlier run
  --act NAME --target ID       have an operation done; --parameters JSON
  --follow TRACKING --target ID  what has become of it
  --inquire NAME               ask the vendor beside its devices; --target ID where it is about one

FILE holds one account's settings as a JSON object, or {"accounts": [{"id": "berlin", ...settings}, ...]};
--account ID picks one of several.
`;

const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs: number, run: () => void) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

const FINE = 0;
const FAILED = 1;
const WRONG = 2;
const UNTOLD = 3;

const secrets = new Secrets();

interface Line {
  readonly kind: string;
  readonly account?: string;
  readonly [key: string]: unknown;
}

function write(line: Line, isJson: boolean): void {
  const text = isJson ? JSON.stringify(line) : plain(line);
  process.stdout.write(`${secrets.without(text)}\n`);
}

/** A line for a person: kind, account, then what is not obvious. */
function plain({ kind, account, ...rest }: Line): string {
  const parts = Object.entries(rest).map(([key, value]) =>
    typeof value === 'string' ? `${key}: ${value}` : `${key}: ${JSON.stringify(value)}`,
  );
  return [account, kind, ...parts].filter(part => part !== undefined).join('  ');
}

function problemLine(problem: Problem): { code: string; detail: string; retryAfterMs?: number } {
  const { code, detail, retryAfterMs } = problem;
  return { code, detail: secrets.clean(detail), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function wrong(detail: string): Problem {
  return new Problem('request-invalid', detail);
}

async function readAccounts(path: string, only: string | undefined): Promise<AccountInput[]> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw wrong(`--settings: ${path} cannot be read`);
  });
  const object = z.record(z.string(), z.unknown());
  const several = z.object({ accounts: z.array(z.looseObject({ id: z.string() })).min(1) });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's message quotes the file, and with it perhaps a secret.
    throw wrong(`--settings: ${path} is not JSON`);
  }
  const list = several
    .safeParse(parsed)
    .data?.accounts.map(({ id, label: _, ...settings }) => ({ id, settings }));
  const one = object.safeParse(parsed).data;
  const accounts = list ?? (one === undefined ? [] : [{ id: 'main', settings: one }]);
  const picked = only === undefined ? accounts : accounts.filter(({ id }) => id === only);
  if (picked.length === 0) throw wrong('--settings: no such account');
  return picked;
}

function parsedJson(text: string | undefined, option: string): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(`--${option}: is not JSON`);
  }
}

function list(isJson: boolean): void {
  for (const connector of CONNECTORS) {
    const { id, title, summary, scopes, settings, operations, inquiries, accounts, observes } = connector;
    if (isJson) {
      write(
        {
          kind: 'connector',
          id,
          title,
          summary,
          accounts,
          scopes,
          settings,
          operations,
          inquiries,
          observes,
        },
        true,
      );
      continue;
    }
    process.stdout.write(`${id}  ${title}: ${summary}\n`);
    for (const { key, title: name, isRequired, hint } of settings) {
      process.stdout.write(`  setting ${key}${isRequired ? '' : ' (optional)'}  ${name}. ${hint}\n`);
    }
    for (const { name, why } of scopes) process.stdout.write(`  scope ${name}  ${why}\n`);
    for (const [name, { what }] of Object.entries(operations))
      process.stdout.write(`  operation ${name}  ${what}\n`);
    for (const [name, { what }] of Object.entries(inquiries))
      process.stdout.write(`  inquiry ${name}  ${what}\n`);
  }
}

async function check(session: Session, isJson: boolean): Promise<number> {
  const lines = await session.check();
  for (const { problem, detail, ...line } of lines) {
    write(
      {
        kind: 'check',
        account: session.account,
        ...line,
        ...(detail === undefined ? {} : { detail: secrets.clean(detail) }),
        ...(problem === undefined ? {} : { code: problem.code }),
      },
      isJson,
    );
  }
  return isCheckFine(lines) ? FINE : FAILED;
}

async function observe(session: Session, since: unknown, isJson: boolean): Promise<number> {
  const { account } = session;
  const { problem, ...report } = await runAccount(session, since, {
    observation: observation => write({ kind: 'observation', account, observation }, isJson),
    gone: vendorId => write({ kind: 'gone', account, vendorId }, isJson),
    skipped: (vendorId, why) => write({ kind: 'skipped', account, vendorId, why }, isJson),
    restart: why => write({ kind: 'restart', account, why }, isJson),
    checkpoint: checkpoint => write({ kind: 'checkpoint', account, checkpoint }, isJson),
  });
  write({ kind: 'report', ...report, problem: problem === null ? null : problemLine(problem) }, isJson);
  return problem === null ? FINE : FAILED;
}

async function act(
  session: Session,
  ask: { operation: string; target: string; parameters: unknown },
  isJson: boolean,
): Promise<number> {
  const outcome = await session.act(ask);
  const told =
    'problem' in outcome ? { outcome: outcome.outcome, problem: problemLine(outcome.problem) } : outcome;
  write(
    { kind: 'act', account: session.account, operation: ask.operation, target: ask.target, ...told },
    isJson,
  );
  switch (outcome.outcome) {
    case 'accepted':
    case 'done':
      return FINE;
    case 'refused':
      return FAILED;
    case 'unknown':
      return UNTOLD;
  }
}

async function inquire(
  session: Session,
  ask: { inquiry: string; target: string },
  isJson: boolean,
): Promise<number> {
  const { account } = session;
  const { rows, whole } = await session.inquire(ask);
  for (const row of rows) write({ kind: 'row', account, row }, isJson);
  write({ kind: 'inquired', account, ...ask, rows: rows.length, whole }, isJson);
  return FINE;
}

async function main(): Promise<number> {
  const { values, positionals } = parsedArguments();
  const isJson = values.json ?? false;
  if (values.help === true) {
    process.stdout.write(USAGE);
    return FINE;
  }
  if (values.list === true) {
    list(isJson);
    return FINE;
  }
  const [id, ...more] = positionals;
  const known = CONNECTORS.map(connector => connector.id).join(', ');
  if (id === undefined || more.length > 0) throw wrong(`name one connector: ${known}`);
  const connector = findConnector(id);
  if (connector === undefined) throw wrong(`no such connector; there are ${known}`);
  if (values.settings === undefined) throw wrong('--settings: name a file');
  const chosen = [
    values.check === true,
    values.observe === true,
    values.act !== undefined,
    values.follow !== undefined,
    values.inquire !== undefined,
  ];
  if (chosen.filter(Boolean).length > 1)
    throw wrong('choose one of --check, --observe, --act, --follow and --inquire');
  const sessions = openAll(connector, await readAccounts(values.settings, values.account));
  const closeAll = (): void => {
    for (const session of sessions) session.close();
  };
  process.once('SIGINT', closeAll);
  process.once('SIGTERM', closeAll);
  try {
    const since = parsedJson(values.since, 'since') ?? null;
    const parameters = parsedJson(values.parameters, 'parameters') ?? {};
    const { act: operation, follow: tracking, inquire: inquiry, target = '' } = values;
    if (operation !== undefined || tracking !== undefined || inquiry !== undefined) {
      const [session] = sessions;
      if (session === undefined || sessions.length > 1) throw wrong('--account: name the one that is meant');
      if (operation !== undefined) return await act(session, { operation, target, parameters }, isJson);
      if (inquiry !== undefined) return await inquire(session, { inquiry, target }, isJson);
      const outcome = await session.follow(target, tracking ?? '');
      write({ kind: 'follow', account: session.account, target, outcome }, isJson);
      return FINE;
    }
    const results = await Promise.all(
      sessions.map(session =>
        values.observe === true ? observe(session, since, isJson) : check(session, isJson),
      ),
    );
    return Math.max(...results);
  } finally {
    closeAll();
  }
}

function openAll(connector: Connector, accounts: readonly AccountInput[]): Session[] {
  if (accounts.length > connector.accounts.max) {
    throw wrong(`${connector.id} takes at most ${connector.accounts.max} accounts`);
  }
  return accounts.map(({ id, settings }) =>
    connector.open(
      { id, settings: connector.checkSettings(settings) },
      { clock, random: Math.random, secrets },
    ),
  );
}

function parsedArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        settings: { type: 'string' },
        account: { type: 'string' },
        json: { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
        check: { type: 'boolean' },
        observe: { type: 'boolean' },
        since: { type: 'string' },
        act: { type: 'string' },
        target: { type: 'string' },
        parameters: { type: 'string' },
        follow: { type: 'string' },
        inquire: { type: 'string' },
      },
    });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : 'arguments not understood');
  }
}

main().then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const problem = toProblem(error);
    const isWrong = problem.code === 'request-invalid' || problem.code === 'not-found';
    const { what, next } = tell(problem.code, 'en');
    const words = isWrong ? '' : `${what} ${next}\n  `;
    process.stderr.write(secrets.clean(`connect: ${words}${problem.code}: ${problem.detail}\n`));
    if (isWrong) process.stderr.write(`\n${USAGE}`);
    process.exitCode = isWrong ? WRONG : FAILED;
  },
);
