import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deviceHelpResponse, helpResponse } from '../../shared/api/schemas.ts';
import { type AgentProcess, startAgentProcess } from '../support/agent-process.ts';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { eventually } from '../support/eventually.ts';
import { asRoot, person } from '../support/person.ts';
import { temporaryFolder } from '../support/teardown.ts';

/*
 * What a person at a device asks IT for, from their tray to the helpdesk and back: real processes, killed and cut off on the way.
 */

interface Own {
  readonly id: string;
  readonly text: string;
  readonly state: string;
  readonly answer: { readonly text: string; readonly by: string } | null;
}

interface Scene {
  readonly collector: CollectorProcess;
  /** Starts the agent on the same folder again. */
  startAgent(): AgentProcess;
  readonly desk: string;
  readonly socket: string;
}

async function scene(): Promise<Scene> {
  const collector = await startCollector();
  const { secret } = await collector.admin.enrolmentToken();
  const desk = temporaryFolder('desk');
  chmodSync(desk, 0o755);
  const dataDir = temporaryFolder('agent');
  return {
    collector,
    desk,
    socket: join(desk, 'agent.sock'),
    startAgent: () =>
      startAgentProcess({ collector: collector.url, token: secret, name: 'FIN-LT-0231', desk, dataDir }),
  };
}

type Person = ReturnType<typeof person>;

async function app(socket: string, uid = 4711): Promise<Person> {
  const one = person(socket, uid);
  await one.connected();
  return one;
}

async function own(one: Person): Promise<Own[]> {
  const { value } = await one.ask('help.list');
  return value as unknown as Own[];
}

/** Waits until the one request of this person stands so. */
async function stands(one: Person, state: string): Promise<Own> {
  return eventually(async () => (await own(one)).find(each => each.state === state) ?? null, {
    what: `a request that is ${state}`,
    withinMs: 60_000,
  });
}

async function deviceId(collector: CollectorProcess): Promise<string> {
  return eventually(async () => (await collector.admin.devices('FIN-LT'))[0]?.id ?? null, {
    what: 'the device',
    withinMs: 60_000,
  });
}

async function atIt(collector: CollectorProcess, id: string) {
  return deviceHelpResponse.parse(await collector.admin.get(`/api/v1/devices/${id}/help`)).requests;
}

describe('a request to IT', () => {
  test('goes from a person to the helpdesk and comes back answered, also after both sides were away', async () => {
    const { collector, socket, startAgent } = await scene();
    let agent = startAgent();
    let one = await app(socket);
    const id = await deviceId(collector);
    const asked = await one.ask('help.ask', { text: 'No sound.\nSince yesterday' });
    expect(asked).toMatchObject({ ok: true, value: { text: 'No sound.\nSince yesterday', answer: null } });
    await stands(one, 'open');
    const [request] = await atIt(collector, id);
    expect(request).toMatchObject({
      ...{ device: id, deviceName: 'FIN-LT-0231', text: 'No sound.\nSince yesterday', state: 'open' },
      about: null,
    });
    // The agent is killed; IT answers meanwhile.
    await agent.kill9();
    const { secret } = await collector.admin.apiToken('helpdesk');
    const helpdesk = collector.admin.withToken(secret);
    const place = `/api/v1/devices/${id}/help/${request?.id}`;
    await helpdesk.post(place, { do: 'seen' });
    await helpdesk.post(place, { do: 'answer', answer: 'Press the speaker key.' });
    agent = startAgent();
    one = await app(socket);
    expect(await stands(one, 'answered')).toMatchObject({
      answer: { text: 'Press the speaker key.', by: 'test helpdesk' },
    });
    // It is kept by the service: the collector is gone, and the service starts once more.
    await collector.kill9();
    await agent.stop();
    startAgent();
    one = await app(socket);
    expect(await own(one)).toMatchObject([{ state: 'answered', answer: { text: 'Press the speaker key.' } }]);
    await collector.restart();
    const admin = collector.admin.withToken(secret);
    await admin.post(place, { do: 'close' });
    await stands(one, 'closed');
    // Who did what is told by the timeline and the audit; the words are in neither.
    const kinds = (await collector.admin.timeline(id)).entries.map(({ kind }) => kind);
    expect(kinds.filter(kind => kind.startsWith('help-'))).toEqual([
      ...['help-open', 'help-seen', 'help-answered', 'help-closed'],
    ]);
    const { entries } = await collector.admin.audit(id);
    const acts = entries.filter(({ action }) => action.startsWith('help.')).reverse();
    expect(acts.map(({ action, actor }) => [action, actor.name])).toEqual([
      ...['help.seen', 'help.answered', 'help.closed'].map(action => [action, 'test helpdesk']),
    ]);
    expect(JSON.stringify(acts)).not.toContain('speaker');
    expect(collector.log()).not.toMatch(/No sound|speaker/);
  });

  test('waits on the device while there is no connection, and is taken once however often it is sent', async () => {
    const { collector, socket, startAgent } = await scene();
    let agent = startAgent();
    let one = await app(socket);
    const id = await deviceId(collector);
    await eventually(async () => (await one.ask('home.get')).value?.verdict !== undefined, { what: 'home' });
    await collector.kill9();
    await one.ask('help.ask', { text: 'Offline' });
    expect(await own(one)).toMatchObject([{ text: 'Offline', state: 'waiting' }]);
    // The device is killed while it waits, too.
    await agent.kill9();
    agent = startAgent();
    one = await app(socket);
    expect(await own(one)).toMatchObject([{ text: 'Offline', state: 'waiting' }]);
    await collector.restart();
    await stands(one, 'open');
    // The collector is killed right after it has stored: the device sends what was not acknowledged again.
    await one.ask('help.ask', { text: 'Twice?' });
    await eventually(async () => (await atIt(collector, id)).length === 2, { what: 'the second request' });
    await collector.kill9();
    await collector.restart();
    await eventually(async () => (await own(one)).every(({ state }) => state === 'open'), {
      ...{ what: 'both confirmed', withinMs: 60_000 },
    });
    expect((await atIt(collector, id)).map(({ text }) => text).sort()).toEqual(['Offline', 'Twice?']);
    const line = helpResponse.parse(await collector.admin.get('/api/v1/help'));
    expect([line.waiting, line.requests.length]).toEqual([2, 2]);
  });

  test('can be withdrawn while it is open, and no more than may wait are taken', async () => {
    const { collector, socket, startAgent } = await scene();
    startAgent();
    const one = await app(socket);
    const id = await deviceId(collector);
    for (let n = 0; n < 10; n += 1)
      expect(await one.ask('help.ask', { text: `${n}` })).toMatchObject({ ok: true });
    expect(await one.ask('help.ask', { text: 'one more' })).toMatchObject({
      ok: false,
      code: 'help-too-many',
    });
    await eventually(async () => (await own(one)).every(({ state }) => state === 'open'), {
      ...{ what: 'all with IT', withinMs: 60_000 },
    });
    const [last] = await own(one);
    expect(await one.ask('help.withdraw', { id: last?.id })).toMatchObject({ ok: true });
    await eventually(async () => (await atIt(collector, id))[0]?.state === 'withdrawn', {
      what: 'withdrawn',
    });
    expect(await one.ask('help.ask', { text: 'one more' })).toMatchObject({ ok: true });
    const viewer = collector.admin.withToken((await collector.admin.apiToken('viewer')).secret);
    const refused = viewer.post(`/api/v1/devices/${id}/help/${last?.id}`, { do: 'close' });
    await expect(refused).rejects.toMatchObject({ status: 403, code: 'role-missing' });
    const gone = collector.admin.post(`/api/v1/devices/${id}/help/${last?.id}`, { do: 'close' });
    await expect(gone).rejects.toMatchObject({ status: 409, code: 'conflict' });
  });

  test.skipIf(!asRoot)('is seen by the person who made it and by nobody else at the device', async () => {
    const { collector, socket, startAgent } = await scene();
    const agent = startAgent();
    const [first, second] = [await app(socket, 4711), await app(socket, 4712)];
    await deviceId(collector);
    const { value } = await first.ask('help.ask', { text: 'My salary slip is missing' });
    expect(await own(second)).toEqual([]);
    expect(await second.ask('help.withdraw', { id: value?.id })).toMatchObject({ code: 'not-found' });
    await stands(first, 'open');
    const journals = await Promise.all([first.ask('privacy.get'), second.ask('privacy.get')]);
    expect(journals.map(one => JSON.stringify(one.value).includes('journal.help-asked'))).toEqual([
      true,
      false,
    ]);
    expect(agent.log()).not.toContain('salary');
    // Nobody but the service's own account may read what is kept.
    expect(readFileSync(join(agent.dataDir, 'help.json'), 'utf8')).toContain('salary');
  });
});
