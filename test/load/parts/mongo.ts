import { join } from 'node:path';
import { createConnection } from 'mongoose';
import { z } from 'zod';
import { mongod } from '../../../build/runtime/mongod.ts';
import { enrolmentToken, freePort, startCollector } from '../support/collector.ts';
import { startMongod } from '../support/mongod.ts';
import { cpuSeconds, SERVER_CORE, start, told } from '../support/process.ts';
import { field, load, type Scene } from '../support/scene.ts';
import { round } from '../support/stats.ts';
import { type Run, run } from './ingest.ts';

export interface MongoFigures {
  readonly version: string;
  /** Snapshots stored, merged and scored in a second: on MongoDB, and in the same run on SQLite. */
  readonly perS: number;
  readonly sqlitePerS: number;
  /** The floor of the ingest part with `insertMany` of the frame's text for its INSERT. */
  readonly floorPerS: number;
  /** Pairs of the documents that a snapshot becomes, inserted without a server in front. */
  readonly barePerS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function product(scene: Scene, store: string | undefined): Promise<Run> {
  const folder = scene.folder('collector');
  const collector = await startCollector({
    ...{ folder, port: await freePort(), log: scene.log, connectsPerS: 2000, nodeFlags: scene.nodeFlags },
    ...(store === undefined ? {} : { store }),
  });
  const token = await enrolmentToken(collector);
  const result = await run(scene, collector.process, collector.url, token, {}, () => []);
  await collector.process.stop();
  scene.drop(folder);
  return result;
}

/** The collector on MongoDB, beside the collector on SQLite and two bare ways of writing to the same MongoDB, one after the other. */
export async function mongo(scene: Scene): Promise<MongoFigures> {
  const found = await mongod();
  if ('missing' in found) throw new Error(found.missing);
  const folder = scene.folder('mongod');
  const server = await startMongod(found.path, folder, scene.log);
  try {
    const sqlite = await product(scene, undefined);
    scene.note(`on SQLite ${round(sqlite.perS)}/s (${told(sqlite.core)}); load ${load()}`);

    const used = cpuSeconds(server.pid) ?? Number.NaN;
    const result = await product(scene, server.url('product'));
    const us = (1e6 * ((cpuSeconds(server.pid) ?? Number.NaN) - used)) / result.total;
    scene.note(
      `on ${found.version} ${round(result.perS)}/s (${told(result.core)}); processor time for a snapshot ${round(result.usPerFrame)} µs in the collector, ${round(us)} µs in mongod; ${result.total} acknowledged; load ${load()}`,
    );
    const connection = await createConnection(server.url('product')).asPromise();
    const stored = await connection.db?.collection('history').countDocuments({ findings: { $ne: '{}' } });
    await connection.close();
    scene.note(`${stored} history entries for ${result.total} acknowledged snapshots`);

    const floor = start({
      script: join(import.meta.dirname, '..', 'floor.ts'),
      args: [server.url('floor'), '--mongo'],
      core: SERVER_CORE,
      log: scene.log,
    });
    const floorUrl = await floor.line(field('url', z.string()), 20_000);
    const bare = await run(scene, floor, floorUrl, 'no token needed', {}, () => []);
    await floor.stop();
    scene.note(`floor on MongoDB ${round(bare.perS)}/s (${told(bare.core)})`);

    const inserts = start({
      script: join(import.meta.dirname, '..', 'mongo-bare.ts'),
      args: [
        JSON.stringify({ url: server.url('product'), into: server.url('bare'), ms: 10_000 / scene.divide }),
      ],
      core: SERVER_CORE,
      log: scene.log,
    });
    const barePerS = await inserts.line(field('perS', z.number()), 60_000);
    await inserts.ended;
    return {
      version: found.version,
      perS: round(result.perS),
      sqlitePerS: round(sqlite.perS),
      floorPerS: round(bare.perS),
      barePerS: round(barePerS),
      p50Ms: result.saturated.p50Ms,
      p99Ms: result.saturated.p99Ms,
    };
  } finally {
    await server.stop();
    scene.drop(folder);
  }
}
