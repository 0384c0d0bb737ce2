import type { ServiceScan } from '../../../../shared/device/facts-software.ts';
import type { Platform } from '../../../../shared/device/platform.ts';
import type { ServiceSubject, Subjects } from '../../../../shared/device/subjects.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { toldRows } from '../by-name.ts';
import { decode } from '../decode.ts';
import { readScQuery } from '../facts/edr.ts';
import { registryNumber } from '../parse/reg.ts';
import { numberIn } from '../parse/rows.ts';
import { factsOf } from '../parse/told.ts';
import { parseDisabled, parseLaunchctlState, parseUnits, unitName } from '../parse/units.ts';
import { defineScan, type ScanContext } from '../scan.ts';
import { registryKey } from '../windows/registry.ts';

type Row = ServiceScan['services'][number];

function asked(subjects: Subjects, platform: Platform): ServiceSubject[] {
  return subjects.services.filter(one => one.platform === undefined || one.platform === platform);
}

const notThere = (id: string): Row => ({ id, installed: false, running: false, start: null, reason: null });
const open = (id: string, reason: string): Row => ({
  id,
  installed: null,
  running: null,
  start: null,
  reason: reason.slice(0, 200),
});

/** Start types of HKLM\SYSTEM\CurrentControlSet\Services (winnt.h SERVICE_BOOT_START and its like). */
const STARTS = ['boot', 'system', 'automatic', 'manual', 'disabled'] as const;
/** ERROR_SERVICE_DOES_NOT_EXIST and ERROR_ACCESS_DENIED: sc.exe ends with the code of the error. */
const NO_SUCH_SERVICE = 1060;
const ACCESS_DENIED = 5;

async function windowsService({ probe, signal }: ScanContext, { id, name }: ServiceSubject): Promise<Row> {
  const ran = await probe.command('sc', ['query', name], { signal });
  if (!ran.ok) return open(id, ran.detail ?? ran.reason);
  if (ran.code === NO_SUCH_SERVICE) return notThere(id);
  if (ran.code !== 0)
    return open(id, ran.code === ACCESS_DENIED ? 'not-permitted' : `sc ended with ${ran.code}`);
  const called = `sc-query-${name.toLowerCase()}`;
  const plain = factsOf(readScQuery, called, ran.stdout, 'service');
  // Services of known protection products come as another family with the same members.
  const told = plain.ok ? plain : factsOf(readScQuery, called, ran.stdout, 'edr');
  if (!told.ok) return open(id, told.detail ?? told.reason);
  const state = numberIn(told.value, 'state');
  const key = await registryKey(probe, `HKLM\\SYSTEM\\CurrentControlSet\\Services\\${name}`, signal);
  const start = key.ok ? registryNumber(key.value, 'Start') : null;
  // 1 stopped, 4 running, 7 paused; the others are on the way to one of them.
  const running = state === 4 ? true : state === 1 || state === 7 ? false : null;
  return {
    id,
    installed: true,
    running,
    start: start === null ? null : (STARTS[start] ?? null),
    reason: running === null ? 'between two states' : null,
  };
}

async function windows(context: ScanContext, services: readonly ServiceSubject[]): Promise<Answer<Row[]>> {
  const rows: Row[] = [];
  for (const one of services) rows.push(await windowsService(context, one));
  return answered(rows);
}

/** launchctl's exit code for a label it has not loaded (EX 113, "Could not find service"). */
const NOT_LOADED = 113;
const DAEMONS = ['/Library/LaunchDaemons', '/System/Library/LaunchDaemons'];

async function macService(
  { probe, signal }: ScanContext,
  { id, name }: ServiceSubject,
  disabled: string | null,
): Promise<Row> {
  const ran = await probe.command('launchctl', ['print', `system/${name}`], { signal });
  if (!ran.ok) return open(id, ran.detail ?? ran.reason);
  const off = disabled === null ? null : parseDisabled(disabled, name);
  const start = off === null ? null : off ? 'disabled' : 'automatic';
  if (ran.code === NOT_LOADED) {
    for (const folder of DAEMONS) {
      const file = await probe.exists(`${folder}/${name}.plist`);
      if (!file.ok) return { ...open(id, file.detail ?? file.reason), running: false };
      if (file.value) return { id, installed: true, running: false, start, reason: null };
    }
    return notThere(id);
  }
  if (ran.code !== 0) return open(id, `launchctl ended with ${ran.code}`);
  const running = parseLaunchctlState(decode(ran.stdout));
  if (running === null) return open(id, 'launchctl does not say');
  return { id, installed: true, running, start, reason: null };
}

async function macos(context: ScanContext, services: readonly ServiceSubject[]): Promise<Answer<Row[]>> {
  const { probe, signal } = context;
  const listed = await probe.command('launchctl', ['print-disabled', 'system'], { signal });
  const disabled = listed.ok && listed.code === 0 ? decode(listed.stdout) : null;
  const rows: Row[] = [];
  for (const one of services) rows.push(await macService(context, one, disabled));
  return answered(rows);
}

async function linux(
  { probe, signal }: ScanContext,
  services: readonly ServiceSubject[],
): Promise<Answer<Row[]>> {
  const units = services.map(one => unitName(one.name));
  const args = ['show', '--no-pager', '-p', 'LoadState,ActiveState,UnitFileState', '--', ...units];
  const ran = await probe.command('systemctl', args, { signal });
  if (!ran.ok) return ran;
  if (ran.code !== 0) return unanswered('not-supported', 'systemd does not run this system');
  const told = parseUnits(decode(ran.stdout), units.length);
  if (told === null) return unanswered('parse-error', 'systemctl');
  return answered(
    services.flatMap((one, at) => (told[at] === undefined ? [] : [{ id: one.id, ...told[at] }])),
  );
}

async function read(context: ScanContext): Promise<Answer<ServiceScan>> {
  const services = await { windows, macos, linux }[context.platform](
    context,
    asked(context.subjects, context.platform),
  );
  if (!services.ok) return services;
  const told = toldRows(services.value, one => one.installed === null && one.running === null);
  return told.ok ? answered({ services: told.value }) : told;
}

export function serviceScan() {
  return defineScan({
    id: 'service',
    timeoutMs: 60_000,
    looksFor: asked,
    run: async context => outcome(await read(context)),
  });
}
