import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './child.ts';
import { closeAtEnd } from './teardown.ts';

/** Only root may start programs under other accounts. */
export const asRoot = process.platform === 'linux' && process.getuid?.() === 0;

type Answer = { ok: boolean; code?: string; value?: Record<string, unknown> };

/** An app of this account; `ask` resolves with the reply. */
export function person(path: string, uid: number) {
  const child = spawn(process.execPath, [join(ROOT, 'test/support/person-process.ts'), path], {
    ...(asRoot ? { uid, gid: uid } : {}),
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/bin' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  closeAtEnd(() => child.kill('SIGKILL'));
  const waiting: ((line: string) => void)[] = [];
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', line => {
    const next = waiting.shift();
    if (next === undefined) lines.push(line);
    else next(line);
  });
  const line = async (): Promise<unknown> =>
    JSON.parse(lines.shift() ?? (await new Promise<string>(resolve => waiting.push(resolve))));
  return {
    connected: async (): Promise<void> => {
      for (;;) {
        const said = await line();
        if (JSON.stringify(said) === '{"state":"connected"}') return;
      }
    },
    ask: async (name: string, input?: unknown): Promise<Answer> => {
      child.stdin.write(`${JSON.stringify({ name, input })}\n`);
      return (await line()) as Answer;
    },
  };
}
