import { describe, expect, test } from 'vitest';
import { DeskError, deskOf } from '../../../agent/desktop/client.ts';
import { contract, ENTRIES, type Handlers, PAGE_NAMES } from '../../../agent/desktop/contract.ts';
import { createDouble } from '../../../agent/desktop/double.ts';
import { SCENES } from '../../../agent/desktop/scenes.ts';
import { lineReader } from '../../../agent/desktop/wire.ts';
import { answering, eventPayload } from '../../../agent/desktop/wiring.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { isSentenceKey } from '../../../shared/text/sentence.ts';

describe('every scene', () => {
  test.each(Object.entries(SCENES))('%s fits the contract, call by call', async (_name, scene) => {
    const { bridge } = createDouble(scene);
    const refused = [
      await bridge.home.get(),
      await bridge.problems.list(),
      await bridge.requests.list(),
      await bridge.privacy.get(),
      await bridge.about.get(),
      await bridge.app.info(),
      await bridge.app.view(),
      await bridge.language.get(),
      await bridge.notifications.get(),
      await bridge.assistant.ask({ question: 'How is my firewall?', locale: 'en' }),
      await bridge.device.act({ action: 'restart' }),
    ].filter(reply => !reply.ok);
    expect(refused.map(reply => (reply.ok ? '' : reply.code))).toEqual(
      refused.map(() => 'service-unreachable'),
    );
  });

  test('says only sentences that exist', () => {
    const keys: string[] = [];
    JSON.stringify(SCENES, (key, value: unknown) => {
      if (key === 'key' && typeof value === 'string' && value.includes('.')) keys.push(value);
      return value;
    });
    expect(keys.length).toBeGreaterThan(50);
    expect(keys.filter(key => !isSentenceKey(key))).toEqual([]);
  });
});

describe('the double', () => {
  test('plays a run of checks to its end', async () => {
    const { bridge, tell: _tell } = createDouble(SCENES.well, { stepMs: 1 });
    const ended = new Promise<number>(resolve => {
      bridge.checks.onProgress(run => {
        if (run.endedAt !== null) resolve(run.done);
      });
    });
    const started = await bridge.checks.run({});
    expect(await ended).toBe(started.ok ? started.value.of : -1);
  });

  test('refuses what the contract does not allow, as the real one does', async () => {
    const { bridge, made } = createDouble(SCENES.well);
    expect(await bridge.assistant.ask({ question: '', locale: 'en' })).toMatchObject({
      code: 'request-invalid',
    });
    expect(made).toEqual([{ name: 'assistant.ask', input: { question: '', locale: 'en' } }]);
  });

  test('gives the page an error with a code', async () => {
    const desk = deskOf(createDouble(SCENES['no-service']).bridge);
    await expect(desk.home.get()).rejects.toMatchObject({ name: 'DeskError', code: 'service-unreachable' });
    await expect(desk.home.get()).rejects.toBeInstanceOf(DeskError);
    expect(await desk.language.get()).toEqual({ locale: 'en', follows: true });
  });
});

describe('a hop', () => {
  const handlers: Handlers<'app', string> = {
    device: { act: () => ({ state: 'declined' }) },
    app: {
      info: () => SCENES.well.info,
      view: () => ({ page: 'home' }),
      setAutostart: () => SCENES.well.info,
      openLink: () => {
        throw new Problem('link-refused', 'not on the list');
      },
      copyDiagnostics: () => {
        throw new Error('secret in here');
      },
      close: () => null,
    },
    language: { get: () => ({ locale: 'en', follows: true }), set: () => ({ locale: 'en', follows: true }) },
    notifications: {
      get: () => SCENES.well.notifications,
      set: () => SCENES.well.notifications,
      snooze: () => SCENES.well.notifications,
    },
  };
  const answer = answering<'app', string>(['app'], handlers);

  test('answers its own calls and no others', async () => {
    expect(await answer('app.view', undefined, 'me')).toEqual({ ok: true, value: { page: 'home' } });
    expect(await answer('home.get', undefined, 'me')).toMatchObject({ code: 'not-found' });
    expect(await answer('home.changed', undefined, 'me')).toMatchObject({ code: 'not-found' });
    expect(await answer('__proto__.toString', undefined, 'me')).toMatchObject({ code: 'not-found' });
  });

  test('turns what a handler throws into a code and keeps its words to itself', async () => {
    expect(await answer('app.openLink', { url: 'x' }, 'me')).toEqual({
      ok: false,
      code: 'link-refused',
      detail: 'not on the list',
    });
    expect(JSON.stringify(await answer('app.copyDiagnostics', undefined, 'me'))).not.toContain('secret');
  });

  test('lets only its own events through, and only as they should be', () => {
    expect(eventPayload(['service'], 'home.changed', SCENES.well.home)).toEqual({ value: SCENES.well.home });
    expect(eventPayload(['service'], 'app.show', { page: 'home' })).toBeNull();
    expect(eventPayload(['service'], 'home.changed', { ...SCENES.well.home, state: 'fine' })).toBeNull();
    expect(eventPayload(['service'], 'home.get', undefined)).toBeNull();
  });
});

test('the page’s names are the contract without its inner calls', () => {
  const page = Object.entries(PAGE_NAMES).flatMap(([group, { calls, events }]) =>
    [...calls, ...events].map(name => `${group}.${name}`),
  );
  const inner = ENTRIES.filter(({ definition }) => definition.via === 'inner').map(({ name }) => name);
  expect(inner).toEqual(['device.plan', 'device.run', 'device.declined']);
  expect(page.sort()).toEqual(
    ENTRIES.map(({ name }) => name)
      .filter(name => !inner.includes(name))
      .sort(),
  );
  expect(Object.keys(contract)).toEqual(Object.keys(PAGE_NAMES));
});

test('lines are put together from any pieces and cut off when they are too long', () => {
  const lines: string[] = [];
  let over = 0;
  const read = lineReader(
    10,
    line => lines.push(line),
    () => {
      over += 1;
    },
  );
  for (const chunk of ['ab', 'c\nde\n', '\n', '12345', '67890', '1\nlater\n']) read(chunk);
  expect([lines, over]).toEqual([['abc', 'de', ''], 1]);
});
