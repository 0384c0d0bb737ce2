import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replayProbe } from '../../../agent/core/scan/replay.ts';
import { createScanner } from '../../../agent/core/scan/run.ts';
import { systemClock } from '../../../agent/service/clock.ts';
import type { Findings } from '../../../shared/device/finding.ts';
import { decodeFromDevice } from '../../../shared/protocol/frame.ts';
import type { SequencedFrame } from '../../../shared/protocol/from-device.ts';
import { skimSnapshot } from '../../../shared/protocol/skim.ts';
import { healthyFindings, identity, okFinding } from '../../support/records.ts';
import { NOW, type Scene, type Session, scene } from './scene.ts';

/** Members in the order an agent writes them (see the last test). */
const asWritten = (findings: Findings): Findings =>
  Object.fromEntries(
    Object.entries(findings).map(([id, { hash, at, ms, ...rest }]) => [id, { ...rest, hash, at, ms }]),
  ) as Findings;

/** A snapshot as it comes off the wire: held findings cut out before it is read. */
function arrive({ ingest }: Scene, session: Session, seq: number, findings: Findings): readonly string[] {
  const text = JSON.stringify({
    seq,
    type: 'snapshot',
    at: NOW,
    identity: identity(),
    findings: asWritten(findings),
  });
  const skimmed = skimSnapshot(text, ingest.held(session.device));
  const decoded = decodeFromDevice(skimmed?.text ?? text);
  if (!decoded.ok) throw new Error(decoded.detail);
  expect(ingest.accept(session, decoded.frame as SequencedFrame, skimmed?.kept)).toBe('queued');
  return skimmed?.kept ?? [];
}

test('a snapshot whose held findings were cut out leaves what the whole one would have left', async () => {
  const world = await scene();
  const { device, session } = await world.device();
  const first = healthyFindings(NOW);
  expect(arrive(world, session, 1, first)).toEqual([]);
  await world.ingest.drain();

  // One changed, one gone, the rest repeated.
  const second: Findings = {
    ...first,
    'reboot.pending': okFinding({ pending: true, markers: ['x'] }, { at: NOW, hash: 'f'.repeat(16) }),
  };
  delete second.uptime;
  const kept = arrive(world, session, 2, second);
  expect([...kept].sort()).toEqual(
    Object.keys(second)
      .filter(id => id !== 'reboot.pending')
      .sort(),
  );
  await world.ingest.drain();

  expect(Object.keys(device.hashes).sort()).toEqual(Object.keys(second).sort());
  expect(device.record['reboot.pending']?.value).toBe(true);
  const stored = await world.store.getFindings(device.id);
  expect(stored).toEqual(second);
});

test('what waits to be stored is held as well', async () => {
  const world = await scene();
  const { session } = await world.device();
  const findings = healthyFindings(NOW);
  arrive(world, session, 1, findings);
  expect(arrive(world, session, 2, findings).length).toBe(Object.keys(findings).length);
  await world.ingest.drain();
  expect(session.acks.at(-1)).toBe(2);
  expect(await world.store.getFindings(session.device.id)).toEqual(findings);
});

test('what an agent finds is laid out so that it can be cut out', async () => {
  const scanner = createScanner({
    platform: 'linux',
    probe: replayProbe(join(import.meta.dirname, '../../fixtures/command-output/linux-laptop')),
    clock: systemClock,
  });
  const findings = await scanner.run(
    scanner.scans.map(({ id }) => id),
    new AbortController().signal,
  );
  const text = JSON.stringify({ seq: 1, type: 'snapshot', at: NOW, identity: identity(), findings });
  const held = Object.fromEntries(Object.entries(findings).map(([id, { hash }]) => [id, hash]));
  const skimmed = skimSnapshot(text, held);
  expect(skimmed?.kept).toEqual(Object.keys(findings));
  expect(decodeFromDevice(skimmed?.text ?? '')).toMatchObject({ ok: true, frame: { findings: {} } });
});
