import { brokenFrames, type Message, type Stage, sendBroken } from '../../support/broken-frames.ts';
import { TestDevice } from '../../support/test-device.ts';
import { type Fault, openSite, settle, stream } from '../scene.ts';

const FRAMES = { short: 10_000, long: 10_000_000 } as const;
/** Misbehaving devices; each may connect sixty times a minute (LIMITS.joinsPerMin). */
const DEVICES = { short: 64, long: 256 } as const;
const AT_ONCE = 32;
/** Frames of one connection: the collector hangs up at the 21st broken one. */
const FRAMES_PER_CONNECTION = 20;

export const fuzz: Fault = {
  name: 'fuzz',
  what: 'broken frames from misbehaving devices beside honest ones',
  async run(scene) {
    const site = await openSite(scene, { env: { TRAYLINE_MAX_CONNECTS_PER_S: '5000' } });
    const { collector, token } = site;
    const streaming = await stream(site, { devices: 3 });
    const size = scene.long ? 'long' : 'short';
    const until = performance.now() + scene.budgetMs;
    const messages = brokenFrames(scene.seed, scene.random);
    const another = (): TestDevice => new TestDevice({ url: collector.url, token });
    // In turn: a device's next connection meets what the one before it left.
    const devices = Array.from({ length: DEVICES[size] }, another);
    let read = 0;
    let told = 0;
    let connections = 0;

    async function misbehave(): Promise<void> {
      while (read < FRAMES[size] && performance.now() < until) {
        connections += 1;
        const at = connections % devices.length;
        const device = devices[at];
        if (device === undefined) throw new Error('no device');
        // The number of acknowledgements is the fuzzer's doing: a stream of its own every time.
        device.stream = (connections + 2 ** 40).toString(16).padStart(16, '0');
        const chance = scene.random();
        const stage: Stage = chance < 0.05 ? 'open' : chance < 0.1 ? 'hello' : 'live';
        const count = stage === 'live' ? 1 + Math.floor(scene.random() * FRAMES_PER_CONNECTION) : 1;
        const batch: Message[] = Array.from({ length: count }, () => messages.next().value);
        const more = await sendBroken(collector.url, device, { stage, messages: batch });
        if (more === null) devices[at] = another();
        read += more ?? 0;
        if (collector.over) throw new Error(`the collector ended: ${collector.log().slice(-4000)}`);
        if (read - told < 100_000) continue;
        told = read;
        scene.tell(`${read} broken frames in ${connections} connections`);
      }
    }

    await Promise.all(Array.from({ length: AT_ONCE }, misbehave));
    scene.tell(`${read} broken frames in ${connections} connections`);
    const recoverMs = await streaming.resumed('the last broken frame');
    const disturbed = streaming.devices.filter(({ welcomes }) => welcomes !== 1).length;
    if (disturbed > 0) throw new Error(`${disturbed} honest devices lost their connection`);
    if ((await collector.problems('internal')) > 0) throw new Error('the collector met an internal error');
    return settle(site, streaming, { times: read, recoverMs });
  },
};
