import type { Battery } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { combineBatteries, parsePowerSupply, type SingleBattery } from '../parse/battery.ts';
import { parseSmartBattery } from '../parse/battery-macos.ts';
import { parseBatteryReport, windowsBattery } from '../parse/battery-windows.ts';
import { textIn } from '../parse/rows.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

async function linux({ probe }: ScanContext): Promise<Answer<Battery>> {
  const names = await probe.list('/sys/class/power_supply');
  if (!names.ok) {
    return names.reason === 'not-present' ? unanswered('not-supported', 'no power supply class') : names;
  }
  const batteries: SingleBattery[] = [];
  const mains: (boolean | null)[] = [];
  for (const name of [...names.value].sort()) {
    const uevent = await probe.readFile(`/sys/class/power_supply/${name}/uevent`);
    if (!uevent.ok) {
      // A battery that leaves between listing and reading is gone; anything else would hide one.
      if (uevent.reason === 'not-present') continue;
      return uevent;
    }
    const supply = parsePowerSupply(name, uevent.value);
    if (supply.kind === 'battery') batteries.push(supply.battery);
    if (supply.kind === 'mains') mains.push(supply.online);
  }
  if (batteries.length === 0) return unanswered('not-present');
  const states = new Set(batteries.map(one => one.state));
  const onAc = mains.includes(true)
    ? true
    : states.has('discharging')
      ? false
      : mains.length > 0 && mains.every(one => one === false)
        ? false
        : states.has('charging')
          ? true
          : null;
  return answered(combineBatteries(batteries, onAc));
}

async function windows({ probe, round, signal }: ScanContext): Promise<Answer<Battery>> {
  const instances = await windowsSection(probe, round, 'battery', signal);
  const states = await windowsSection(probe, round, 'batteryState', signal);
  const report = await windowsSection(probe, round, 'batteryReport', signal);
  if (!instances.ok && !states.ok) return instances;
  const xml = report.ok && report.value[0] !== undefined ? textIn(report.value[0], 'Xml', 1_000_000) : null;
  return windowsBattery(
    instances.ok ? instances.value : null,
    states.ok ? states.value : null,
    xml === null ? null : parseBatteryReport(xml),
  );
}

async function macos({ probe, signal }: ScanContext): Promise<Answer<Battery>> {
  const ran = await probe.command('ioreg', ['-r', '-c', 'AppleSmartBattery', '-a'], { signal });
  if (!ran.ok) return ran;
  return ran.code === 0
    ? parseSmartBattery(ran.stdout)
    : unanswered('command-failed', `ioreg ended with ${ran.code}`);
}

const read = perPlatform({ windows, macos, linux });

export function batteryScan() {
  return defineScan({
    id: 'battery',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
    significant: value => ({
      onAc: value.onAc,
      health: value.healthPercent,
      worst: value.worstHealthPercent,
      batteries: value.batteries.map(one => [one.id, one.designCapacity, one.cycleCount, one.condition]),
      // Charge itself travels as a live series; a step of ten is worth telling.
      charge: value.percent === null ? null : Math.round(value.percent / 10),
    }),
  });
}
