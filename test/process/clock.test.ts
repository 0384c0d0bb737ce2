import { expect, test } from 'vitest';
import { HOUR, SECOND } from '../../shared/base/durations.ts';
import { agentCore, readingText } from '../support/agent-core.ts';
import { CLOCK_JUMPS, enter, jumpAbout } from '../support/clock-jumps.ts';
import { startCollector } from '../support/collector-process.ts';
import { MovedClock } from '../support/moved-clock.ts';
import { compareStored, WHOLE } from '../support/stored.ts';
import { closeAtEnd } from '../support/teardown.ts';

test('a clock moved by hours back and forth loses and doubles nothing, and the jumps and the skew are told', async () => {
  const collector = await startCollector();
  const { secret: token } = await collector.admin.enrolmentToken();
  const clock = new MovedClock();
  closeAtEnd(() => clock.stop());
  const core = agentCore({ url: collector.url, token, clock });
  await enter(core);
  await jumpAbout(core, clock, collector);

  const deviceId = core.agent.status.current.device.deviceId ?? '';
  const detail = await collector.admin.device(deviceId);
  const skew = clock.now() - Date.now();
  // To within the seconds that pass between the greeting and this line, and the time skipped in it.
  expect(Math.abs((detail.clockSkewMs ?? Number.NaN) - skew)).toBeLessThan(60 * SECOND);
  expect(detail.row.presence).toBe('live');
  await core.agent.stop('stopping');
  await collector.stop();

  const stored = collector.stored();
  const readings = stored.readings(deviceId).map(({ at, values }) => readingText(at, values));
  expect(core.rows.length).toBeGreaterThan(CLOCK_JUMPS.length * 10);
  expect(
    compareStored(
      core.rows.map(([at, ...values]) => readingText(at, values)),
      readings,
    ),
  ).toEqual(WHOLE);

  const jumps = stored.events(deviceId).filter(({ kind }) => kind === 'clock-jump');
  const told = jumps.map(({ data }) => Math.round(Number(data.jumpMs) / HOUR)).toSorted((a, b) => a - b);
  expect(told).toEqual(CLOCK_JUMPS.map(jump => jump / HOUR).toSorted((a, b) => a - b));
  // On the timeline every event stands in the collector's time, whatever the device thought it was.
  const oldest = Math.min(...stored.events(deviceId).map(({ at }) => at));
  expect(Date.now() - oldest).toBeLessThan(24 * HOUR);
});
