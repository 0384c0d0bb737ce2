import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCommand, runProgram } from '../../../agent/core/scan/command.ts';
import { decode } from '../../../agent/core/scan/decode.ts';

const node = process.execPath;
const script = (code: string): string[] => ['-e', code];

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  // A killed process whose parent has not collected it yet still has a number, but does nothing any more.
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

async function eventually(holds: () => boolean): Promise<boolean> {
  const deadline = Date.now() + 5000;
  while (Date.now() < deadline) {
    if (holds()) return true;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  return holds();
}

describe('running a program', () => {
  it('returns what it printed as bytes, with its exit code', async () => {
    const ran = await runProgram(
      node,
      script('process.stdout.write("out"); process.stderr.write("err"); process.exitCode = 7'),
    );
    expect(ran).toMatchObject({ ok: true, code: 7 });
    if (!ran.ok) return;
    expect([decode(ran.stdout), decode(ran.stderr)]).toEqual(['out', 'err']);
  });

  it('says that a program is not installed', async () => {
    expect(await runProgram('/nowhere/at/all', [])).toMatchObject({ ok: false, reason: 'not-installed' });
  });

  it('says that a program may not be started', async () => {
    // A folder is there but cannot be executed.
    expect(await runProgram('/', [])).toMatchObject({ ok: false, reason: 'not-permitted' });
  });

  it('refuses an argument that no program can be given instead of throwing', async () => {
    expect(await runProgram(node, ['a\0b'])).toMatchObject({ ok: false, reason: 'command-failed' });
  });

  it('passes arguments as they are, without a shell', async () => {
    const ran = await runProgram(node, [
      ...script('process.stdout.write(process.argv.slice(1).join("|"))'),
      '$HOME',
      '; echo x',
      '*',
    ]);
    expect(ran.ok && decode(ran.stdout)).toBe('$HOME|; echo x|*');
  });

  it.skipIf(process.platform === 'win32')(
    'gives it a fixed environment and a closed standard input',
    async () => {
      const ran = await runProgram(
        node,
        script(
          'process.stdin.resume(); process.stdin.on("end", () => console.log(JSON.stringify(process.env)))',
        ),
      );
      expect(ran.ok && JSON.parse(decode(ran.stdout))).toEqual({ LC_ALL: 'C', LANG: 'C' });
    },
  );

  it('ends it and its children when time is up, and keeps what it had printed', async () => {
    const ran = await runProgram(
      node,
      script(`const c = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
        console.log(c.pid); setInterval(() => {}, 1000)`),
      { timeoutMs: 1500 },
    );
    expect(ran).toMatchObject({ ok: false, reason: 'timeout' });
    const child = Number(!ran.ok && ran.partial !== undefined ? decode(ran.partial) : Number.NaN);
    expect(child).toBeGreaterThan(1);
    expect(await eventually(() => !isRunning(child))).toBe(true);
  });

  it('ends it when it prints more than the limit', async () => {
    const flood = script(
      'const s = "x".repeat(65536); (function f() { while (process.stdout.write(s)); process.stdout.once("drain", f); })()',
    );
    expect(await runProgram(node, flood, { maxBytes: 100_000 })).toMatchObject({
      ok: false,
      reason: 'output-too-large',
    });
  });

  it('ends it when nobody waits any more', async () => {
    const stop = new AbortController();
    const ran = runProgram(node, script('setInterval(() => {}, 1000)'), { signal: stop.signal });
    stop.abort();
    expect(await ran).toMatchObject({ ok: false, reason: 'other', detail: 'cancelled' });
  });

  it('does not start it when nobody waits to begin with', async () => {
    expect(await runProgram(node, script(''), { signal: AbortSignal.abort() })).toMatchObject({
      detail: 'cancelled',
    });
  });

  it('does not wait for a background child that keeps its pipes open', async () => {
    const ran = await runProgram(
      node,
      script(`require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }).unref();
        process.stdout.write('done', () => process.exit(0))`),
      { timeoutMs: 15_000 },
    );
    expect(ran).toMatchObject({ ok: true, code: 0 });
  });

  it('says command-failed for a program that a signal ended', async () => {
    expect(await runProgram(node, script('process.kill(process.pid, "SIGKILL")'))).toMatchObject({
      ok: false,
      reason: 'command-failed',
    });
  });

  it.skipIf(process.platform === 'win32')('names a Windows program as not installed here', async () => {
    expect(await runCommand('powershell', [])).toMatchObject({ ok: false, reason: 'not-installed' });
  });
});
