import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Agent, type AgentOptions, createAgent } from '../../../agent/core/agent.ts';
import { silentLog } from '../../../agent/core/host.ts';
import { memoryEnrolment, openEnrolment } from '../../../agent/core/identity/enrolment.ts';
import { machineMarkOf } from '../../../agent/core/identity/machine.ts';
import { deviceAddress } from '../../../agent/core/link/address.ts';
import { webSocket } from '../../../agent/core/link/web-socket.ts';
import { openFileOutbox } from '../../../agent/core/outbox/file.ts';
import { memoryOutbox } from '../../../agent/core/outbox/memory.ts';
import type { ScanCost, Scanner } from '../../../agent/core/scan/scan.ts';
import { createSettings } from '../../../agent/core/settings/settings.ts';
import { systemClock } from '../../../agent/service/clock.ts';
import type { Finding } from '../../../shared/device/finding.ts';
import { eventually } from './support/eventually.ts';
import { testFolder } from './support/folder.ts';
import { identity, okFinding, samplesFrame } from './support/frames.ts';
import { type MiniCollector, startMiniCollector } from './support/mini-collector.ts';

const perf = (cpuPercent: number) => ({
  cpuPercent,
  memoryTotalBytes: 1000,
  memoryUsedBytes: 500,
  netRxBytesPerS: null,
  netTxBytesPerS: null,
  diskReadBytesPerS: null,
  diskWriteBytesPerS: null,
});

/** A machine whose answers the test writes. */
function scripted(answers: Record<string, () => Finding>, costs: Record<string, ScanCost> = {}): Scanner {
  return {
    scans: Object.keys(answers).map(id => ({ id, cost: costs[id] ?? 'cheap' })),
    run: ids =>
      Promise.resolve(
        Object.fromEntries(
          ids.flatMap(id => {
            const answer = answers[id];
            return answer === undefined ? [] : [[id, answer()]];
          }),
        ),
      ),
  };
}

const machine = {
  perf: () => okFinding(perf(12), 'perf', Date.now()),
  'os.version': () => okFinding({ name: 'x' }, 'os1', Date.now()),
};

async function collector(options: { port?: number; collectorId?: string } = {}): Promise<MiniCollector> {
  const started = await startMiniCollector(options);
  onTestFinished(() => started.close());
  return started;
}

function agentOf(url: string, options: Partial<AgentOptions> = {}): Agent {
  const agent = createAgent({
    host: { agent: { version: '0.1.0', arch: 'x64', runtime: 'test' }, uptimeMs: () => null },
    scanner: scripted(machine),
    identityOf: () => Promise.resolve(identity),
    enrolment: memoryEnrolment(),
    settings: createSettings(),
    address: deviceAddress(url),
    clock: systemClock,
    random: Math.random,
    socketFactory: webSocket,
    outbox: memoryOutbox(),
    log: silentLog,
    ...options,
  });
  onTestFinished(() => agent.stop('stopping'));
  return agent;
}

const types = (mini: MiniCollector): string[] => mini.stored.map(({ type }) => type);

describe('an agent and a collector', () => {
  it('greet, and the collector holds every check', async () => {
    const mini = await collector();
    const agent = agentOf(mini.url);
    await agent.start();
    await eventually(() => types(mini).includes('snapshot') && types(mini).includes('samples'), {
      state: () => types(mini).join(),
    });
    expect(Object.keys(mini.have).sort()).toEqual(['os.version', 'perf']);
    const samples = mini.stored.find(({ type }) => type === 'samples');
    expect(samples).toMatchObject({
      rows: [[expect.any(Number), 12, 50, null, null, null, null, null, null]],
    });
    await eventually(() => agent.status.current.outbox.frames === 0);
    expect(agent.status.current.link.state).toBe('live');
    expect(agent.status.current.lastAck?.seq).toBe(mini.stored.at(-1)?.seq);
  });

  it('send only what differs from what the collector holds', async () => {
    const mini = await collector();
    mini.have = { 'os.version': okFinding(null, 'os1').hash, perf: 'ffffffffffffffff' };
    const agent = agentOf(mini.url);
    await agent.start();
    const delta = await eventually(() => mini.stored.find(({ type }) => type === 'delta'));
    expect(delta).toMatchObject({ findings: { perf: { status: 'ok' } } });
    expect(types(mini)).not.toContain('snapshot');
  });

  it('send a snapshot when the collector holds a check that this agent does not have', async () => {
    const mini = await collector();
    mini.have = { 'gone.check': 'ffffffffffffffff' };
    const agent = agentOf(mini.url);
    await agent.start();
    const snapshot = await eventually(() => mini.stored.find(({ type }) => type === 'snapshot'));
    expect(Object.keys(snapshot.type === 'snapshot' ? snapshot.findings : {}).sort()).toEqual([
      'os.version',
      'perf',
    ]);
  });

  it('lose nothing and repeat nothing when the connection is cut again and again', async () => {
    const mini = await collector();
    const outbox = memoryOutbox();
    const agent = agentOf(mini.url, { outbox, random: () => 0.1 });
    await agent.start();
    for (let round = 1; round <= 5; round += 1) {
      await eventually(() => mini.live === 1);
      for (let at = 0; at < 40; at += 1) outbox.append(samplesFrame(round * 100 + at));
      mini.acknowledge = round % 2 === 0;
      await agent.recheck();
      mini.cut();
      await eventually(() => mini.live === 0);
      mini.acknowledge = true;
    }
    await eventually(() => mini.live === 1);
    await agent.recheck();
    await eventually(() => outbox.frames === 0, { state: () => `${outbox.frames} wait` });
    expect(mini.stored.map(({ seq }) => seq)).toEqual(mini.stored.map((_, index) => index + 1));
    expect(mini.skipped).toBe(0);
  });

  it('come together again after the collector was away, with what happened meanwhile', async () => {
    const first = await startMiniCollector();
    const port = Number(new URL(first.url).port);
    const agent = agentOf(first.url, { random: () => 0.1 });
    await agent.start();
    await eventually(() => types(first).includes('snapshot') && agent.status.current.outbox.frames === 0);
    const known = { ...first.have };
    await first.close();
    await eventually(() => agent.status.current.link.state === 'offline');
    await agent.recheck();
    const second = await collector({ port });
    second.have = known;
    await eventually(() => types(second).includes('samples') || second.live === 1);
    // The new collector has nothing of the old stream stored: what was acknowledged is told as a gap.
    await eventually(() => second.stored.length > 0);
    expect(second.skipped).toBe(first.stored.length);
  });

  it('run the checks a person asks for and say how it went', async () => {
    const mini = await collector();
    const agent = agentOf(mini.url, {
      scanner: scripted({
        ...machine,
        broken: () => ({ status: 'failed', reason: 'timeout', at: 1, ms: 1, hash: '0000000000000000' }),
      }),
    });
    await agent.start();
    await eventually(() => agent.status.current.link.state === 'live');
    mini.send({ type: 'request-scan', id: 'r1', scans: ['perf', 'broken'] });
    const answer = await eventually(() => mini.received.find(({ type }) => type === 'scanned'));
    expect(answer).toEqual({ type: 'scanned', id: 'r1', ran: 2, failed: 1 });
  });

  it('sample quickly while somebody looks, and remember who did', async () => {
    const mini = await collector();
    const agent = agentOf(mini.url);
    await agent.start();
    await eventually(() => types(mini).includes('snapshot'));
    const before = types(mini).filter(type => type === 'samples').length;
    mini.send({ type: 'watch', everyMs: 200, forMs: 5000, viewers: [{ name: 'Anna', since: 5 }] });
    await eventually(() => types(mini).filter(type => type === 'samples').length >= before + 3);
    expect(agent.status.current.viewers).toEqual([{ name: 'Anna', since: 5 }]);
    mini.send({ type: 'watch', everyMs: 200, forMs: 0, viewers: [] });
    await eventually(() => agent.status.current.viewers.length === 0);
    expect(agent.status.current.receipts).toEqual([{ name: 'Anna', since: 5, until: expect.any(Number) }]);
    const told = await eventually(() => {
      const kinds = mini.stored.flatMap(frame =>
        frame.type === 'events' ? frame.events.map(({ kind }) => kind) : [],
      );
      return kinds.includes('watch-ended') && kinds;
    });
    expect(told).toEqual(['agent-started', 'watch-started', 'watch-ended']);
  });

  it('take settings from the collector, and only those it may set', async () => {
    const mini = await collector();
    const settings = createSettings();
    const agent = agentOf(mini.url, { settings });
    await agent.start();
    await eventually(() => agent.status.current.link.state === 'live');
    mini.send({
      type: 'settings',
      values: { postureMinutes: 5, collector: 'https://elsewhere.example', nonsense: 1 },
    });
    await eventually(() => settings.values.postureMinutes === 5);
    expect(settings.values.collector).toBe(null);
    expect(agent.status.current.problems.map(({ detail }) => detail)).toEqual([
      'collector: not-allowed-here',
      'nonsense: unknown',
    ]);
  });

  it('write a whole snapshot when the collector asks for one', async () => {
    const mini = await collector();
    const agent = agentOf(mini.url);
    await agent.start();
    await eventually(() => types(mini).includes('snapshot') && agent.status.current.outbox.frames === 0);
    mini.send({ type: 'resync', from: (mini.stored.at(-1)?.seq ?? 0) + 1, snapshot: true });
    await eventually(() => types(mini).filter(type => type === 'snapshot').length === 2);
  });

  it('part with a goodbye', async () => {
    const mini = await collector();
    const agent = agentOf(mini.url);
    await agent.start();
    await eventually(() => agent.status.current.link.state === 'live');
    await agent.stop('stopping');
    await eventually(() => mini.received.some(({ type }) => type === 'goodbye'));
    await eventually(() => mini.live === 0);
    expect(agent.status.current.link.state).toBe('stopped');
  });

  it('wait for admission in the slots the collector gives', async () => {
    const mini = await collector();
    mini.refuse = { code: 'admission-waiting', retryAfterMs: 50 };
    const agent = agentOf(mini.url);
    await agent.start();
    await eventually(() => mini.hellos.length >= 3);
    expect(mini.hellos[0]?.enrolment).toEqual({ by: 'admission' });
    mini.refuse = null;
    await eventually(() => agent.status.current.link.state === 'live');
    expect(agent.status.current.device.deviceId).toMatch(/^device-/);
  });

  it('come back under a new identity when two devices turn out to share one', async () => {
    const mini = await collector();
    const agent = agentOf(mini.url, { random: () => 0.1 });
    await agent.start();
    await eventually(() => agent.status.current.outbox.frames === 0 && types(mini).includes('snapshot'));
    mini.refuse = { code: 'device-duplicated', retryAfterMs: 10 };
    mini.cut();
    await eventually(() => mini.hellos.length >= 2);
    mini.refuse = null;
    await eventually(() => agent.status.current.link.state === 'live' && mini.hellos.length >= 3);
    const [first, , third] = mini.hellos;
    expect(third?.publicKey).not.toBe(first?.publicKey);
    expect(third).toMatchObject({ enrolment: { by: 'admission' }, nextSeq: 1, collectorId: null });
  });

  it('work a hundred at a time in one process', async () => {
    const mini = await collector();
    const agents = Array.from({ length: 100 }, () => agentOf(mini.url));
    await Promise.all(agents.map(agent => agent.start()));
    await eventually(() => agents.every(agent => agent.status.current.link.state === 'live'));
    await Promise.all(agents.map(agent => agent.stop('stopping')));
    expect(mini.received.filter(({ type }) => type === 'goodbye').length).toBe(100);
  });
});

describe('the identity folder', () => {
  const mark = machineMarkOf(identity);
  const here = (folder: string, machineMark = mark) =>
    openEnrolment({ folder, machine: machineMark, now: 1000 });

  it('keeps key, device and collector over a restart, for its owner only', () => {
    const folder = join(testFolder(), 'agent');
    const first = here(folder);
    first.enrolment.welcomed('device-1', 'collector-1');
    const second = here(folder);
    expect([first.opened, second.opened]).toEqual(['new', 'kept']);
    const { publicKey, deviceId, collectorId } = second.enrolment;
    expect({ publicKey, deviceId, collectorId }).toEqual({
      publicKey: first.enrolment.publicKey,
      deviceId: 'device-1',
      collectorId: 'collector-1',
    });
    expect(second.enrolment.sign('message')).toBe(first.enrolment.sign('message'));
    if (process.platform !== 'win32') {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(statSync(join(folder, 'identity.json')).mode & 0o777).toBe(0o600);
    }
  });

  it('makes a new key on a machine it was copied to, and keeps the old one aside', () => {
    const folder = testFolder();
    const first = here(folder);
    const second = here(folder, { ...mark, serial: 'SERIAL2' });
    expect(second.opened).toBe('cloned');
    expect(second.enrolment.publicKey).not.toBe(first.enrolment.publicKey);
    expect(second.enrolment.deviceId).toBe(null);
    expect(readdirSync(folder)).toContain('identity.json.cloned-1000');
  });

  it('is not taken for a copy when a system was installed anew or an identifier became unknown', () => {
    const folder = testFolder();
    here(folder);
    expect(here(folder, { ...mark, machineId: 'machine-2' }).opened).toBe('kept');
    expect(here(folder, { serial: null, hardwareUuid: null, machineId: null }).opened).toBe('kept');
    expect(here(folder, { serial: null, hardwareUuid: mark.hardwareUuid, machineId: null }).opened).toBe(
      'kept',
    );
    expect(here(folder, mark).opened).toBe('kept');
  });

  it('tells copies by the installation where no hardware identifier is known', () => {
    const folder = testFolder();
    const bare = { serial: null, hardwareUuid: null, machineId: 'machine-1' };
    here(folder, bare);
    expect(here(folder, { ...bare, machineId: 'machine-2' }).opened).toBe('cloned');
  });

  it('makes a new key when the file is cut or changed anywhere it matters', () => {
    const folder = testFolder();
    here(folder);
    const path = join(folder, 'identity.json');
    const text = readFileSync(path, 'utf8');
    for (let at = 0; at < text.length - 3; at += 7) {
      const copy = join(folder, `copy-${at}`);
      mkdirSync(copy);
      writeFileSync(join(copy, 'identity.json'), text.slice(0, at));
      const { opened, enrolment } = here(copy);
      expect({ at, opened }).toEqual({ at, opened: 'unreadable' });
      expect(enrolment.sign('message').length).toBe(86);
      expect(here(copy).opened).toBe('kept');
    }
  });

  it('does not take a private key that belongs to another public one', () => {
    const folder = testFolder();
    const other = testFolder();
    here(folder);
    here(other);
    const path = join(folder, 'identity.json');
    const mixed = JSON.parse(readFileSync(path, 'utf8'));
    mixed.key.x = JSON.parse(readFileSync(join(other, 'identity.json'), 'utf8')).key.x;
    writeFileSync(path, JSON.stringify(mixed));
    expect(here(folder).opened).toBe('unreadable');
  });
});

describe('an agent with its outbox on disk', () => {
  it('delivers after a restart what it could not deliver before', async () => {
    const folder = testFolder();
    const enrolment = memoryEnrolment();
    const open = () => openFileOutbox({ folder, clock: systemClock });
    const alone = agentOf('http://127.0.0.1:9', { enrolment, outbox: open() });
    await alone.start();
    await eventually(() => alone.status.current.outbox.frames >= 3);
    await alone.stop('stopping');

    const mini = await collector();
    const back = agentOf(mini.url, { enrolment, outbox: open() });
    await back.start();
    await eventually(() => back.status.current.outbox.frames === 0 && types(mini).includes('snapshot'));
    const kinds = mini.stored.flatMap(frame =>
      frame.type === 'events' ? frame.events.map(({ kind }) => kind) : [],
    );
    expect(kinds).toEqual(['agent-started', 'agent-stopping', 'agent-started']);
    expect(mini.stored.map(({ seq }) => seq)).toEqual(mini.stored.map((_, index) => index + 1));
  });
});
