import { copyFile, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The agent's service as one file without dependencies: what installers ship beside Node's own binary. */
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
          entryFileNames: 'service.js',
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

/** Builds dist/agent/service.js and puts the PowerShell script that it starts beside it; rejects with vite's error. */
export async function buildAgent(): Promise<void> {
  await build(agentConfig());
  await copyFile(`${root}agent/core/scan/windows/scan.ps1`, `${root}dist/agent/scan.ps1`);
  // Without it Node would first try the file as CommonJS, and say so on every start.
  await writeFile(`${root}dist/agent/package.json`, '{ "type": "module" }\n');
}
