import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { compareIdentity } from '../../shared/device/identity.ts';
import type { Hello } from '../../shared/protocol/from-device.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { eventually, sleepFor } from '../support/eventually.ts';
import { healthyFindings, okFinding } from '../support/records.ts';
import {
  DeviceSocket,
  Neighbour,
  newIdentity,
  newKey,
  Refused,
  TestDevice,
  type TestDeviceOptions,
  UpgradeRefused,
} from '../support/test-device.ts';

/*
 * Devices that break the protocol, against a real collector. Every scene ends with its code, counted and logged once, while
 * a neighbour streams on undisturbed over one and the same connection.
 */

let collector: CollectorProcess;
let neighbour: Neighbour;
let token: string;
/** What must never stand in the log. */
const secrets = new Set<string>();

beforeAll(async () => {
  collector = await startCollector();
  token = (await collector.admin.enrolmentToken()).secret;
  secrets.add(token);
  neighbour = await Neighbour.start({ url: collector.url, token });
});

let countedBefore = new Map<string, number>();
const counted = async (): Promise<Map<string, number>> => {
  const found = (await collector.metrics()).matchAll(
    /^trayline_problems_total\{code="([^"]+)",where="device"\} (\S+)$/gm,
  );
  return new Map([...found].map(([, code = '', count]) => [code, Number(count)]));
};
beforeEach(async () => {
  countedBefore = await counted();
});

/** The problem was counted, it is logged once for this device, the log holds nothing personal, the neighbour is fine. */
async function told(code: string, device: TestDevice | null, times?: number): Promise<void> {
  const more = await eventually(
    async () => {
      const now = ((await counted()).get(code) ?? 0) - (countedBefore.get(code) ?? 0);
      return now >= (times ?? 1) && now;
    },
    { what: `${code} counted`, state: async () => [...(await counted())] },
  );
  if (times !== undefined) expect(more).toBe(times);
  const lines = () => collector.linesOf(code).filter(line => line.device === (device?.deviceId ?? null));
  // The log is written behind.
  await eventually(() => lines().length > 0, {
    what: `log line of ${code}`,
    state: () => collector.log().slice(-2000),
  });
  expect(lines(), `log lines of ${code}`).toHaveLength(1);
  nothingPersonal();
  await neighbour.undisturbed();
}

function nothingPersonal(): void {
  const lines = collector
    .log()
    .split('\n')
    .filter(line => !line.includes('collector listens'));
  const log = lines.join('\n');
  for (const secret of secrets) expect(log.includes(secret), `${secret} in the log`).toBe(false);
  expect(log).not.toContain('127.0.0.1');
  expect(log).not.toContain('PRIVATE-LT');
}

function device(options: Partial<TestDeviceOptions> = {}): TestDevice {
  const made = new TestDevice({ url: collector.url, token, ...options });
  const { hostname, serial, person, macs, hardwareUuid } = made.identity;
  for (const secret of [hostname, serial, person, hardwareUuid, ...macs, made.key.publicKey]) {
    if (secret !== null) secrets.add(secret);
  }
  return made;
}

async function connected(
  options: Partial<TestDeviceOptions> = {},
): Promise<{ device: TestDevice; socket: DeviceSocket }> {
  const made = device(options);
  await made.connect();
  const { socket } = made;
  if (socket === null) throw new Error('no socket');
  return { device: made, socket };
}

/** The same, and from now on every frame is written by the test itself. */
async function byHand(): Promise<{ device: TestDevice; socket: DeviceSocket }> {
  const made = await connected();
  made.socket.onFrame = () => undefined;
  return made;
}

/** A socket whose hello has been answered with a challenge. */
async function proving(made: TestDevice, hello: Partial<Hello> = {}) {
  const socket = await DeviceSocket.open(collector.url);
  socket.send(made.hello(hello));
  return { socket, challenge: await socket.frame('challenge') };
}

const samplesFrame = (seq: number, n = seq) => ({
  type: 'samples',
  seq,
  at: Date.now(),
  rows: [[Date.now(), 1, 2, 3, n, 5, 6, 7, 8]],
});

describe('frames that cannot be taken', () => {
  test('text that is not JSON is told, and the stream goes on', async () => {
    const { device: odd, socket } = await connected();
    socket.sendText('{"type":"samples", oh no');
    expect((await socket.frame('problem')).code).toBe('frame-malformed');
    odd.sample();
    await odd.delivered();
    await told('frame-malformed', odd, 1);
  });

  test('a binary frame is told, and the stream goes on', async () => {
    const { device: odd, socket } = await connected();
    socket.sendBinary(Buffer.from(JSON.stringify(samplesFrame(1))));
    expect((await socket.frame('problem')).code).toBe('frame-binary');
    odd.sample();
    await odd.delivered();
    await told('frame-binary', odd, 1);
  });

  test('a frame of an unknown type is told as unsupported, and the stream goes on', async () => {
    const { device: odd, socket } = await connected();
    socket.send({ type: 'teleport', to: 'mars' });
    expect((await socket.frame('problem')).code).toBe('frame-unsupported');
    odd.sample();
    await odd.delivered();
    await told('frame-unsupported', odd, 1);
  });

  test('a numbered frame that cannot be read uses up its number, so that it is not sent for ever', async () => {
    const { device: odd, socket } = await byHand();
    socket.send({ ...samplesFrame(1), rows: [['not', 'a', 'row']] });
    expect(await socket.frame('problem')).toMatchObject({ code: 'frame-malformed', seq: 1 });
    expect((await socket.frame('ack')).seq).toBe(1);
    socket.send(samplesFrame(2));
    expect((await socket.frame('ack', ({ seq }) => seq === 2)).seq).toBe(2);
    await told('frame-malformed', odd, 1);
  });

  test('a frame above the size limit ends the connection, and its content is not stored', async () => {
    const { device: odd, socket } = await connected();
    socket.sendText(`{"type":"samples","padding":"${'x'.repeat(LIMITS.frameBytes)}"}`);
    expect((await socket.end()).code).toBe(1009);
    await told('frame-too-large', odd, 1);
  });

  test('a large frame before the proof ends the connection', async () => {
    const socket = await DeviceSocket.open(collector.url);
    socket.sendText(JSON.stringify({ ...device().hello(), padding: 'x'.repeat(LIMITS.greetingFrameBytes) }));
    expect((await socket.end()).code).toBe(4413);
    await told('frame-too-large', null, 1);
  });

  test('more bad frames than a mistake explains end the connection', async () => {
    const { device: odd, socket } = await connected();
    for (let i = 0; i <= LIMITS.badFrames; i += 1) socket.sendText('no');
    expect((await socket.end()).code).toBe(4400);
    await told('frame-malformed', odd, LIMITS.badFrames + 1);
    await told('frame-too-many-bad', odd, 1);
  });

  test('a value that does not fit its check becomes failed with the reason; the others are stored', async () => {
    const { device: odd, socket } = await connected();
    const findings = healthyFindings(Date.now());
    findings.battery = okFinding({ onAc: 'maybe', percent: 900 }, { hash: '00000000000000bb' });
    odd.snapshot(findings);
    expect(await socket.frame('problem')).toMatchObject({ code: 'finding-invalid', seq: 1 });
    await odd.delivered();
    const detail = await collector.admin.device(odd.id);
    expect(detail.findings.battery).toMatchObject({ status: 'failed', reason: 'invalid-value' });
    const others = Object.entries(detail.findings).filter(([id]) => id !== 'battery');
    expect(others).toHaveLength(Object.keys(findings).length - 1);
    expect(others.every(([, finding]) => finding.status === 'ok')).toBe(true);
    expect(detail.row.batteryPercent).toBeNull();
    await told('finding-invalid', odd, 1);
  });
});

describe('frames in the wrong order', () => {
  test('data before the greeting ends the connection', async () => {
    const socket = await DeviceSocket.open(collector.url);
    socket.send(samplesFrame(1));
    expect((await socket.end()).code).toBe(4409);
    await told('frame-out-of-turn', null, 1);
  });

  test('a second hello in the greeting ends the connection', async () => {
    const odd = device();
    const { socket } = await proving(odd);
    socket.send(odd.hello());
    expect((await socket.end()).code).toBe(4409);
    await told('frame-out-of-turn', null, 1);
  });

  test('a hello on a live connection ends it with a goodbye', async () => {
    const { device: odd, socket } = await connected();
    socket.send(odd.hello());
    expect((await socket.frame('goodbye')).code).toBe('frame-out-of-turn');
    expect((await socket.end()).code).toBe(4409);
    await told('frame-out-of-turn', odd, 1);
  });

  test('a number that was stored is acknowledged again and not stored again', async () => {
    const { device: odd, socket } = await connected();
    odd.sample(101);
    await odd.delivered();
    const { acks } = odd;
    socket.send(samplesFrame(1, 666));
    await eventually(() => odd.acks > acks, { what: 'the repeated acknowledgement' });
    odd.sample(102);
    await odd.delivered();
    const rows = await readingsOf(odd);
    expect(rows).toEqual([101, 102]);
    await neighbour.undisturbed();
  });

  test('a gap is answered with where to go on, and nothing after it is taken before that', async () => {
    const { device: odd, socket } = await connected();
    odd.sample(1);
    await odd.delivered();
    socket.onFrame = () => undefined;
    for (const seq of [3, 4, 5]) socket.send(samplesFrame(seq));
    expect(await socket.frame('resync')).toMatchObject({ from: 2, snapshot: false });
    for (const seq of [2, 3, 4, 5]) socket.send(samplesFrame(seq));
    await socket.frame('ack', ({ seq }) => seq === 5);
    expect(socket.received.filter(({ type }) => type === 'resync')).toHaveLength(1);
    expect(await readingsOf(odd)).toEqual([1, 2, 3, 4, 5]);
    await told('sequence-gap', odd, 1);
  });

  test('a leap in the numbers that is told as skipped is no gap and fills no window', async () => {
    const { device: odd, socket } = await byHand();
    socket.send({ ...samplesFrame(300), skipped: 299 });
    // More than the window in numbers, one frame in flight: not too many.
    for (let seq = 301; seq < 320; seq += 1) socket.send(samplesFrame(seq));
    await socket.frame('ack', ({ seq }) => seq === 319);
    expect(await readingsOf(odd)).toEqual(Array.from({ length: 20 }, (_, i) => 300 + i));
    expect(socket.isClosed).toBeNull();
    await neighbour.undisturbed();
  });
});

/** The running numbers of a device's stored readings. */
async function readingsOf(odd: TestDevice): Promise<number[]> {
  const now = Date.now();
  const answer = (await collector.admin.get(
    `/api/v1/devices/${odd.id}/samples?from=${now - 600_000}&to=${now + 600_000}`,
  )) as { rows: number[][] };
  return answer.rows.map(row => row[4] ?? -1);
}

describe('devices in too much of a hurry', () => {
  test('more frames a second than allowed end the connection with a time to come back', async () => {
    const { device: odd, socket } = await connected();
    for (let i = 0; i < LIMITS.frameBurst + 200; i += 1)
      socket.send({ type: 'scanned', id: 'x', ran: 0, failed: 0 });
    const goodbye = await socket.frame('goodbye');
    expect(goodbye.code).toBe('too-fast');
    expect(goodbye.retryAfterMs).toBeGreaterThan(0);
    expect((await socket.end()).code).toBe(4429);
    await told('too-fast', odd, 1);
  });

  test('more unacknowledged frames than the window end the connection; what was stored stays stored', async () => {
    const { device: odd, socket } = await byHand();
    for (let seq = 1; seq <= LIMITS.inFlight + 40; seq += 1) socket.send(samplesFrame(seq));
    expect((await socket.frame('goodbye')).code).toBe('too-fast');
    expect((await socket.end()).code).toBe(4429);
    await told('too-fast', odd, 1);
    const stored = await readingsOf(odd);
    expect(stored).toEqual(stored.map((_, i) => i + 1));
    const acks = socket.received.flatMap(frame => (frame.type === 'ack' ? [frame.seq] : []));
    expect(stored.length).toBeGreaterThanOrEqual(Math.max(0, ...acks));
  });

  test('a device that comes and goes without end is sent away for a while', async () => {
    const restless = device();
    let last: unknown;
    for (let n = 0; n <= 2 * LIMITS.joinsPerMin && !(last instanceof Refused); n += 1) {
      last = await restless.connect().catch((error: unknown) => error);
      restless.drop();
    }
    expect(last).toMatchObject({ code: 'too-fast', retryAfterMs: 30_000 });
    await told('too-fast', null);
  });

  test('a slow drip of frames does not extend the time for the greeting', async () => {
    const socket = await DeviceSocket.open(collector.url);
    socket.send(device().hello());
    await socket.frame('challenge');
    const drip = setInterval(() => socket.ws.ping(), 200);
    const { code } = await socket.end({ withinMs: LIMITS.greetingMs + 10_000 });
    clearInterval(drip);
    expect(code).toBe(4408);
    await told('greeting-timeout', null, 1);
  });

  test('sockets that say nothing take all places of their address, and give way to a device behind it', async () => {
    const began = performance.now();
    const silent: DeviceSocket[] = [];
    while (silent.length < LIMITS.greetingPerAddress) {
      const socket = await DeviceSocket.open(collector.url).catch(() => null);
      if (socket === null) await sleepFor(LIMITS.greetingPressingMs);
      else silent.push(socket);
    }
    await sleepFor(LIMITS.greetingPressingMs);
    const late = device();
    await late.connect();
    const [first, ...others] = silent;
    expect((await first?.closed)?.code).toBe(4408);
    // Only one had to go, unless this machine is so slow that their own time was up.
    if (performance.now() - began < LIMITS.greetingMs) {
      expect(others.filter(({ ws }) => ws.readyState === ws.OPEN)).toHaveLength(others.length);
    }
    for (const { ws } of others) ws.terminate();
    await told('greeting-timeout', null);
  });
});

describe('who is let in', () => {
  test('a version that nobody speaks is refused', async () => {
    const socket = await DeviceSocket.open(collector.url);
    socket.send(device().hello({ versions: [99] }));
    expect(await socket.frame('refused')).toMatchObject({ code: 'version-unsupported', retryAfterMs: null });
    expect((await socket.end()).code).toBe(4426);
    await told('version-unsupported', null, 1);
  });

  test('a wrong signature is refused, and so is a proof made for another collector', async () => {
    const odd = device();
    const first = await proving(odd);
    first.socket.send(odd.proof(first.challenge, newKey()));
    expect((await first.socket.frame('refused')).code).toBe('signature-wrong');
    expect((await first.socket.end()).code).toBe(4401);

    const second = await proving(odd);
    second.socket.send(odd.proof({ ...second.challenge, collectorId: 'another' }));
    expect((await second.socket.frame('refused')).code).toBe('signature-wrong');

    const third = await proving(odd);
    // A proof that was right once: the nonce is new.
    third.socket.send(odd.proof(first.challenge));
    expect((await third.socket.frame('refused')).code).toBe('signature-wrong');
    await told('signature-wrong', null, 3);
    expect((await collector.admin.devices(odd.identity.hostname)).length).toBe(0);
  });

  test('a device of another collector is refused', async () => {
    const socket = await DeviceSocket.open(collector.url);
    socket.send(device().hello({ collectorId: 'another-collector' }));
    expect((await socket.frame('refused')).code).toBe('collector-changed');
    await told('collector-changed', null, 1);
  });

  test('an unknown device without a token is refused', async () => {
    const odd = device({ key: newKey() });
    const { socket, challenge } = await proving(odd, { enrolment: undefined } as unknown as Partial<Hello>);
    socket.send(odd.proof(challenge));
    expect((await socket.frame('refused')).code).toBe('device-unknown');
    expect((await socket.end()).code).toBe(4404);
    await told('device-unknown', null, 1);
  });

  test('a web page is refused before the upgrade', async () => {
    await expect(
      DeviceSocket.open(collector.url, { headers: { origin: 'https://evil.example' } }),
    ).rejects.toMatchObject({ status: 403, problem: 'origin-refused' });
    await told('origin-refused', null, 1);
  });

  test('a socket without our subprotocol is refused', async () => {
    const socket = await DeviceSocket.open(collector.url, { protocol: null });
    expect((await socket.frame('refused')).code).toBe('version-unsupported');
    await neighbour.undisturbed();
  });
});

describe('enrolment tokens', () => {
  const refusal = async (odd: TestDevice): Promise<string> => {
    try {
      await odd.connect();
    } catch (error) {
      if (error instanceof Refused) return error.code;
      throw error;
    }
    return 'welcome';
  };

  test('a forged token lets nobody in', async () => {
    const forged = `tle_${'f'.repeat(40)}`;
    secrets.add(forged);
    expect(await refusal(device({ token: forged }))).toBe('token-unknown');
    await told('token-unknown', null, 1);
  });

  test('a used-up token lets nobody in', async () => {
    const { secret } = await collector.admin.enrolmentToken({ maxUses: 1 });
    secrets.add(secret);
    await connected({ token: secret });
    expect(await refusal(device({ token: secret }))).toBe('token-used-up');
    await told('token-used-up', null, 1);
  });

  test('a token with one use lets one in of many that come at once', async () => {
    const { secret } = await collector.admin.enrolmentToken({ maxUses: 1 });
    secrets.add(secret);
    const answers = await Promise.all(Array.from({ length: 8 }, () => refusal(device({ token: secret }))));
    expect(answers.toSorted()).toEqual([...Array(7).fill('token-used-up'), 'welcome']);
    await neighbour.undisturbed();
  });

  test('a revoked token lets nobody new in; a device that used it stays', async () => {
    const { token: made, secret } = await collector.admin.enrolmentToken();
    secrets.add(secret);
    const { device: old } = await connected({ token: secret });
    await collector.admin.post(`/api/v1/enrolment/tokens/${made.id}/revoke`);
    expect(await refusal(device({ token: secret }))).toBe('token-revoked');
    old.sample();
    await old.delivered();
    old.drop();
    await old.connect();
    old.sample();
    await old.delivered();
    await told('token-revoked', null, 1);
  });
});

describe('a device that is locked out', () => {
  test('is told so while connected, stays out until it is restored, and disturbs nobody', async () => {
    const { device: odd, socket } = await connected();
    odd.sample(1);
    await odd.delivered();
    await collector.admin.post(`/api/v1/devices/${odd.id}/revoke`);
    expect((await socket.frame('refused')).code).toBe('device-revoked');
    expect((await socket.end()).code).toBe(4403);
    await expect(odd.connect()).rejects.toMatchObject({ code: 'device-revoked' });
    expect(await collector.admin.devices(odd.identity.hostname)).toEqual([]);
    await told('device-revoked', odd);

    await collector.admin.post(`/api/v1/devices/${odd.id}/restore`);
    await odd.connect();
    odd.sample(2);
    await odd.delivered();
    expect(await readingsOf(odd)).toEqual([1, 2]);
    await neighbour.undisturbed();
  });
});

describe('identities that are there twice', () => {
  test('the same key on other hardware is told apart, refused and audited; the first one stays', async () => {
    const { device: real, socket } = await connected();
    const clone = device({ key: real.key });
    expect(compareIdentity(real.identity, clone.identity)).toBe('different');
    await expect(clone.connect()).rejects.toMatchObject({ code: 'device-duplicated' });
    real.sample();
    await real.delivered();
    expect(socket.isClosed).toBeNull();
    await eventually(
      async () =>
        (await collector.admin.audit(real.id)).entries.some(({ action }) => action === 'device.cloned-key'),
      { what: 'the cloned key in the audit trail' },
    );
    expect((await collector.admin.audit()).verified).toBe(true);
    await told('device-duplicated', null, 1);
  });

  test('two devices with one serial number are both live and both marked', async () => {
    const serial = 'SER-TWICE-0042';
    secrets.add(serial);
    const { device: one } = await connected({
      identity: newIdentity({ serial, hardwareUuid: null, machineId: null }),
    });
    const { device: two } = await connected({
      identity: newIdentity({ serial, hardwareUuid: null, machineId: null }),
    });
    expect(one.id).not.toBe(two.id);
    for (const twin of [one, two]) {
      twin.sample();
      await twin.delivered();
      const detail = await collector.admin.device(twin.id);
      expect(detail.row).toMatchObject({ presence: 'live', duplicate: true });
      expect(detail.duplicates).toHaveLength(1);
      expect(detail.duplicates[0]?.same).toEqual(['serial']);
    }
    await eventually(
      async () =>
        (await collector.admin.audit()).entries.some(
          ({ action, subject }) => action === 'device.duplicate-identity' && subject === two.id,
        ),
      { what: 'the duplicate in the audit trail' },
    );
    await neighbour.undisturbed();
  });

  test('a second connection of the same machine takes over from the first', async () => {
    const { device: one, socket } = await connected();
    one.sample(1);
    await one.delivered();
    const again = device({ key: one.key, identity: one.identity, stream: one.stream });
    again.deviceId = one.deviceId;
    again.nextSeq = one.nextSeq;
    const welcome = await again.connect();
    expect(welcome.acked).toBe(1);
    expect((await socket.frame('goodbye')).code).toBe('device-superseded');
    expect((await socket.end()).code).toBe(4411);
    again.sample(2);
    await again.delivered();
    expect(await readingsOf(again)).toEqual([1, 2]);
    const [row] = await collector.admin.devices(one.identity.hostname);
    expect(row?.presence).toBe('live');
    await told('device-superseded', again, 1);
  });

  test('of many connections of one machine at the same moment one is left', async () => {
    const { device: one } = await connected();
    one.drop();
    const many = Array.from({ length: 6 }, (_, i) => {
      // What changed is stored before the welcome, so that they are all let in at the same time.
      const changed = { ...one.identity, person: `p.private-again${i}` };
      const same = device({ key: one.key, identity: changed, stream: one.stream });
      same.deviceId = one.deviceId;
      return same;
    });
    await Promise.allSettled(many.map(same => same.connect()));
    await eventually(() => many.filter(same => same.socket?.isClosed === null).length === 1, {
      what: 'one connection left',
      state: () => many.map(same => same.socket?.isClosed ?? 'open'),
    });
    const left = many.find(same => same.socket?.isClosed === null);
    left?.sample(1);
    await left?.delivered();
    await neighbour.undisturbed();
  });
});

test('connections that never greet do not keep others out', async () => {
  const idle: DeviceSocket[] = [];
  while (idle.length < 100) {
    idle.push(...(await Promise.all(Array.from({ length: 10 }, () => DeviceSocket.open(collector.url)))));
    // At the pace that connections are let in.
    await sleepFor(100);
  }
  const { device: fine } = await connected();
  fine.sample();
  await fine.delivered();
  for (const socket of idle) socket.drop();
  await neighbour.undisturbed();
});

test('more connections than a second may bring get a slot and come back in it', async () => {
  const answers = await Promise.allSettled(
    Array.from({ length: 200 }, () => DeviceSocket.open(collector.url)),
  );
  const slots = answers.flatMap(answer =>
    answer.status === 'rejected' && answer.reason instanceof UpgradeRefused ? [answer.reason] : [],
  );
  expect(slots.length).toBeGreaterThan(0);
  for (const slot of slots) {
    expect(slot.problem).toBe('collector-busy');
    expect(slot.retryAfterMs).toBeGreaterThan(0);
  }
  for (const answer of answers) if (answer.status === 'fulfilled') answer.value.drop();
  await sleepFor(Math.max(...slots.map(({ retryAfterMs }) => retryAfterMs ?? 0)));
  const { device: fine } = await connected();
  fine.sample();
  await fine.delivered();
  await told('collector-busy', null, slots.length);
});
