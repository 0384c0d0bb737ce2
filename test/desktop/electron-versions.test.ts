import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../support/child.ts';
import { temporaryFolder } from '../support/teardown.ts';
import { NO_ELECTRON, TrayApp } from './support/app.ts';

/*
 * The other half of test/unit/desktop/electron-versions.test.ts: the types say that the newest Electron has what the app
 * uses, the Electron at hand (22 from the Python package index) says it of an old one.
 */

/** Every `part.member` of Electron's own parts that the main process names, as written in its sources. */
function namedInSources(): readonly (readonly [part: string, member: string])[] {
  const folder = join(ROOT, 'agent', 'desktop', 'main');
  const found = new Set<string>();
  for (const file of readdirSync(folder).filter(name => name.endsWith('.ts'))) {
    const source = readFileSync(join(folder, file), 'utf8');
    const imported = /^import \{([^}]*)\} from 'electron';/m.exec(source)?.[1] ?? '';
    const parts = imported.split(',').flatMap(name => /^\s*(\w+)\s*$/.exec(name)?.[1] ?? []);
    for (const part of parts) {
      // Not in quotes: the contract's names look alike.
      for (const [, member] of source.matchAll(new RegExp(`(?<![\\w.'])${part}\\??\\.(\\w+)`, 'g'))) {
        found.add(`${part}.${member}`);
      }
    }
  }
  return [...found].sort().map(name => {
    const [part = '', member = ''] = name.split('.');
    return [part, member] as const;
  });
}

describe.skipIf(NO_ELECTRON !== undefined)('the Electron at hand', () => {
  test('has everything that the main process takes from it by name', async () => {
    const names = namedInSources();
    expect(names).toContainEqual(['app', 'requestSingleInstanceLock']);
    const app = await TrayApp.launch({ desk: temporaryFolder('desk') });
    const missing = await app.electron.evaluate(
      (electron, wanted) =>
        wanted
          .filter(([part, member]) => Reflect.get(Object(Reflect.get(electron, part)), member) === undefined)
          .map(name => name.join('.')),
      names,
    );
    await app.stop();
    // There is a dock on macOS only; the app asks for it there and with a question mark.
    expect(missing.filter(name => name !== 'app.dock')).toEqual([]);
  });
});
