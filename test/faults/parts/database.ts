import { type Fault, openSite, settle, stream, times } from '../scene.ts';

export const killPrimary: Fault = {
  name: 'kill-primary',
  what: 'primary of a three-node replica set killed (kill -9) under load, started again when writes go on',
  store: 'mongodb',
  breaksServers: true,
  async run(scene) {
    const servers = await scene.servers(3);
    const site = await openSite(scene, { servers });
    const streaming = await stream(site);
    let recoverMs = 0;
    let kills = 0;
    for (kills of times(scene, { long: 50, short: 1 })) {
      await streaming.resumed('nothing');
      const primary = await servers.primary();
      await primary.kill9();
      recoverMs = Math.max(
        recoverMs,
        await streaming.resumed(`kill ${kills} of the primary`, () => site.collector.log().slice(-4000)),
      );
      await primary.launch();
    }
    return settle(site, streaming, { times: kills, recoverMs });
  },
};

export const stepDown: Fault = {
  name: 'step-down',
  what: 'primary of a three-node replica set told to step down under load',
  store: 'mongodb',
  breaksServers: true,
  async run(scene) {
    const servers = await scene.servers(3);
    const site = await openSite(scene, { servers });
    const streaming = await stream(site);
    let recoverMs = 0;
    let steps = 0;
    for (steps of times(scene, { long: 50, short: 1 })) {
      await streaming.resumed('nothing');
      const primary = await servers.primary();
      const from = performance.now();
      // The server ends the connection it is told on; what it says is of no interest.
      await primary.command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 10 }).catch(() => undefined);
      await streaming.resumed(`step-down ${steps}`, () => site.collector.log().slice(-4000));
      recoverMs = Math.max(recoverMs, performance.now() - from);
    }
    return settle(site, streaming, { times: steps, recoverMs });
  },
};
