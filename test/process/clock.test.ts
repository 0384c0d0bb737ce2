import { expect, test } from 'vitest';
import { HOUR, SECOND } from '../../shared/base/durations.ts';
import { agentCore, readingText } from '../support/agent-core.ts';
import { startCollector } from '../support/collector-process.ts';
import { eventually } from '../support/eventually.ts';
import { MovedClock } from '../support/moved-clock.ts';
import { compareStored, WHOLE } from '../support/stored.ts';
import { closeAtEnd } from '../support/teardown.ts';

/** Hours by which somebody moves the device's clock, one after the other; never more than the retention of readings. */
const JUMPS = [5 * HOUR, -9 * HOUR, 2 * HOUR, -HOUR, 7 * HOUR, -3 * HOUR];

test('a clock moved by hours back and forth loses and doubles nothing, and the jumps and the skew are told', async () => {
  const collector = await startCollector();
  const { secret: token } = await collector.admin.enrolmentToken();
  const clock = new MovedClock();
  closeAtEnd(() => clock.stop());
  const core = agentCore({ url: collector.url, token, clock });
  const delivered = (what: string): Promise<unknown> =>
    eventually(() => core.outbox.frames === 0, {
      what,
      withinMs: 30_000,
      state: () => core.agent.status.current,
    });
  await core.agent.start();
  await eventually(() => core.agent.status.current.link.state === 'live', {
    what: 'the agent live',
    state: () => core.agent.status.current,
  });

  for (const [i, jump] of JUMPS.entries()) {
    for (let n = 0; n < 5; n += 1) await core.sample();
    clock.jump(jump);
    for (let n = 0; n < 5; n += 1) await core.sample();
    // The agent looks at its clocks every half minute.
    clock.skip(31 * SECOND);
    await delivered(`everything after jump ${i}`);
    if (i % 2 === 1) {
      // The connection breaks, and the device comes back with its clock where it is now.
      await collector.kill9();
      for (let n = 0; n < 3; n += 1) await core.sample();
      await collector.restart();
      clock.skip(10 * SECOND);
      await delivered(`everything after restart ${i}`);
    }
  }

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
  expect(core.rows.length).toBeGreaterThan(JUMPS.length * 10);
  expect(
    compareStored(
      core.rows.map(([at, ...values]) => readingText(at, values)),
      readings,
    ),
  ).toEqual(WHOLE);

  const jumps = stored.events(deviceId).filter(({ kind }) => kind === 'clock-jump');
  const told = jumps.map(({ data }) => Math.round(Number(data.jumpMs) / HOUR)).toSorted((a, b) => a - b);
  expect(told).toEqual(JUMPS.map(jump => jump / HOUR).toSorted((a, b) => a - b));
  // On the timeline every event stands in the collector's time, whatever the device thought it was.
  const oldest = Math.min(...stored.events(deviceId).map(({ at }) => at));
  expect(Date.now() - oldest).toBeLessThan(24 * HOUR);
});
