import { sleepFor } from '../../support/eventually.ts';
import { Relay } from '../../support/relay.ts';
import { type Fault, openSite, settle, stream, times } from '../scene.ts';

export const killCollector: Fault = {
  name: 'kill-collector',
  what: 'collector killed (kill -9) again and again under load, started again at once',
  async run(scene) {
    const site = await openSite(scene);
    const streaming = await stream(site);
    let recoverMs = 0;
    for (const kill of times(scene, { long: 1000, short: 8 })) {
      // Somewhere in the middle of a commit, a sync, an acknowledgement.
      await sleepFor(20 + Math.random() * 150);
      const from = performance.now();
      await site.collector.kill9();
      await site.collector.restart();
      await streaming.resumed(`kill ${kill}`, () => site.collector.log().slice(-4000));
      recoverMs = Math.max(recoverMs, performance.now() - from);
      if (kill % 50 === 0) scene.tell(`${kill} kills`);
    }
    return settle(site, streaming, recoverMs);
  },
};

export const freezeCollector: Fault = {
  name: 'freeze-collector',
  what: 'collector frozen (SIGSTOP) for seconds under load, and woken',
  async run(scene) {
    const site = await openSite(scene);
    const streaming = await stream(site);
    let recoverMs = 0;
    for (let time = 1; time <= (scene.long ? 20 : 1); time += 1) {
      process.kill(site.collector.pid, 'SIGSTOP');
      await sleepFor(scene.long ? 15_000 : 3000);
      process.kill(site.collector.pid, 'SIGCONT');
      recoverMs = Math.max(recoverMs, await streaming.resumed(`waking ${time}`));
    }
    return settle(site, streaming, recoverMs);
  },
};

/** Seconds without a network. */
const CUT_S = { short: 5, long: 600 } as const;

export const cutNetwork: Fault = {
  name: 'cut-network',
  what: 'network between devices and collector cut, what is on its way is gone',
  async run(scene) {
    const site = await openSite(scene);
    const relay = await Relay.start(site.collector.port);
    // What is written meanwhile waits in the outboxes; those of test devices are small.
    const streaming = await stream(site, { url: relay.url, devices: 3 });
    relay.cut();
    await sleepFor((scene.long ? CUT_S.long : CUT_S.short) * 1000);
    await relay.mend();
    return settle(site, streaming, await streaming.resumed('the cut'));
  },
};
