import { chmodSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { startAgentProcess } from '../support/agent-process.ts';
import { startCollector } from '../support/collector-process.ts';
import { eventually } from '../support/eventually.ts';
import { asRoot, person } from '../support/person.ts';
import { temporaryFolder } from '../support/teardown.ts';

/* One service, several people: real processes under accounts of their own, on the service's real socket. */

/** A socket without manners: sends these lines as they come, gives what came back until the other side ended. */
async function raw(path: string, say: (received: string) => string | null): Promise<string> {
  return await new Promise(resolve => {
    let received = '';
    const socket = connect(path);
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(say('') ?? ''));
    socket.on('data', (text: string) => {
      received += text;
      const next = say(received);
      if (next !== null) socket.write(next);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
  });
}

describe('the service’s socket', () => {
  let path: string;

  beforeAll(async () => {
    const collector = await startCollector();
    const { secret } = await collector.admin.enrolmentToken();
    const desk = temporaryFolder('desk');
    chmodSync(desk, 0o755);
    startAgentProcess({ collector: collector.url, token: secret, name: 'shared', desk });
    path = join(desk, 'agent.sock');
    await eventually(
      async () => (await raw(path, text => (text === '' ? 'x\n' : null))).includes('refused'),
      {
        what: 'a socket that answers',
        withinMs: 30_000,
      },
    );
  });

  test.skipIf(!asRoot)('knows two people apart and shows each only their own part', async () => {
    const [first, second] = [person(path, 4711), person(path, 4712)];
    await Promise.all([first.connected(), second.connected()]);
    const plan = await first.ask('device.plan', { action: 'restart' });
    const consent = plan.value?.consent;
    expect(consent).toEqual(expect.any(String));
    // The consent of one person is worth nothing in another's hands.
    expect(await second.ask('device.run', { action: 'restart', consent })).toMatchObject({
      ok: false,
      code: 'consent-missing',
    });
    expect(await first.ask('device.declined', { action: 'restart', consent })).toEqual({
      ok: true,
      value: null,
    });
    // It was good once.
    expect(await first.ask('device.run', { action: 'restart', consent })).toMatchObject({
      code: 'consent-missing',
    });
    const journals = await Promise.all([first.ask('privacy.get'), second.ask('privacy.get')]);
    const declined = journals.map(({ value }) => JSON.stringify(value?.journal).includes('journal.declined'));
    expect(declined).toEqual([true, false]);
  });

  test.skipIf(!asRoot)('says whose run of checks it is', async () => {
    const [first, second] = [person(path, 4711), person(path, 4712)];
    await Promise.all([first.connected(), second.connected()]);
    const mine = await first.ask('checks.run', { checks: ['uptime'] });
    expect(mine.value).toMatchObject({ by: 'you', of: 1 });
    const homes = await Promise.all([first.ask('home.get'), second.ask('home.get')]);
    expect(homes.map(({ value }) => value?.run)).toMatchObject([{ by: 'you' }, { by: 'another' }]);
  });

  test('answers nothing before it knows who asks', async () => {
    const said = await raw(path, text => (text === '' ? '{"t":"ask","id":1,"name":"home.get"}\n' : null));
    expect(said).toBe('{"t":"refused","code":"frame-out-of-turn"}\n');
  });

  test('refuses a proof that does not hold the text', async () => {
    const said = await raw(path, text => {
      if (text === '') return '{"t":"hello","contract":1,"app":"x"}\n';
      const asked =
        text.includes('"prove"') && !text.includes('refused') ? JSON.parse(text.split('\n')[0] ?? '') : null;
      if (asked === null) return null;
      writeFileSync(asked.file, 'something else');
      return '{"t":"proved"}\n';
    });
    expect(said).toContain('{"t":"refused","code":"sender-refused"}');
  });

  test('refuses another version of the contract, an endless line and what is no frame', async () => {
    const hello = '{"t":"hello","contract":999,"app":"x"}\n';
    expect(await raw(path, text => (text === '' ? hello : null))).toContain('version-unsupported');
    expect(await raw(path, text => (text === '' ? 'x'.repeat(20_000) : null))).toContain('frame-too-large');
    expect(await raw(path, text => (text === '' ? '{"t":"what"}\n' : null))).toContain('frame-malformed');
  });

  test('refuses calls that are not in the contract, and input that does not fit', async () => {
    const one = person(path, asRoot ? 4711 : 0);
    await one.connected();
    expect(await one.ask('home.delete')).toMatchObject({ ok: false, code: 'not-found' });
    expect(await one.ask('app.openLink', { url: 'https://example.com' })).toMatchObject({
      code: 'not-found',
    });
    expect(await one.ask('device.plan', { action: 'format' })).toMatchObject({ code: 'request-invalid' });
    expect(await one.ask('assistant.ask', { question: '  ', locale: 'en' })).toMatchObject({
      code: 'request-invalid',
    });
  });
});
