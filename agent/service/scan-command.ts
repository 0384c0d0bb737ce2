import { childrenCpuMs } from '../core/scan/cost.ts';
import { findingsTable, roundCostLine } from '../core/scan/print.ts';
import { liveProbe } from '../core/scan/probe.ts';
import { replayProbe } from '../core/scan/replay.ts';
import { createScanner } from '../core/scan/run.ts';
import { systemClock } from './clock.ts';
import type { ScanCommand } from './command-line.ts';
import { currentPlatform } from './host.ts';
import { replayedFrom, standingClock } from './replayed.ts';
import { readSubjectsFile } from './subjects-file.ts';

/** Runs every check once and prints what it found; nothing leaves the machine. */
export async function scanCommand({ json, replay, platform, subjects }: ScanCommand): Promise<number> {
  const said = replay === null ? null : replayedFrom(replay);
  const target = platform ?? said?.platform ?? currentPlatform();
  const clock = said === null || said.recordedAt === null ? systemClock : standingClock(said.recordedAt);
  const probe = replay === null ? liveProbe() : replayProbe(replay);
  const named = subjects === null ? null : readSubjectsFile(subjects);
  const asked = named ?? said?.subjects ?? null;
  const scanner = createScanner({
    platform: target,
    probe,
    clock,
    ...(asked === null ? {} : { subjects: () => asked }),
    ...(said === null ? {} : { osSupport: () => said.osSupport }),
  });
  const before = { wall: performance.now(), own: process.cpuUsage(), programs: childrenCpuMs() };
  const findings = await scanner.run(
    scanner.scans.map(({ id }) => id),
    new AbortController().signal,
  );
  const own = process.cpuUsage(before.own);
  const programs = childrenCpuMs();
  if (json) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
  else {
    const cost = roundCostLine({
      checks: Object.keys(findings).length,
      wallMs: performance.now() - before.wall,
      ownCpuMs: (own.user + own.system) / 1000,
      programsCpuMs: programs === null || before.programs === null ? null : programs - before.programs,
    });
    process.stdout.write(`${findingsTable(findings, clock.now())}\n${cost}`);
  }
  return 0;
}
