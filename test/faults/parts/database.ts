import type { ReplicaSet } from '../../support/mongod.ts';
import { type Fault, openSite, type Scene, settle, stream } from '../scene.ts';

function servers({ servers: set }: Scene): ReplicaSet {
  if (set === null) throw new Error('this fault needs MongoDB');
  return set;
}

export const killPrimary: Fault = {
  name: 'kill-primary',
  what: 'primary of a three-node replica set killed (kill -9) under load, started again when writes go on',
  store: 'mongodb',
  members: 3,
  async run(scene) {
    const site = await openSite(scene);
    const streaming = await stream(site);
    let recoverMs = 0;
    for (let kill = 1; kill <= (scene.long ? 50 : 1); kill += 1) {
      await streaming.resumed('nothing');
      const primary = await servers(scene).primary();
      await primary.kill9();
      recoverMs = Math.max(
        recoverMs,
        await streaming.resumed(`kill ${kill} of the primary`, () => site.collector.log().slice(-4000)),
      );
      await primary.launch();
    }
    return settle(site, streaming, recoverMs);
  },
};

export const stepDown: Fault = {
  name: 'step-down',
  what: 'primary of a three-node replica set told to step down under load',
  store: 'mongodb',
  members: 3,
  async run(scene) {
    const site = await openSite(scene);
    const streaming = await stream(site);
    let recoverMs = 0;
    for (let time = 1; time <= (scene.long ? 50 : 1); time += 1) {
      await streaming.resumed('nothing');
      const primary = await servers(scene).primary();
      const from = performance.now();
      // The server ends the connection it is told on; what it says is of no interest.
      await primary.command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 10 }).catch(() => undefined);
      await streaming.resumed(`step-down ${time}`, () => site.collector.log().slice(-4000));
      recoverMs = Math.max(recoverMs, performance.now() - from);
    }
    return settle(site, streaming, recoverMs);
  },
};
