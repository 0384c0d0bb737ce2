import type { TimeSkew } from '../../../../shared/device/facts-software.ts';
import { type Answer, answered, cannotAsk, outcome, type Unanswered, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';
import { readChrony, readTimedatectl } from '../facts/linux.ts';
import { registryNumber, registryText } from '../parse/reg.ts';
import { flagIn } from '../parse/rows.ts';
import { factsOf } from '../parse/told.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { registryKey } from '../windows/registry.ts';

/** What the system itself knows of its clock; `why`: the reason where it knows nothing. */
interface OwnWord {
  readonly synchronised: boolean | null;
  readonly configured: boolean | null;
  readonly why: Unanswered | null;
}

const nothing = (why: Unanswered): OwnWord => ({ synchronised: null, configured: null, why });

/** Type of W32Time: NTP, NT5DS (from the domain), AllSync, NoSync. `w32tm /query` would say more, in the language of the system. */
async function windows({ probe, signal }: ScanContext): Promise<OwnWord> {
  const services = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\W32Time';
  const [parameters, service] = await Promise.all([
    registryKey(probe, `${services}\\Parameters`, signal),
    registryKey(probe, services, signal),
  ]);
  if (!parameters.ok) return nothing(cannotAsk(parameters, 'W32Time is not set up'));
  const type = registryText(parameters.value, 'Type');
  const start = service.ok ? registryNumber(service.value, 'Start') : null;
  if (type === null) return nothing(unanswered('parse-error', 'W32Time has no type'));
  return {
    synchronised: null,
    configured: type.toLowerCase() === 'nosync' || start === 4 ? false : start === null ? null : true,
    why: null,
  };
}

/** systemsetup refuses everybody but root, with exit code 0. */
async function macos({ probe, signal }: ScanContext): Promise<OwnWord> {
  if (probe.facts().root !== true) return nothing(unanswered('not-permitted', 'needs the service'));
  const ran = await probe.command('systemsetup', ['-getusingnetworktime'], { signal });
  if (!ran.ok) return nothing(ran);
  const word = /^Network Time: (On|Off)\s*$/m.exec(decode(ran.stdout))?.[1];
  return word === undefined
    ? nothing(unanswered('parse-error', 'systemsetup'))
    : { synchronised: null, configured: word === 'On', why: null };
}

async function linux({ probe, signal }: ScanContext): Promise<OwnWord> {
  const ran = await probe.command('timedatectl', ['show'], { signal });
  if (ran.ok && ran.code === 0) {
    const told = factsOf(readTimedatectl, 'timedatectl', ran.stdout, 'timeSync');
    if (!told.ok) return nothing(told);
    return {
      synchronised: flagIn(told.value, 'synchronized'),
      configured: flagIn(told.value, 'ntpEnabled'),
      why: null,
    };
  }
  const chrony = await probe.command('chronyc', ['tracking'], { signal });
  const told =
    chrony.ok && chrony.code === 0 ? factsOf(readChrony, 'chronyc', chrony.stdout, 'timeSync') : null;
  if (told?.ok === true) {
    return { synchronised: flagIn(told.value, 'synchronized'), configured: true, why: null };
  }
  return nothing(ran.ok ? unanswered('not-supported', 'neither systemd nor chrony tells') : ran);
}

async function read(context: ScanContext): Promise<Answer<TimeSkew>> {
  const { synchronised, configured, why } = await perPlatform({ windows, macos, linux })(context);
  const { collectorOffsetMs } = context;
  if (collectorOffsetMs === null && synchronised === null && configured === null) {
    return why ?? unanswered('no-output', 'the system does not tell and no collector has answered yet');
  }
  return answered({ collectorOffsetMs, synchronised, configured });
}

/** Steps in which an offset is worth telling: below this the way there and back is most of it. */
const STEP_MS = 2000;

export function timeSkewScan() {
  return defineScan({
    id: 'time.skew',
    timeoutMs: 30_000,
    run: async context => outcome(await read(context)),
    significant: ({ collectorOffsetMs, synchronised, configured }) => ({
      synchronised,
      configured,
      offset: collectorOffsetMs === null ? null : Math.round(collectorOffsetMs / STEP_MS),
    }),
  });
}
