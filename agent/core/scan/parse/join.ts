import type {
  JoinDomain,
  MdmEnrolled,
  MdmLastSync,
  SsoPrt,
} from '../../../../shared/device/facts-software.ts';
import { type Answer, answered, unanswered } from '../answer.ts';
import { decode, lines } from '../decode.ts';
import { readProfilesStatus } from '../facts/mac.ts';
import { readDsregcmd } from '../facts/windows-security.ts';
import { shortText } from './keys.ts';
import { momentOf } from './moments.ts';
import { isDict, parsePlist } from './plist.ts';
import { flagIn, numberIn, type Row, textIn } from './rows.ts';
import { factsOf } from './told.ts';

/** `dsregcmd /status`: the device's state, and the person's where it was asked as the person. */
export function windowsJoin(
  dsregcmd: Answer<Row>,
  domain: Answer<readonly Row[]>,
  asSystem: boolean,
): Answer<JoinDomain> {
  const system = domain.ok ? (domain.value[0] ?? null) : null;
  const partOf = system === null ? null : flagIn(system, 'PartOfDomain');
  const facts = dsregcmd.ok ? dsregcmd.value : {};
  const adDomainJoined = flagIn(facts, 'adDomainJoined') ?? partOf;
  const entraJoined = flagIn(facts, 'entraJoined');
  if (adDomainJoined === null && entraJoined === null) {
    return dsregcmd.ok ? unanswered('parse-error', 'dsregcmd names no state') : dsregcmd;
  }
  // The system account has joined no workplace; the person may have.
  const workplaceJoined = asSystem ? null : flagIn(facts, 'workplaceJoined');
  const joinType =
    entraJoined === null || adDomainJoined === null
      ? null
      : entraJoined
        ? adDomainJoined
          ? 'hybrid'
          : 'entra'
        : adDomainJoined
          ? 'domain'
          : workplaceJoined === null
            ? null
            : workplaceJoined
              ? 'registered'
              : 'none';
  const dns = partOf === true && system !== null ? textIn(system, 'Domain') : null;
  return answered({
    adDomainJoined,
    adDomain: adDomainJoined === true ? (dns ?? textIn(facts, 'adDomainName')) : null,
    entraJoined,
    workplaceJoined,
    joinType,
    entraDeviceId: entraJoined === true ? textIn(facts, 'deviceId') : null,
    entraTenantId: entraJoined === true ? textIn(facts, 'tenantId') : null,
  });
}

export function readDsreg(output: Uint8Array): Answer<Row> {
  return factsOf(readDsregcmd, 'dsregcmd', output, 'join');
}

/** The person's primary refresh token; moments in UTC. */
export function windowsPrt(dsregcmd: Row): Answer<SsoPrt> {
  const present = flagIn(dsregcmd, 'azureAdPrt');
  if (present === null) return unanswered('no-output', 'dsregcmd does not tell of a token');
  return answered({
    present,
    updatedAt: present ? momentOf(textIn(dsregcmd, 'prtUpdated')) : null,
    expiresAt: present ? momentOf(textIn(dsregcmd, 'prtExpires')) : null,
  });
}

/**
 * `dsconfigad -show -xml`: a property list when the Mac is bound to a directory, nothing at all when it is not (so read by the Salt and Chef
 * modules for it).
 */
export function macDomain(output: Uint8Array): Answer<string | null> {
  const text = decode(output);
  if (text.trim() === '') return answered(null);
  const plist = parsePlist(text);
  const general = isDict(plist) ? plist['General Info'] : null;
  const domain = isDict(general) ? textIn(general, 'Active Directory Domain') : null;
  return domain === null ? unanswered('parse-error', 'dsconfigad') : answered(domain);
}

/** What `app-sso platform -s` says: sections of JSON with people's names in them, of which three values are read. */
export interface PlatformSso {
  readonly registered: boolean;
  /** Tenant of Microsoft's login host; null for another identity provider. */
  readonly entraTenantId: string | null;
  /** Tokens of the person who asked; null: none. */
  readonly tokens: { readonly receivedAt: number | null; readonly expiresAt: number | null } | null;
}

export function parsePlatformSso(output: Uint8Array): Answer<PlatformSso> {
  const text = lines(decode(output)).join('\n');
  const start = text.indexOf('Device Configuration:');
  const end = text.indexOf('Login Configuration:');
  if (start < 0 || end < start) return unanswered('parse-error', 'app-sso');
  const device = text.slice(start, end);
  const person = text.indexOf('User Configuration:');
  const login = text.slice(end, person < end ? undefined : person);
  const configured = !/^Device Configuration:\s*\(null\)\s*$/.test(device);
  const word = /^ {2}"registrationCompleted" : (true|false),?$/m.exec(device)?.[1];
  if (configured && word === undefined)
    return unanswered('parse-error', 'app-sso does not tell of a registration');
  const tenant = /"issuer" : "https:\\?\/\\?\/login\.microsoftonline\.com\\?\/([0-9a-f-]{36})\\?\//.exec(
    login,
  )?.[1];
  const tokens = /^SSO Tokens:\n([\s\S]*)$/m.exec(text)?.[1] ?? '';
  const zoned = (label: string): number | null => {
    const found = new RegExp(`^${label}:\\n(\\S+)`, 'm').exec(tokens)?.[1];
    return momentOf(found ?? null);
  };
  const receivedAt = zoned('Received');
  return answered({
    registered: word === 'true',
    entraTenantId: tenant ?? null,
    tokens: receivedAt === null ? null : { receivedAt, expiresAt: zoned('Expiration') },
  });
}

/** `realm list` (realmd): each domain at the margin, what is known of it indented; nothing at all means none. */
export function linuxDomain(output: Uint8Array): Answer<string | null> {
  const text = decode(output);
  if (text.trim() === '') return answered(null);
  let name: string | null = null;
  for (const line of lines(text)) {
    const realm = /^([A-Za-z\d][\w.-]*)$/.exec(line)?.[1];
    if (realm !== undefined) name = realm;
    const configured = /^\s+configured: (\S+)$/.exec(line)?.[1];
    if (configured !== undefined && name !== null && configured !== 'no') return answered(name.slice(0, 200));
  }
  return name === null ? unanswered('parse-error', 'realm') : answered(null);
}

// --- Management ---------------------------------------------------------------------------------------------------------------

/** Providers of Windows' own plumbing, which are listed beside the management they serve. */
const NOT_MANAGEMENT = /^(WMI_Bridge|Local_?Mana|Windows ?Update|MSFT_)/i;

/** Rows {Provider, State, Server} of the enrolments; EnrollmentState 1 is enrolled. An MdmUrl of dsregcmd would be no proof. */
export function windowsEnrolled(rows: readonly Row[]): Answer<MdmEnrolled> {
  const managers = rows.filter(row => !NOT_MANAGEMENT.test(textIn(row, 'Provider') ?? ''));
  const active = managers.find(row => numberIn(row, 'State') === 1);
  if (active !== undefined) {
    return answered({
      enrolled: true,
      userApproved: null,
      automated: null,
      server: hostOf(textIn(active, 'Server')),
      provider: textIn(active, 'Provider'),
    });
  }
  if (managers.some(row => numberIn(row, 'State') === null)) {
    return unanswered('parse-error', 'an enrolment without a state');
  }
  return answered({ enrolled: false, userApproved: null, automated: null, server: null, provider: null });
}

function hostOf(text: string | null): string | null {
  const host = /^(?:https?:\/\/)?([A-Za-z\d][A-Za-z\d.-]*)(?::\d+)?(?:[/?#].*)?$/.exec(text ?? '')?.[1];
  return shortText(host?.toLowerCase());
}

/** `profiles status -type enrollment`. */
export function macEnrolled(output: Uint8Array): Answer<MdmEnrolled> {
  const told = factsOf(readProfilesStatus, 'profiles-status', output, 'mdmEnrollment');
  if (!told.ok) return told;
  const enrolled = flagIn(told.value, 'mdmEnrolled');
  if (enrolled === null) return unanswered('parse-error', 'profiles does not say');
  return answered({
    enrolled,
    userApproved: enrolled ? flagIn(told.value, 'userApproved') : null,
    automated: flagIn(told.value, 'enrolledViaDep'),
    server: hostOf(textIn(told.value, 'server', 1000)),
    provider: null,
  });
}

/** `20261120T081530Z`, as OMA-DM writes its times. */
function omaTime(text: string | null): number | null {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text ?? '');
  if (match === null) return null;
  const [, year, month, day, hours, minutes, seconds] = match;
  return momentOf(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
}

/** Rows {Success, Result} of the OMA-DM accounts: the latest success; LastSessionResult 0 is a session that went well. */
export function windowsLastSync(rows: readonly Row[]): Answer<MdmLastSync> {
  let best: MdmLastSync | null = null;
  for (const row of rows) {
    const syncedAt = omaTime(textIn(row, 'Success'));
    if (syncedAt === null || (best !== null && syncedAt <= best.syncedAt)) continue;
    const result = numberIn(row, 'Result');
    best = { syncedAt, lastTryOk: result === null ? null : result === 0, provider: null };
  }
  if (best !== null) return answered(best);
  return rows.length === 0
    ? unanswered('not-applicable', 'under no management that syncs')
    : unanswered('no-output', 'no sync has succeeded yet');
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const JAMF_FAILED =
  /Could not connect to the JSS|There was an error|Connection failure|could not be reached|Device Signature Error/i;

/**
 * /var/log/jamf.log: the last check-in that no complaint follows. Lines have local time without a year (`Fri Nov 20 10:00:01 host
 * jamf[1]: Checking for policies triggered by ...`), so the year is the one that is not in the future. Names of hosts and people
 * stand in the lines and are not read.
 */
export function jamfLastSync(text: string, now: number): Answer<MdmLastSync> {
  let started: number | null = null;
  let syncedAt: number | null = null;
  let lastTryOk: boolean | null = null;
  for (const line of lines(text)) {
    const match = /^\w{3} (\w{3}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) \S+ jamf\[\d+\]: (.*)$/.exec(line);
    if (match === null) continue;
    const [, month = '', day, hours, minutes, seconds, words = ''] = match;
    if (/^Checking for policies triggered by "/.test(words)) {
      const at = MONTHS.indexOf(month);
      if (at < 0) continue;
      let year = new Date(now).getFullYear();
      const inYear = (): number =>
        new Date(year, at, Number(day), Number(hours), Number(minutes), Number(seconds)).getTime();
      if (inYear() > now + 86_400_000) year -= 1;
      // The try before this one met no complaint.
      if (started !== null) syncedAt = started;
      started = inYear();
      lastTryOk = true;
    } else if (JAMF_FAILED.test(words)) {
      started = null;
      lastTryOk = false;
    }
  }
  syncedAt = started ?? syncedAt;
  return syncedAt === null || syncedAt < 0
    ? unanswered('no-output', 'no check-in in the log')
    : answered({ syncedAt, lastTryOk, provider: 'Jamf Pro' });
}
