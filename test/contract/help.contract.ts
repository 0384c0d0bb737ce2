import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HelpNews } from '../../collector/store/help.ts';
import type { Store } from '../../collector/store/store.ts';
import { DAY } from '../../shared/base/durations.ts';
import { newDevice } from '../support/store-facts.ts';

const T0 = 20_000 * DAY;
const EVER = 10_000 * DAY;
const KEEP_ALL = {
  ...{ rawMs: EVER, quarterMs: EVER, dailyMs: EVER, eventsMs: EVER, historyMs: EVER, auditMs: EVER },
};
const BOUNDS = { open: 3, perDay: 5 };
const idOf = (n: number): string => n.toString(16).padStart(24, '0');

function asked(n: number, receivedAt = T0 + n, text = `request ${n}`): HelpNews {
  const about = { problem: 'firewall-off', what: { key: 'score.compliance.firewall-off', params: {} } };
  const change = { kind: 'asked' as const, id: idOf(n), at: 1, person: 'kim', text, about };
  return { change, at: receivedAt - 10, receivedAt };
}
function withdrawn(n: number, receivedAt = T0 + 1000 + n): HelpNews {
  return { change: { kind: 'withdrawn', id: idOf(n), at: 2 }, at: receivedAt - 10, receivedAt };
}

/** The promises of collector/store/help.ts, on any store. */
export function helpContract<S extends Store>(name: string, open: (folder: string) => Promise<S>): void {
  async function fresh(...ids: string[]) {
    const folder = await mkdtemp(join(tmpdir(), 'trayline-help-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    let store = await open(folder);
    onTestFinished(() => store.close());
    for (const id of ids) await store.addDevice(newDevice(id));
    return {
      get store() {
        return store;
      },
      async reopen(): Promise<S> {
        await store.close();
        store = await open(folder);
        return store;
      },
    };
  }

  describe(`${name}: requests to IT`, () => {
    test('keeps a request whole across a restart, whatever characters it is written in', async () => {
      const scene = await fresh('a');
      const text = 'Kein Ton – “$set”: {a.b}\nzweite Zeile 🎧';
      expect(await scene.store.takeHelp('a', [asked(1, T0, text)], BOUNDS)).toEqual([
        { id: idOf(1), outcome: 'taken' },
      ]);
      const store = await scene.reopen();
      const kept = {
        ...{ device: 'a', id: idOf(1), person: 'kim', text, askedAt: T0 - 10, receivedAt: T0 },
        about: { problem: 'firewall-off', what: { key: 'score.compliance.firewall-off', params: {} } },
        ...{ state: 'open', changedAt: T0, answer: null },
        steps: [{ state: 'open', at: T0 - 10, by: null }],
      };
      expect(await store.getHelp('a', idOf(1))).toEqual(kept);
      expect(await store.listHelpOf('a', 10)).toEqual([kept]);
    });

    test('takes a request once, however often it is told', async () => {
      const { store } = await fresh('a');
      await store.takeHelp('a', [asked(1)], BOUNDS);
      const again = await store.takeHelp('a', [asked(1, T0 + 77), asked(1, T0 + 78)], BOUNDS);
      expect(again.map(({ outcome }) => outcome)).toEqual(['known', 'known']);
      expect((await store.listHelpOf('a', 10)).map(({ receivedAt }) => receivedAt)).toEqual([T0 + 1]);
    });

    test('tells two devices apart that give the same id, and knows no device that is not here', async () => {
      const { store } = await fresh('a', 'b');
      await store.takeHelp('a', [asked(1)], BOUNDS);
      expect(await store.getHelp('b', idOf(1))).toBeNull();
      expect(await store.takeHelp('b', [asked(1)], BOUNDS)).toEqual([{ id: idOf(1), outcome: 'taken' }]);
      expect(await store.takeHelp('c', [asked(1)], BOUNDS)).toEqual([]);
      expect(await store.listHelpOf('c', 10)).toEqual([]);
    });

    test('takes no more than may wait at once, and more when one has been answered', async () => {
      const { store } = await fresh('a', 'b');
      const four = await store.takeHelp(
        'a',
        [1, 2, 3, 4].map(n => asked(n)),
        BOUNDS,
      );
      expect(four.map(({ outcome }) => outcome)).toEqual(['taken', 'taken', 'taken', 'too-many']);
      expect(await store.getHelp('a', idOf(4))).toBeNull();
      expect((await store.takeHelp('b', [asked(4)], BOUNDS))[0]?.outcome).toBe('taken');
      await store.moveHelp('a', idOf(1), { state: 'answered', at: T0 + 9, by: 'Sam', answer: 'Try now' });
      expect((await store.takeHelp('a', [asked(4)], BOUNDS))[0]?.outcome).toBe('taken');
    });

    test('takes no more than a day may bring, withdrawn ones counted', async () => {
      const { store } = await fresh('a');
      for (let n = 1; n <= 5; n += 1) await store.takeHelp('a', [asked(n), withdrawn(n)], BOUNDS);
      expect((await store.takeHelp('a', [asked(6)], BOUNDS))[0]?.outcome).toBe('too-many');
      expect((await store.takeHelp('a', [asked(6, T0 + 2 * DAY)], BOUNDS))[0]?.outcome).toBe('taken');
    });

    test('withdraws what waits, once, and nothing that is over or was never asked', async () => {
      const { store } = await fresh('a');
      await store.takeHelp('a', [asked(1), asked(2)], BOUNDS);
      await store.moveHelp('a', idOf(2), { state: 'closed', at: T0 + 50, by: 'Sam' });
      const told = await store.takeHelp(
        'a',
        [withdrawn(1), withdrawn(1), withdrawn(2), withdrawn(3)],
        BOUNDS,
      );
      expect(told.map(({ outcome }) => outcome)).toEqual(['taken', 'known', 'over', 'unknown']);
      expect(await store.getHelp('a', idOf(1))).toMatchObject({
        state: 'withdrawn',
        changedAt: T0 + 1001,
        steps: [{ state: 'open' }, { state: 'withdrawn', at: T0 + 991, by: null }],
      });
      expect((await store.getHelp('a', idOf(2)))?.state).toBe('closed');
    });

    test('brings a request from open to closed with who did what, and the answer stays', async () => {
      const scene = await fresh('a');
      await scene.store.takeHelp('a', [asked(1)], BOUNDS);
      await scene.store.moveHelp('a', idOf(1), { state: 'seen', at: T0 + 20, by: 'Sam' });
      const answer = { state: 'answered' as const, at: T0 + 30, by: 'Ines', answer: 'It is on its way' };
      expect(await scene.store.moveHelp('a', idOf(1), answer)).toMatchObject({ state: 'answered' });
      await scene.store.moveHelp('a', idOf(1), { state: 'closed', at: T0 + 40, by: 'Sam' });
      expect(await (await scene.reopen()).getHelp('a', idOf(1))).toMatchObject({
        state: 'closed',
        changedAt: T0 + 40,
        answer: { text: 'It is on its way', by: 'Ines', at: T0 + 30 },
        steps: [
          { state: 'open', at: T0 - 9, by: null },
          { state: 'seen', at: T0 + 20, by: 'Sam' },
          { state: 'answered', at: T0 + 30, by: 'Ines' },
          { state: 'closed', at: T0 + 40, by: 'Sam' },
        ],
      });
    });

    test('lets nobody move what is over or not there, and of two at once one', async () => {
      const { store } = await fresh('a');
      await store.takeHelp('a', [asked(1)], BOUNDS);
      const seen = { state: 'seen' as const, at: T0 + 5, by: 'Sam' };
      const both = await Promise.all([
        store.moveHelp('a', idOf(1), seen),
        store.moveHelp('a', idOf(1), seen),
      ]);
      expect(both.filter(one => one === 'conflict').length).toBe(1);
      await store.takeHelp('a', [withdrawn(1)], BOUNDS);
      expect(await store.moveHelp('a', idOf(1), { ...seen, state: 'closed' })).toBe('conflict');
      expect(await store.moveHelp('a', idOf(2), seen)).toBe('not-found');
      expect(await store.moveHelp('b', idOf(1), seen)).toBe('not-found');
    });

    test('lists the fleet’s line in the order of arrival, page by page, and apart from what is over', async () => {
      const { store } = await fresh('a', 'b');
      await store.takeHelp('b', [asked(1, T0), asked(3, T0 + 2)], BOUNDS);
      await store.takeHelp('a', [asked(2, T0), asked(4, T0 + 2)], BOUNDS);
      const all: string[] = [];
      let after: Awaited<ReturnType<S['listHelp']>>[number] | undefined;
      for (;;) {
        const page = await store.listHelp({
          over: false,
          limit: 3,
          ...(after === undefined ? {} : { after }),
        });
        all.push(...page.map(({ id }) => id));
        after = page.at(-1);
        if (page.length < 3) break;
      }
      expect(new Set(all)).toEqual(new Set([1, 2, 3, 4].map(idOf)));
      expect(all.length).toBe(4);
      expect(new Set(all.slice(0, 2))).toEqual(new Set([idOf(1), idOf(2)]));
      expect(await store.countHelp()).toBe(4);
      await store.moveHelp('a', idOf(2), { state: 'answered', at: T0 + 9, by: 'Sam', answer: 'Yes' });
      await store.moveHelp('b', idOf(1), { state: 'closed', at: T0 + 9, by: 'Sam' });
      await store.moveHelp('b', idOf(3), { state: 'closed', at: T0 + 9, by: 'Sam' });
      // Answered ones wait for nobody, but are not over.
      expect(await store.countHelp()).toBe(1);
      expect((await store.listHelp({ over: false, limit: 9 })).map(({ id }) => id)).toEqual([
        idOf(2),
        idOf(4),
      ]);
      const over = await store.listHelp({ over: true, limit: 1 });
      expect(over.map(({ id }) => id)).toEqual([idOf(3)]);
      const rest = await store.listHelp({ over: true, limit: 9, after: over[0]! });
      expect(rest.map(({ id }) => id)).toEqual([idOf(1)]);
    });

    test('deletes only what has been over for longer than events are kept', async () => {
      const { store } = await fresh('a');
      await store.takeHelp('a', [asked(1), asked(2), asked(3)], BOUNDS);
      await store.moveHelp('a', idOf(1), { state: 'closed', at: T0 + DAY, by: 'Sam' });
      await store.moveHelp('a', idOf(2), { state: 'closed', at: T0 + 8 * DAY, by: 'Sam' });
      await store.expire(T0 + 10 * DAY, { ...KEEP_ALL, eventsMs: 5 * DAY });
      const left = await store.listHelpOf('a', 9);
      expect(left.map(({ id, state }) => [id, state])).toEqual([
        [idOf(3), 'open'],
        [idOf(2), 'closed'],
      ]);
    });
  });
}
