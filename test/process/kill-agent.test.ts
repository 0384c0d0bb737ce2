import { expect, test } from 'vitest';
import { readingText } from '../support/agent-core.ts';
import { type AgentProcess, startAgentProcess } from '../support/agent-process.ts';
import { startCollector } from '../support/collector-process.ts';
import { ConsolePage } from '../support/console-page.ts';
import { eventually, sleepFor } from '../support/eventually.ts';
import { compareStored, WHOLE } from '../support/stored.ts';
import { startTap } from '../support/tap.ts';
import { temporaryFolder } from '../support/teardown.ts';

const KILLS = 5;

test('an agent killed again and again loses nothing acknowledged, doubles nothing and gives no number twice', async () => {
  const collector = await startCollector();
  const { secret: token } = await collector.admin.enrolmentToken();
  const tap = await startTap(collector.url);
  const dataDir = temporaryFolder('agent');
  const start = (): AgentProcess =>
    startAgentProcess({
      collector: tap.url,
      token,
      name: 'killed',
      dataDir,
      settings: { sampleSeconds: 15 },
    });
  const page = await ConsolePage.opened(collector.url, collector.admin.session);

  let agent = start();
  const device = await eventually(
    async () => (await collector.admin.devices('killed')).find(row => row.presence === 'live'),
    { what: 'the agent live', withinMs: 30_000, state: () => agent.log() },
  );
  // Somebody looks at it for the whole time: it reads every second.
  page.send({ type: 'watch', device: device.id });

  for (let kill = 1; kill <= KILLS; kill += 1) {
    const sent = tap.sent.size;
    await eventually(() => tap.sent.size >= sent + 4, {
      what: `reports before kill ${kill}`,
      withinMs: 30_000,
      state: () => agent.log(),
    });
    await sleepFor(Math.random() * 600);
    await agent.kill9();
    agent = start();
  }
  const before = tap.sent.size;
  await eventually(() => tap.sent.size >= before + 4, {
    what: 'reports after the last kill',
    withinMs: 30_000,
  });
  expect(await agent.stop()).toBe(0);
  // A restart leaps over reserved numbers; that is no reason to send the agent away.
  expect(await collector.problems('too-fast')).toBe(0);
  expect(await collector.problems('sequence-gap')).toBe(0);
  await collector.stop();

  // Same folder, same outbox: one stream all the time, and what was left open was sent again from there.
  const streams = new Set([...tap.sent.keys()].map(key => key.split('/')[0]));
  expect([...streams]).toHaveLength(1);
  expect(tap.connections()).toBeGreaterThanOrEqual(KILLS + 1);
  expect(tap.reused).toEqual([]);

  const stored = collector.stored();
  expect(stored.devices).toHaveLength(1);
  const [stream = ''] = streams;
  const acked = tap.acked.get(stream) ?? 0;
  expect(stored.devices[0]?.acked).toBeGreaterThanOrEqual(acked);
  const isTaken = (key: string): boolean => Number(key.split('/')[1]) <= (stored.devices[0]?.acked ?? 0);
  const sentRows = [...tap.sent].flatMap(([key, frame]) =>
    isTaken(key) && frame.type === 'samples' ? frame.rows : [],
  );
  expect(sentRows.length).toBeGreaterThan(KILLS * 2);
  expect(
    compareStored(
      sentRows.map(([at, ...values]) => readingText(at, values)),
      stored.readings(device.id).map(({ at, values }) => readingText(at, values)),
    ),
  ).toEqual(WHOLE);
  const starts = stored.events(device.id).filter(({ kind }) => kind === 'agent-started');
  expect(starts).toHaveLength(KILLS + 1);
  const counted = [...tap.sent.values()].flatMap(frame => (frame.type === 'events' ? frame.events : []));
  expect(counted.filter(({ kind }) => kind === 'outbox-damaged' || kind === 'outbox-dropped')).toEqual([]);
});
