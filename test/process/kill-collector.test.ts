import { expect, test } from 'vitest';
import type { Findings } from '../../shared/device/finding.ts';
import { agentCore, readingText } from '../support/agent-core.ts';
import { startCollector } from '../support/collector-process.ts';
import { eventually, sleepFor } from '../support/eventually.ts';
import { healthyFindings, okFinding } from '../support/records.ts';
import { compareStored, WHOLE } from '../support/stored.ts';
import { TestDevice } from '../support/test-device.ts';

const KILLS = 12;
const DEVICES = 6;

test('a collector killed again and again keeps every acknowledged reading once and takes the rest in the end', async () => {
  const collector = await startCollector();
  const { secret: token } = await collector.admin.enrolmentToken();
  const devices = Array.from({ length: DEVICES }, () => new TestDevice({ url: collector.url, token }));
  for (const device of devices) device.stay();
  const core = agentCore({ url: collector.url, token });
  await core.agent.start();
  await eventually(() => devices.every(device => device.welcomes > 0) && core.agent.status.current.lastAck, {
    what: 'everybody in',
  });

  let streaming = true;
  const streams = [
    ...devices.map(async device => {
      while (streaming) {
        device.sample();
        await sleepFor(25);
      }
    }),
    (async () => {
      while (streaming) {
        await core.sample();
        await sleepFor(15);
      }
    })(),
  ];

  /** What each device had been promised when the collector was killed. */
  const promised: { device: TestDevice; acked: number }[] = [];
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const acks = devices.map(device => device.acked);
    await eventually(() => devices.every((device, i) => device.acked > (acks[i] ?? 0)), {
      what: `acknowledgements before kill ${kill}`,
      withinMs: 30_000,
    });
    // Somewhere in the middle of a commit, a sync, an acknowledgement.
    await sleepFor(20 + Math.random() * 150);
    await collector.kill9();
    promised.push(...devices.map(device => ({ device, acked: device.acked })));
    const stored = collector.stored();
    for (const device of devices) {
      const onDisk = stored.devices.find(({ id }) => id === device.deviceId);
      expect(onDisk?.acked, `acknowledged to ${device.id} before kill ${kill}`).toBeGreaterThanOrEqual(
        device.acked,
      );
    }
    await collector.restart();
  }
  streaming = false;
  await Promise.all(streams);

  for (const device of devices) await device.delivered(30_000);
  await eventually(() => core.outbox.frames === 0, {
    what: 'the agent has delivered everything',
    withinMs: 60_000,
  });
  await collector.stop();

  const stored = collector.stored();
  expect(stored.integrity).toBe('ok');
  for (const device of devices) {
    const readings = stored.readings(device.id).map(({ values }) => String(values[3]));
    expect(device.written.length).toBeGreaterThan(KILLS * 5);
    expect(compareStored(device.written.map(String), readings)).toEqual(WHOLE);
  }
  const { deviceId } = core.agent.status.current.device;
  const readings = stored.readings(deviceId ?? '').map(({ at, values }) => readingText(at, values));
  expect(
    compareStored(
      core.rows.map(([at, ...values]) => readingText(at, values)),
      readings,
    ),
  ).toEqual(WHOLE);
  expect(core.agent.status.current.outbox.dropped).toBe(0);
});

test('a collector killed right after a change shows the change when it is back, before the device is', async () => {
  const collector = await startCollector();
  const { secret: token } = await collector.admin.enrolmentToken();
  const device = new TestDevice({ url: collector.url, token });
  await device.connect();
  const findings = healthyFindings(Date.now());
  device.snapshot(findings);
  await device.delivered();
  const off = { ...firewallOf(findings), enabled: false };
  device.write({
    type: 'delta',
    at: Date.now(),
    findings: { 'fw.enabled': okFinding(off, { at: Date.now(), hash: '00000000000000f0' }) },
  });
  await device.delivered();
  await collector.kill9();
  await collector.restart();

  const { row, findings: held } = await collector.admin.device(device.id);
  expect(held['fw.enabled']).toMatchObject({ status: 'ok', value: { enabled: false } });
  expect(row.firewall).toBe(false);
  expect(row.state).toBe('attention');
  await collector.stop();
});

function firewallOf(findings: Findings): object {
  const told = findings['fw.enabled'];
  return told?.status === 'ok' ? (told.value as object) : {};
}
