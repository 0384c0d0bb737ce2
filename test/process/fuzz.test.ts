import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { brokenConnection, sendBroken } from '../support/broken-frames.ts';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { healthyFindings } from '../support/records.ts';
import { Neighbour, TestDevice } from '../support/test-device.ts';

/*
 * Frames that nobody would write by hand, against a real collector. Few by default, so that every run has some; a longer
 * search by hand: TRAYLINE_FUZZ_RUNS=20000 (and TRAYLINE_FUZZ_SEED to repeat one).
 */
const RUNS = Number(process.env.TRAYLINE_FUZZ_RUNS ?? 150);
const SEED = process.env.TRAYLINE_FUZZ_SEED;

let collector: CollectorProcess;
let neighbour: Neighbour;
let token: string;

beforeAll(async () => {
  collector = await startCollector({ env: { TRAYLINE_MAX_CONNECTS_PER_S: '5000' } });
  token = (await collector.admin.enrolmentToken()).secret;
  neighbour = await Neighbour.start({ url: collector.url, token });
});

test(
  `${RUNS} runs of broken frames neither end the collector, nor disturb a neighbour, nor fill its memory`,
  async () => {
    // A dozen devices take turns, so that what one run left behind meets the next.
    const devices = Array.from({ length: 12 }, () => new TestDevice({ url: collector.url, token }));
    let run = 0;
    let memory = 0;
    await fc.assert(
      fc.asyncProperty(brokenConnection, async broken => {
        run += 1;
        const device = devices[run % devices.length];
        if (device === undefined) throw new Error('no device');
        // The number of acknowledgements is the fuzzer's doing: the device starts a stream of its own every time.
        device.stream = (run + 2 ** 40).toString(16).padStart(16, '0');
        if ((await sendBroken(collector.url, device, broken)) === null) {
          devices[run % devices.length] = new TestDevice({ url: collector.url, token });
          return;
        }
        if (run % 25 === 0) {
          expect(collector.over, collector.log().slice(-4000)).toBe(false);
          await neighbour.undisturbed();
        }
        if (run === Math.ceil(RUNS / 2)) memory = collector.residentMiB() ?? 0;
      }),
      { numRuns: RUNS, endOnFailure: true, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
    );

    await neighbour.undisturbed();
    expect(collector.over).toBe(false);
    expect((await fetch(`${collector.url}/readyz`)).status).toBe(200);
    expect(await collector.problems('internal')).toBe(0);
    expect(
      collector
        .log()
        .split('\n')
        .filter(line => line.includes('"level":"error"')),
    ).toEqual([]);
    // Caches have filled in the first half (64 MiB of the database's, and V8's heap); the second must not go on like that.
    if (memory > 0) expect((collector.residentMiB() ?? 0) - memory).toBeLessThan(100);

    // A device that was fuzzed through is a proper one again as soon as it behaves.
    let again: TestDevice | null = null;
    for (const { key, identity } of devices) {
      const candidate = new TestDevice({ url: collector.url, key, identity, token });
      const isIn = await candidate.connect().then(
        () => true,
        () => false,
      );
      if (isIn) again ??= candidate;
    }
    if (again === null) throw new Error('no device was let in again');
    again.snapshot(healthyFindings(Date.now()));
    again.sample();
    await again.delivered();
    const detail = await collector.admin.device(again.id);
    expect(detail.row).toMatchObject({ presence: 'live', firewall: true });
    expect(Object.keys(detail.findings).toSorted()).toEqual(Object.keys(healthyFindings()).toSorted());
  },
  Math.max(180_000, RUNS * 400),
);
