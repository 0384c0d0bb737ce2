import type { Battery } from '../../../../shared/device/facts.ts';
import { type Answer, answered, unanswered } from '../answer.ts';
import { decode, lines } from '../decode.ts';
import { combineBatteries, knownCycles, type SingleBattery, share } from './battery.ts';
import { isDict, parsePlist } from './plist.ts';
import { numberIn, type Row } from './rows.ts';

/** `{"A"=1,"B"=Yes,...}` on one line of ioreg's text form: only the plain numbers and flags of the outermost level. */
function innerValues(text: string): Row {
  const values: Record<string, unknown> = {};
  let depth = 0;
  let at = 0;
  for (const match of text.matchAll(/[{(<]|[})>]|"([^"]+)"=(\d+|Yes|No)(?=[,}])/g)) {
    const [token, key, value] = match;
    if (key !== undefined) {
      if (depth === 1) values[key] = value === 'Yes' ? true : value === 'No' ? false : Number(value);
    } else if (/[{(<]/.test(token)) depth += 1;
    else depth -= 1;
    at = match.index;
    if (depth < 0) break;
  }
  return at === 0 ? {} : values;
}

/** ioreg's text form as rows: one per service, `BatteryData` as a row inside. */
function textRows(text: string): Row[] {
  const rows: Record<string, unknown>[] = [];
  let row: Record<string, unknown> | undefined;
  for (const line of lines(text)) {
    if (line.includes('+-o ')) {
      row = {};
      rows.push(row);
      continue;
    }
    const [, key, value = ''] = /^[\s|]*"([^"]+)" = (.*)$/.exec(line) ?? [];
    if (key === undefined) continue;
    if (row === undefined) {
      row = {};
      rows.push(row);
    }
    if (value === 'Yes' || value === 'No') row[key] = value === 'Yes';
    else if (/^-?\d+$/.test(value)) row[key] = Number(value);
    else if (key === 'BatteryData') row[key] = innerValues(value);
  }
  return rows;
}

/** A capacity in mAh; 0 and figures no laptop battery has are "not told". */
function capacity(value: number | null): number | null {
  return value !== null && value > 0 && value < 100_000 ? value : null;
}

function battery(row: Row, at: number): SingleBattery {
  const data = isDict(row.BatteryData) ? row.BatteryData : {};
  const designCapacity = capacity(numberIn(row, 'DesignCapacity') ?? numberIn(data, 'DesignCapacity'));
  // MaxCapacity is milliampere hours on Intel and a percentage (100) on Apple silicon: 100 is never a capacity.
  const max = numberIn(row, 'MaxCapacity');
  const percentages = max === 100 || (max === null && numberIn(data, 'MaxCapacity') === 100);
  const fullChargeCapacity = capacity(
    numberIn(row, 'AppleRawMaxCapacity') ??
      numberIn(data, 'FullChargeCapacity') ??
      (percentages ? null : max),
  );
  const current = numberIn(row, 'CurrentCapacity') ?? numberIn(data, 'CurrentCapacity');
  const percent =
    current === null
      ? null
      : percentages
        ? current >= 0 && current <= 100
          ? current
          : null
        : share(capacity(current), capacity(max));
  const charging = row.IsCharging === true;
  const full = row.FullyCharged === true;
  const external = row.ExternalConnected;
  const minutes = numberIn(row, 'TimeRemaining') ?? numberIn(row, 'AvgTimeToEmpty');
  return {
    id: `battery ${at + 1}`,
    state: charging
      ? 'charging'
      : external === false
        ? 'discharging'
        : full
          ? 'full'
          : external === true
            ? 'idle'
            : 'unknown',
    percent,
    unit: 'mAh',
    designCapacity,
    fullChargeCapacity,
    healthPercent: share(fullChargeCapacity, designCapacity),
    cycleCount: knownCycles(numberIn(row, 'CycleCount') ?? numberIn(data, 'CycleCount')),
    condition: null,
    // 65535 stands for "unknown".
    minutesRemaining:
      external === false && minutes !== null && minutes > 0 && minutes < 6000 ? minutes : null,
  };
}

/**
 * `ioreg -r -c AppleSmartBattery -a` (a property list) or its text form. Nothing printed and exit code 0 means there is no such
 * device: a desktop Mac.
 */
export function parseSmartBattery(stdout: Uint8Array): Answer<Battery> {
  const text = decode(stdout);
  if (text.trim() === '') return unanswered('not-present');
  const plist = parsePlist(text);
  if (text.includes('<plist') && plist === undefined) return unanswered('parse-error', 'ioreg');
  const rows = Array.isArray(plist) ? plist.filter(isDict) : isDict(plist) ? [plist] : textRows(text);
  if (Array.isArray(plist) && plist.length === 0) return unanswered('not-present');
  const built = rows.filter(row => row.BatteryInstalled !== false);
  if (rows.length > 0 && built.length === 0) return unanswered('not-present');
  const known = built.filter(row => isDict(row.BatteryData) || numberIn(row, 'DesignCapacity') !== null);
  if (known.length === 0) return unanswered('parse-error', 'ioreg names no battery');
  const first = known[0];
  const external = first?.ExternalConnected;
  return answered(
    combineBatteries(known.slice(0, 8).map(battery), typeof external === 'boolean' ? external : null),
  );
}
