import fc from 'fast-check';
import { brokenConnection, sendBroken } from '../../support/broken-frames.ts';
import { TestDevice } from '../../support/test-device.ts';
import { type Fault, openSite, SHORT_MS, settle, stream } from '../scene.ts';

/** Connections' worth of frames made at once. */
const BATCH = 50;
const FRAMES = { short: 4000, long: 10_000_000 } as const;

export const fuzz: Fault = {
  name: 'fuzz',
  what: 'broken frames from misbehaving devices beside honest ones',
  async run(scene) {
    const site = await openSite(scene, { TRAYLINE_MAX_CONNECTS_PER_S: '5000' });
    const { collector, token } = site;
    const streaming = await stream(site, { devices: 3 });
    // Through whole devices the next connection meets what the one before it left.
    const broken = Array.from({ length: 12 }, () => new TestDevice({ url: collector.url, token }));
    const seed = Math.floor(Math.random() * 2 ** 31);
    scene.tell(`seed ${seed}`);
    const frames = scene.long ? FRAMES.long : FRAMES.short;
    let sent = 0;
    let run = 0;
    let told = 0;
    const until = scene.long ? Number.POSITIVE_INFINITY : performance.now() + SHORT_MS;
    for (let batch = 0; sent < frames && (batch === 0 || performance.now() < until); batch += 1) {
      for (const connection of fc.sample(brokenConnection, { numRuns: BATCH, seed: seed + batch })) {
        run += 1;
        const at = run % broken.length;
        const device = broken[at];
        if (device === undefined) throw new Error('no device');
        device.stream = (run + 2 ** 40).toString(16).padStart(16, '0');
        const gone = await sendBroken(collector.url, device, connection);
        if (gone === null) broken[at] = new TestDevice({ url: collector.url, token });
        sent += gone ?? 0;
        if (sent >= frames) break;
      }
      if (collector.over) throw new Error(`the collector ended: ${collector.log().slice(-4000)}`);
      if (sent - told >= 100_000) {
        told = sent;
        scene.tell(`${sent} broken frames`);
      }
    }
    scene.tell(`${sent} broken frames in ${run} connections`);
    const recoverMs = await streaming.resumed('the last broken frame');
    const disturbed = streaming.devices.filter(({ welcomes }) => welcomes !== 1).length;
    if (disturbed > 0) throw new Error(`${disturbed} honest devices lost their connection`);
    if ((await collector.problems('internal')) > 0) throw new Error('the collector met an internal error');
    for (const device of broken) await device.leave();
    return settle(site, streaming, recoverMs);
  },
};
