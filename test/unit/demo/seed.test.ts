import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namesOf } from '../../../build/demo/fleet.ts';
import { openKeys } from '../../../build/demo/keys.ts';
import { type Seeded, seedDemo } from '../../../build/demo/seed.ts';
import type { HotDevice } from '../../../collector/fleet/hot-device.ts';
import { HotFleet, lastSevenDays } from '../../../collector/fleet/hot-fleet.ts';
import { createPasswords } from '../../../collector/http/password.ts';
import { secretHash } from '../../../collector/http/session.ts';
import { openSqliteStore, type SqliteStore } from '../../../collector/store/sqlite/sqlite-store.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/base/durations.ts';
import { isScanId, SCAN_IDS, scanValues } from '../../../shared/device/facts.ts';

const NOW = Date.UTC(2026, 10, 22, 3, 0, 0);
/** Cheap to compute: what is tested here is the seed, not the strength of the hash. */
const passwords = createPasswords({ logN: 4, r: 8, p: 1 });

describe('a seeded store', () => {
  let folder = '';
  let store: SqliteStore;
  let seeded: Seeded;
  let devices: HotDevice[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trayline-demo-'));
    const keys = openKeys(join(folder, 'keys.json'), namesOf(20));
    store = await openSqliteStore({ folder: join(folder, 'store'), log: { warn: () => undefined } });
    seeded = await seedDemo(store, { now: NOW, seed: 20, keys, passwords });
    const fleet = new HotFleet(store, () => NOW);
    await fleet.loadAll();
    devices = [...fleet.all()];
  }, 120_000);

  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const named = (test: (device: HotDevice) => boolean): HotDevice => devices.find(test)!;

  it('holds the whole company, every machine marked as simulated', () => {
    expect(seeded.devices).toBe(63);
    expect(devices).toHaveLength(63);
    expect(devices.every(({ demo }) => demo)).toBe(true);
  });

  it('has machines that are well, that need attention and that nothing can be told of', () => {
    const states = Object.groupBy(devices, ({ row }) => row.state);
    expect(states.well?.length).toBeGreaterThan(35);
    expect(states.attention?.length).toBeGreaterThan(8);
    expect(states.unknown?.length).toBeGreaterThanOrEqual(2);
  });

  it('heard of the fleet a moment ago, of those away days ago, of the lost one more than a week ago', () => {
    const ages = devices.map(({ lastSeen }) => NOW - (lastSeen ?? 0)).sort((a, b) => a - b);
    expect(ages.slice(0, 60).every(age => age >= 0 && age < 2 * MINUTE)).toBe(true);
    expect(ages.slice(60, 62).every(age => age > 3 * DAY && age < 7 * DAY)).toBe(true);
    expect(ages[62]).toBeGreaterThan(7 * DAY);
  });

  it('finds exactly the cloned pair with the same hardware', () => {
    const twins = devices.filter(({ duplicate }) => duplicate);
    expect(new Set(twins.map(({ identity }) => identity.serial)).size).toBe(1);
    expect(twins).toHaveLength(2);
  });

  it('holds findings that fit their schemas', async () => {
    for (const { id } of devices) {
      for (const [scan, finding] of Object.entries(await store.getFindings(id))) {
        if (finding.status !== 'ok' || !isScanId(scan)) continue;
        expect(scanValues[scan].safeParse(finding.value).success, scan).toBe(true);
      }
    }
  });

  it('has a week of scores for what runs day and night, and none invented for the rest', async () => {
    const days = lastSevenDays(NOW);
    const scores = await store.getDayScores(days);
    const desktop = named(({ identity }) => identity.hostname.includes('-WS-'));
    expect([...(scores.get(desktop.id)?.keys() ?? [])].sort()).toEqual(days);
    const laptop = named(({ identity }) => identity.hostname.includes('-LT-'));
    expect(scores.get(laptop.id)?.size).toBeLessThan(7);
  });

  it('knows why the worst machines are bad', () => {
    const reasons = new Set(devices.map(({ row }) => row.why?.key));
    for (const key of [
      'score.incident.restarts',
      'score.disk.filling',
      'score.drive.unhealthy',
      'score.drive.warning',
      'score.battery.worn',
      'score.compliance.firewall-off',
      'score.compliance.support-ended',
      'score.compliance.encryption-suspended',
      'score.incident.uptime',
    ]) {
      expect(reasons, key).toContain(key);
    }
  });

  it('leaves the night of a laptop empty and says that it slept', async () => {
    const laptop = named(({ identity }) => identity.hostname.includes('-LT-'));
    const { rows, stepMs } = await store.getSeries(laptop.id, NOW - DAY, NOW, 2000);
    const gaps = rows.flatMap((row, i) => (i > 0 && row[0] - rows[i - 1]![0] > 4 * HOUR ? [row[0]] : []));
    expect(stepMs).toBeLessThanOrEqual(5 * MINUTE);
    expect(rows.length).toBeGreaterThan(90);
    expect(gaps.length).toBeGreaterThan(0);
    const kinds = (await store.getEvents(laptop.id, NOW - 10 * DAY, NOW, 5000)).map(({ kind }) => kind);
    expect(kinds.filter(kind => kind === 'sleep').length).toBeGreaterThan(3);
    expect(kinds).toEqual(expect.arrayContaining(['wake', 'link-up', 'link-down']));
  });

  it('keeps a link of every running machine open, and no other', async () => {
    for (const device of devices) {
      const links = (await store.getEvents(device.id, 0, NOW, 5000)).filter(({ kind }) =>
        kind.startsWith('link-'),
      );
      // Up and down take turns, beginning with up.
      links.forEach(({ kind }, i) => {
        expect(kind, `${device.identity.hostname} ${i}`).toBe(i % 2 === 0 ? 'link-up' : 'link-down');
      });
      const running = NOW - (device.lastSeen ?? 0) < 2 * MINUTE;
      expect(links.at(-1)?.kind, device.identity.hostname).toBe(running ? 'link-up' : 'link-down');
    }
  });

  it('lets any moment of the last days be read back', async () => {
    const crashing = named(({ row }) => row.why?.key === 'score.incident.restarts');
    const history = await store.getHistory(crashing.id, NOW - 8 * DAY, NOW, 1000);
    expect(history.length).toBeGreaterThan(20);
    const moment = await store.getMoment(crashing.id, NOW - 5 * DAY);
    expect(Object.keys(moment?.findings ?? {})).toHaveLength(SCAN_IDS.length);
    expect(moment?.score?.value).toBeTypeOf('number');
  });

  it('has people of every role with passwords that are right and of this run only', async () => {
    expect(seeded.people.map(({ role }) => role).sort()).toEqual(['admin', 'approver', 'helpdesk', 'viewer']);
    for (const { user, password } of seeded.people) {
      const person = await store.getPerson(user);
      expect(await passwords.matches(password, person?.passwordHash ?? null)).toBe(true);
    }
    expect(new Set(seeded.people.map(({ password }) => password)).size).toBe(4);
  });

  it('has two devices waiting, an enrolment token that lets in, and an unbroken audit trail', async () => {
    const waiting = await store.listWaiting();
    expect(waiting).toHaveLength(2);
    const enrolled = await store.enrolWithToken(
      secretHash(seeded.enrolmentToken.secret),
      {
        id: 'd_new',
        publicKey: 'A'.repeat(43),
        enrolledAt: NOW,
        enrolledBy: 'token',
        demo: false,
        identity: waiting[0]!.identity,
      },
      NOW,
    );
    expect(enrolled).toEqual({ ok: true, label: seeded.enrolmentToken.label });
    expect(await store.verifyAudit()).toBeNull();
    const entries = await store.listAudit({ limit: 500 });
    expect(new Set(entries.map(({ action }) => action))).toContain('device.viewed');
    const times = entries.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it('keeps the keys of the machines for their owner only and finds the same ones again', () => {
    const path = join(folder, 'keys.json');
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    const again = new Set([...openKeys(path, namesOf(20)).values()].map(({ publicKey }) => publicKey));
    const running = devices.filter(({ lastSeen }) => NOW - (lastSeen ?? 0) < DAY);
    expect(running.filter(({ publicKey }) => again.has(publicKey))).toHaveLength(60);
  });
});
