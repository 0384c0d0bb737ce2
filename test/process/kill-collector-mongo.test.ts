import { describe, expect, test } from 'vitest';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { eventually, sleepFor } from '../support/eventually.ts';
import { keptInMongo, lookInto } from '../support/kept.ts';
import { findMongod, ReplicaSet } from '../support/mongod.ts';
import { healthyFindings, okFinding } from '../support/records.ts';
import { hashOf, isWhole, type Streaming, startStreaming } from '../support/streaming.ts';
import { TestDevice } from '../support/test-device.ts';

const KILLS = 4;
const DEVICES = 6;
const EVER = Number.MAX_SAFE_INTEGER;

const program = await findMongod();

/** Devices and a whole agent that write without a pause until told to stop. */
async function streaming(collector: CollectorProcess): Promise<Streaming> {
  const { secret: token } = await collector.admin.enrolmentToken();
  return startStreaming({ url: collector.url, token, devices: DEVICES, changeEvery: 10 });
}

async function expectWhole(url: string, scene: Streaming): Promise<void> {
  const compared = await scene.compare(await keptInMongo(url));
  expect(compared).toMatchObject({ lost: 0, doubled: 0, invented: 0 });
  expect(isWhole(compared)).toBe(true);
  expect(scene.core.agent.status.current.outbox.dropped).toBe(0);
}

describe.skipIf(program === null)('a collector on MongoDB', () => {
  test('killed again and again keeps every acknowledged reading once and takes the rest in the end', async () => {
    const set = await ReplicaSet.start(program ?? '');
    const url = set.url('killed');
    const collector = await startCollector({ env: { TRAYLINE_STORE: url } });
    const store = await lookInto(url);
    const scene = await streaming(collector);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const acks = scene.devices.map(device => device.acked);
      await eventually(() => scene.devices.every((device, i) => device.acked > (acks[i] ?? 0)), {
        what: `acknowledgements before kill ${kill}`,
        withinMs: 60_000,
        state: () => collector.log().slice(-3000),
      });
      // Somewhere in the middle of a transaction, a commit, an acknowledgement.
      await sleepFor(20 + Math.random() * 150);
      await collector.kill9();
      for (const device of scene.devices) {
        const stored = await store.getDevice(device.id);
        expect(stored?.acked, `acknowledged to ${device.id} before kill ${kill}`).toBeGreaterThanOrEqual(
          device.acked,
        );
      }
      await collector.restart();
    }
    await scene.stop();
    await collector.stop();
    await expectWhole(url, scene);
    for (const device of scene.devices) expect(device.written.length).toBeGreaterThan(KILLS * 5);
    const history = await store.getHistory(scene.devices[0]?.id ?? '', 0, EVER, 1e6);
    const hashes = history.map(({ findings }) => findings.uptime?.hash).filter(hash => hash !== undefined);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('killed right after a change shows the change when it is back, before the device is', async () => {
    const set = await ReplicaSet.start(program ?? '');
    const collector = await startCollector({ env: { TRAYLINE_STORE: set.url('changed') } });
    const { secret: token } = await collector.admin.enrolmentToken();
    const device = new TestDevice({ url: collector.url, token });
    await device.connect();
    const findings = healthyFindings(Date.now());
    device.snapshot(findings);
    await device.delivered();
    const told = findings['fw.enabled'];
    const before = told?.status === 'ok' ? (told.value as object) : {};
    device.write({
      type: 'delta',
      at: Date.now(),
      findings: {
        'fw.enabled': okFinding({ ...before, enabled: false }, { at: Date.now(), hash: hashOf(240) }),
      },
    });
    await device.delivered();
    await collector.kill9();
    await collector.restart();
    const { row, findings: held } = await collector.admin.device(device.id);
    expect(held['fw.enabled']).toMatchObject({ status: 'ok', value: { enabled: false } });
    expect([row.firewall, row.state]).toEqual([false, 'attention']);
    await collector.stop();
  });

  test('goes on when its primary is stepped down and when it is killed, and nothing is lost or doubled', async () => {
    const set = await ReplicaSet.start(program ?? '', 3);
    const url = set.url('moved');
    const collector = await startCollector({ env: { TRAYLINE_STORE: url } });
    const scene = await streaming(collector);
    const resumed = async (what: string): Promise<void> => {
      const ms = await scene.resumed(what, () => collector.log().slice(-4000));
      console.log(`${what}: writes resumed after ${(ms / 1000).toFixed(1)} s`);
    };
    await resumed('nothing');

    const first = await set.primary();
    // The server ends the connection it is told on; what it says is of no interest.
    await first.command({ replSetStepDown: 30, secondaryCatchUpPeriodSecs: 10 }).catch(() => undefined);
    await resumed('a step-down');

    const second = await set.primary();
    await second.kill9();
    await resumed('kill -9 of the primary');
    await second.launch();

    await scene.stop();
    await collector.stop();
    await expectWhole(url, scene);
  });
});
