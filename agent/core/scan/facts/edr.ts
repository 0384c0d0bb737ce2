import { isDict, parsePlist } from '../parse/plist.ts';
import { type Facts, type Output, type Told, told, unknown, unread } from './answer.ts';
import { Bag, jsonOf } from './objects.ts';
import { dateOrder, type Field, fields, lines, localTime, only, utc, yesNo } from './text.ts';
import { allOf } from './windows-security.ts';

/** Family `edr`: vendors' own status tools, and the services that stand for them. Customer numbers and site keys are never told. */

const FALCON = 'CrowdStrike Falcon';
const SENTINEL = 'SentinelOne';
const CORTEX = 'Cortex XDR';
const MDE = 'Microsoft Defender for Endpoint';

/** Windows services and drivers of endpoint protection. */
const SERVICES: Readonly<Record<string, string>> = {
  csagent: FALCON,
  csfalconservice: FALCON,
  sentinelagent: SENTINEL,
  sentinelmonitor: SENTINEL,
  sense: MDE,
  windefend: 'Microsoft Defender Antivirus',
  wdfilter: 'Microsoft Defender Antivirus',
  cyserver: CORTEX,
  cyverak: CORTEX,
  ekrn: 'ESET Endpoint Security',
  epsecurityservice: 'Bitdefender Endpoint Security',
  epprotectedservice: 'Bitdefender Endpoint Security',
  'sophos endpoint defense service': 'Sophos Endpoint',
  carbonblack: 'Carbon Black',
  cbdefense: 'Carbon Black',
};

const SC_WORDS: readonly string[] = [
  'STOPPED',
  'START_PENDING',
  'STOP_PENDING',
  'RUNNING',
  'CONTINUE_PENDING',
  'PAUSE_PENDING',
  'PAUSED',
];

/**
 * `sc.exe query NAME`: the number of the second line of type and state decides (4 = running); names of the lines are translated.
 * Number and constant must agree where both are there. Error 1060: no such service.
 */
export function readScQuery(output: Output): Told {
  const { text } = output;
  if (text.trim() === '') return unknown('no-output');
  const services: { name: string; state: number | null }[] = [];
  let current: { name: string; state: number | null; rows: number } | null = null;
  for (const line of lines(text)) {
    const name = /^SERVICE_NAME: (\S.*)$/.exec(line)?.[1];
    if (name !== undefined) {
      current = { name, state: null, rows: 0 };
      services.push(current);
      continue;
    }
    const row = /^\s+[^:]+: ([\da-f]+)\s+([A-Z_]+)/.exec(line);
    if (row === null || current === null) continue;
    current.rows += 1;
    if (current.rows !== 2) continue;
    const code = /^[1-7]$/.test(row[1] ?? '') ? Number(row[1]) : null;
    const word = SC_WORDS.indexOf(row[2] ?? '');
    current.state = code !== null && (word === -1 || word === code - 1) ? code : null;
  }
  const wanted = (/(?:^|-)query-([a-z\d]+)/.exec(output.name) ?? /^sc-([a-z\d]+)/.exec(output.name))?.[1];
  const facts = (name: string, more: Facts): Told => {
    const product = SERVICES[name.toLowerCase()];
    return product === undefined
      ? told('service', { name, ...more })
      : told('edr', { product, service: name, ...more });
  };
  if (services.length === 0) {
    if (/\b1060\b/.test(text)) return facts(wanted ?? 'service', { installed: false, running: false });
    return unread(output, 'sc query');
  }
  const [one] = services;
  if (services.length > 1 || one === undefined)
    return told('service', {
      services: services
        .slice(0, 500)
        .map(each => ({ name: each.name, running: each.state === null ? null : each.state === 4 })),
    });
  return facts(one.name, {
    installed: true,
    running: one.state === null ? null : one.state === 4,
    state: one.state,
  });
}

/** `falconctl -g ...` on Linux: `name=value, name is not set`. The customer's number is only told to be set. */
export function readFalconctl(output: Output): Told {
  const { text } = output;
  if (text.trim() === '') return unknown('no-output');
  const plist = parsePlist(text);
  if (isDict(plist) || /agent_info|Sensor operational/.test(text)) return readFalconStats(output, plist);
  const value = (key: string): string | null =>
    new RegExp(`(?:^|[\\s,])${key} ?= ?"?([^",\\s]+?)"?(?=[,\\s]|\\.?$|\\.\\s)`, 'm').exec(text)?.[1] ?? null;
  const unset = (key: string): boolean => new RegExp(`(?:^|[\\s,])${key} is not set`, 'mi').test(text);
  const aid = value('aid');
  const cid = value('cid');
  const rfm = value('rfm-state');
  const version = value('version');
  const cidSet = cid !== null && /^[0-9a-zA-Z*-]+$/.test(cid) ? true : unset('cid') ? false : null;
  const agentId = aid !== null && /^[0-9a-zA-Z*-]{6,64}$/.test(aid) ? aid : null;
  const any = [aid, cid, rfm, version].some(one => one !== null) || /\b[a-z-]+ is not set/i.test(text);
  if (!any) return unread(output, 'falconctl');
  const reduced = yesNo(rfm);
  return told('edr', {
    product: FALCON,
    installed: true,
    running: null,
    registered: agentId !== null ? true : unset('aid') ? false : null,
    healthy: reduced === true ? false : null,
    version: version !== null && /^\d+(\.\d+)+$/.test(version) ? version : null,
    agentId,
    cidSet,
    reducedFunctionality: reduced,
  });
}

/** `falconctl stats` on macOS, as text or (`agent_info --plist`) property list. */
function readFalconStats(output: Output, plist: unknown): Told {
  const list = fields(output.text);
  const info = isDict(plist) ? new Bag(isDict(plist.agent_info) ? plist.agent_info : plist) : null;
  const text = (...names: string[]): string | null =>
    info === null
      ? (names.map(name => only(list, name)).find(one => one !== null) ?? null)
      : info.text(...names);
  const flag = (...names: string[]): boolean | null =>
    info === null
      ? (names.map(name => yesNo(only(list, name))).find(one => one !== null) ?? null)
      : (info.flag(...names) ?? yesNo(info.text(...names)));
  const operational = flag('Sensor operational', 'sensor_operational', 'sensor_loaded');
  const rfm = flag('rfm', 'rfm_state', 'rfm-state', 'Reduced functionality');
  const agentId = text('agentID', 'AgentID', 'aid');
  const version = text('version');
  const state = only(list, 'State');
  if (operational === null && agentId === null && version === null) return unread(output, 'falconctl stats');
  return told('edr', {
    product: FALCON,
    installed: true,
    running: operational,
    registered: agentId === null ? null : true,
    healthy:
      rfm === true || operational === false ? false : operational === true && rfm === false ? true : null,
    version: version !== null && /^\d+(\.\d+)+$/.test(version) ? version : null,
    agentId,
    cidSet: text('customerID', 'cid') === null ? null : true,
    reducedFunctionality: rfm,
    connected: state === 'connected' ? true : state === 'disconnected' ? false : null,
  });
}

/** The value of `Name    Value` (two or more blanks) or `Name: value` on Linux. */
function wide(text: string, name: string): string | null {
  const pattern = new RegExp(`^\\s*${name.replace(/[()]/g, '\\$&')}(?:: ?|\\s{2,})(\\S.*?)\\s*$`, 'm');
  const value = pattern.exec(text)?.[1] ?? null;
  return value === null || /^(undefined|none|n\/a|-)$/i.test(value) ? null : value;
}

function onOff(text: string | null): boolean | null {
  const word = text?.toLowerCase();
  if (word === 'on' || word === 'enabled' || word === 'yes') return true;
  return word === 'off' || word === 'disabled' || word === 'no' ? false : null;
}

/** `sentinelctl`: Linux's columns, macOS' sections, Windows' sentences. */
export function readSentinelctl(output: Output): Told {
  const { text } = output;
  if (text.trim() === '') return unknown('no-output');
  if (/^Sentinel(Monitor|Agent) is /m.test(text)) return readSentinelWindows(output);
  const list = fields(text);
  if (
    list.some(one => one.key === 'Agent Operational State' || one.key === 'ES Framework') ||
    /^Agent\r?$/m.test(text)
  )
    return readSentinelMac(output, list);
  const version = /^Agent version: (\d+(?:\.\d+)+)\s*$/m.exec(text)?.[1] ?? null;
  const state = wide(text, 'Agent state');
  if (version === null && state === null && wide(text, 'Anti Tamper') === null)
    return unread(output, 'sentinelctl');
  const enabled = onOff(state);
  const processes = /^Process Name\s+PID/m.test(text);
  const running = processes ? /^agent\s+[1-9]\d*\s*$/m.test(text) : null;
  return told('edr', {
    product: SENTINEL,
    installed: true,
    running: running ?? (enabled === false ? false : null),
    registered: null,
    healthy: enabled === false ? false : null,
    version,
    agentId: wide(text, 'UUID'),
    protectionEnabled: enabled,
    protects: enabled === false ? false : enabled === true && running === true ? true : null,
    tamperProtection: onOff(wide(text, 'Anti Tamper')),
    connected: onOff(wide(text, 'Connectivity')),
  });
}

/** Daemons that run all the time; the shell and the updater start when needed. */
const SENTINEL_DAEMONS = ['sentineld', 'sentineld_guard', 'sentineld_helper'];

function readSentinelMac(output: Output, list: readonly Field[]): Told {
  const value = (key: string): string | null =>
    list.find(one => one.key === key && one.value !== '')?.value ?? null;
  const ready = yesNo(value('Ready'));
  const operational = value('Agent Operational State');
  const enabled = operational === null ? null : operational === 'enabled';
  const protection = onOff(value('Protection'));
  const es = value('ES Framework');
  const esStarted = es === null ? null : es === 'started';
  const missing = list.find(one => one.key === 'Missing Authorizations');
  const authorised = missing === undefined ? null : missing.value === '';
  const daemons = SENTINEL_DAEMONS.map(key => {
    const state = list.find(
      one => one.key === key && (one.value === 'ok' || one.value === 'not running'),
    )?.value;
    return state === undefined ? null : state === 'ok';
  });
  const version = value('Version');
  if (version === null && enabled === null && ready === null) return unread(output, 'sentinelctl');
  return told('edr', {
    product: SENTINEL,
    installed: true,
    running: ready,
    registered: null,
    healthy: allOf([ready, enabled, protection, authorised, ...daemons]),
    version: version !== null && /^\d+(\.\d+)+$/.test(version) ? version : null,
    agentId: value('ID'),
    protectionEnabled: protection,
    protects: allOf([enabled, protection, esStarted]),
    infected: yesNo(value('Infected')),
    networkQuarantine: yesNo(value('Network Quarantine')),
    connected: yesNo(value('Connected')),
    lastSeenLocal: localTime(value('Last Seen'), dateOrder(output.text)),
  });
}

function readSentinelWindows(output: Output): Told {
  const { text } = output;
  const loaded = (name: string): boolean | null => {
    const words = new RegExp(`^${name} is (not )?loaded`, 'm').exec(text);
    return words === null ? null : words[1] === undefined;
  };
  const parts = [loaded('SentinelMonitor'), loaded('SentinelAgent')];
  const version = /^Monitor Build id: (\d+(?:\.\d+){3})/m.exec(text)?.[1] ?? null;
  const notDisabled = /^Disable State: Not disabled/m.test(text)
    ? true
    : /^Disable State: Disabled/m.test(text)
      ? false
      : null;
  return told('edr', {
    product: SENTINEL,
    installed: true,
    running: allOf(parts),
    healthy: allOf([...parts, notDisabled]),
    version,
    protectionEnabled: notDisabled,
    tamperProtection: onOff(/^Self-Protection status: (\w+)/m.exec(text)?.[1] ?? null),
  });
}

/** `cytool runtime query`, `info`, `info query`. */
export function readCytool(output: Output): Told {
  const { text } = output;
  if (text.trim() === '') return unknown('no-output');
  const states: [string, boolean | null][] = [];
  let head = false;
  for (const line of lines(text)) {
    if (/^\s*Name\s+PID\s+User\s+Status\b/.test(line)) {
      head = true;
      continue;
    }
    if (!head || line.trim() === '') continue;
    const match =
      /^\s*(\S+(?: \S+)*?)\s{2,}(\d+|-|N\/A)\s+(\S+)?\s{2,}(Running|Loaded|Stopped|Not running|Not loaded|[A-Za-z ]+?)(?:\s{2,}|\t|$)/.exec(
        line,
      );
    const [, name, , , status = ''] = match ?? [];
    if (name === undefined) return unknown('parse-error', 'a line of cytool');
    states.push([
      name,
      /^(Running|Loaded)$/.test(status)
        ? true
        : /^(Stopped|Not running|Not loaded)$/.test(status)
          ? false
          : null,
    ]);
  }
  const version = /^Cortex XDR \(R\) supervisor tool (\d+(?:\.\d+)+)\s*$/m.exec(text)?.[1] ?? null;
  const content = /^Content Version: (\d+-\d+)\s*$/m.exec(text)?.[1] ?? null;
  if (!head && version === null && content === null) return unread(output, 'cytool');
  // pmd is the process that protects on macOS and Linux.
  const main = states.find(([name]) => name === 'pmd')?.[1] ?? null;
  return told('edr', {
    product: CORTEX,
    installed: true,
    running: main,
    healthy: allOf(states.map(([, up]) => up)),
    version,
    signatureVersion: content,
    signatures: null,
    realTimeProtection: null,
  });
}

/** `2023-08-24 at 10:44:23 GMT+2` in UTC. */
function gmtOffset(text: string | null): string | null {
  const [, date, time, sign, hours = '0', mins = '00'] =
    /^(\d{4}-\d{2}-\d{2}) at (\d{2}:\d{2}:\d{2}) (?:GMT|UTC)(?:([+-])(\d{1,2})(?::?(\d{2}))?)?$/.exec(
      text ?? '',
    ) ?? [];
  if (date === undefined || time === undefined) return null;
  const offset = (Number(hours) * 60 + Number(mins)) * (sign === '-' ? -1 : 1);
  return utc(Date.parse(`${date}T${time}Z`) - offset * 60_000);
}

/** `bduitool get ps`. */
export function readBduitool(output: Output): Told {
  const list = fields(output.text.replace(/^(\s*)- /gm, '$1'));
  const version = only(list, 'Product version');
  const antimalware = onOff(only(list, 'Antimalware status'));
  if (version === null && antimalware === null) return unread(output, 'bduitool');
  const newer = yesNo(only(list, 'New security content available'));
  return told('edr', {
    product: 'Bitdefender GravityZone',
    installed: true,
    running: null,
    version,
    realTimeProtection: antimalware,
    protects: antimalware,
    signatures: newer === null ? null : newer ? 'outOfDate' : 'upToDate',
    signatureVersion: only(list, 'Engines version'),
    signatureUpdated: gmtOffset(only(list, 'Last security content update')),
    productUpdated: gmtOffset(only(list, 'Last product update')),
  });
}

/** A setting of mdatp: `{displayValue, isManaged, value}`, or the plain value in other versions. */
function setting(value: unknown): unknown {
  return isDict(value) && 'value' in value ? value.value : value;
}

function ms(value: unknown): string | null {
  if (typeof value === 'string' && /^\d{12,14}$/.test(value)) return utc(Number(value));
  return typeof value === 'number' && value > 1e11 && value < 1e14 ? utc(value) : null;
}

/**
 * `mdatp health`, JSON or text. `healthy` is what the product says of itself, and stands beside real-time protection that is off
 * (passive mode): whether it protects is judged apart, and only both together are called healthy.
 */
export function readMdatp(output: Output): Told {
  const { text } = output;
  if (text.trim() === '') return unknown('no-output');
  let dict: Record<string, unknown> | null = null;
  const json = jsonOf(text);
  if (json !== undefined) {
    const one = Array.isArray(json) && json.length === 1 ? json[0] : json;
    if (!isDict(one)) return unknown('parse-error', 'mdatp: not an object');
    dict = one;
  } else if (/^\s*\{/.test(text)) return unknown('parse-error', 'mdatp: not JSON');
  else {
    const values: Record<string, unknown> = {};
    for (const { key, value } of fields(text)) {
      if (!/^[a-z_]+$/.test(key)) continue;
      const camel = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      const plain = value.replace(/\s*\[managed\]$/i, '');
      values[camel] = /^".*"$/.test(plain)
        ? plain.slice(1, -1)
        : plain === 'true'
          ? true
          : plain === 'false'
            ? false
            : plain;
    }
    if (Object.keys(values).length > 0) dict = values;
  }
  if (dict === null) return unread(output, 'mdatp');
  const bag = new Bag(dict);
  const flag = (name: string): boolean | null => {
    const value = setting(bag.raw(name));
    return typeof value === 'boolean' ? value : null;
  };
  const word = (name: string): string | null => {
    const value = setting(bag.raw(name));
    return typeof value === 'string' && value !== '' ? value.slice(0, 100) : null;
  };
  const healthy = flag('healthy');
  const realTime = flag('realTimeProtectionEnabled');
  const passive = flag('passiveModeEnabled') ?? flag('passiveMode');
  const status = bag.raw('definitionsStatus');
  const statusWord = (isDict(status) ? status.$type : status) ?? null;
  const normal = typeof statusWord === 'string' ? statusWord.toLowerCase().replace(/_/g, '') : null;
  const protects =
    realTime === false || passive === true ? false : realTime === true && passive === false ? true : null;
  const version = word('appVersion');
  if (healthy === null && realTime === null && version === null) return unread(output, 'mdatp');
  return told('edr', {
    product: MDE,
    installed: true,
    running: null,
    healthyFlag: healthy,
    healthy: healthy === false ? false : healthy === true && protects === true ? true : null,
    licensed: flag('licensed'),
    version,
    agentId: word('edrMachineId'),
    registered: null,
    realTimeProtection: realTime,
    realTimeAvailable: flag('realTimeProtectionAvailable'),
    passiveMode: passive,
    tamperProtection: word('tamperProtection'),
    signatures:
      normal === 'uptodate'
        ? 'upToDate'
        : normal === 'outofdate' || normal === 'obsolete'
          ? 'outOfDate'
          : null,
    signatureVersion: word('definitionsVersion'),
    signatureUpdated: ms(bag.raw('definitionsUpdated')),
    productExpires: ms(bag.raw('productExpiration')),
    protects,
  });
}

/** VMware Carbon Black `repcli status`. */
export function readRepcli(output: Output): Told {
  const list = fields(output.text);
  const version = only(list, 'Sensor Version');
  if (version === null) return unread(output, 'repcli');
  const state = list.find(one => one.key === 'State')?.value ?? null;
  return told('edr', {
    product: 'Carbon Black Cloud',
    installed: true,
    running: null,
    version: /^\d+(\.\d+)+$/.test(version) ? version : null,
    registered: yesNo(only(list, 'Registered')),
    agentId: only(list, 'DeviceID'),
    protectionEnabled: onOff(state),
    networkQuarantine: yesNo(only(list, 'Quarantine')),
  });
}
