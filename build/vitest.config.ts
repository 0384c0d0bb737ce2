import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Made-up vendors that a test file has started end with it. */
const setupFiles = ['test/support/close-vendors.ts'];

/** One project per kind of test; process, console and load tests start real processes and so run one file at a time. */
export default defineConfig({
  root,
  test: {
    reporters: ['default'],
    projects: [
      {
        root,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles,
          testTimeout: 20_000,
        },
      },
      {
        root,
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          setupFiles,
          testTimeout: 60_000,
        },
      },
      {
        root,
        test: {
          name: 'process',
          include: ['test/process/**/*.test.ts'],
          setupFiles,
          // Programs are started some hundred times; half of a start is reading their sources.
          env: { NODE_COMPILE_CACHE: `${root}dist/compiled` },
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        root,
        test: {
          name: 'console',
          include: ['test/console/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        root,
        test: {
          name: 'desktop',
          include: ['test/desktop/**/*.test.ts'],
          globalSetup: ['test/desktop/support/session.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
