import type { AppInstalled } from '../../../../shared/device/facts-software.ts';
import type { Platform } from '../../../../shared/device/platform.ts';
import type { AppSubject, Subjects } from '../../../../shared/device/subjects.ts';
import { type Answer, answered, cannotAsk, outcome } from '../answer.ts';
import { sideloaded, systemPackages } from '../linux/packages.ts';
import { bundleVersion, homeOfPerson } from '../macos/bundles.ts';
import { findApps, fitsPattern, type Program, upstreamVersion, windowsPrograms } from '../parse/software.ts';
import { defineScan, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

function asked(subjects: Subjects, platform: Platform): AppSubject[] {
  return subjects.apps.filter(one => one.platform === undefined || one.platform === platform);
}

async function windows({ probe, round, signal }: ScanContext): Promise<Answer<readonly Program[]>> {
  const rows = await windowsSection(probe, round, 'apps', signal);
  return rows.ok ? answered(windowsPrograms(rows.value)) : rows;
}

/**
 * Bundles in the folders where applications belong, by their names; the few that fit are opened for their version. `system_profiler
 * SPApplicationsDataType` would find more and takes up to half a minute.
 */
async function macos({
  probe,
  subjects,
  platform,
  signal,
}: ScanContext): Promise<Answer<readonly Program[]>> {
  const home = await homeOfPerson(probe, signal);
  const wanted = asked(subjects, platform);
  const programs: Program[] = [];
  for (const folder of [
    '/Applications',
    '/Applications/Utilities',
    '/System/Applications',
    ...(home === null ? [] : [`${home}/Applications`]),
  ]) {
    const names = await probe.list(folder);
    if (!names.ok) {
      if (folder !== '/Applications') continue;
      return cannotAsk(names, 'no /Applications');
    }
    for (const bundle of names.value) {
      const name = /^(.+)\.app$/.exec(bundle)?.[1];
      if (name === undefined || !wanted.some(one => fitsPattern(one.name, name))) continue;
      programs.push({
        name,
        version: await bundleVersion(probe, `${folder}/${bundle}`, signal),
        publisher: null,
      });
    }
  }
  return answered(programs);
}

async function linux({ probe, signal }: ScanContext): Promise<Answer<readonly Program[]>> {
  const packages = await systemPackages(probe, signal);
  if (!packages.ok) return packages;
  const own = packages.value.map(one => ({
    ...one,
    version: one.version === null ? null : upstreamVersion(one.version),
  }));
  return answered([...own, ...(await sideloaded(probe, signal))]);
}

async function read(context: ScanContext): Promise<Answer<AppInstalled>> {
  const { platform, subjects } = context;
  const list = { windows, macos, linux }[platform];
  const programs = await list(context);
  return programs.ok ? answered({ apps: findApps(asked(subjects, platform), programs.value) }) : programs;
}

export function appInstalledScan() {
  return defineScan({
    id: 'app.installed',
    timeoutMs: 60_000,
    looksFor: asked,
    run: async context => outcome(await read(context)),
  });
}
