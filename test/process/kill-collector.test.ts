import { expect, test } from 'vitest';
import type { Findings } from '../../shared/device/finding.ts';
import { startCollector } from '../support/collector-process.ts';
import { eventually, sleepFor } from '../support/eventually.ts';
import { keptInFolder } from '../support/kept.ts';
import { healthyFindings, okFinding } from '../support/records.ts';
import { isWhole, startStreaming } from '../support/streaming.ts';
import { TestDevice } from '../support/test-device.ts';

const KILLS = 6;
const DEVICES = 6;

test('a collector killed again and again keeps every acknowledged reading once and takes the rest in the end', async () => {
  const collector = await startCollector();
  const { secret: token } = await collector.admin.enrolmentToken();
  const streaming = await startStreaming({ url: collector.url, token, devices: DEVICES });
  const { devices, core } = streaming;

  for (let kill = 1; kill <= KILLS; kill += 1) {
    const acks = devices.map(device => device.acked);
    await eventually(() => devices.every((device, i) => device.acked > (acks[i] ?? 0)), {
      what: `acknowledgements before kill ${kill}`,
      withinMs: 30_000,
    });
    // Somewhere in the middle of a commit, a sync, an acknowledgement.
    await sleepFor(20 + Math.random() * 150);
    await collector.kill9();
    const stored = collector.stored();
    for (const device of devices) {
      const onDisk = stored.devices.find(({ id }) => id === device.deviceId);
      expect(onDisk?.acked, `acknowledged to ${device.id} before kill ${kill}`).toBeGreaterThanOrEqual(
        device.acked,
      );
    }
    await collector.restart();
  }
  await streaming.stop();
  await collector.stop();

  const compared = await streaming.compare(keptInFolder(collector.dataDir));
  expect(compared).toMatchObject({ lost: 0, doubled: 0, invented: 0 });
  expect(isWhole(compared)).toBe(true);
  for (const device of devices) expect(device.written.length).toBeGreaterThan(KILLS * 5);
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
