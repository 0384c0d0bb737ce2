import { findingsTable } from '../core/scan/print.ts';
import { liveProbe } from '../core/scan/probe.ts';
import { replayProbe } from '../core/scan/replay.ts';
import { createScanner } from '../core/scan/run.ts';
import { systemClock } from './clock.ts';
import type { ScanCommand } from './command-line.ts';
import { currentPlatform } from './host.ts';
import { readSubjectsFile } from './subjects-file.ts';

/** Runs every check once and prints what it found; nothing leaves the machine. */
export async function scanCommand({ json, replay, platform, subjects }: ScanCommand): Promise<number> {
  const target = platform ?? currentPlatform();
  const probe = replay === null ? liveProbe() : replayProbe(replay);
  const named = subjects === null ? null : readSubjectsFile(subjects);
  const scanner = createScanner({
    platform: target,
    probe,
    clock: systemClock,
    ...(named === null ? {} : { subjects: () => named }),
  });
  const findings = await scanner.run(
    scanner.scans.map(({ id }) => id),
    new AbortController().signal,
  );
  process.stdout.write(
    json ? `${JSON.stringify(findings, null, 2)}\n` : `${findingsTable(findings, Date.now())}\n`,
  );
  return 0;
}
