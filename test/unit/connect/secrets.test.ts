import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { intune } from '../../../collector/connect/microsoft/connector.ts';
import {
  enteredOver,
  openSecretBox,
  SecretBox,
  sealSettings,
  shownSettings,
  unsealSettings,
} from '../../../collector/connect/secrets.ts';
import { temporaryFolder } from '../../support/teardown.ts';

const key = (fill: number) => Buffer.alloc(32, fill);
const settings = {
  tenantId: 'contoso.com',
  clientSecret: 'hush hush',
  graphUrl: 'https://graph.microsoft.com/v1.0',
};

describe('a sealed secret', () => {
  it('opens with the same key at the same place', () => {
    const box = new SecretBox(key(1));
    expect(box.open(box.seal('hush', 'a/b'), 'a/b')).toBe('hush');
  });

  it('is never the same text twice', () => {
    const box = new SecretBox(key(1));
    expect(box.seal('hush', 'a')).not.toBe(box.seal('hush', 'a'));
  });

  it('does not open with another key, which is said', () => {
    const sealed = new SecretBox(key(1)).seal('hush', 'a');
    expect(() => new SecretBox(key(2)).open(sealed, 'a')).toThrow(/secret-unreadable.*was sealed with key/);
  });

  it('does not open at another place', () => {
    const box = new SecretBox(key(1));
    expect(() => box.open(box.seal('hush', 'intune/a/clientSecret'), 'intune/b/clientSecret')).toThrow(
      'secret-unreadable',
    );
  });

  it('does not open when a bit of it has changed or it was cut', () => {
    const box = new SecretBox(key(1));
    const sealed = box.seal('hush hush', 'a');
    const head = sealed.slice(0, sealed.lastIndexOf('.') + 1);
    const bytes = Buffer.from(sealed.slice(head.length), 'base64url');
    for (let i = 0; i < bytes.length; i += 1) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(() => box.open(head + changed.toString('base64url'), 'a')).toThrow('secret-unreadable');
      expect(() => box.open(head + bytes.subarray(0, i).toString('base64url'), 'a')).toThrow(
        'secret-unreadable',
      );
    }
  });
});

describe('the key', () => {
  it('is made at the first start, readable by nobody else, and found again', async () => {
    const dataDir = temporaryFolder('secrets');
    const first = await openSecretBox({ dataDir });
    const second = await openSecretBox({ dataDir });
    expect(second.open(first.seal('hush', 'a'), 'a')).toBe('hush');
    expect(readdirSync(dataDir)).toEqual(['secret.key']);
    if (process.platform !== 'win32') expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
  });

  it('is one and the same when several start at once', async () => {
    const dataDir = temporaryFolder('secrets');
    const boxes = await Promise.all(Array.from({ length: 8 }, () => openSecretBox({ dataDir })));
    expect(new Set(boxes.map(box => box.keyId)).size).toBe(1);
  });

  it.skipIf(process.platform === 'win32')('is refused when others can read its file', async () => {
    const dataDir = temporaryFolder('secrets');
    await openSecretBox({ dataDir });
    chmodSync(join(dataDir, 'secret.key'), 0o644);
    await expect(openSecretBox({ dataDir })).rejects.toMatchObject({ code: 'settings-invalid' });
  });

  it('of the wrong length is refused', async () => {
    await expect(openSecretBox({ key: 'c2hvcnQ', dataDir: '.' })).rejects.toMatchObject({
      code: 'settings-invalid',
    });
  });

  it('may come from the environment, and then no file is made', async () => {
    const dataDir = temporaryFolder('secrets');
    const box = await openSecretBox({ key: key(3).toString('base64'), dataDir });
    expect([box.keyId, readdirSync(dataDir)]).toEqual([new SecretBox(key(3)).keyId, []]);
  });

  it.skipIf(process.platform === 'win32')(
    'may be printed by a command, whose failure does not print it',
    async () => {
      const dataDir = temporaryFolder('secrets');
      const program = join(dataDir, 'vault.sh');
      const text = key(4).toString('base64');
      writeFileSync(program, `#!/bin/sh\necho ${text}\n`, { mode: 0o700 });
      expect((await openSecretBox({ command: program, dataDir })).keyId).toBe(new SecretBox(key(4)).keyId);
      writeFileSync(program, `#!/bin/sh\necho ${text}\necho ${text} >&2\nexit 3\n`, { mode: 0o700 });
      const failure: unknown = await openSecretBox({ command: program, dataDir }).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ code: 'settings-invalid' });
      expect(JSON.stringify(failure) + String(failure)).not.toContain(text);
    },
  );
});

describe('an account’s settings', () => {
  it('are stored with their secrets sealed and come back whole', async () => {
    const dataDir = temporaryFolder('secrets');
    const box = await openSecretBox({ dataDir });
    const stored = sealSettings(box, intune, 'berlin', settings);
    writeFileSync(join(dataDir, 'stored.json'), JSON.stringify(stored));
    expect(stored.tenantId).toBe('contoso.com');
    expect(unsealSettings(box, intune, 'berlin', stored)).toEqual(settings);
    for (const name of readdirSync(dataDir)) {
      expect(readFileSync(join(dataDir, name), 'utf8')).not.toContain('hush');
    }
    expect(() => unsealSettings(box, intune, 'paris', stored)).toThrow('secret-unreadable');
  });

  it('are shown without secrets, only that they are there', () => {
    expect(shownSettings(intune, settings)).toEqual({
      settings: { tenantId: 'contoso.com', graphUrl: 'https://graph.microsoft.com/v1.0' },
      secretsSet: ['clientSecret'],
    });
  });

  it('keep a secret that was not entered anew', () => {
    expect(enteredOver(intune, settings, { tenantId: 'fabrikam.com', clientSecret: '' })).toEqual({
      tenantId: 'fabrikam.com',
      clientSecret: 'hush hush',
    });
    expect(enteredOver(intune, settings, { clientSecret: 'new' })).toEqual({ clientSecret: 'new' });
  });

  it('do not take a secret along to another address', () => {
    expect(enteredOver(intune, settings, { graphUrl: 'https://evil.example' })).toEqual({
      graphUrl: 'https://evil.example',
    });
  });
});
