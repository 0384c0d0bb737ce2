import { describe, expect, it } from 'vitest';
import { FakeVendor } from '../../../build/demo/vendors/fake-vendor.ts';
import { Http } from '../../../collector/connect/http.ts';
import { Secrets } from '../../../collector/connect/scrub.ts';
import { type Grant, sendWithToken, TokenCache } from '../../../collector/connect/token.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

function scene(livesSeconds: number | undefined) {
  const time = new SwiftTime();
  const secrets = new Secrets();
  let granted = 0;
  const grant = async (): Promise<Grant> => {
    granted += 1;
    await new Promise(resolve => setImmediate(resolve));
    return { token: `token-number-${granted}`, livesSeconds };
  };
  const tokens = new TokenCache(grant, { clock: time, secrets });
  return { time, secrets, tokens, granted: () => granted };
}

describe('a token', () => {
  it('is asked for once, however many wait for it', async () => {
    const { tokens, granted } = scene(3600);
    const got = await Promise.all(Array.from({ length: 10 }, () => tokens.get()));
    expect([new Set(got).size, granted()]).toEqual([1, 1]);
  });

  it('that lives a minute is used for a while and renewed before it ends', async () => {
    const { tokens, granted, time } = scene(60);
    await tokens.get();
    time.skip(40_000);
    await tokens.get();
    expect(granted()).toBe(1);
    time.skip(10_000);
    await tokens.get();
    expect(granted()).toBe(2);
  });

  it.each([undefined, 0, -9_007_199_254_740_991, Number.NaN])(
    'with a lifetime of %s is trusted for a minute at most',
    async lives => {
      const { tokens, granted, time } = scene(lives);
      await tokens.get();
      time.skip(61_000);
      await tokens.get();
      expect(granted()).toBe(2);
    },
  );

  it('that could not be had is asked for again', async () => {
    let tries = 0;
    const tokens = new TokenCache(
      async () => {
        tries += 1;
        if (tries === 1) throw new Error('no');
        return { token: 'second-token', livesSeconds: 60 };
      },
      { clock: new SwiftTime(), secrets: new Secrets() },
    );
    await expect(tokens.get()).rejects.toThrow('no');
    expect(await tokens.get()).toBe('second-token');
  });

  it('is a secret from the moment it is there', async () => {
    const { tokens, secrets } = scene(60);
    const token = await tokens.get();
    expect(secrets.clean(`failed with ${token}`)).toBe('failed with [redacted]');
  });
});

describe('a request with a token', () => {
  async function api(accepts: (token: string) => boolean) {
    const vendor = await FakeVendor.start(({ headers }) =>
      accepts(String(headers.authorization).slice('Bearer '.length)) ? { json: {} } : { status: 401 },
    );
    const base = scene(3600);
    const http = new Http(
      { origins: [vendor.url], rate: { concurrent: 4 } },
      { ...base.time.surroundings, secrets: base.secrets, signal: new AbortController().signal },
    );
    return { ...base, vendor, send: sendWithToken(http, base.tokens) };
  }

  it('gets one new token when the old one is refused', async () => {
    const { send, vendor, granted } = await api(token => token !== 'token-number-1');
    expect((await send({ url: vendor.url })).status).toBe(200);
    expect([granted(), vendor.asked.length]).toEqual([2, 2]);
  });

  it('is refused when the new one is refused too', async () => {
    const { send, vendor, granted } = await api(() => false);
    await expect(send({ url: vendor.url })).rejects.toMatchObject({ code: 'vendor-credentials' });
    expect([granted(), vendor.asked.length]).toEqual([2, 2]);
  });
});
