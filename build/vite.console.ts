import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { InlineConfig } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The console as static files in dist/console, served from `/` under a policy without inline scripts. Chromium 108 is the
 * oldest engine among the browsers still handed out by managed images (Edge 108 of Windows 10 LTSC media).
 */
export function consoleConfig(): InlineConfig {
  return {
    configFile: false,
    root: `${root}collector/console`,
    base: '/',
    plugins: [react()],
    logLevel: 'warn',
    build: {
      target: 'chrome108',
      outDir: `${root}dist/console`,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      // The device page brings uPlot and the check schemas; it is a chunk of its own and still below this.
      chunkSizeWarningLimit: 600,
      rolldownOptions: {
        // Schemas are built by calls without effects: what a page does not parse with need not travel to it.
        treeshake: {
          manualPureFunctions: ['z'],
          moduleSideEffects: [{ test: /\/shared\/|\/zod\//, sideEffects: false }],
        },
      },
    },
  };
}
