import { expect, test } from 'vitest';
import type { ActionOutcome } from '../../../agent/core/action/run.ts';
import { createAgent } from '../../../agent/core/agent.ts';
import { silentLog } from '../../../agent/core/host.ts';
import { memoryEnrolment } from '../../../agent/core/identity/enrolment.ts';
import { deviceAddress } from '../../../agent/core/link/address.ts';
import { memoryOutbox } from '../../../agent/core/outbox/memory.ts';
import { createSettings } from '../../../agent/core/settings/settings.ts';
import { createDesk, type Person } from '../../../agent/service/desk/desk.ts';
import { isSentenceKey } from '../../../shared/text/sentence.ts';
import { newIdentity } from '../../support/test-device.ts';
import { FakeClock } from './support/fake-clock.ts';

const ANNA: Person = { key: '501', name: 'anna' };
const BEN: Person = { key: '502', name: 'ben' };

/** A desk whose actions only say that they were asked for. */
function desk(outcome: ActionOutcome = { state: 'done' }) {
  const clock = new FakeClock();
  const settings = createSettings();
  const host = { agent: { version: '0.1.0', arch: 'x64', runtime: 'test' }, uptimeMs: () => 0 };
  const ran: string[] = [];
  const agent = createAgent({
    host,
    scanner: { scans: [], run: () => Promise.resolve({}) },
    identityOf: () => Promise.resolve(newIdentity()),
    enrolment: memoryEnrolment(),
    settings,
    address: deviceAddress('https://collector.example'),
    clock,
    random: () => 0.5,
    socketFactory: () => {
      throw new Error('this agent is never started');
    },
    outbox: memoryOutbox(),
    log: silentLog,
  });
  const { handlers } = createDesk({
    agent,
    settings,
    host,
    platform: 'windows',
    checks: [],
    folder: null,
    clock,
    actions: {
      offered: () => true,
      run: (action, by) => {
        ran.push(`${action} for ${by}`);
        return Promise.resolve(outcome);
      },
    },
  });
  return { ...handlers, clock, ran };
}

const FIREWALL = { action: 'turn-on-firewall' } as const;

test('a consent brings about what it was given for, once', async () => {
  const { device, ran } = desk();
  const { consent } = await device.plan(FIREWALL, ANNA);
  expect(await device.run({ ...FIREWALL, consent }, ANNA)).toMatchObject({ state: 'done' });
  await expect(device.run({ ...FIREWALL, consent }, ANNA)).rejects.toMatchObject({ code: 'consent-missing' });
  expect(ran).toEqual(['turn-on-firewall for 501']);
});

test('a consent nobody gave is refused', async () => {
  const { device, ran } = desk();
  await device.plan(FIREWALL, ANNA);
  const consent = 'A'.repeat(32);
  await expect(device.run({ ...FIREWALL, consent }, ANNA)).rejects.toMatchObject({ code: 'consent-missing' });
  expect(ran).toEqual([]);
});

test('another person’s consent is refused and stays good for the one who gave it', async () => {
  const { device, ran } = desk();
  const { consent } = await device.plan(FIREWALL, ANNA);
  await expect(device.run({ ...FIREWALL, consent }, BEN)).rejects.toMatchObject({ code: 'consent-missing' });
  expect(ran).toEqual([]);
  await device.run({ ...FIREWALL, consent }, ANNA);
  expect(ran).toEqual(['turn-on-firewall for 501']);
});

test('a consent to one change is none to another', async () => {
  const { device, ran } = desk();
  const { consent } = await device.plan(FIREWALL, ANNA);
  const other = { action: 'restart', consent } as const;
  await expect(device.run(other, ANNA)).rejects.toMatchObject({ code: 'consent-missing' });
  expect(ran).toEqual([]);
});

test('a consent is over after two minutes', async () => {
  const { device, clock, ran } = desk();
  const { consent, until } = await device.plan(FIREWALL, ANNA);
  expect(until - clock.now()).toBe(120_000);
  clock.advance(120_001);
  await expect(device.run({ ...FIREWALL, consent }, ANNA)).rejects.toMatchObject({ code: 'consent-missing' });
  expect(ran).toEqual([]);
});

test('a declined consent is spent, and only its person’s journal says so', async () => {
  const { device, privacy, ran } = desk();
  const { consent } = await device.plan(FIREWALL, ANNA);
  await device.declined({ ...FIREWALL, consent }, ANNA);
  await expect(device.run({ ...FIREWALL, consent }, ANNA)).rejects.toMatchObject({ code: 'consent-missing' });
  expect(ran).toEqual([]);
  const journals = [await privacy.get(undefined, ANNA), await privacy.get(undefined, BEN)];
  expect(journals.map(({ journal }) => journal.some(({ what }) => what.key === 'journal.declined'))).toEqual([
    true,
    false,
  ]);
});

test.each<ActionOutcome>([
  { state: 'done' },
  { state: 'already-so' },
  { state: 'did-not-help' },
  { state: 'unsure-before' },
  { state: 'unsure-after' },
  { state: 'not-allowed', by: 'rights' },
  { state: 'not-allowed', by: 'organisation' },
  { state: 'not-possible' },
  { state: 'failed', reason: 'command-failed' },
  { state: 'failed', reason: 'timeout' },
  { state: 'failed', reason: 'not-recorded' },
])('says in words what became of it, and keeps it in the journal: %j', async outcome => {
  const { device, privacy } = desk(outcome);
  for (const action of ['restart', 'turn-on-firewall'] as const) {
    const { consent, title, what } = await device.plan({ action }, ANNA);
    const became = await device.run({ action, consent }, ANNA);
    if (became.state === 'declined') throw new Error('nobody declined');
    expect([title, what, became.says].filter(({ key }) => !isSentenceKey(key))).toEqual([]);
    expect(became.state).toBe(['done', 'already-so'].includes(outcome.state) ? 'done' : 'failed');
    const { journal } = await privacy.get(undefined, ANNA);
    expect(journal[0]).toMatchObject({ what: became.says, about: title });
  }
});
