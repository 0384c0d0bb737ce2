import { eventually, sleepFor } from '../../support/eventually.ts';
import { type Mongod, ReplicaSet } from '../../support/mongod.ts';
import { SmallDisk } from '../../support/small-disk.ts';
import { type Fault, openSite, type Scene, type Site, settle, stream, times } from '../scene.ts';

/** Room for what a run writes; MongoDB's journal alone takes a few hundred. */
const MEBIBYTES = { sqlite: 64, mongodb: 1024 } as const;

/** A site whose database lies on a small disk. */
interface OnDisk {
  readonly disk: SmallDisk;
  readonly site: Site;
  /** The database's server; null with SQLite, which is in the collector. */
  readonly server: Mongod | null;
}

async function openOnDisk(scene: Scene): Promise<OnDisk> {
  const disk = SmallDisk.mount(MEBIBYTES[scene.store]);
  if (scene.store === 'sqlite') {
    return { disk, site: await openSite(scene, { dataDir: disk.folder }), server: null };
  }
  // A checkpoint every second, so that it soon needs room outside of the journal, which it has set aside.
  const servers = await ReplicaSet.start(scene.mongod(), 1, ['--syncdelay', '1'], { place: disk.folder });
  const site = await openSite(scene, { servers });
  return { disk, site, server: servers.members[0] ?? null };
}

/** Does that to the disk and waits until it is felt: the collector could not store, or the database's server is gone. */
async function suffer({ site, server }: OnDisk, harm: () => void): Promise<void> {
  const refused = (): Promise<number> => site.collector.problems('store-unavailable');
  const before = await refused();
  harm();
  await eventually(async () => server?.over === true || (await refused()) > before, {
    what: 'the disk is felt',
    withinMs: 120_000,
    state: () => site.collector.log().slice(-4000),
  });
}

/** The collector lives on and answers, whatever its store does. */
async function alive({ collector }: Site): Promise<void> {
  const { status } = await fetch(`${collector.url}/healthz`);
  if (collector.over || status !== 200) {
    throw new Error(`the collector did not live on: ${collector.log().slice(-4000)}`);
  }
}

export const fillDisk: Fault = {
  name: 'disk-full',
  what: 'disk of the database full to the last byte under load, and room again',
  missing: () => SmallDisk.missing(),
  async run(scene) {
    const place = await openOnDisk(scene);
    const { disk, site, server } = place;
    const streaming = await stream(site, { devices: 3 });
    let recoverMs = 0;
    let fills = 0;
    for (fills of times(scene, { long: 20, short: 1 })) {
      await streaming.resumed('nothing');
      await suffer(place, () => disk.fill());
      await sleepFor(scene.random() * 1000);
      await alive(site);
      disk.empty();
      const from = performance.now();
      // A server that has no room ends itself; whoever watches over it starts it again.
      if (server?.over === true) await server.launch();
      await streaming.resumed(`room ${fills}`, () => site.collector.log().slice(-4000));
      recoverMs = Math.max(recoverMs, performance.now() - from);
    }
    return settle(site, streaming, { times: fills, recoverMs });
  },
};

export const breakDisk: Fault = {
  name: 'disk-read-only',
  what: 'disk of the database turned read-only under load by the kernel, repaired, mounted again',
  missing: () => SmallDisk.missing(),
  async run(scene) {
    const place = await openOnDisk(scene);
    const { disk, site, server } = place;
    const streaming = await stream(site, { devices: 3 });
    let recoverMs = 0;
    let breaks = 0;
    for (breaks of times(scene, { long: 20, short: 1 })) {
      await streaming.resumed('nothing');
      await suffer(place, () => disk.breakDown());
      await alive(site);
      const from = performance.now();
      // Nothing may use a disk that is checked; what was not on it then is gone, as in a power cut.
      if (server === null) await site.collector.kill9();
      else await server.kill9();
      disk.repair();
      if (server === null) await site.collector.restart();
      else await server.launch();
      await streaming.resumed(`repair ${breaks}`, () => site.collector.log().slice(-4000));
      recoverMs = Math.max(recoverMs, performance.now() - from);
    }
    return settle(site, streaming, { times: breaks, recoverMs });
  },
};
