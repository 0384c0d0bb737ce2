import { expect, onTestFinished, test, vi } from 'vitest';
import type { HotDevice } from '../../../collector/fleet/hot-device.ts';
import { Standings } from '../../../collector/socket/standings.ts';
import { type Standing, standing } from '../../../shared/protocol/to-device.ts';

const reason = (key: string, points: number) => ({ key, params: {}, evidence: 'x', points });

/** What the class reads of a device. */
function device(score: number | null, points = 10): HotDevice {
  const read = {
    id: 'd_1',
    connected: true,
    row: { state: 'attention', score },
    score: {
      value: score,
      hazards: [
        { reasons: [reason('score.incident.reboot', 1), reason('score.compliance.firewall-off', points)] },
      ],
    },
  };
  return read as unknown as HotDevice;
}

function scene() {
  const sent: Standing[] = [];
  const clock = { now: 1000 };
  return {
    sent,
    clock,
    standings: new Standings(
      () => clock.now,
      (_id, frame) => sent.push(frame),
    ),
  };
}

test('a device is told its score with the dearest reason first, in a frame that is in the protocol', () => {
  const { sent, standings } = scene();
  standings.joined(device(41.23));
  expect(sent.map(frame => standing.parse(frame))).toEqual([
    {
      type: 'standing',
      at: 1000,
      state: 'attention',
      score: 41.2,
      reasons: [
        { key: 'score.compliance.firewall-off', params: {}, points: 10 },
        { key: 'score.incident.reboot', params: {}, points: 1 },
      ],
    },
  ]);
});

test('it is told again when a person would see a difference, or when it comes back, and not otherwise', () => {
  const { sent, clock, standings } = scene();
  const one = device(41.23);
  standings.joined(one);
  clock.now += 1000;
  standings.changed(one);
  expect(sent).toHaveLength(1);
  Object.assign(one.row, { score: 41.24 });
  clock.now += 1000;
  standings.changed(one);
  expect(sent).toHaveLength(1);
  Object.assign(one.row, { score: 50 });
  clock.now += 1000;
  standings.changed(one);
  expect(sent.map(({ score }) => score)).toEqual([41.2, 50]);
  standings.joined(one);
  expect(sent).toHaveLength(3);
});

test('what changes many times in a moment is told once, as it stands in the end', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { sent, clock, standings } = scene();
  const one = device(41);
  standings.joined(one);
  for (const score of [42, 43, 44]) {
    clock.now += 10;
    Object.assign(one.row, { score });
    standings.changed(one);
  }
  expect(sent.map(({ score }) => score)).toEqual([41]);
  clock.now += 500;
  vi.advanceTimersByTime(500);
  expect(sent.map(({ score }) => score)).toEqual([41, 44]);
});

test('too little known is told as such, without reasons', () => {
  const { sent, standings } = scene();
  standings.joined(device(null));
  expect(sent[0]).toMatchObject({ score: null, reasons: [] });
});

test('a device that is not connected is told nothing', () => {
  const { sent, standings } = scene();
  standings.changed(Object.assign(device(50), { connected: false }));
  expect(sent).toEqual([]);
});
