import { describe, expect, it, test } from 'vitest';
import { type Answer, FakeVendor } from '../../../build/demo/vendors/fake-vendor.ts';
import { basicAuthorization, Http, type HttpOptions } from '../../../collector/connect/http.ts';
import { Secrets } from '../../../collector/connect/scrub.ts';
import type { Problem } from '../../../shared/problem/problem.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

const SECRET = 'very secret/value+1';

async function scene(answer: Answer = { json: { ok: true } }, options: Partial<HttpOptions> = {}) {
  const vendor = await FakeVendor.start(() => answer);
  const time = new SwiftTime();
  const secrets = new Secrets();
  secrets.add(SECRET);
  const over = new AbortController();
  const http = new Http(
    {
      origins: [vendor.url],
      rate: { concurrent: 10 },
      words: body => (body as { error?: { message?: string } } | null)?.error,
      ...options,
    },
    { ...time.surroundings, secrets, signal: over.signal },
  );
  return { vendor, time, http, over, secrets };
}

/** The Problem it ends with; fails when it does not. */
async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  return promise.then(
    () => {
      throw new Error('it went well');
    },
    (error: Problem) => error,
  );
}

describe('an answer', () => {
  it('comes with its JSON', async () => {
    const { http, vendor } = await scene();
    const answer = await http.send({ url: `${vendor.url}/x` });
    expect({ status: answer.status, json: answer.json }).toEqual({ status: 200, json: { ok: true } });
  });

  it('without a body is null, with 204 and with 200', async () => {
    const { http, vendor } = await scene({ status: 204 });
    vendor.fault({ does: { status: 200, text: '' } });
    expect((await http.send({ url: vendor.url })).json).toBeNull();
    expect((await http.send({ url: vendor.url })).json).toBeNull();
  });

  it('that is a web page with 200 is refused and named by its title', async () => {
    const { http, vendor } = await scene({
      headers: { 'Content-Type': 'text/html' },
      text: '<!DOCTYPE html><html><title>Corporate sign-in</title>',
    });
    const problem = await problemOf(http.send({ url: vendor.url }));
    expect(problem.code).toBe('vendor-answer');
    expect(problem.detail).toContain('Corporate sign-in');
  });

  it('that is a web page but says it is JSON is refused too', async () => {
    const { http, vendor } = await scene({
      headers: { 'Content-Type': 'application/json' },
      text: '\n <html><body>oops</body></html>',
    });
    expect((await problemOf(http.send({ url: vendor.url }))).code).toBe('vendor-answer');
  });

  it('that is JSON but says it is a web page is read', async () => {
    const { http, vendor } = await scene({ headers: { 'Content-Type': 'text/html' }, text: '{"ok":true}' });
    expect((await http.send({ url: vendor.url })).json).toEqual({ ok: true });
  });

  it('that is half JSON is refused', async () => {
    const { http, vendor } = await scene({ text: '{"value": [' });
    expect((await problemOf(http.send({ url: vendor.url }))).code).toBe('vendor-answer');
  });

  it('larger than allowed is not read to its end', async () => {
    const { http, vendor } = await scene({ text: JSON.stringify('x'.repeat(100_000)) });
    const problem = await problemOf(http.send({ url: vendor.url, maxBytes: 10_000 }));
    expect(problem.code).toBe('vendor-answer');
  });

  it.each([
    [400, 'vendor-refused'],
    [401, 'vendor-credentials'],
    [403, 'vendor-permission'],
    [404, 'vendor-not-found'],
    [410, 'vendor-not-found'],
    [422, 'vendor-refused'],
    [500, 'vendor-failed'],
  ])('of %i is the problem %s with the vendor’s words', async (status, code) => {
    const { http, vendor } = await scene({ status, json: { error: { message: 'Because of reasons' } } });
    const problem = await problemOf(http.send({ url: vendor.url }));
    expect(problem.code).toBe(code);
    expect(problem.detail).toContain('Because of reasons');
  });

  it('that repeats a secret loses it, in each form it can be written', async () => {
    const forms = [
      SECRET,
      encodeURIComponent(SECRET),
      Buffer.from(SECRET).toString('base64'),
      'very+secret%2Fvalue%2B1',
    ];
    const { http, vendor } = await scene({ status: 400, json: { error: { message: forms.join(' | ') } } });
    const { detail } = await problemOf(http.send({ url: vendor.url }));
    expect(forms.filter(form => detail.includes(form))).toEqual([]);
    expect(detail).toContain('[redacted]');
  });
});

test('basic credentials are a secret in the form they travel in', () => {
  const secrets = new Secrets();
  const { Authorization } = basicAuthorization('sam', 'pässwort', secrets);
  expect(Authorization).toBe(`Basic ${Buffer.from('sam:pässwort').toString('base64')}`);
  expect(secrets.without(`sent ${Authorization}`)).toBe('sent Basic [redacted]');
});

describe('a redirect', () => {
  it('to another host is not followed, and nothing is sent there', async () => {
    const elsewhere = await FakeVendor.start(() => ({ json: {} }));
    const { http, vendor } = await scene({ status: 308, headers: { Location: `${elsewhere.url}/token` } });
    const problem = await problemOf(
      http.send({
        method: 'POST',
        url: `${vendor.url}/token`,
        form: { client_secret: SECRET },
        repeatable: true,
      }),
    );
    expect(problem.code).toBe('vendor-redirect');
    expect(elsewhere.asked).toEqual([]);
  });

  it('is handed to whoever asked for it', async () => {
    const { http, vendor } = await scene({ status: 302, headers: { Location: 'https://files.example/x' } });
    const answer = await http.send({ url: vendor.url, accept: [302] });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'https://files.example/x']);
  });
});

describe('an address', () => {
  it('that is not the account’s is refused before anything is sent', async () => {
    const elsewhere = await FakeVendor.start(() => ({ json: {} }));
    const { http } = await scene();
    const problem = await problemOf(
      http.send({ url: `${elsewhere.url}/x`, headers: { 'aw-tenant-code': SECRET } }),
    );
    expect(problem.code).toBe('vendor-redirect');
    expect(elsewhere.asked).toEqual([]);
  });

  it('with credentials in it is refused', async () => {
    const { http, vendor } = await scene();
    const url = vendor.url.replace('http://', 'http://user:password@');
    expect((await problemOf(http.send({ url }))).code).toBe('vendor-redirect');
    expect(vendor.asked).toEqual([]);
  });

  it('of a download gets no header of ours, and only on hosts that were named', async () => {
    const files = await FakeVendor.start(() => ({ text: 'a,b' }));
    const { http } = await scene();
    const answer = await http.fetchBare(`${files.url}/report?sig=1`, { hosts: ['127.0.0.1'] });
    expect(answer.text).toBe('a,b');
    expect(files.asked[0]?.headers.authorization).toBeUndefined();
    const problem = await problemOf(http.fetchBare(`${files.url}/report`, { hosts: ['amazonaws.com'] }));
    expect(problem.code).toBe('vendor-redirect');
    const suffix = await problemOf(
      http.fetchBare('https://evilamazonaws.com/', { hosts: ['amazonaws.com'] }),
    );
    expect(suffix.code).toBe('vendor-redirect');
  });
});

describe('trying again', () => {
  it('waits as long as the vendor says', async () => {
    const { http, vendor, time } = await scene();
    vendor.fault({ does: { status: 429, headers: { 'Retry-After': '7' } } });
    expect((await http.send({ url: vendor.url })).status).toBe(200);
    expect(time.pauses.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(7000);
  });

  it('waits by itself when 429 comes without a word', async () => {
    const { http, vendor, time } = await scene();
    vendor.fault({ times: 2, does: { status: 429 } });
    expect((await http.send({ url: vendor.url })).status).toBe(200);
    expect(time.pauses.length).toBeGreaterThanOrEqual(2);
    expect(vendor.asked.length).toBe(3);
  });

  it('holds all requests back while the vendor wants to be left alone', async () => {
    const { http, vendor, time } = await scene({ json: {} }, { rate: { concurrent: 1 } });
    vendor.fault({ does: { status: 429, headers: { 'Retry-After': '60' } } });
    const startedAt = time.monotonic();
    await Promise.all([http.send({ url: vendor.url }), http.send({ url: vendor.url })]);
    // Whichever came first was refused; both are through only after the wait.
    expect(vendor.asked.length).toBe(3);
    expect(time.monotonic() - startedAt).toBeGreaterThanOrEqual(60_000);
  });

  it('is left to the next run when the wait is long, which is then told', async () => {
    const { http, vendor } = await scene();
    vendor.fault({ times: 9, does: { status: 429, headers: { 'Retry-After': '7200' } } });
    const problem = await problemOf(http.send({ url: vendor.url }));
    expect([problem.code, problem.retryAfterMs, vendor.asked.length]).toEqual([
      'vendor-throttled',
      7_200_000,
      1,
    ]);
  });

  it('ends after a few times', async () => {
    const { http, vendor } = await scene({ status: 503 });
    expect((await problemOf(http.send({ url: vendor.url }))).code).toBe('vendor-failed');
    expect(vendor.asked.length).toBe(5);
  });

  it('helps when the connection breaks, before and within an answer', async () => {
    const { http, vendor } = await scene();
    vendor.fault({ does: 'hang-up' });
    vendor.fault({ does: 'half-an-answer' });
    expect((await http.send({ url: vendor.url })).status).toBe(200);
    expect(vendor.asked.length).toBe(3);
  });

  it('is not for a request that changes something, unless it was not looked at', async () => {
    const { http, vendor } = await scene();
    vendor.fault({ does: { status: 503 } });
    vendor.fault({ does: 'hang-up' });
    vendor.fault({ does: { status: 429 } });
    const post = () => http.send({ method: 'POST', url: vendor.url, json: {} });
    expect((await problemOf(post())).code).toBe('vendor-failed');
    expect((await problemOf(post())).code).toBe('vendor-unreachable');
    expect((await post()).status).toBe(200);
    expect(vendor.asked.length).toBe(4);
  });
});

describe('a vendor that does not answer', () => {
  it('is unreachable after the deadline', async () => {
    const { http, vendor } = await scene();
    vendor.fault({ times: 9, does: 'silence' });
    const problem = await problemOf(http.send({ method: 'POST', url: vendor.url, json: {}, deadlineMs: 50 }));
    expect([problem.code, problem.detail.includes('in time')]).toEqual(['vendor-unreachable', true]);
  });

  it('is let go at once when the account is closed', async () => {
    const { http, vendor, over } = await scene();
    vendor.fault({ times: 9, does: 'silence' });
    const sent = problemOf(http.send({ url: vendor.url }));
    over.abort(new Error('closed'));
    expect((await sent).message).toBe('closed');
  });

  it('because nobody listens is unreachable with the system’s reason', async () => {
    const { vendor } = await scene();
    const time = new SwiftTime();
    const http = new Http(
      { origins: ['http://127.0.0.1:1'], rate: { concurrent: 1 } },
      { ...time.surroundings, secrets: new Secrets(), signal: new AbortController().signal },
    );
    const problem = await problemOf(http.send({ url: 'http://127.0.0.1:1/' }));
    expect(problem.code).toBe('vendor-unreachable');
    expect(vendor.asked).toEqual([]);
  });
});

describe('cookies', () => {
  it('are kept and sent back when they are named, others are not', async () => {
    const { http, vendor } = await scene(
      { json: {}, headers: { 'Set-Cookie': 'APBALANCEID=node-2; Path=/; Secure' } },
      { cookies: ['APBALANCEID'] },
    );
    vendor.fault({ does: { json: {}, headers: { 'Set-Cookie': 'track=me' } } });
    for (let i = 0; i < 3; i += 1) await http.send({ url: vendor.url });
    expect(vendor.asked.map(({ headers }) => headers.cookie)).toEqual([
      undefined,
      undefined,
      'APBALANCEID=node-2',
    ]);
  });
});

describe('the pace', () => {
  it('keeps to so many at once', async () => {
    const { http, vendor } = await scene({ json: {} }, { rate: { concurrent: 3 } });
    await Promise.all(Array.from({ length: 20 }, () => http.send({ url: vendor.url })));
    expect(vendor.asked.length).toBe(20);
    expect(vendor.mostAtOnce).toBeLessThanOrEqual(3);
  });

  it('keeps to so many in a span', async () => {
    const { http, vendor, time } = await scene(
      { json: {} },
      { rate: { concurrent: 10, windows: [{ requests: 4, withinMs: 100_000 }] } },
    );
    const startedAt = time.monotonic();
    for (let i = 0; i < 9; i += 1) await http.send({ url: vendor.url });
    expect(vendor.asked.length).toBe(9);
    expect(time.monotonic() - startedAt).toBeGreaterThanOrEqual(200_000 - 1);
  });
});
