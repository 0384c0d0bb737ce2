import type { Falcon } from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { readFalconctl, readScQuery } from '../facts/edr.ts';
import { readSystemExtensions } from '../facts/mac.ts';
import { linuxUnits } from '../linux/units.ts';
import { isDict } from '../parse/plist.ts';
import { flagIn, type Row, textIn } from '../parse/rows.ts';
import { falconOf } from '../parse/security-macos.ts';
import { factsOf } from '../parse/told.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';
import { registryValue } from '../windows/values.ts';

const NOT_THERE: Falcon = falconOf({ installed: false, running: false });

/**
 * Where the agent id is kept, as CrowdStrike's own installation script looks it up (falcon-scripts, falcon_windows_uninstall.ps1): newer
 * sensors first. The customer's number beside it (`CU`) is not read.
 */
const AGENT_ID_KEYS = [
  'HKLM\\SYSTEM\\CrowdStrike\\{9b03c1d9-3138-44ed-9fae-d9f4c034b88d}\\{16e0423f-7058-48c9-a204-725362b67639}\\Default',
  'HKLM\\SYSTEM\\CurrentControlSet\\Services\\CSAgent\\Sim',
];

/** Both must run: the driver in the kernel and the service that decides. */
async function windows({ probe, round, signal }: ScanContext): Promise<Answer<Falcon>> {
  const query = async (service: string): Promise<Answer<Row>> => {
    const ran = await probe.command('sc', ['query', service], { signal });
    return ran.ok ? factsOf(readScQuery, `sc-query-${service}`, ran.stdout, 'edr') : ran;
  };
  const driver = await query('csagent');
  if (!driver.ok) return driver;
  const service = await query('csfalconservice');
  const installed = flagIn(driver.value, 'installed') !== false;
  if (!installed && service.ok && flagIn(service.value, 'installed') === false) return answered(NOT_THERE);
  const parts = [flagIn(driver.value, 'running'), service.ok ? flagIn(service.value, 'running') : null];
  const version = await windowsSection(probe, round, 'falcon', signal);
  let agentId: string | null = null;
  for (const key of AGENT_ID_KEYS) {
    const value = await registryValue(probe, { id: 'agentId', key, name: 'AG' }, signal);
    if (value.ok && typeof value.value === 'string') agentId ??= value.value;
  }
  return answered(
    falconOf({
      running: parts.includes(false) ? false : parts.includes(null) ? null : true,
      registered: agentId === null ? null : true,
      version: version.ok ? textIn(version.value[0] ?? {}, 'Version') : null,
      agentId,
    }),
  );
}

/** Without root the sensor tells nothing itself; that its extension runs, everybody may see. */
async function macos({ probe, signal }: ScanContext): Promise<Answer<Falcon>> {
  const there = await probe.exists('/Applications/Falcon.app');
  if (!there.ok) return there;
  if (!there.value) return answered(NOT_THERE);
  if (probe.facts().root === true) {
    const ran = await probe.command('falconctl', ['stats', 'agent_info', '--plist'], { signal });
    const facts = ran.ok ? factsOf(readFalconctl, 'falconctl', ran.stdout, 'edr') : ran;
    if (facts.ok) return answered(falconOf(facts.value));
  }
  const ran = await probe.command('systemextensionsctl', ['list'], { signal });
  const facts = ran.ok
    ? factsOf(readSystemExtensions, 'systemextensionsctl', ran.stdout, 'systemExtensions')
    : ran;
  if (!facts.ok) return facts;
  const list = Array.isArray(facts.value.extensions) ? facts.value.extensions.filter(isDict) : [];
  const own = list.filter(one => textIn(one, 'bundleId') === 'com.crowdstrike.falcon.Agent');
  const latest = own.find(one => flagIn(one, 'running') === true) ?? own[0];
  return answered(
    falconOf({
      running: own.some(one => flagIn(one, 'running') === true),
      version: latest === undefined ? null : (textIn(latest, 'version')?.split('/')[0] ?? null),
    }),
  );
}

const FOLDER = '/opt/CrowdStrike';

async function linux(context: ScanContext): Promise<Answer<Falcon>> {
  const { probe, signal } = context;
  const there = await probe.exists(FOLDER);
  if (!there.ok) return there;
  if (!there.value) return answered(NOT_THERE);
  const [ran, units] = await Promise.all([
    probe.facts().root === true
      ? probe.command('falconctl', ['-g', '--aid', '--rfm-state', '--version'], { signal })
      : unanswered('not-permitted', 'only root may ask the sensor'),
    linuxUnits(context),
  ]);
  const facts = ran.ok ? factsOf(readFalconctl, 'falconctl', ran.stdout, 'edr') : ran;
  const unit = units.ok ? units.value.get('falcon-sensor.service') : undefined;
  const told = facts.ok ? facts.value : null;
  if (told === null && unit === undefined) return facts.ok ? unanswered('parse-error', 'falconctl') : facts;
  return answered(falconOf({ ...told, running: unit?.running ?? null }));
}

/** The sensor's state; also one of the products that protect against malware. */
export const readFalcon = perPlatform({ windows, macos, linux });

export function edrFalconScan() {
  return defineScan({
    id: 'edr.falcon',
    timeoutMs: 60_000,
    run: async context => outcome(await readFalcon(context)),
  });
}
