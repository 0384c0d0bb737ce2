/**
 * `npm run check`: format, lint, layering, types, promises, dead code. One command for people and CI;
 * every part runs even when an earlier one failed, so that one run shows all there is to mend.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const parts: readonly { name: string; command: string; args: readonly string[] }[] = [
  { name: 'format, lint, layering', command: 'biome', args: ['check', '--error-on-warnings', '.'] },
  { name: 'types', command: 'tsc', args: ['-b', 'tsconfig.json'] },
  {
    name: 'promises and exhaustiveness',
    command: 'oxlint',
    args: ['--type-aware', '-c', 'build/oxlint.json', 'shared', 'agent', 'collector', 'build', 'test'],
  },
  { name: 'dead code', command: 'knip', args: ['--config', 'build/knip.json', '--no-progress'] },
];

let failed = 0;
for (const part of parts) {
  const started = performance.now();
  const result = spawnSync(part.command, part.args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (result.status === 0) {
    console.log(`check: ${part.name} ok (${seconds} s)`);
  } else {
    failed += 1;
    console.error(
      `check: ${part.name} FAILED (${seconds} s)${result.error ? `: ${result.error.message}` : ''}`,
    );
  }
}
process.exitCode = failed === 0 ? 0 : 1;
