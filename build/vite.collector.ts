import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The collector as plain JavaScript in dist/collector, everything but Node's own modules inside: it starts faster and holds
 * less memory than the sources, whose types Node would strip at each start, and it is what a server is given. The
 * checkpoint worker stays a file of its own, because a worker thread is started from a file.
 */
export async function buildCollector(): Promise<void> {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: true,
      target: 'node24',
      outDir: `${root}dist/collector`,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        input: {
          main: `${root}collector/main.ts`,
          'checkpoint-worker': `${root}collector/store/sqlite/checkpoint-worker.ts`,
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'parts/[name].js' },
      },
    },
  });
}
