import { describe, expect, it } from 'vitest';
import { collectorGaps } from '../../../collector/audit/audit.ts';
import { addressReader } from '../../../collector/http/client-address.ts';
import { addressKey, createLockout, waitAfter } from '../../../collector/http/lockout.ts';
import { checkNewPassword, createPasswords, oneTimePassword } from '../../../collector/http/password.ts';
import { createLog } from '../../../collector/log.ts';
import { createMetrics } from '../../../collector/metrics.ts';
import { HOUR, MINUTE, SECOND } from '../../../shared/base/durations.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { movableClock, quickPasswords } from './scene.ts';

describe('a stored password', () => {
  it('is salted text that names its cost, and matches only its own', async () => {
    const stored = await quickPasswords.hash('correct horse');
    expect(stored).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await quickPasswords.hash('correct horse')).not.toBe(stored);
    expect(await quickPasswords.matches('correct horse', stored)).toBe(true);
    expect(await quickPasswords.matches('correct horsf', stored)).toBe(false);
    // Made at one cost, checked by a server that hashes new ones at another.
    expect(await createPasswords({ logN: 5, r: 8, p: 1 }).matches('correct horse', stored)).toBe(true);
  });

  it('is the scrypt of RFC 7914', async () => {
    // Section 12, second vector: scrypt("password", "NaCl", N=1024, r=8, p=16), first 32 of its 64 bytes.
    const key = Buffer.from('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162', 'hex');
    const stored = `$scrypt$ln=10,r=8,p=16$${Buffer.from('NaCl').toString('base64').replace(/=+$/, '')}$${key
      .toString('base64')
      .replace(/=+$/, '')}`;
    expect(await quickPasswords.matches('password', stored)).toBe(true);
  });

  it('typed with composed or decomposed letters is the same', async () => {
    const stored = await quickPasswords.hash('pa\u0308sswort lang');
    expect(await quickPasswords.matches('p\u00e4sswort lang', stored)).toBe(true);
  });

  it.each(['', 'plain', '$scrypt$ln=4,r=8,p=1$AAAA$AAAA', '$argon2id$v=19$m=1$AAAA$AAAA'])(
    'that cannot be read (%j) matches nothing',
    async stored => {
      expect(await quickPasswords.matches('', stored)).toBe(false);
      expect(await quickPasswords.matches('plain', stored)).toBe(false);
    },
  );

  it('is checked a bounded number at a time, the rest told to come back', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, () => quickPasswords.matches('x', null)),
    );
    const refused = results.filter(result => result.status === 'rejected');
    expect(refused.length).toBe(100 - 64 - 2);
    expect(refused[0]?.reason).toMatchObject({ code: 'too-fast' });
    expect(await quickPasswords.matches('x', null)).toBe(false);
  });
});

describe('a one-time password', () => {
  it('is long, readable, never the same, and good enough by our own rules', () => {
    const made = Array.from({ length: 200 }, oneTimePassword);
    expect(new Set(made).size).toBe(200);
    for (const password of made) {
      expect(password).toMatch(/^([abcdefghjkmnpqrstuvwxyz2-9]{5}-){3}[abcdefghjkmnpqrstuvwxyz2-9]{5}$/);
      checkNewPassword(password, 'admin');
    }
  });
});

describe('a new password', () => {
  it.each([
    'sechs mal sieben',
    'пароль-длинный-и-свой',
    '🐴🔋📎🐴🔋📎🧵🎈🪴🧭🧊🪁',
    'Trayline watches 400 laptops',
  ])('may be %s', password => {
    checkNewPassword(password, 'ann');
  });
});

describe('waiting after failures', () => {
  it('grows from nothing to a quarter of an hour and stays there', () => {
    expect([1, 4, 5, 6, 7, 12, 13, 1000].map(waitAfter)).toEqual([
      0,
      0,
      5 * SECOND,
      10 * SECOND,
      20 * SECOND,
      640 * SECOND,
      15 * MINUTE,
      15 * MINUTE,
    ]);
  });

  it('is forgotten after half an hour without another', () => {
    const clock = movableClock();
    const lockout = createLockout(clock);
    for (let n = 0; n < 5; n += 1) lockout.begin('a');
    expect(lockout.begin('a').wait).toBeGreaterThan(0);
    expect(lockout.begin('b').wait).toBe(0);
    clock.move(31 * MINUTE);
    expect(lockout.begin('a')).toEqual({ wait: 0, failures: 1 });
  });

  it('does not remember without end', () => {
    const lockout = createLockout(movableClock());
    for (let n = 0; n < 5; n += 1) lockout.begin('first');
    expect(lockout.begin('first').wait).toBeGreaterThan(0);
    for (let n = 0; n < 20_000; n += 1) lockout.begin(`other ${n}`);
    expect(lockout.begin('first')).toEqual({ wait: 0, failures: 1 });
  });
});

describe('the key of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::1', '0:0:0:0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0DB8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('of %s is %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe('the address of a client', () => {
  it.each([
    ['nobody is declared', [], '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['the asker is no proxy', ['10.0.0.0/8'], '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['one proxy says so', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['the client made up the first', ['10.0.0.0/8'], '10.1.2.3', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    [
      'two proxies stand in a row',
      ['10.0.0.0/8', 'loopback'],
      '::ffff:127.0.0.1',
      '203.0.113.9, 10.9.9.9',
      '203.0.113.9',
    ],
    ['the proxy speaks IPv6', ['fd00::/8'], 'fd12::1', '2001:db8::9', '2001:db8::9'],
    ['the proxy says nothing', ['loopback'], '::1', undefined, '::1'],
    ['the header is no address', ['loopback'], '127.0.0.1', 'unknown', '127.0.0.1'],
  ])('when %s', (_what, behindProxy, remoteAddress, forwarded, expected) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    expect(addressReader(behindProxy)({ socket: { remoteAddress }, headers })).toBe(expected);
  });
});

describe('a log line', () => {
  function written(write: (log: ReturnType<typeof createLog>) => void): string {
    const lines: string[] = [];
    write(createLog({ level: 'info', destination: { write: line => lines.push(line) } }));
    return lines.join('');
  }

  it('is JSON with a level in words and a time, and blanks what is secret wherever it stands', () => {
    const line = written(log =>
      log.warn(
        { device: 'd1', deep: { token: 'abc', list: [{ Password: 'abc' }] }, note: 'Bearer abcdefghijk' },
        'a message',
      ),
    );
    expect(JSON.parse(line)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      device: 'd1',
      deep: { token: '[redacted]', list: [{ Password: '[redacted]' }] },
      note: 'Bearer [redacted]',
      msg: 'a message',
    });
  });

  it('tells an error with its code and its cause, redacted', () => {
    const cause = new Error('connect mongodb://user:hunter22@db/ failed');
    const line = written(log =>
      log.error({ err: new Problem('store-unavailable', 'write failed', { cause }) }, 'x'),
    );
    const { err } = JSON.parse(line);
    expect(err).toMatchObject({ type: 'Problem', code: 'store-unavailable', cause: { type: 'Error' } });
    expect(line).not.toContain('hunter22');
  });

  it('survives what cannot be written', () => {
    const loop: Record<string, unknown> = { big: 10n };
    loop.self = loop;
    expect(JSON.parse(written(log => log.info({ loop }, 'x')))).toMatchObject({
      msg: 'x',
      loop: { big: '10' },
    });
  });
});

describe('metrics', () => {
  it('count frames, commits, acknowledgements and connections under our prefix', async () => {
    const metrics = createMetrics({ version: '1.2.3', process: false });
    metrics.frameReceived('delta');
    metrics.committed(0.002, 7);
    metrics.commitFailed();
    metrics.acknowledged(0.01);
    metrics.devicesConnected(3);
    metrics.consolesConnected(2);
    metrics.problem('too-fast', 'device');
    const text = await metrics.text();
    for (const line of [
      'trayline_frames_received_total{type="delta"} 1',
      'trayline_commits_total{result="stored"} 1',
      'trayline_commits_total{result="failed"} 1',
      'trayline_commit_seconds_bucket{le="0.0025"} 1',
      'trayline_commit_frames_sum 7',
      'trayline_ack_seconds_count 1',
      'trayline_devices_connected 3',
      'trayline_consoles_connected 2',
      'trayline_problems_total{code="too-fast",where="device"} 1',
      'trayline_build_info{version="1.2.3"} 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });
});

describe('times without a collector', () => {
  const started = (at: number, data = {}) => ({ at, action: 'collector.started' as const, data });
  const stopped = (at: number, data = {}) => ({ at, action: 'collector.stopped' as const, data });

  it('lie between a stop and the next start, in whatever order the entries come', () => {
    expect(collectorGaps([started(5 * HOUR), stopped(3 * HOUR), started(1 * HOUR)])).toEqual([
      { from: 3 * HOUR, to: 5 * HOUR },
    ]);
  });

  it('begin with the last sign of life after a crash, and are not made up without one', () => {
    expect(collectorGaps([started(1), started(100, { aliveUntil: 60 })])).toEqual([{ from: 60, to: 100 }]);
    expect(collectorGaps([started(1), started(100)])).toEqual([]);
  });

  it('are none while another collector runs', () => {
    const comesAndGoes = [started(1), started(10, { others: 1, aliveUntil: 9 }), stopped(20, { others: 1 })];
    expect(collectorGaps([...comesAndGoes, started(40, { others: 1, aliveUntil: 35 })])).toEqual([]);
    expect(collectorGaps([...comesAndGoes, stopped(30, { others: 0 }), started(50, { others: 0 })])).toEqual([
      { from: 30, to: 50 },
    ]);
    // The last one crashed: the stop of the other says nothing of it.
    expect(collectorGaps([...comesAndGoes, started(50, { others: 0, aliveUntil: 44 })])).toEqual([
      { from: 44, to: 50 },
    ]);
  });

  it('are not there while it runs or before it was installed', () => {
    expect(collectorGaps([started(1), stopped(50)])).toEqual([]);
  });
});
