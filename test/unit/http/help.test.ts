import { describe, expect, it } from 'vitest';
import {
  deviceHelpResponse,
  helpRequest,
  helpResponse,
  timelineResponse,
} from '../../../shared/api/schemas.ts';
import { MINUTE } from '../../../shared/base/durations.ts';
import { startScene } from './scene.ts';

const ID = '0123456789abcdef01234567';
const OTHER = '0123456789abcdef01234568';
const BOUNDS = { open: 10, perDay: 30 };

type Scene = Awaited<ReturnType<typeof startScene>>;

async function ask(scene: Scene, device: string, id: string, text = 'No sound'): Promise<number> {
  const at = scene.clock.now();
  const change = { kind: 'asked' as const, id, at, person: 'kim', text, about: null };
  await scene.store.takeHelp(device, [{ change, at, receivedAt: at }], BOUNDS);
  return at;
}

describe('a request to IT', () => {
  it('is in the line of the fleet and on its device’s page for whoever may look', async () => {
    const scene = await startScene();
    await scene.addDevice('d1');
    await ask(scene, 'd1', ID);
    const headers = await scene.token('viewer');
    const line = await scene.good('/api/v1/help', helpResponse, { headers });
    expect(line).toMatchObject({ waiting: 1, next: null });
    expect(line.requests).toMatchObject([{ id: ID, device: 'd1', text: 'No sound', state: 'open' }]);
    const own = await scene.good('/api/v1/devices/d1/help', deviceHelpResponse, { headers });
    expect(own.requests).toEqual(line.requests);
    expect((await scene.good('/api/v1/help?over=true', helpResponse, { headers })).requests).toEqual([]);
  });

  it('is read page by page', async () => {
    const scene = await startScene();
    await scene.addDevice('d1');
    for (const id of [ID, OTHER]) await ask(scene, 'd1', id);
    const headers = await scene.token('viewer');
    const first = await scene.good('/api/v1/help?limit=1', helpResponse, { headers });
    const second = await scene.good(`/api/v1/help?limit=1&after=${first.next}`, helpResponse, { headers });
    const ids = [...first.requests, ...second.requests].map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set([ID, OTHER]));
    const third = await scene.good(`/api/v1/help?limit=1&after=${second.next}`, helpResponse, { headers });
    expect(third).toMatchObject({ requests: [], next: null });
  });

  it('is answered by the helpdesk: the device and the pages are told, and the audit without the words', async () => {
    const scene = await startScene();
    await scene.addDevice('d1');
    await ask(scene, 'd1', ID);
    const headers = await scene.token('helpdesk');
    const body = { do: 'answer', answer: 'Press the speaker key.' };
    const moved = await scene.good(`/api/v1/devices/d1/help/${ID}`, helpRequest, { body, headers });
    const at = moved.changedAt;
    const answer = { text: 'Press the speaker key.', by: 'a helpdesk', at };
    expect(moved).toMatchObject({ state: 'answered', answer });
    expect(scene.helpSent).toEqual([
      {
        device: 'd1',
        frame: {
          type: 'help',
          requests: [{ id: ID, state: 'answered', at, by: 'a helpdesk', answer }],
        },
      },
    ]);
    expect(scene.helpTold).toEqual([{ device: 'd1', waiting: 0 }]);
    const [entry] = await scene.store.listAudit({ limit: 1 });
    expect(entry).toMatchObject({
      ...{ action: 'help.answered', subject: 'd1', data: { request: ID, characters: 22 } },
      actor: { kind: 'api-token', name: 'a helpdesk' },
    });
  });

  it.each([
    [{ do: 'answer' }, 'body.answer'],
    [{ do: 'answer', answer: '   ' }, 'body.answer'],
    [{ do: 'answer', answer: 'x'.repeat(2001) }, 'body.answer'],
    [{ do: 'forget' }, 'body.do'],
  ])('is not moved by %j', async (body, field) => {
    const scene = await startScene();
    await scene.addDevice('d1');
    await ask(scene, 'd1', ID);
    const headers = await scene.token('helpdesk');
    const answer = await scene.ask(`/api/v1/devices/d1/help/${ID}`, { body, headers });
    expect(answer.body).toMatchObject({ code: 'request-invalid', fields: [field] });
  });

  it('is not moved by a viewer, nor once it is over, nor when it is not there', async () => {
    const scene = await startScene();
    await scene.addDevice('d1');
    await ask(scene, 'd1', ID);
    const path = `/api/v1/devices/d1/help/${ID}`;
    const body = { do: 'close' };
    expect((await scene.ask(path, { body, headers: await scene.token('viewer') })).status).toBe(403);
    const headers = await scene.token('helpdesk');
    await scene.good(path, helpRequest, { body, headers });
    expect((await scene.ask(path, { body, headers })).body).toMatchObject({ code: 'conflict' });
    const none = await scene.ask(`/api/v1/devices/d1/help/${OTHER}`, { body, headers });
    expect(none.body).toMatchObject({ code: 'not-found' });
  });

  it('has its steps on the device’s timeline, without its words', async () => {
    const scene = await startScene();
    await scene.addDevice('d1');
    const from = await ask(scene, 'd1', ID);
    await scene.store.moveHelp('d1', ID, { state: 'closed', at: from + MINUTE, by: 'Sam', answer: 'Done' });
    const path = `/api/v1/devices/d1/timeline?from=${from}&to=${from + 2 * MINUTE}`;
    const { entries } = await scene.good(path, timelineResponse, { headers: await scene.token('viewer') });
    expect(entries).toEqual([
      { at: from, band: 'people', kind: 'help-open', data: { request: ID, person: 'kim', by: null } },
      {
        ...{ at: from + MINUTE, band: 'people', kind: 'help-closed' },
        data: { request: ID, person: 'kim', by: 'Sam' },
      },
    ]);
  });
});
