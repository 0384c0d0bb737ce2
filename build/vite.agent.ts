import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The agent's service as one bundle without dependencies: what installers ship beside Node's own binary. */
export function agentConfig(): InlineConfig {
  return {
    configFile: false,
    root,
    logLevel: 'warn',
    build: {
      ssr: `${root}agent/service/main.ts`,
      target: 'node24',
      outDir: `${root}dist/agent`,
      emptyOutDir: true,
      reportCompressedSize: false,
      rolldownOptions: {
        external: [...builtinModules, /^node:/, 'bufferutil', 'utf-8-validate'],
        output: {
          entryFileNames: 'agent.js',
          codeSplitting: false,
          // Smaller in memory; names stay, so that stack traces of the field name the functions of the source.
          minify: { mangle: false, compress: true, codegen: true },
        },
        treeshake: { manualPureFunctions: ['z'] },
      },
    },
    ssr: { noExternal: true, target: 'node' },
  };
}

/**
 * Builds dist/agent/service.js, with the PowerShell script that it starts beside it; rejects with vite's error.
 *
 * service.js is the few lines of frugal-heap.ts, then the bundle (agent.js): what keeps the heap small must be said before
 * the bundle is read.
 */
export async function buildAgent(): Promise<void> {
  await build(agentConfig());
  const first = await readFile(`${root}agent/service/frugal-heap.ts`, 'utf8');
  await writeFile(`${root}dist/agent/service.js`, `${first}\nawait import('./agent.js');\n`);
  await copyFile(`${root}agent/core/scan/windows/scan.ps1`, `${root}dist/agent/scan.ps1`);
  // Without it Node would first try the files as CommonJS, and say so on every start.
  await writeFile(`${root}dist/agent/package.json`, '{ "type": "module" }\n');
}
