/**
 * The load test: `npm run bench` prints a table, `-- --json` one line, `-- --only NAME` runs one part, `-- --quick` halves
 * the times. For looking closer: `--cpu-prof FOLDER` writes CPU profiles of the collector, `--node-flags '--a --b'` starts it
 * with other flags, `--keep` leaves folders and logs. README.md says what each figure means.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { agent } from './parts/agent.ts';
import { capacity, type StoreCost } from './parts/capacity.ts';
import { collectors } from './parts/collectors.ts';
import { ingest } from './parts/ingest.ts';
import { AGENTS, memory } from './parts/memory.ts';
import { merge } from './parts/merge.ts';
import { mongo } from './parts/mongo.ts';
import { restart } from './parts/restart.ts';
import { storage } from './parts/storage.ts';
import { storm } from './parts/storm.ts';
import { tray } from './parts/tray.ts';
import { watch } from './parts/watch.ts';
import { CLIENT_CORE, PINNED, pinSelf, SERVER_CORE } from './support/process.ts';
import { load, openScene, type Scene } from './support/scene.ts';

const { values: given } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    only: { type: 'string' },
    'cpu-prof': { type: 'string' },
    'node-flags': { type: 'string' },
    connections: { type: 'string' },
    window: { type: 'string' },
    rounds: { type: 'string' },
    agents: { type: 'string' },
  },
});

/** One line of the table: what was measured, what it must reach, whether it does. */
interface Judged {
  readonly what: string;
  readonly value: string;
  readonly target: string;
  readonly met: boolean | null;
}

interface Part {
  readonly name: string;
  run(scene: Scene): Promise<{ figures: unknown; lines: readonly Judged[] }>;
}

const number = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);
const of = <Key extends string>(key: Key, value: number | undefined): Partial<Record<Key, number>> => {
  const found: Partial<Record<Key, number>> = {};
  if (value !== undefined) found[key] = value;
  return found;
};

const parts: readonly Part[] = [
  {
    name: 'ingest',
    async run(scene) {
      const figures = await ingest(scene, {
        ...of('connections', number(given.connections)),
        ...of('window', number(given.window)),
        ...of('rounds', number(given.rounds)),
      });
      const { floorPerS, productPerS, ratio, p50Ms, p95Ms, p99Ms } = figures;
      return {
        figures,
        lines: [
          { what: 'floor: frames stored', value: `${floorPerS}/s`, target: '', met: null },
          {
            what: 'product: snapshots stored, merged, scored',
            value: `${productPerS}/s`,
            target: '≥ 8000/s',
            met: productPerS >= 8000,
          },
          { what: 'product to floor', value: String(ratio), target: '≥ 0.6', met: ratio >= 0.6 },
          {
            what: 'acknowledged after (p50 / p95 / p99)',
            value: `${p50Ms} / ${p95Ms} / ${p99Ms} ms`,
            target: 'p99 ≤ 50 ms at 8000/s',
            met: p99Ms <= 50 && productPerS >= 8000,
          },
        ],
      };
    },
  },
  {
    name: 'memory',
    async run(scene) {
      const figures = await memory(scene, { agents: number(given.agents) ?? AGENTS });
      const { agents, perAgentKiB } = figures;
      return {
        figures,
        lines: [
          {
            what: `memory by idle agent (${agents})`,
            value: `${perAgentKiB} KiB`,
            target: '≤ 40 KiB',
            met: perAgentKiB <= 40,
          },
        ],
      };
    },
  },
  {
    name: 'storm',
    async run(scene) {
      const sizes = given.agents === undefined ? [3000, 5000] : [Number(given.agents)];
      const figures = [];
      for (const agents of sizes) figures.push(await storm(scene, agents));
      return {
        figures,
        lines: figures.flatMap(({ agents, upShare, t99Ms, peakToMean, lost, doubled }) => [
          {
            what: `storm of ${agents}: up 20 s after the kill`,
            value: `${(100 * upShare).toFixed(2)} %, 99 % at ${t99Ms === null ? 'never' : `${(t99Ms / 1000).toFixed(1)} s`}`,
            target: '99 % within 20 s',
            met: t99Ms !== null && t99Ms <= 20_000,
          },
          {
            what: `storm of ${agents}: peak to mean`,
            value: String(peakToMean),
            target: '< 3',
            met: peakToMean < 3,
          },
          {
            what: `storm of ${agents}: lost, doubled`,
            value: `${lost}, ${doubled}`,
            target: '0, 0',
            met: lost === 0 && doubled === 0,
          },
        ]),
      };
    },
  },
  {
    name: 'watch',
    async run(scene) {
      const figures = await watch(scene, [1, 20]);
      return {
        figures,
        lines: figures.map(({ consoles, p50Ms, p99Ms }) => ({
          what: `device to ${consoles} console${consoles === 1 ? '' : 's'} (p50 / p99)`,
          value: `${p50Ms} / ${p99Ms} ms`,
          target: 'p99 ≤ 15 ms',
          met: p99Ms <= 15,
        })),
      };
    },
  },
  {
    name: 'agent',
    async run(scene) {
      const figures = await agent(scene);
      const { rssMiB, cpuShare } = figures;
      return {
        figures,
        lines: [
          { what: 'agent, idle: memory', value: `${rssMiB} MiB`, target: '≤ 70 MiB', met: rssMiB <= 70 },
          {
            what: 'agent, idle: processor',
            value: `${(100 * cpuShare).toFixed(2)} % of a core`,
            target: '≤ 0.3 %',
            met: cpuShare <= 0.003,
          },
        ],
      };
    },
  },
  {
    name: 'tray',
    async run(scene) {
      const figures = await tray(scene);
      const { iconMs, contentMs, firstClickMs, badgeMs, pageKb, pssMiB, cpuShare } = figures;
      const { serviceRssMiB, serviceCpuShare } = figures;
      const percent = (share: number): string => `${(100 * share).toFixed(2)} % of a core`;
      return {
        figures,
        lines: [
          { what: 'tray: launch to icon', value: `${iconMs} ms`, target: '≤ 1500 ms', met: iconMs <= 1500 },
          {
            what: 'tray: click to Home on the screen (first click)',
            value: `${contentMs} ms (${firstClickMs} ms)`,
            target: '≤ 400 ms',
            met: contentMs <= 400,
          },
          {
            what: 'tray: problem told to icon changed',
            value: `${badgeMs} ms`,
            target: '≤ 1000 ms',
            met: badgeMs <= 1000,
          },
          { what: 'tray: page, gzipped', value: `${pageKb} kB`, target: '≤ 350 kB', met: pageKb <= 350 },
          {
            what: 'tray at rest: memory (PSS; service RSS)',
            value: `${pssMiB} MiB; ${serviceRssMiB} MiB`,
            target: '',
            met: null,
          },
          {
            what: 'tray at rest: processor (service)',
            value: `${percent(cpuShare)} (${percent(serviceCpuShare)})`,
            target: '',
            met: null,
          },
        ],
      };
    },
  },
  {
    name: 'storage',
    async run(scene) {
      const figures = await storage(scene);
      return {
        figures,
        lines: [
          {
            what: 'stored by device-day',
            value: `${figures.bytesPerDeviceDay} bytes`,
            target: '',
            met: null,
          },
        ],
      };
    },
  },
  {
    name: 'mongo',
    async run(scene) {
      const figures = await mongo(scene);
      const { perS, sqlitePerS, floorPerS, barePerS, p50Ms, p99Ms } = figures;
      const of = (other: number): string => `${(perS / other).toFixed(2)} (${other}/s)`;
      return {
        figures,
        lines: [
          {
            what: 'on MongoDB: snapshots stored, merged, scored',
            value: `${perS}/s`,
            target: '≥ 3000/s',
            met: perS >= 3000,
          },
          { what: 'on MongoDB to on SQLite', value: of(sqlitePerS), target: '', met: null },
          {
            what: 'on MongoDB to floor on MongoDB',
            value: of(floorPerS),
            target: '≥ 0.8',
            met: perS >= 0.8 * floorPerS,
          },
          { what: 'on MongoDB to bare bulk inserts', value: of(barePerS), target: '', met: null },
          {
            what: 'on MongoDB: acknowledged after (p50 / p99)',
            value: `${p50Ms} / ${p99Ms} ms`,
            target: '',
            met: null,
          },
        ],
      };
    },
  },
  {
    name: 'collectors',
    async run(scene) {
      const figures = await collectors(scene);
      return {
        figures,
        lines: figures.map(({ collectors: count, perS, p50Ms, p99Ms, usPerSnapshot, mongodUs }) => ({
          what: `${count} collector${count === 1 ? '' : 's'} on one MongoDB, two cores for all`,
          value: `${perS}/s, p50 / p99 ${p50Ms} / ${p99Ms} ms; ${usPerSnapshot} + ${mongodUs} µs a snapshot`,
          target: '',
          met: null,
        })),
      };
    },
  },
  {
    name: 'capacity',
    async run(scene) {
      const figures = await capacity(scene);
      const day = ({ collectorMs, databaseMs, wireBytes, bytesPerDeviceDay }: StoreCost): string =>
        `${collectorMs} + ${databaseMs} ms, ${wireBytes} bytes told, ${bytesPerDeviceDay} stored`;
      const held = ({ memory: { agents, perAgentKiB, perKnownKiB } }: StoreCost): string =>
        `${perAgentKiB} KiB connected (${agents}), ${perKnownKiB} KiB known`;
      const plain = (what: string, value: string): Judged => ({ what, value, target: '', met: null });
      return {
        figures,
        lines: [
          plain('a device-day on SQLite', day(figures.sqlite)),
          plain('a device-day on MongoDB (collector + mongod)', day(figures.mongodb)),
          plain('memory by device on SQLite', held(figures.sqlite)),
          plain('memory by device on MongoDB', held(figures.mongodb)),
          ...figures.needs.map(need =>
            plain(
              `${need.devices} devices need`,
              `${need.collectors} collectors of ${need.collectorMiB} MiB, ${need.shards} shards, ${need.storedGb} GB`,
            ),
          ),
        ],
      };
    },
  },
  {
    name: 'merge',
    async run(scene) {
      const figures = await merge(scene);
      const { devices, members, matchS, mergeS, totalS, updateP50Us, updateP99Us } = figures;
      return {
        figures,
        lines: [
          {
            what: `match and merge ${devices} devices of six sources`,
            value: `${totalS} s (${matchS} + ${mergeS})`,
            target: '≤ 20 s for 100000',
            met: totalS <= members / 30_000,
          },
          {
            what: 'one changed record (p50 / p99)',
            value: `${updateP50Us} / ${updateP99Us} µs`,
            target: 'p50 ≤ 200 µs',
            met: updateP50Us <= 200,
          },
        ],
      };
    },
  },
  {
    name: 'restart',
    async run(scene) {
      const figures = await restart(scene);
      return {
        figures,
        lines: [
          {
            what: 'start to first acknowledgement',
            value: `${figures.ms} ms`,
            target: '≤ 1500 ms',
            met: figures.ms <= 1500,
          },
        ],
      };
    },
  },
];

const chosen = parts.filter(({ name }) => given.only === undefined || given.only === name);
if (chosen.length === 0) {
  process.stderr.write(`--only takes one of: ${parts.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

pinSelf();
const note = (text: string): void => void process.stderr.write(`  ${text}\n`);
const profiles = given['cpu-prof'];
const scene = openScene({
  quick: given.quick,
  keep: given.keep,
  nodeFlags: [
    ...(given['node-flags'] ?? '').split(' ').filter(flag => flag !== ''),
    ...(profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`]),
  ],
  note,
});
process.stderr.write(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, node ${process.version}, load ${load()}; ` +
    `${PINNED ? `servers on core ${SERVER_CORE}, load client on core ${CLIENT_CORE}` : 'NOT PINNED: no taskset, the figures of both sides disturb each other'}\n`,
);
const figures: Record<string, unknown> = {};
const lines: Judged[] = [];
try {
  for (const part of chosen) {
    const from = performance.now();
    process.stderr.write(`${part.name}\n`);
    const result = await part.run(scene);
    figures[part.name] = result.figures;
    lines.push(...result.lines);
    note(`(${((performance.now() - from) / 1000).toFixed(0)} s)`);
  }
} finally {
  scene.close();
}
if (given.json) {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} else {
  const width = Math.max(...lines.map(({ what }) => what.length));
  for (const { what, value, target, met } of lines) {
    const verdict = met === null ? '' : met ? 'met' : 'MISSED';
    process.stdout.write(`${what.padEnd(width)}  ${value.padEnd(34)}  ${target.padEnd(22)}  ${verdict}\n`);
  }
}
