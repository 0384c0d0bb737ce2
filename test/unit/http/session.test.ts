import { describe, expect, it } from 'vitest';
import { authenticateUpgrade, stillSignedIn } from '../../../collector/http/session.ts';
import { sessionResponse } from '../../../shared/api/schemas.ts';
import { HOUR, MINUTE, SECOND } from '../../../shared/base/durations.ts';
import { isProblem } from '../../../shared/problem/problem.ts';
import { pageHeaders, startScene } from './scene.ts';

const SESSION = '/api/v1/session';
const PASSWORD = 'a long enough phrase';

describe('signing in', () => {
  it('sets an HttpOnly, SameSite=Strict cookie and tells the CSRF token', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'helpdesk', PASSWORD);
    const answer = await scene.ask(SESSION, { body: { user: 'ann', password: PASSWORD } });
    expect(answer.status).toBe(201);
    const session = sessionResponse.parse(answer.body);
    expect(session).toMatchObject({
      user: 'ann',
      name: 'Name of ann',
      role: 'helpdesk',
      mustChangePassword: false,
    });
    expect(session.expiresAt - scene.clock.now()).toBeGreaterThan(11.9 * HOUR);
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^trayline=[A-Za-z0-9_-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(await scene.audited()).toEqual(['person.signed-in ann by person ann']);
  });

  it('binds the cookie to the host and to https where browsers come by https', async () => {
    const scene = await startScene({
      TRAYLINE_BEHIND_PROXY: 'loopback',
      TRAYLINE_PUBLIC_URL: 'https://fleet.example.com',
    });
    await scene.addPerson('ann', 'viewer', PASSWORD);
    const answer = await scene.ask(SESSION, {
      body: { user: 'ann', password: PASSWORD },
      headers: { origin: 'https://fleet.example.com' },
    });
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^__Host-trayline=[^;]+; .*Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000');
  });

  it('takes the user name in any case and with blanks around it', async () => {
    const scene = await startScene();
    await scene.addPerson('Ann', 'viewer', PASSWORD);
    await expect(scene.signIn(' aNN ', PASSWORD)).resolves.toBeDefined();
  });

  it('says the same of a wrong password, an unknown and a blocked person', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'viewer', PASSWORD);
    await scene.addPerson('bob', 'viewer', PASSWORD);
    await scene.store.changePerson('bob', { disabled: true });
    const answers = [];
    for (const body of [
      { user: 'ann', password: 'wrong' },
      { user: 'nobody', password: PASSWORD },
      { user: 'bob', password: PASSWORD },
    ]) {
      const { trace, headers, ...told } = await scene.refused(SESSION, { body });
      expect(headers.getSetCookie()).toEqual([]);
      expect(trace).toMatch(/^[0-9a-f]{16}$/);
      answers.push(told);
    }
    expect(answers[0]).toMatchObject({ status: 401, code: 'sign-in-wrong' });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('does not write down an unknown name, which may be a password', async () => {
    const scene = await startScene();
    await scene.refused(SESSION, { body: { user: 'MySecretPassword1', password: 'x' } });
    const [entry] = await scene.store.listAudit({ limit: 1 });
    expect(entry).toMatchObject({
      action: 'person.sign-in-failed',
      subject: null,
      actor: { kind: 'collector' },
    });
    expect(JSON.stringify(entry)).not.toContain('MySecretPassword1');
    expect(scene.lines.join('')).not.toContain('MySecretPassword1');
  });

  it('ends the session the browser had before', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'viewer', PASSWORD);
    const first = await scene.signIn('ann', PASSWORD);
    await scene.ask(SESSION, {
      body: { user: 'ann', password: PASSWORD },
      headers: { cookie: first.cookie },
    });
    expect((await scene.refused(SESSION, { headers: { cookie: first.cookie } })).code).toBe('signed-out');
  });

  it.each([
    [{}, ['body.user', 'body.password']],
    [{ user: 'ann' }, ['body.password']],
    [{ user: 7, password: 'x' }, ['body.user']],
    [[], ['body']],
  ])('refuses %j and names the fields', async (body, fields) => {
    const scene = await startScene();
    expect(await scene.refused(SESSION, { body })).toMatchObject({ code: 'request-invalid', fields });
  });

  it('stores only hashes of the cookie', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'viewer', PASSWORD);
    const { cookie } = await scene.signIn('ann', PASSWORD);
    const secret = cookie.split('=')[1] ?? '';
    expect(await scene.store.getSession(secret, scene.clock.now())).toBeNull();
  });
});

describe('guessing', () => {
  it('waits longer after each failure beyond the fifth, for the right password too, and forgets after success', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'viewer', PASSWORD);
    const wrong = { body: { user: 'ann', password: 'wrong' } };
    for (let n = 0; n < 5; n += 1) expect((await scene.refused(SESSION, wrong)).code).toBe('sign-in-wrong');

    const locked = await scene.refused(SESSION, { body: { user: 'ann', password: PASSWORD } });
    expect(locked).toMatchObject({ status: 429, code: 'sign-in-locked' });
    expect(locked.headers.get('retry-after')).toBe('5');
    expect(await scene.audited()).toContain('person.locked ann by collector collector');
    expect((await scene.store.getPerson('ann'))?.lockedUntil).toBeGreaterThan(scene.clock.now());

    scene.clock.move(5.1 * SECOND);
    expect((await scene.refused(SESSION, wrong)).code).toBe('sign-in-wrong');
    expect((await scene.refused(SESSION, wrong)).headers.get('retry-after')).toBe('10');

    scene.clock.move(10.1 * SECOND);
    await scene.signIn('ann', PASSWORD);
    expect(await scene.store.getPerson('ann')).toMatchObject({ failures: 0, lockedUntil: null });
  });

  it('locks a name that does not exist just the same', async () => {
    const scene = await startScene();
    for (let n = 0; n < 5; n += 1) await scene.refused(SESSION, { body: { user: 'nobody', password: 'x' } });
    expect((await scene.refused(SESSION, { body: { user: 'nobody', password: 'x' } })).code).toBe(
      'sign-in-locked',
    );
  });

  it('locks an address that tries one name after the other, whoever it asks for next', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'viewer', PASSWORD);
    for (let n = 0; n < 5; n += 1)
      await scene.refused(SESSION, { body: { user: `guess${n}`, password: 'x' } });
    const locked = await scene.refused(SESSION, { body: { user: 'ann', password: PASSWORD } });
    expect(locked.code).toBe('sign-in-locked');
    expect((await scene.store.getPerson('ann'))?.failures).toBe(0);
    scene.clock.move(5.1 * SECOND);
    await scene.signIn('ann', PASSWORD);
  });

  it('lets no more than five of many attempts at once look at the password', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'viewer', PASSWORD);
    const codes = await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        const { code } = await scene.refused(SESSION, { body: { user: 'ann', password: `guess ${n}` } });
        return code;
      }),
    );
    expect(codes.filter(code => code === 'sign-in-wrong')).toHaveLength(5);
    expect(codes.filter(code => code === 'sign-in-locked')).toHaveLength(25);
  });

  it('keeps a lock over a restart', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'viewer', PASSWORD);
    await scene.store.changePerson('ann', { failures: 9, lockedUntil: scene.clock.now() + MINUTE });
    expect((await scene.refused(SESSION, { body: { user: 'ann', password: PASSWORD } })).code).toBe(
      'sign-in-locked',
    );
  });
});

describe('a session', () => {
  it('is shown, and ends by signing out', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'viewer', PASSWORD);
    const page = await scene.signIn('ann', PASSWORD);
    const session = await scene.good(SESSION, sessionResponse, { headers: { cookie: page.cookie } });
    expect(session).toMatchObject({ user: 'ann', csrf: page.csrf });

    const out = await scene.ask(SESSION, { method: 'DELETE', headers: pageHeaders(page) });
    expect(out.status).toBe(204);
    expect(out.headers.getSetCookie()[0]).toMatch(/^trayline=; Max-Age=0;/);
    expect((await scene.refused(SESSION, { headers: { cookie: page.cookie } })).code).toBe('signed-out');
    expect((await scene.audited())[0]).toBe('person.signed-out ann by person ann');
  });

  it('lives on while it is used and ends when it is not', async () => {
    const scene = await startScene({ TRAYLINE_SESSION_HOURS: '1', TRAYLINE_SESSION_MAX_HOURS: '3' });
    await scene.addPerson('ann', 'viewer', PASSWORD);
    const { cookie } = await scene.signIn('ann', PASSWORD);
    scene.clock.move(50 * MINUTE);
    await scene.good(SESSION, sessionResponse, { headers: { cookie } });
    scene.clock.move(50 * MINUTE);
    await scene.good(SESSION, sessionResponse, { headers: { cookie } });
    scene.clock.move(61 * MINUTE);
    expect((await scene.refused(SESSION, { headers: { cookie } })).code).toBe('signed-out');
  });

  it('ends after its longest time however much it is used', async () => {
    const scene = await startScene({ TRAYLINE_SESSION_HOURS: '1', TRAYLINE_SESSION_MAX_HOURS: '2' });
    await scene.addPerson('ann', 'viewer', PASSWORD);
    const { cookie } = await scene.signIn('ann', PASSWORD);
    for (const minutes of [50, 50]) {
      scene.clock.move(minutes * MINUTE);
      await scene.good(SESSION, sessionResponse, { headers: { cookie } });
    }
    scene.clock.move(21 * MINUTE);
    expect((await scene.refused(SESSION, { headers: { cookie } })).code).toBe('signed-out');
  });

  it('that is older than a newly set longest time is over', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'viewer', PASSWORD);
    const { cookie } = await scene.signIn('ann', PASSWORD);
    scene.clock.move(2 * HOUR);
    const settings = { ...scene.settings, sessionHours: 1, sessionMaxHours: 1 };
    const viewer = await authenticateUpgrade({ ...scene, settings }, { headers: { cookie } });
    expect(viewer).toMatchObject({ code: 'signed-out' });
    expect((await scene.refused(SESSION, { headers: { cookie } })).code).toBe('signed-out');
  });

  it('is not what an API token has', async () => {
    const scene = await startScene();
    expect((await scene.refused(SESSION, { headers: await scene.token('admin') })).code).toBe('signed-out');
  });

  it('is not asked for when a token is sent that is not good', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'viewer', PASSWORD);
    const { cookie } = await scene.signIn('ann', PASSWORD);
    const answer = await scene.refused('/api/v1/devices', {
      headers: { cookie, authorization: 'Bearer tla_wrong' },
    });
    expect(answer.code).toBe('signed-out');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });
});

describe('a request that changes something', () => {
  const token = { label: 'x', validHours: null, maxUses: null };

  it('needs the CSRF token of the very session', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'admin', PASSWORD);
    const one = await scene.signIn('ann', PASSWORD);
    const other = await scene.signIn('ann', PASSWORD);
    const path = '/api/v1/enrolment/tokens';
    for (const headers of [{ cookie: one.cookie }, { cookie: one.cookie, 'x-csrf-token': other.csrf }]) {
      expect(await scene.refused(path, { body: token, headers })).toMatchObject({
        status: 403,
        code: 'csrf-refused',
      });
    }
    expect(await scene.store.listEnrolmentTokens()).toEqual([]);
    expect((await scene.ask(path, { body: token, headers: pageHeaders(one) })).status).toBe(201);
  });

  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'http://localhost'])(
    'is refused from a page of %s',
    async origin => {
      const scene = await startScene();
      await scene.addPerson('ann', 'admin', PASSWORD);
      const page = await scene.signIn('ann', PASSWORD);
      const answer = await scene.refused('/api/v1/enrolment/tokens', {
        body: token,
        headers: { ...pageHeaders(page), origin },
      });
      expect(answer.code).toBe('origin-refused');
      expect(await scene.store.listEnrolmentTokens()).toEqual([]);
    },
  );

  it('is refused from a page of another site even when the browser hides its origin', async () => {
    const scene = await startScene();
    const answer = await scene.refused(SESSION, {
      body: { user: 'a', password: 'b' },
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.code).toBe('origin-refused');
  });

  it('is accepted from our own page and from the declared origins', async () => {
    const scene = await startScene({ TRAYLINE_ALLOWED_ORIGINS: 'https://tools.example' });
    await scene.addPerson('ann', 'admin', PASSWORD);
    const page = await scene.signIn('ann', PASSWORD);
    for (const origin of [scene.url, 'https://tools.example']) {
      const answer = await scene.ask('/api/v1/enrolment/tokens', {
        body: token,
        headers: { ...pageHeaders(page), origin },
      });
      expect(answer.status).toBe(201);
    }
  });
});

describe('a one-time password', () => {
  it('lets its person look but not change anything until it is changed', async () => {
    const scene = await startScene();
    const first = await scene.firstAdmin();
    expect(first?.password).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    const { user, password } = first!;
    const page = await scene.signIn(user, password);
    const headers = pageHeaders(page);
    expect(await scene.good(SESSION, sessionResponse, { headers })).toMatchObject({
      mustChangePassword: true,
    });
    expect((await scene.ask('/api/v1/devices', { headers })).status).toBe(200);
    const token = { label: 'x', validHours: null, maxUses: null };
    expect(await scene.refused('/api/v1/enrolment/tokens', { body: token, headers })).toMatchObject({
      status: 403,
      code: 'password-change-needed',
    });

    const changed = await scene.good(`${SESSION}/password`, sessionResponse, {
      body: { current: password, next: PASSWORD },
      headers,
    });
    expect(changed.mustChangePassword).toBe(false);
    expect((await scene.ask('/api/v1/enrolment/tokens', { body: token, headers })).status).toBe(201);
    expect(await scene.audited()).toContain('person.password-changed admin by person admin');
  });

  it('is made only where there is nobody yet', async () => {
    const scene = await startScene();
    // Two collectors that start on one empty database: one of them shows the password.
    const made = await Promise.all([scene.firstAdmin(), scene.firstAdmin()]);
    expect(made.filter(one => one !== null)).toHaveLength(1);
    expect(await scene.firstAdmin()).toBeNull();
    expect(await scene.store.listPeople()).toHaveLength(1);
  });
});

describe('changing the password', () => {
  it('ends every other session of the person and lets only the new password in', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'viewer', PASSWORD);
    const here = await scene.signIn('ann', PASSWORD);
    const there = await scene.signIn('ann', PASSWORD);
    const next = 'quite another phrase';
    await scene.good(`${SESSION}/password`, sessionResponse, {
      body: { current: PASSWORD, next },
      headers: pageHeaders(here),
    });
    expect((await scene.ask(SESSION, { headers: { cookie: here.cookie } })).status).toBe(200);
    expect((await scene.ask(SESSION, { headers: { cookie: there.cookie } })).status).toBe(401);
    expect((await scene.refused(SESSION, { body: { user: 'ann', password: PASSWORD } })).code).toBe(
      'sign-in-wrong',
    );
    await scene.signIn('ann', next);
  });

  it.each([
    ['too short', 'eleven char'],
    ['one character', 'aaaaaaaaaaaaaaaa'],
    ['the user name', 'annannannann1234'],
    ['a word guessed first', 'password1234'],
    ['the one in use', PASSWORD],
  ])('refuses %s', async (_what, next) => {
    const scene = await startScene();
    await scene.addPerson('ann', 'viewer', PASSWORD);
    const page = await scene.signIn('ann', PASSWORD);
    const answer = await scene.refused(`${SESSION}/password`, {
      body: { current: PASSWORD, next },
      headers: pageHeaders(page),
    });
    expect(answer).toMatchObject({ code: 'password-weak', fields: ['body.next'] });
    expect(JSON.stringify(answer)).not.toContain(next);
    await scene.signIn('ann', PASSWORD);
  });

  it('needs the current one, which cannot be guessed from a stolen session either', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'viewer', PASSWORD);
    const headers = pageHeaders(await scene.signIn('ann', PASSWORD));
    const path = `${SESSION}/password`;
    const guess = { body: { current: 'a guess', next: 'quite another phrase' }, headers };
    for (let n = 0; n < 5; n += 1) expect((await scene.refused(path, guess)).code).toBe('sign-in-wrong');
    const right = { body: { current: PASSWORD, next: 'quite another phrase' }, headers };
    expect((await scene.refused(path, right)).code).toBe('sign-in-locked');
  });
});

describe('the upgrade of a console socket', () => {
  it('is let in by the session cookie from our own page', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'helpdesk', PASSWORD);
    const { cookie, csrf } = await scene.signIn('ann', PASSWORD);
    const host = `127.0.0.1:${scene.port}`;
    const viewer = await authenticateUpgrade(scene, { headers: { cookie, origin: scene.url, host } });
    expect(viewer).toMatchObject({ user: 'ann', name: 'Name of ann', role: 'helpdesk', csrf });
    if (isProblem(viewer)) throw viewer;
    expect(await stillSignedIn(scene, viewer.idHash)).toBe(true);
    await scene.store.changePerson('ann', { disabled: true });
    expect(await stillSignedIn(scene, viewer.idHash)).toBe(false);
  });

  it.each([
    ['another origin', { origin: 'https://evil.example' }, 'origin-refused'],
    // A hostile page whose name was made to point here sends its own name as Host and Origin.
    ['a rebound name', { origin: 'http://evil.example:8620', host: 'evil.example:8620' }, 'origin-refused'],
    ['no cookie', { cookie: '' }, 'signed-out'],
    ['another cookie', { cookie: 'trayline=AAAA' }, 'signed-out'],
  ])('is refused with %s', async (_what, change, code) => {
    const scene = await startScene();
    await scene.addPerson('ann', 'helpdesk', PASSWORD);
    const { cookie } = await scene.signIn('ann', PASSWORD);
    const host = `127.0.0.1:${scene.port}`;
    const refused = await authenticateUpgrade(scene, {
      headers: { cookie, origin: scene.url, host, ...change },
    });
    expect(refused).toMatchObject({ code });
  });
});
