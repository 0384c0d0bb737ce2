import { CLOCK_JUMPS } from '../../support/clock-jumps.ts';
import { sleepFor } from '../../support/eventually.ts';
import { ReplicaSet } from '../../support/mongod.ts';
import { Relay } from '../../support/relay.ts';
import type { Streaming } from '../../support/streaming.ts';
import { type Fault, openSite, type Scene, settle, stream, times } from '../scene.ts';

export const killCollector: Fault = {
  name: 'kill-collector',
  what: 'collector killed (kill -9) again and again under load, started again at once',
  async run(scene) {
    const site = await openSite(scene);
    const streaming = await stream(site);
    let recoverMs = 0;
    let kills = 0;
    for (kills of times(scene, { long: 1000, short: 8 })) {
      // Somewhere in the middle of a commit, a sync, an acknowledgement.
      await sleepFor(20 + scene.random() * 150);
      const from = performance.now();
      await site.collector.kill9();
      await site.collector.restart();
      await streaming.resumed(`kill ${kills}`, () => site.collector.log().slice(-4000));
      recoverMs = Math.max(recoverMs, performance.now() - from);
      if (kills % 50 === 0) scene.tell(`${kills} kills`);
    }
    return settle(site, streaming, { times: kills, recoverMs });
  },
};

/** Seconds that a collector is frozen. */
const FROZEN_S = { short: 3, long: 15 } as const;

export const freezeCollector: Fault = {
  name: 'freeze-collector',
  what: 'collector frozen (SIGSTOP) for seconds under load, and woken',
  async run(scene) {
    const site = await openSite(scene);
    const streaming = await stream(site);
    let recoverMs = 0;
    let freezes = 0;
    for (freezes of times(scene, { long: 20, short: 1 })) {
      process.kill(site.collector.pid, 'SIGSTOP');
      await sleepFor((scene.long ? FROZEN_S.long : FROZEN_S.short) * 1000);
      process.kill(site.collector.pid, 'SIGCONT');
      recoverMs = Math.max(recoverMs, await streaming.resumed(`waking ${freezes}`));
    }
    return settle(site, streaming, { times: freezes, recoverMs });
  },
};

/** Seconds after which the frozen one is missed, in the fault below. */
const LEASE_S = 5;

export const frozen: Fault = {
  name: 'frozen',
  what: 'one of two collectors on one database frozen (SIGSTOP) under load until its lease is out, devices taken over, and woken',
  store: 'mongodb',
  async run(scene) {
    const site = await openSite(scene, { env: { TRAYLINE_LEASE_S: String(LEASE_S) } });
    const other = await site.another();
    const streaming = await stream(site);
    let recoverMs = 0;
    let freezes = 0;
    for (freezes of times(scene, { long: 20, short: 1 })) {
      await streaming.resumed('nothing');
      process.kill(site.collector.pid, 'SIGSTOP');
      // What they write lies in its sockets for a moment; then half of them go to the other one.
      await sleepFor(300);
      for (const device of streaming.devices.filter((_, n) => n % 2 === 0)) {
        device.url = other.url;
        device.drop();
      }
      await other.sees(1);
      process.kill(site.collector.pid, 'SIGCONT');
      recoverMs = Math.max(
        recoverMs,
        await streaming.resumed(`waking ${freezes}`, () => site.collector.log().slice(-4000)),
      );
      await other.sees(2);
      for (const device of streaming.devices) {
        if (device.url === site.collector.url) continue;
        device.url = site.collector.url;
        device.drop();
      }
    }
    return settle(site, streaming, { times: freezes, recoverMs });
  },
};

/** Milliseconds without a network; after the first two of these seconds nothing may be acknowledged any more. */
const CUT_MS = { short: 5000, long: 600_000 } as const;
const CUT_FELT_MS = 2000;
/** Between two readings of a device: what gathers in ten minutes must leave in well under one, at 140 frames a second. */
const CUT_EVERY_MS = { short: 25, long: 250 } as const;

/** Cuts, waits, mends; gives how long it then took until every device was acknowledged again. */
async function cutFor({ long, budgetMs }: Scene, relay: Relay, streaming: Streaming): Promise<number> {
  const acks = (): number => streaming.devices.reduce((sum, { acked }) => sum + acked, 0);
  const ms = long ? Math.max(CUT_MS.short, Math.min(CUT_MS.long, budgetMs)) : CUT_MS.short;
  relay.cut();
  await sleepFor(CUT_FELT_MS);
  const before = acks();
  await sleepFor(ms - CUT_FELT_MS);
  if (acks() !== before) throw new Error('acknowledgements came although the network was cut');
  await relay.mend();
  return streaming.resumed('the cut');
}

export const cutNetwork: Fault = {
  name: 'cut-network',
  what: 'network between devices and collector cut, what is on its way is gone',
  async run(scene) {
    const site = await openSite(scene);
    const relay = await Relay.start(site.collector.port);
    const everyMs = CUT_EVERY_MS[scene.long ? 'long' : 'short'];
    const streaming = await stream(site, { url: relay.url, devices: 3, everyMs });
    const recoverMs = await cutFor(scene, relay, streaming);
    return settle(site, streaming, { times: 1, recoverMs });
  },
};

export const cutDatabase: Fault = {
  name: 'cut-database',
  what: 'network between collector and MongoDB cut under load, what is on its way is gone',
  store: 'mongodb',
  async run(scene) {
    const relays: Relay[] = [];
    const servers = await ReplicaSet.start(scene.mongod(), 1, [], {
      // The set names its member by the relay's port: the driver goes where the set says, not where it was sent.
      async reachedAt(port) {
        const relay = await Relay.start(port);
        relays.push(relay);
        return relay.port;
      },
    });
    const [relay] = relays;
    if (relay === undefined) throw new Error('the server has no relay');
    const site = await openSite(scene, { servers });
    const everyMs = CUT_EVERY_MS[scene.long ? 'long' : 'short'];
    const streaming = await stream(site, { devices: 3, everyMs });
    await streaming.resumed('nothing');
    const recoverMs = await cutFor(scene, relay, streaming);
    return settle(site, streaming, { times: 1, recoverMs });
  },
};

export const jumpCollectorClock: Fault = {
  name: 'jump-collector-clock',
  what: "collector's clock moved by hours back and forth under load, collector killed in between",
  async run(scene) {
    const site = await openSite(scene, { clockMoves: true });
    const streaming = await stream(site);
    let recoverMs = 0;
    let jumps = 0;
    for (const _ of times(scene, { long: 50, short: 1 })) {
      // Every round from the true time: days ahead, readings would be past their retention.
      let off = 0;
      for (const jump of CLOCK_JUMPS) {
        off += jump;
        await site.collector.moveClock(off);
        jumps += 1;
        const from = performance.now();
        // What it did before at another time meets this one.
        if (jumps % 3 === 0) {
          await site.collector.kill9();
          await site.collector.restart();
        }
        await streaming.resumed(`jump ${jumps}`, () => site.collector.log().slice(-4000));
        recoverMs = Math.max(recoverMs, performance.now() - from);
      }
    }
    return settle(site, streaming, { times: jumps, recoverMs });
  },
};
