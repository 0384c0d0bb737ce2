import { buildConsole } from '../../build/build.ts';
import { buildDesktop } from '../../build/vite.desktop.ts';

/*
 * The bundles a test looks at, as new as the sources. `npm test` has built all of them before (and says so in the environment):
 * a bundle must not be replaced while the tests beside these have it open.
 */

const done = process.env.TRAYLINE_TEST_BUILT !== undefined;

export async function builtConsole(): Promise<void> {
  if (!done) await buildConsole();
}

export async function builtDesktop(): Promise<void> {
  if (!done) await buildDesktop();
}
