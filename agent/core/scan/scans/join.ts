import type { JoinDomain, SsoPrt } from '../../../../shared/device/facts-software.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import {
  linuxDomain,
  macDomain,
  parsePlatformSso,
  readDsreg,
  windowsJoin,
  windowsPrt,
} from '../parse/join.ts';
import type { Row } from '../parse/rows.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

/** Both checks ask alike, so that it runs once. */
async function dsregcmd({ probe, signal }: ScanContext): Promise<Answer<Row>> {
  const ran = await probe.command('dsregcmd', ['/status'], { timeoutMs: 20_000, signal });
  return ran.ok ? readDsreg(ran.stdout) : ran;
}

async function platformSso({ probe, signal }: ScanContext) {
  const ran = await probe.command('app-sso', ['platform', '-s'], { signal });
  if (!ran.ok) return ran;
  return ran.code === 0
    ? parsePlatformSso(ran.stdout)
    : unanswered('command-failed', `app-sso ended with ${ran.code}`);
}

async function windows(context: ScanContext): Promise<Answer<JoinDomain>> {
  const { probe, round, signal } = context;
  const [told, domain] = await Promise.all([
    dsregcmd(context),
    windowsSection(probe, round, 'domain', signal),
  ]);
  return windowsJoin(told, domain, probe.facts().root === true);
}

/**
 * A Mac is joined to Entra by Platform SSO only (Microsoft, "Join a Mac device with Microsoft Entra ID"), which macOS 13 brought; registered with
 * the Company Portal alone it is not seen here.
 */
async function macos(context: ScanContext): Promise<Answer<JoinDomain>> {
  const { probe, signal } = context;
  const bound = await probe.command('dsconfigad', ['-show', '-xml'], { signal });
  const domain = !bound.ok
    ? bound
    : bound.code === 0
      ? macDomain(bound.stdout)
      : unanswered('command-failed', `dsconfigad ended with ${bound.code}`);
  const sso = await platformSso(context);
  if (!domain.ok && !sso.ok) return domain;
  const adDomainJoined = domain.ok ? domain.value !== null : null;
  const entraJoined = sso.ok ? sso.value.registered && sso.value.entraTenantId !== null : null;
  return answered({
    adDomainJoined,
    adDomain: domain.ok ? domain.value : null,
    entraJoined,
    workplaceJoined: null,
    joinType:
      adDomainJoined === null || entraJoined === null
        ? null
        : entraJoined
          ? adDomainJoined
            ? 'hybrid'
            : 'entra'
          : adDomainJoined
            ? 'domain'
            : null,
    entraDeviceId: null,
    entraTenantId: entraJoined === true && sso.ok ? sso.value.entraTenantId : null,
  });
}

async function linux({ probe, signal }: ScanContext): Promise<Answer<JoinDomain>> {
  const ran = await probe.command('realm', ['list'], { signal });
  if (!ran.ok) return ran;
  if (ran.code !== 0) return unanswered('command-failed', `realm ended with ${ran.code}`);
  const domain = linuxDomain(ran.stdout);
  if (!domain.ok) return domain;
  const adDomainJoined = domain.value !== null;
  return answered({
    adDomainJoined,
    adDomain: domain.value,
    entraJoined: null,
    workplaceJoined: null,
    joinType: adDomainJoined ? 'domain' : null,
    entraDeviceId: null,
    entraTenantId: null,
  });
}

export function joinDomainScan() {
  return defineScan({
    id: 'join.domain',
    timeoutMs: 60_000,
    run: async context => outcome(await perPlatform({ windows, macos, linux })(context)),
  });
}

async function token(context: ScanContext): Promise<Answer<SsoPrt>> {
  if (context.platform === 'linux') {
    return unanswered('not-supported', 'no sign-on of the system that could be asked');
  }
  // The system account has no token of its own, which would read as "no".
  if (context.probe.facts().root === true) {
    return unanswered('not-permitted', 'belongs to the signed-in person; a service cannot ask for it');
  }
  if (context.platform === 'windows') {
    const told = await dsregcmd(context);
    return told.ok ? windowsPrt(told.value) : told;
  }
  const sso = await platformSso(context);
  if (!sso.ok) return sso;
  const { registered, tokens } = sso.value;
  if (!registered) return unanswered('not-applicable', 'not registered for single sign-on');
  return answered({
    present: tokens !== null,
    updatedAt: tokens?.receivedAt ?? null,
    expiresAt: tokens?.expiresAt ?? null,
  });
}

export function ssoPrtScan() {
  return defineScan({
    id: 'sso.prt',
    timeoutMs: 60_000,
    run: async context => outcome(await token(context)),
  });
}
