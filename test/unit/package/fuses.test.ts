import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFuses, SHIPPED, setFuses } from '../../../build/package/fuses.ts';
import { temporaryFolder } from '../../support/teardown.ts';

const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

/** A binary with a wire for each of `wires` among other bytes. */
function binary(...wires: readonly string[]): string {
  const file = join(temporaryFolder('fuses'), 'program');
  const parts = wires.map(wire => `${SENTINEL}\x01${String.fromCharCode(wire.length)}${wire}other bytes`);
  writeFileSync(file, Buffer.from(`before${parts.join('')}`, 'latin1'));
  return file;
}

describe('fuses', () => {
  test('are read by their names, those a shorter wire lacks as absent', () => {
    expect(readFuses(binary('101r010'))).toEqual({
      RunAsNode: 'on',
      EnableCookieEncryption: 'off',
      EnableNodeOptionsEnvironmentVariable: 'on',
      EnableNodeCliInspectArguments: 'removed',
      EnableEmbeddedAsarIntegrityValidation: 'off',
      OnlyLoadAppFromAsar: 'on',
      LoadBrowserProcessSpecificV8Snapshot: 'off',
      GrantFileProtocolExtraPrivileges: 'absent',
      WasmTrapHandlers: 'absent',
    });
  });

  test('that ship are set in the bytes of the wire and nowhere else', () => {
    const file = binary('101100011');
    const before = readFileSync(file, 'latin1');
    setFuses(file, SHIPPED);
    expect(readFileSync(file, 'latin1')).toBe(before.replace('101100011', '010011001'));
  });

  test('are left where the Electron has removed them or never had them', () => {
    const file = binary('r0110');
    setFuses(file, SHIPPED);
    expect(readFuses(file)).toMatchObject({
      RunAsNode: 'removed',
      EnableCookieEncryption: 'on',
      OnlyLoadAppFromAsar: 'absent',
    });
  });

  test('are set in both halves of a universal binary', () => {
    const file = binary('1011000', '1011000');
    setFuses(file, SHIPPED);
    expect(readFileSync(file, 'latin1').match(/0100110/g)).toHaveLength(2);
  });

  test('are unknown where the halves of a universal binary differ', () => {
    expect(readFuses(binary('1', '0')).RunAsNode).toBe('unknown');
  });

  test('cannot be read from a program that is no Electron', () => {
    expect(() => readFuses(binary())).toThrow('holds no fuse wire');
  });

  test('cannot be read from a wire of another version', () => {
    const file = binary('1');
    writeFileSync(file, Buffer.from(readFileSync(file, 'latin1').replace('\x01', '\x02'), 'latin1'));
    expect(() => readFuses(file)).toThrow('version 2');
  });
});
