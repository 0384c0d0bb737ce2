import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { electronDistribution } from '../../../build/electron-runtime.ts';
import { temporaryFolder } from '../../support/teardown.ts';

describe('an Electron that is named to be packed', () => {
  const named = (files: Readonly<Record<string, string>>): string => {
    const folder = temporaryFolder('dist');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  };

  test('is taken with the version it tells', async () => {
    const folder = named({ 'electron.exe': '', version: 'v45.4.1\n' });
    expect(await electronDistribution('windows', 'arm64', folder)).toEqual({ folder, version: '45.4.1' });
  });

  test('is refused in a sentence where it is for another system', async () => {
    const folder = named({ 'electron.exe': '', version: '45.4.1' });
    expect(await electronDistribution('mac', 'arm64', folder)).toEqual({
      missing: `${folder} is no Electron for mac: it has no Electron.app/Contents/MacOS/Electron`,
    });
  });

  test('is refused in a sentence where it does not tell its version', async () => {
    const folder = named({ electron: '' });
    expect(await electronDistribution('linux', 'x64', folder)).toEqual({
      missing: `${folder} does not tell its version: it has no file \`version\``,
    });
  });
});
