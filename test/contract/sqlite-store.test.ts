import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../collector/store/sqlite/sqlite-store.ts';
import { findingOf, newDevice, STREAM } from '../support/store-facts.ts';
import { clusterContract } from './cluster.contract.ts';
import { helpContract } from './help.contract.ts';
import { open } from './sqlite-open.ts';
import { storeContract } from './store.contract.ts';

const FILE = 'trayline.sqlite';

function change(folder: string, sql: string, ...values: (string | number)[]): void {
  const database = new DatabaseSync(join(folder, FILE));
  try {
    expect(database.prepare(sql).run(...values).changes).toBe(1);
  } finally {
    database.close();
  }
}

helpContract('SQLite store', open);
clusterContract('SQLite store', open, async (_folder, store) => store);

storeContract('SQLite store', open, {
  module: new URL('./sqlite-open.ts', import.meta.url).href,
  fill: store => store.limitBytes(0),
  relieve: store => store.limitBytes(null),
  spoilAudit: (folder, n) => change(folder, `UPDATE audit SET data = '{"reason":"none"}' WHERE n = ?`, n),
  cutAudit: folder => change(folder, 'DELETE FROM audit WHERE n = (SELECT max(n) FROM audit)'),
  spoilDevice(folder, id, what) {
    if (what === 'identity') change(folder, "UPDATE devices SET identity = '{' WHERE id = ?", id);
    else
      change(
        folder,
        "UPDATE records SET record = '{\"os' WHERE device = (SELECT n FROM devices WHERE id = ?)",
        id,
      );
  },
});

describe('SQLite store: its folder', () => {
  async function newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'trayline-sqlite-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  test('lets in one collector at a time, and the next one when the first has closed', async () => {
    const folder = await newFolder();
    const first = await open(folder);
    onTestFinished(() => first.close());
    await expect(open(folder)).rejects.toMatchObject({ code: 'data-folder-in-use' });
    await first.setNote('still', 'works');
    await expect(open(folder)).rejects.toMatchObject({ code: 'data-folder-in-use' });
    await first.close();
    const second = await open(folder);
    onTestFinished(() => second.close());
    expect(await second.getNote('still')).toBe('works');
  });

  test('is made with its parents, readable by its owner only', async () => {
    const folder = join(await newFolder(), 'deep', 'data');
    const store = await open(folder);
    onTestFinished(() => store.close());
    await store.setNote('a', 'b');
    if (process.platform === 'win32') return;
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const file of await readdir(folder)) {
      expect([file, (await stat(join(folder, file))).mode & 0o777]).toEqual([file, 0o600]);
    }
  });

  test('is refused when it cannot be made', async () => {
    const file = join(await newFolder(), 'file');
    await writeFile(file, '');
    await expect(open(join(file, 'data'))).rejects.toMatchObject({ code: 'data-folder-unwritable' });
    await expect(open(file)).rejects.toMatchObject({ code: 'data-folder-unwritable' });
  });

  test('written by the first version is brought to this one with everything in it', async () => {
    const folder = await newFolder();
    const before = await open(folder);
    await before.addDevice(newDevice('a'));
    await before.close();
    // What later layouts added, taken back.
    const database = new DatabaseSync(join(folder, FILE));
    for (const table of ['agent_settings', 'accounts', 'observations', 'pins', 'precedence', 'help']) {
      database.exec(`DROP TABLE ${table}`);
    }
    database.exec('PRAGMA user_version = 1');
    database.close();
    const after = await open(folder);
    onTestFinished(() => after.close());
    expect((await after.getDevice('a'))?.id).toBe('a');
    expect(await after.getAgentSettings()).toBeNull();
    const nothing = { values: {}, subjects: null, osSupport: null };
    const told = { settings: nothing, hash: '00000000000000aa', changedAt: 1, changedBy: 'a' };
    expect(await after.setAgentSettings(told, null)).toBe(true);
    const tables = new DatabaseSync(join(folder, FILE), { readOnly: true });
    onTestFinished(() => tables.close());
    const accounts = tables.prepare("SELECT name FROM sqlite_master WHERE name = 'accounts'").get();
    expect(accounts).toEqual({ name: 'accounts' });
  });

  test('is refused when a newer version wrote it, and left as it was', async () => {
    const folder = await newFolder();
    await (await open(folder)).close();
    const database = new DatabaseSync(join(folder, FILE));
    database.exec('PRAGMA user_version = 4000');
    database.close();
    await expect(open(folder)).rejects.toMatchObject({ code: 'store-newer' });
    await expect(open(folder)).rejects.toMatchObject({ code: 'store-newer' });
  });

  test('is refused when its file is no database', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, FILE), 'not a database, '.repeat(1000));
    await expect(open(folder)).rejects.toMatchObject({ code: 'store-unavailable' });
    await rm(join(folder, FILE));
    const store = await open(folder);
    onTestFinished(() => store.close());
    await store.setNote('a', 'b');
  });

  test('keeps the write-ahead log short under constant writing', async () => {
    const folder = await newFolder();
    const warnings: string[] = [];
    const store = await openSqliteStore({ folder, log: { warn: message => warnings.push(message) } });
    onTestFinished(() => store.close());
    for (let n = 0; n < 20; n += 1) await store.addDevice(newDevice(`d${n}`));
    let written = 0;
    for (let round = 0; round < 100; round += 1) {
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          store.commit([
            {
              device: `d${n}`,
              stream: STREAM,
              after: round,
              acked: round + 1,
              receivedAt: round,
              findings: [
                { at: round, replace: true, changed: { a: findingOf(round, 'x'.repeat(50_000)) }, kept: [] },
              ],
            },
          ]),
        ),
      );
      written += 20 * 50_000;
    }
    const wal = (await stat(join(folder, `${FILE}-wal`))).size;
    expect(wal).toBeLessThan(written);
    expect((await stat(join(folder, FILE))).size).toBeGreaterThan(0.5 * written);
    expect(warnings).toEqual([]);
  });
});
