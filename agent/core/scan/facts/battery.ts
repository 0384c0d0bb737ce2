import { parseBatteryReport } from '../parse/battery-windows.ts';
import { isDict, type PlistDict, parsePlist } from '../parse/plist.ts';
import { type Facts, type Output, type Told, told, unknown, unread } from './answer.ts';
import { Bag, objects } from './objects.ts';
import { profilerItems } from './storage.ts';
import { decimal, type Field, fields, grouped, lines, only, percentIn, percentOf, yesNo } from './text.ts';

/** Family `battery`. */

type BatteryState = 'charging' | 'discharging' | 'full' | 'notCharging' | 'unknown';

interface One {
  readonly id: string | null;
  readonly manufacturer?: string | null;
  readonly serial?: string | null;
  readonly chemistry?: string | null;
  readonly state?: BatteryState | null;
  readonly percent?: number | null;
  readonly designCapacity?: number | null;
  readonly fullChargeCapacity?: number | null;
  readonly nominalCapacity?: number | null;
  readonly energyNow?: number | null;
  readonly cycleCount?: number | null;
  readonly healthPercent?: number | null;
  readonly reportedCapacityPercent?: number | null;
  readonly minutesRemaining?: number | null;
  readonly minutesToFull?: number | null;
}

/** A capacity; 0 is what firmware writes for "not known". */
function capacity(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && value > 0 && value < 10_000_000 ? value : null;
}

/** 0 cycles are what many batteries say instead of "not counted". */
function cycles(value: number | null): number | null {
  return value !== null && Number.isInteger(value) && value > 0 && value < 65_535 ? value : null;
}

function percentage(value: number | null): number | null {
  return value !== null && value >= 0 && value <= 100 ? value : null;
}

/** 65535, -1 and the like stand for "no estimate"; so does more than two days. */
function minutes(value: number | null): number | null {
  return value !== null && value > 0 && value < 2880 ? value : null;
}

function complete(one: One): One {
  const designCapacity = capacity(one.designCapacity);
  const fullChargeCapacity = capacity(one.fullChargeCapacity);
  return {
    ...one,
    designCapacity,
    fullChargeCapacity,
    healthPercent: percentOf(fullChargeCapacity, designCapacity) ?? one.healthPercent ?? null,
    percent: one.percent ?? null,
    cycleCount: one.cycleCount ?? null,
    state: one.state ?? null,
  };
}

function total(values: readonly (number | null | undefined)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null || value === undefined) return null;
    sum += value;
  }
  return values.length === 0 ? null : Math.round(sum * 10_000) / 10_000;
}

/** Several batteries as one: capacities are added, the worst health is named; what only holds for one battery stands for it alone. */
function batteryFacts(list: readonly One[], unit: 'mWh' | 'mAh' | 'Wh' | null, more: Facts = {}): Facts {
  const batteries = list.slice(0, 16).map(complete);
  const single = batteries.length === 1 ? batteries[0] : undefined;
  const design = total(batteries.map(one => one.designCapacity));
  const full = total(batteries.map(one => one.fullChargeCapacity));
  const healths = batteries.flatMap(one =>
    typeof one.healthPercent === 'number' ? [one.healthPercent] : [],
  );
  return {
    present: batteries.length > 0 ? true : null,
    count: batteries.length,
    capacityUnit: unit,
    percent: single?.percent ?? null,
    cycleCount: single?.cycleCount ?? null,
    healthPercent: single?.healthPercent ?? null,
    batteries,
    totalDesignCapacity: design,
    totalFullChargeCapacity: full,
    totalHealthPercent: percentOf(full, design),
    worstHealthPercent: healths.length === 0 ? null : Math.min(...healths),
    ...more,
  };
}

const NONE: Facts = { present: false, count: 0, batteries: [] };

// --- Windows ----------------------------------------------------------------------------------------------------------

/** Win32_Battery by BatteryStatus: 1, 4 and 5 discharge, 6 to 9 charge, 3 is full; 2 only says that mains are there. */
export function readWin32Battery(output: Output): Told {
  const rows = objects(output);
  if (rows === null) return unread(output, 'Win32_Battery');
  const bags = rows.map(row => new Bag(row));
  if (
    !bags.some(bag =>
      ['BatteryStatus', 'EstimatedChargeRemaining', 'DesignCapacity'].some(name => bag.has(name)),
    )
  )
    return unread(output, 'Win32_Battery');
  const status = bags.map(bag => bag.number('BatteryStatus'));
  const discharges = (code: number | null): boolean => code === 1 || code === 4 || code === 5;
  const charges = (code: number | null): boolean => code !== null && code >= 6 && code <= 9;
  const list = bags.map((bag, at): One => {
    const code = status[at] ?? null;
    return {
      id: bag.text('DeviceID', 'Name'),
      state: discharges(code) ? 'discharging' : charges(code) ? 'charging' : code === 3 ? 'full' : null,
      percent: percentage(bag.number('EstimatedChargeRemaining')),
      designCapacity: bag.number('DesignCapacity'),
      fullChargeCapacity: bag.number('FullChargeCapacity'),
      minutesRemaining: discharges(code) ? minutes(bag.number('EstimatedRunTime')) : null,
    };
  });
  const all = (test: (code: number | null) => boolean): boolean => status.every(test);
  return told(
    'battery',
    batteryFacts(list, 'mWh', {
      isCharging: status.some(charges) ? true : all(code => discharges(code) || code === 3) ? false : null,
      acConnected: status.some(discharges)
        ? false
        : status.some(code => code === 2 || code === 3 || charges(code))
          ? true
          : null,
      fullyCharged: all(code => code === 3)
        ? true
        : all(code => discharges(code) || charges(code))
          ? false
          : null,
      minutesRemaining: list.length === 1 ? (list[0]?.minutesRemaining ?? null) : null,
    }),
  );
}

/** root/wmi's BatteryStaticData, BatteryFullChargedCapacity, BatteryCycleCount and BatteryStatus, as objects or typed one by one at a prompt. */
export function readRootWmiBattery(output: Output): Told {
  const written = lines(output.text);
  const prompted = (name: string): number[] => {
    const at = written.findIndex(line => new RegExp(`\\)\\.${name}\\s*$`, 'i').test(line));
    const found: number[] = [];
    if (at >= 0)
      for (const line of written.slice(at + 1)) {
        if (!/^\d{1,9}$/.test(line.trim())) break;
        found.push(Number(line));
      }
    return found;
  };
  let design = prompted('DesignedCapacity');
  let full = prompted('FullChargedCapacity');
  let cycle = prompted('CycleCount');
  let ids: (string | null)[] = [];
  if (design.length + full.length === 0) {
    const bags = (objects(output) ?? []).map(row => new Bag(row));
    const each = (name: string): number[] => bags.flatMap(bag => bag.number(name) ?? []);
    design = each('DesignedCapacity');
    full = each('FullChargedCapacity');
    cycle = each('CycleCount');
    ids = bags.filter(bag => bag.has('DesignedCapacity')).map(bag => bag.text('UniqueID', 'DeviceName'));
  }
  const count = Math.max(design.length, full.length);
  if (count === 0) return unread(output, 'battery classes');
  // Lists of different length cannot be matched with each other.
  const same = design.length === full.length || design.length === 0 || full.length === 0;
  const list = Array.from(
    { length: count },
    (_, at): One => ({
      id: ids[at] ?? null,
      designCapacity: same ? (design[at] ?? null) : null,
      fullChargeCapacity: same ? (full[at] ?? null) : null,
      cycleCount: cycle.length === count ? cycles(cycle[at] ?? null) : null,
    }),
  );
  return told('battery', batteryFacts(list, 'mWh'));
}

function htmlCells(html: string): string[] {
  return [...html.matchAll(/<td[^>]*>([\s\S]*?)<\/td>/g)].map(([, cell = '']) =>
    cell
      .replace(/<[^>]*>/g, ' ')
      .replace(/&nbsp;/g, ' ')
      .replace(/&amp;/g, '&')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}

/** `powercfg /batteryreport` as XML, or as the HTML page whose labels are English and whose numbers follow the region. */
export function readBatteryReport(output: Output): Told {
  const { text } = output;
  if (text.trim() === '') return unknown('no-output');
  const reported = /<BatteryReport\b/.test(text) ? parseBatteryReport(text) : null;
  if (reported !== null) {
    const section = /<Batteries\b[^>]*>([\s\S]*?)<\/Batteries>/.exec(text)?.[1] ?? '';
    const blocks = [...section.matchAll(/<Battery\b[^>]*>([\s\S]*?)<\/Battery>/g)].map(
      ([, inner = '']) => inner,
    );
    const list = reported.map((one, at): One => {
      const value = (name: string): string | null => {
        const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(blocks[at] ?? '')?.[1]?.trim() ?? '';
        return found === '' ? null : found.slice(0, 100);
      };
      return {
        id: one.id,
        manufacturer: value('Manufacturer'),
        serial: value('SerialNumber'),
        chemistry: value('Chemistry'),
        designCapacity: one.designCapacity,
        fullChargeCapacity: one.fullChargeCapacity,
        cycleCount: one.cycleCount,
      };
    });
    // <RelativeCapacity>1 would make the figures percentages.
    const relative = /<RelativeCapacity>1</.test(section);
    if (list.length === 0) return told('battery', NONE);
    return told(
      'battery',
      batteryFacts(
        relative ? list.map(one => ({ ...one, designCapacity: null, fullChargeCapacity: null })) : list,
        'mWh',
      ),
    );
  }
  const table = /Installed batteries[\s\S]*?<table[^>]*>([\s\S]*?)<\/table>/.exec(text)?.[1];
  if (table === undefined) return unread(output, 'no list of batteries');
  const rows = [...table.matchAll(/<tr[^>]*>([\s\S]*?)<\/tr>/g)].map(([, row = '']) => htmlCells(row));
  const head = rows.find(row => row.slice(1).some(cell => /^BATTERY \d+$/.test(cell)));
  const count = head === undefined ? 0 : head.length - 1;
  if (count === 0) return unread(output, 'no list of batteries');
  const cell = (label: string, at: number): string | null => {
    const found = rows.find(row => row[0] === label)?.[at + 1] ?? '';
    return found === '' || found === '-' ? null : found.slice(0, 100);
  };
  const figure = (label: string, at: number): number | null =>
    grouped(/^(.*?) ?mWh$/.exec(cell(label, at) ?? '')?.[1]);
  const list = Array.from(
    { length: count },
    (_, at): One => ({
      id: cell('NAME', at),
      manufacturer: cell('MANUFACTURER', at),
      serial: cell('SERIAL NUMBER', at),
      chemistry: cell('CHEMISTRY', at),
      designCapacity: figure('DESIGN CAPACITY', at),
      fullChargeCapacity: figure('FULL CHARGE CAPACITY', at),
      cycleCount: cycles(grouped(cell('CYCLE COUNT', at))),
    }),
  );
  return told('battery', batteryFacts(list, 'mWh'));
}

// --- macOS ------------------------------------------------------------------------------------------------------------

/** `{"A"=1,...}` on one line of ioreg's text form: numbers and flags of the outermost level. */
function inner(text: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  let depth = 0;
  for (const [token, key, value] of text.matchAll(/[{(<]|[})>]|"([^"]+)"=(\d+|Yes|No)(?=[,}])|"[^"]*"/g)) {
    if (key !== undefined) {
      if (depth === 1) values[key] = value === 'Yes' ? true : value === 'No' ? false : Number(value);
    } else if (/^[{(<]$/.test(token)) depth += 1;
    else if (/^[})>]$/.test(token)) depth -= 1;
  }
  return values;
}

function ioregRows(text: string): PlistDict[] {
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
    else if (/^".*"$/.test(value)) row[key] = value.slice(1, -1);
    else if (value.startsWith('{')) row[key] = inner(value);
  }
  return rows;
}

/** Numbers that are negative ones written without sign (18446744073709541950), and 65535, are no figures. */
function figure(dict: PlistDict, key: string): number | null {
  const value = dict[key];
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 1e9 && value !== 65_535
    ? value
    : null;
}

/**
 * `ioreg -r -c AppleSmartBattery`, as text or property list. MaxCapacity is milliampere hours on Intel and 100 (a percentage) on Apple
 * silicon; real figures are AppleRawMaxCapacity, or BatteryData's since macOS 27. Temperature's unit changed over time (hundredths of a
 * degree, tenths of a kelvin): it is told only when VirtualTemperature confirms one reading.
 */
export function readSmartBattery(output: Output): Told {
  const { text } = output;
  if (text.trim() === '') return unknown('no-output');
  const plist = parsePlist(text);
  if (text.includes('<plist') && plist === undefined) return unknown('parse-error', 'ioreg');
  const rows = Array.isArray(plist) ? plist.filter(isDict) : isDict(plist) ? [plist] : ioregRows(text);
  if (
    (Array.isArray(plist) && plist.length === 0) ||
    (rows.length > 0 && rows.every(row => row.BatteryInstalled === false))
  )
    return told('battery', NONE);
  const row = rows.find(one => isDict(one.BatteryData) || figure(one, 'DesignCapacity') !== null);
  if (row === undefined) return unread(output, 'ioreg names no battery');
  const data = isDict(row.BatteryData) ? row.BatteryData : {};
  const pick = (key: string): number | null => figure(row, key) ?? figure(data, key);
  const max = pick('MaxCapacity');
  const now = pick('CurrentCapacity');
  const full = capacity(
    figure(row, 'AppleRawMaxCapacity') ?? figure(data, 'FullChargeCapacity') ?? (max === 100 ? null : max),
  );
  const external = typeof row.ExternalConnected === 'boolean' ? row.ExternalConnected : null;
  const charging = typeof row.IsCharging === 'boolean' ? row.IsCharging : null;
  const fully = typeof row.FullyCharged === 'boolean' ? row.FullyCharged : null;
  const degrees = figure(row, 'Temperature');
  const virtual = figure(row, 'VirtualTemperature');
  const readings = degrees === null ? [] : [degrees / 100, degrees / 10 - 273.15];
  const confirmed = virtual === null ? undefined : readings.find(one => Math.abs(one - virtual / 100) < 1);
  const voltage = figure(row, 'Voltage');
  const adapter = isDict(row.AdapterDetails) ? figure(row.AdapterDetails, 'Watts') : null;
  const remaining =
    external === false ? minutes(figure(row, 'TimeRemaining') ?? figure(row, 'AvgTimeToEmpty')) : null;
  const toFull =
    charging === true ? minutes(figure(row, 'AvgTimeToFull') ?? figure(row, 'TimeRemaining')) : null;
  const design = pick('DesignCycleCount9C') ?? pick('DesignCycleCount70') ?? pick('DesignCycleCount');
  const one: One = {
    id: null,
    state:
      charging === true
        ? 'charging'
        : external === false
          ? 'discharging'
          : fully === true
            ? 'full'
            : external === true && charging === false
              ? 'notCharging'
              : null,
    percent: now === null ? null : max === 100 ? percentage(now) : max === null ? null : percentOf(now, max),
    designCapacity: capacity(pick('DesignCapacity')),
    fullChargeCapacity: full,
    nominalCapacity: capacity(pick('NominalChargeCapacity')),
    energyNow: capacity(figure(row, 'AppleRawCurrentCapacity') ?? figure(data, 'RemainingCapacity')),
    cycleCount: cycles(pick('CycleCount')),
    minutesRemaining: remaining,
  };
  return told(
    'battery',
    batteryFacts([one], 'mAh', {
      isCharging: charging,
      fullyCharged: fully,
      acConnected: external,
      designCycleCount: design !== null && design > 0 ? design : null,
      designCapacity: one.designCapacity,
      fullChargeCapacity: one.fullChargeCapacity,
      nominalCapacity: one.nominalCapacity,
      temperatureC: confirmed === undefined ? null : Math.round(confirmed * 100) / 100,
      voltage: voltage !== null && voltage > 0 ? voltage / 1000 : null,
      adapterWatts: adapter !== null && adapter > 0 ? adapter : null,
      minutesRemaining: remaining,
      minutesToFull: toFull,
    }),
  );
}

/** `pmset -g batt` and `-g ps`. A desktop prints the first line alone. */
export function readPmset(output: Output): Told {
  const { text } = output;
  const source = /^\s*Now drawing from '([^'\n]+)'/m.exec(text)?.[1] ?? null;
  const list: (One & { toFull: number | null; word: string })[] = [];
  const odd: string[] = [];
  for (const line of lines(text)) {
    if (/^\s*Now drawing from '/.test(line) || line.trim() === '') continue;
    const match =
      /^\s*-(InternalBattery-\d+)(?: \(id=\d+\))?\s+(\d{1,3})%; ([A-Za-z ]+)(?:; (.*?))?(?:\s*present: (true|false))?$/.exec(
        line,
      );
    const [, id, percent = '', word = '', rest = '', present] = match ?? [];
    if (id === undefined) {
      if (!/^\s*-?(UPS|Battery Warning|.* -\d+ \(id=)/i.test(line)) odd.push(line);
      continue;
    }
    if (present === 'false') continue;
    const [, hours, mins] = /^(\d{1,2}):(\d{2}) remaining/.exec(rest) ?? [];
    const left =
      hours === undefined || mins === undefined ? null : minutes(Number(hours) * 60 + Number(mins));
    const state: BatteryState =
      word === 'discharging'
        ? 'discharging'
        : word === 'charging' || word === 'finishing charge'
          ? 'charging'
          : word === 'charged'
            ? 'full'
            : word === 'AC attached' && /not charging/.test(rest)
              ? 'notCharging'
              : 'unknown';
    list.push({
      id,
      word,
      state,
      percent: percentage(Number(percent)),
      minutesRemaining: state === 'discharging' ? left : null,
      toFull: state === 'charging' ? left : null,
    });
  }
  if (source === null && list.length === 0) return unread(output, 'pmset');
  if (odd.length > 0) return unknown('parse-error', 'a line of pmset');
  const acConnected = source === 'AC Power' ? true : source === 'Battery Power' ? false : null;
  if (list.length === 0) return told('battery', { ...NONE, source, acConnected });
  const states = list.map(one => one.state);
  const plain = list.map(({ toFull: _, word: __, ...one }): One => one);
  return told(
    'battery',
    batteryFacts(plain, null, {
      source,
      isCharging: states.includes('charging') ? true : states.includes('unknown') ? null : false,
      fullyCharged: states.every(state => state === 'full')
        ? true
        : states.includes('unknown')
          ? null
          : false,
      acConnected,
      minutesRemaining: list.length === 1 ? (list[0]?.minutesRemaining ?? null) : null,
      minutesToFull: list.length === 1 ? (list[0]?.toFull ?? null) : null,
    }),
  );
}

function conditionFacts(condition: string | null): Facts {
  const word = condition?.toLowerCase() ?? null;
  return {
    condition,
    serviceRecommended:
      word === null
        ? null
        : word === 'normal' || word === 'good'
          ? false
          : /^(service (recommended|battery)|replace (soon|now)|check battery|fair|poor)$/.test(word)
            ? true
            : null,
  };
}

const upperFlag = (bag: Bag, ...names: string[]): boolean | null =>
  yesNo(bag.text(...names)) ?? bag.flag(...names);

/** `system_profiler SPPowerDataType` as JSON, XML or text; `Charging` stands in the battery's section and in the charger's. */
export function readProfilerPower(output: Output): Told {
  const items = profilerItems(output.text, 'SPPowerDataType');
  if (items === null) return readProfilerPowerText(output);
  const named = (name: string): PlistDict | undefined =>
    items.find(one => one._name === name) ?? items.map(one => one[name]).find(isDict);
  const battery =
    named('spbattery_information') ??
    named('sppower_battery_information') ??
    items.find(one => isDict(one.sppower_battery_charge_info));
  const charger = new Bag(named('sppower_ac_charger_information') ?? {});
  const power = items.find(one => one._name === 'sppower_information');
  const current = (part: string): boolean | null => {
    const section = power?.[part];
    return isDict(section) ? upperFlag(new Bag(section), 'Current Power Source') : null;
  };
  const connected =
    upperFlag(charger, 'sppower_battery_charger_connected') ??
    (current('AC Power') === true ? true : current('Battery Power') === true ? false : null);
  if (battery === undefined) {
    return power === undefined && items.length === 0
      ? unread(output, 'SPPowerDataType')
      : told('battery', { ...NONE, acConnected: connected });
  }
  const section = (name: string): Bag => new Bag(isDict(battery[name]) ? battery[name] : {});
  const charge = section('sppower_battery_charge_info');
  const health = section('sppower_battery_health_info');
  const model = section('sppower_battery_model_info');
  const now = charge.number('sppower_battery_current_capacity');
  const full = charge.number('sppower_battery_max_capacity');
  const charging = upperFlag(charge, 'sppower_battery_is_charging');
  const fully = upperFlag(charge, 'sppower_battery_fully_charged');
  const voltage = new Bag(battery).number('sppower_current_voltage');
  return told(
    'battery',
    profilerFacts({
      percent: percentage(charge.number('sppower_battery_state_of_charge')) ?? percentOf(now, full),
      full,
      now,
      charging,
      fully,
      connected,
      cycle: health.number('sppower_battery_cycle_count'),
      condition: health.text('sppower_battery_health'),
      reported: percentIn(health.text('sppower_battery_health_maximum_capacity')),
      serial: model.text('sppower_battery_serial_number'),
      manufacturer: model.text('sppower_battery_manufacturer'),
      voltage,
      watts: charger.number('sppower_ac_charger_watts'),
    }),
  );
}

interface ProfilerSays {
  readonly percent: number | null;
  readonly full: number | null;
  readonly now: number | null;
  readonly charging: boolean | null;
  readonly fully: boolean | null;
  readonly connected: boolean | null;
  readonly cycle: number | null;
  readonly condition: string | null;
  readonly reported: number | null;
  readonly serial: string | null;
  readonly manufacturer: string | null;
  readonly voltage: number | null;
  readonly watts: number | null;
}

function profilerFacts(says: ProfilerSays): Facts {
  const one: One = {
    id: null,
    manufacturer: says.manufacturer,
    serial: says.serial,
    percent: says.percent,
    fullChargeCapacity: capacity(says.full),
    energyNow: capacity(says.now),
    cycleCount: cycles(says.cycle),
    reportedCapacityPercent: says.reported,
    healthPercent: says.reported,
    state:
      says.charging === true
        ? 'charging'
        : says.connected === false
          ? 'discharging'
          : says.fully === true
            ? 'full'
            : says.connected === true && says.charging === false
              ? 'notCharging'
              : null,
  };
  return batteryFacts([one], says.full === null ? null : 'mAh', {
    isCharging: says.charging,
    fullyCharged: says.fully,
    acConnected: says.connected,
    ...conditionFacts(says.condition),
    voltage: says.voltage !== null && says.voltage > 0 ? says.voltage / 1000 : null,
    adapterWatts: says.watts !== null && says.watts > 0 ? says.watts : null,
  });
}

/** Fields from a heading to the next one that is indented as much or less. */
function below(list: readonly Field[], heading: string): Field[] | null {
  const start = list.findIndex(one => one.key === heading && one.value === '');
  const head = list[start];
  if (head === undefined) return null;
  const rest = list.slice(start + 1);
  const end = rest.findIndex(one => one.indent <= head.indent);
  return end < 0 ? rest : rest.slice(0, end);
}

function readProfilerPowerText(output: Output): Told {
  const list = fields(output.text);
  if (!list.some(one => one.key === 'Power' && one.value === '') || list.length < 3)
    return unread(output, 'SPPowerDataType');
  const battery = below(list, 'Battery Information');
  const charger = below(list, 'AC Charger Information');
  const settings = below(list, 'System Power Settings');
  const source =
    settings === null ? null : yesNo(only(below(settings, 'Battery Power') ?? [], 'Current Power Source'));
  const mains =
    settings === null ? null : yesNo(only(below(settings, 'AC Power') ?? [], 'Current Power Source'));
  const connected =
    yesNo(only(charger ?? [], 'Connected')) ?? (mains === true ? true : source === true ? false : null);
  if (battery === null) return told('battery', { ...NONE, acConnected: connected });
  if (yesNo(only(battery, 'Battery Installed')) === false)
    return told('battery', { ...NONE, acConnected: connected });
  const whole = (key: string): number | null => grouped(only(battery, key));
  const now = whole('Charge Remaining (mAh)');
  const full = whole('Full Charge Capacity (mAh)');
  return told(
    'battery',
    profilerFacts({
      percent: percentage(whole('State of Charge (%)')) ?? percentOf(now, full),
      full,
      now,
      charging: yesNo(only(battery, 'Charging')),
      fully: yesNo(only(battery, 'Fully Charged')),
      connected,
      cycle: whole('Cycle Count'),
      condition: only(battery, 'Condition'),
      reported: percentIn(only(battery, 'Maximum Capacity')),
      serial: only(battery, 'Serial Number'),
      manufacturer: only(battery, 'Manufacturer'),
      voltage: whole('Voltage (mV)'),
      watts: grouped(only(charger ?? [], 'Wattage (W)')),
    }),
  );
}

// --- Linux ------------------------------------------------------------------------------------------------------------

const STATES: Readonly<Record<string, BatteryState>> = {
  charging: 'charging',
  discharging: 'discharging',
  'fully-charged': 'full',
  full: 'full',
  'pending-charge': 'notCharging',
  'pending-discharge': 'notCharging',
  'not charging': 'notCharging',
  unknown: 'unknown',
};

/** `47,3708 Wh`, `57.3 minutes`: the number of a figure in the unit asked for. */
function amount(text: string | null, unit: string): number | null {
  const match = /^([\d.,]+) (\S+)$/.exec(text ?? '');
  return match?.[2] === unit ? decimal(match[1]) : null;
}

function duration(text: string | null): number | null {
  const seconds = amount(text, 'seconds');
  if (seconds !== null) return minutes(seconds / 60);
  const mins = amount(text, 'minutes');
  if (mins !== null) return minutes(mins);
  const hours = amount(text, 'hours');
  if (hours !== null) return minutes(Math.round(hours * 600) / 10);
  const days = amount(text, 'days');
  return days === null ? null : minutes(days * 1440);
}

interface Device {
  readonly one: One;
  readonly supply: boolean | null;
  readonly kind: string | null;
  readonly online: boolean | null;
  readonly aggregate: boolean;
  readonly present: boolean | null;
  readonly voltage: number | null;
}

/** One block of `upower -i`; the line of one word (`battery`, `mouse`, `line-power`) says what it is. */
function device(block: string): Device | null {
  const list = fields(block.split(/^\s+History/m)[0] ?? '');
  const kind = /^ {2,}([a-z][a-z-]+)\s*$/m.exec(block)?.[1] ?? null;
  const path = only(list, 'native-path');
  if (kind === null && path === null) return null;
  const word = only(list, 'state');
  return {
    kind,
    supply: yesNo(only(list, 'power supply')),
    online: yesNo(only(list, 'online')),
    aggregate: (path === null || path === '(null)') && only(list, 'model') === null,
    present: yesNo(only(list, 'present')),
    voltage: amount(only(list, 'voltage'), 'V'),
    one: {
      id: path === null ? null : (path.split('/').at(-1) ?? path),
      manufacturer: only(list, 'vendor'),
      serial: only(list, 'serial'),
      chemistry: only(list, 'technology'),
      state: word === null ? null : (STATES[word] ?? 'unknown'),
      percent: percentIn(only(list, 'percentage')?.replace(/ \(should be ignored\)$/, '')),
      designCapacity: amount(only(list, 'energy-full-design'), 'Wh'),
      fullChargeCapacity: amount(only(list, 'energy-full'), 'Wh'),
      energyNow: amount(only(list, 'energy'), 'Wh'),
      cycleCount: cycles(grouped(only(list, 'charge-cycles'))),
      reportedCapacityPercent: percentIn(only(list, 'capacity')),
      minutesRemaining: duration(only(list, 'time to empty')),
      minutesToFull: duration(only(list, 'time to full')),
    },
  };
}

/** `upower -i DEVICE` and `upower -d`. Cells of mice and keyboards (`power supply: no`) and the sum of all (DisplayDevice) are no batteries of a laptop. */
export function readUpower(output: Output): Told {
  if (/^\/org\/freedesktop\/UPower\/devices\//m.test(output.text)) return readUpowerList(output);
  const dump = /^Device: \//m.test(output.text);
  const blocks = dump
    ? output.text.split(/^(?=Device: |Daemon:)/m).filter(block => block.startsWith('Device: '))
    : [output.text];
  const devices = blocks
    .filter(block => !/^Device: .*DisplayDevice/.test(block))
    .map(block => device(block.replace(/^Device: .*$/m, '')))
    .filter(one => one !== null);
  if (devices.length === 0) return unread(output, 'upower');
  const onBattery = yesNo(/^\s+on-battery:\s+(\w+)\s*$/m.exec(output.text)?.[1]);
  const mains = devices.filter(one => one.kind === 'line-power').map(one => one.online);
  const acConnected =
    onBattery !== null
      ? !onBattery
      : mains.includes(true)
        ? true
        : mains.length > 0 && !mains.includes(null)
          ? false
          : null;
  const own = devices.filter(one => one.kind === 'battery' && one.supply === true && !one.aggregate);
  const batteries = own.filter(one => one.present !== false);
  if (own.length > 0 && batteries.length === 0) return told('battery', { ...NONE, acConnected });
  if (batteries.length === 0) {
    const sum =
      devices.length === 1
        ? devices.find(one => one.aggregate && one.supply === true && one.kind === 'battery')
        : undefined;
    return told('battery', {
      present: null,
      count: sum === undefined ? 0 : null,
      percent: sum?.one.percent ?? null,
      isCharging:
        sum === undefined
          ? null
          : sum.one.state === 'charging'
            ? true
            : sum.one.state === 'discharging'
              ? false
              : null,
      acConnected,
      batteries: sum === undefined ? [] : null,
    });
  }
  const states = batteries.map(one => one.one.state ?? null);
  const single = batteries.length === 1 ? batteries[0] : undefined;
  return told(
    'battery',
    batteryFacts(
      batteries.map(one => one.one),
      'Wh',
      {
        isCharging: states.includes('charging')
          ? true
          : states.every(state => state !== null && state !== 'unknown')
            ? false
            : null,
        fullyCharged: states.every(state => state === 'full')
          ? true
          : states.every(state => state !== null && state !== 'unknown')
            ? false
            : null,
        acConnected,
        voltage: single?.voltage ?? null,
        minutesRemaining: single?.one.minutesRemaining ?? null,
        minutesToFull: single?.one.minutesToFull ?? null,
      },
    ),
  );
}

/** `upower -e`: object paths; peripherals are recognised by the driver in their name. */
function readUpowerList(output: Output): Told {
  const paths = lines(output.text).flatMap(
    line => /^\/org\/freedesktop\/UPower\/devices\/(\w+)$/.exec(line.trim())?.[1] ?? [],
  );
  const batteries = paths
    .flatMap(path => /^battery_(.+)$/.exec(path)?.[1] ?? [])
    .filter(name => !/hid|wacom|controller|mouse|keyboard|headset|gip|bluez|dev_/i.test(name));
  return told('battery', {
    present: batteries.length > 0 ? true : null,
    count: batteries.length,
    batteries: batteries.map(id => ({ id })),
  });
}

/** `acpi -V`, `-b`, `-bi`. Thermal zones are not the battery's temperature. */
export function readAcpi(output: Output): Told {
  const found = new Map<string, One>();
  const adapters: boolean[] = [];
  for (const line of lines(output.text)) {
    const adapter = /^Adapter \d+: (on|off)-line$/.exec(line)?.[1];
    if (adapter !== undefined) adapters.push(adapter === 'on');
    const capacities =
      /^(Battery \d+): design capacity (\d+) mAh, last full capacity (\d+) mAh = (\d+)%$/.exec(line);
    if (capacities !== null) {
      const [, id = '', design, full, share] = capacities;
      found.set(id, {
        ...found.get(id),
        id,
        designCapacity: Number(design),
        fullChargeCapacity: Number(full),
        healthPercent: percentage(Number(share)),
      });
      continue;
    }
    const state =
      /^(Battery \d+): (Charging|Discharging|Full|Not charging|Unknown), (\d{1,3})%(?:, (.*))?$/.exec(line);
    if (state === null) continue;
    const [, id = '', word = '', percent, rest = ''] = state;
    const [, hours, mins, seconds, way] = /^(\d+):(\d{2}):(\d{2}) (remaining|until charged)/.exec(rest) ?? [];
    const time =
      hours === undefined
        ? null
        : minutes(Math.round((Number(hours) * 60 + Number(mins) + Number(seconds) / 60) * 10) / 10);
    found.set(id, {
      ...found.get(id),
      id,
      state: STATES[word.toLowerCase()] ?? 'unknown',
      percent: percentage(Number(percent)),
      minutesRemaining: way === 'remaining' ? time : null,
      minutesToFull: way === 'until charged' ? time : null,
    });
  }
  const acConnected = adapters.includes(true) ? true : adapters.length > 0 ? false : null;
  if (found.size === 0) {
    if (/No support for device type: power_supply/.test(output.text) || adapters.length === 0)
      return unread(output, 'acpi');
    return told('battery', { present: null, count: 0, batteries: [], acConnected });
  }
  const list = [...found.values()];
  const states = list.map(one => one.state ?? null);
  return told(
    'battery',
    batteryFacts(list, 'mAh', {
      isCharging: states.includes('charging')
        ? true
        : states.includes(null) || states.includes('unknown')
          ? null
          : false,
      fullyCharged: states.every(state => state === 'full')
        ? true
        : states.includes(null) || states.includes('unknown')
          ? null
          : false,
      acConnected,
      minutesRemaining: list.length === 1 ? (list[0]?.minutesRemaining ?? null) : null,
      minutesToFull: list.length === 1 ? (list[0]?.minutesToFull ?? null) : null,
    }),
  );
}

/** `dmidecode -t 22`: what the batteries were designed for, from the firmware's table. */
export function readDmidecodeBatteries(output: Output): Told {
  const blocks = output.text
    .split(/^(?=Handle 0x)/m)
    .filter(block => /^Portable Battery$/m.test(block.replace(/\r/g, '')));
  if (blocks.length === 0) {
    return /^# dmidecode|SMBIOS \d/m.test(output.text) &&
      !/permission denied/i.test(output.text) &&
      /SMBIOS .* present/.test(output.text)
      ? told('battery', { present: null, count: 0, batteries: [] })
      : unread(output, 'dmidecode');
  }
  const usable = (text: string | null): string | null =>
    text === null || /^(Unknown|Not Specified|To Be Filled.*|N\/A)$/i.test(text) ? null : text;
  const list = blocks.map((block): One => {
    const own = fields(block);
    return {
      id: usable(only(own, 'Name')) ?? usable(only(own, 'Location')),
      manufacturer: usable(only(own, 'Manufacturer')),
      serial: usable(only(own, 'SBDS Serial Number')) ?? usable(only(own, 'Serial Number')),
      chemistry: usable(only(own, 'SBDS Chemistry')) ?? usable(only(own, 'Chemistry')),
      designCapacity: capacity(amount(only(own, 'Design Capacity'), 'mWh')),
    };
  });
  const facts = batteryFacts(list, 'mWh');
  return told('battery', { ...facts, present: null });
}

/** /sys/class/power_supply/NAME/uevent. */
export function readPowerSupply(output: Output): Told {
  const values = new Map(
    lines(output.text).flatMap(line => {
      const match = /^POWER_SUPPLY_(\w+)=(.*)$/.exec(line);
      return match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const];
    }),
  );
  const type = values.get('TYPE');
  if (values.size === 0 || (type !== undefined && type !== 'Battery' && type !== 'Mains'))
    return unread(output, 'uevent');
  if (type === 'Mains') {
    const online = values.get('ONLINE');
    return told('battery', {
      present: null,
      acConnected: online === '1' ? true : online === '0' ? false : null,
    });
  }
  if (values.get('SCOPE') === 'Device') return told('battery', { present: null, count: 0, batteries: [] });
  if (values.get('PRESENT') === '0') return told('battery', NONE);
  const energy = values.has('ENERGY_FULL') || values.has('ENERGY_FULL_DESIGN');
  const micro = (key: string): number | null => {
    const value = grouped(values.get(key));
    return value === null || value === 0 ? null : value / 1000;
  };
  const kind = energy ? 'ENERGY' : 'CHARGE';
  const state = STATES[values.get('STATUS')?.toLowerCase() ?? ''] ?? null;
  return told(
    'battery',
    batteryFacts(
      [
        {
          id: values.get('NAME') ?? null,
          manufacturer: values.get('MANUFACTURER') ?? null,
          serial: values.get('SERIAL_NUMBER')?.trim() || null,
          chemistry: values.get('TECHNOLOGY') ?? null,
          state,
          percent: percentage(grouped(values.get('CAPACITY'))),
          designCapacity: micro(`${kind}_FULL_DESIGN`),
          fullChargeCapacity: micro(`${kind}_FULL`),
          energyNow: micro(`${kind}_NOW`),
          cycleCount: cycles(grouped(values.get('CYCLE_COUNT'))),
        },
      ],
      energy ? 'mWh' : 'mAh',
      {
        isCharging: state === null || state === 'unknown' ? null : state === 'charging',
        fullyCharged: state === null || state === 'unknown' ? null : state === 'full',
        acConnected: state === 'discharging' ? false : null,
      },
    ),
  );
}
