import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { build, type InlineConfig } from 'vite';
import { PAGE_NAMES } from '../agent/desktop/contract.ts';
import { drawIcons } from './icons.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}dist/desktop`;

/**
 * Main process or preload as one CommonJS file: the only form every Electron from 22 to 45 loads, and a sandboxed preload
 * may not require anything but `electron`. Node 16 is the oldest inside (Electron 22).
 */
export function processConfig(name: 'main' | 'preload'): InlineConfig {
  return {
    configFile: false,
    root,
    logLevel: 'warn',
    define: { __TRAYLINE_NAMES__: JSON.stringify(PAGE_NAMES) },
    build: {
      ssr: `${root}agent/desktop/${name}/${name}.ts`,
      target: 'node16',
      outDir: out,
      emptyOutDir: false,
      reportCompressedSize: false,
      minify: false,
      rolldownOptions: {
        external: [...builtinModules, /^node:/, 'electron'],
        output: { format: 'cjs', entryFileNames: `${name}.cjs`, codeSplitting: false },
        treeshake: { manualPureFunctions: ['z'] },
      },
    },
    ssr: { noExternal: true, target: 'node' },
  };
}

/** The page, for the oldest Chromium (108, of Electron 22), under a policy without inline scripts and styles. */
export function pageConfig(): InlineConfig {
  return {
    configFile: false,
    root: `${root}agent/desktop/renderer`,
    base: './',
    plugins: [react()],
    logLevel: 'warn',
    build: {
      target: 'chrome108',
      outDir: `${out}/page`,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: {
        treeshake: {
          manualPureFunctions: ['z'],
          moduleSideEffects: [{ test: /\/shared\/|\/zod\//, sideEffects: false }],
        },
      },
    },
  };
}

/** Builds dist/desktop: main.cjs, preload.cjs, page/, icons/ and the package.json that Electron starts it by. */
export async function buildDesktop(): Promise<void> {
  await build(processConfig('main'));
  await build(processConfig('preload'));
  // Vite takes the React it bundles from this; a test runner has set it to `test`, which means the slow one.
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await build(pageConfig());
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
  drawIcons(`${out}/icons`);
  const { version } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as { version: string };
  // No "type": the bundles are CommonJS, and Electron before 28 knows nothing else.
  const described = { name: 'trayline', productName: 'Trayline', version, main: 'main.cjs' };
  await writeFile(`${out}/package.json`, `${JSON.stringify(described, null, 2)}\n`);
  if (!existsSync(`${out}/page/index.html`)) throw new Error('the page was not built');
}
