import { BROWSERS, softwareValues } from '../../device/facts-software.ts';
import { FINDING_REASONS } from '../../device/finding.ts';
import {
  ABSENT,
  type EvaluationReason,
  type Fact,
  factsOf,
  notBefore,
  type Reading,
  subjectFactsOf,
} from '../fact.ts';
import { compareVersions } from '../version.ts';

/** Rows say in a few words why they could not be told; where the words are one of our reasons, the reason stands. */
function rowReason(words: string | null): EvaluationReason {
  return FINDING_REASONS.find(known => known === words) ?? 'not-told';
}

interface Row {
  readonly reason: string | null;
}

/** Is the thing this row is about there? `there` null: could not be told. */
function presence(row: Row, there: boolean | null): true | Reading {
  if (there === null) return { is: 'unknown', reason: rowReason(row.reason) };
  return there ? true : ABSENT;
}

/** Something about a thing that may not be there. */
function about<Value>(row: Row, there: boolean | null, value: Value | null): Value | Reading {
  const here = presence(row, there);
  if (here !== true) return here;
  return value ?? { is: 'unknown', reason: rowReason(row.reason) };
}

/** Every fact of a browser we know by name; of several installations the oldest counts. */
const browserVersions = Object.fromEntries(
  BROWSERS.filter(name => name !== 'other').map(browser => [
    `${browser}.version`,
    {
      kind: 'version' as const,
      meaning: `Version of ${browser === 'internet-explorer' ? 'Internet Explorer' : browser}; of several installations the oldest.`,
      read: ({ browsers }: { browsers: readonly { name: string; version: string | null }[] }) => {
        const installed = browsers.filter(one => one.name === browser);
        if (installed.length === 0) return ABSENT;
        let oldest: string | null = null;
        for (const { version } of installed) {
          if (version === null) return null;
          if (oldest === null || compareVersions(version, oldest) === -1) oldest = version;
        }
        return oldest;
      },
    },
  ]),
);

export const SOFTWARE_FACTS: readonly Fact[] = [
  ...factsOf('app.citrixWorkspace', softwareValues['app.citrixWorkspace'], {
    exists: {
      kind: 'presence',
      meaning: 'Is Citrix Workspace app installed?',
      read: ({ installed }) => (installed ? true : ABSENT),
    },
    version: {
      kind: 'version',
      meaning: 'Its version: 25.8.0.62.',
      read: ({ installed, version }) => (installed ? version : ABSENT),
    },
    scope: {
      kind: 'word',
      words: ['machine', 'user'],
      meaning: 'Installed for everybody or for one person only.',
      read: ({ installed, scope }) => (installed ? scope : ABSENT),
    },
  }),
  ...factsOf('browser', softwareValues.browser, {
    default: {
      kind: 'word',
      words: BROWSERS,
      meaning: 'The browser that opens links for the signed-in person.',
      read: value => value.default,
    },
    installed: {
      kind: 'set',
      meaning: `Browsers on the device, of: ${BROWSERS.join(', ')}.`,
      read: ({ browsers }) => [...new Set(browsers.map(one => one.name))],
    },
    ...browserVersions,
  }),
  ...subjectFactsOf('app.installed', softwareValues['app.installed'], value => value.apps, {
    exists: {
      kind: 'presence',
      meaning: 'Is the program installed?',
      read: row => presence(row, row.installed),
    },
    version: {
      kind: 'version',
      meaning: 'Its version; the highest, where several fit.',
      read: row => about(row, row.installed, row.version),
    },
    name: {
      kind: 'text',
      meaning: 'Its name as the system lists it.',
      read: row => about(row, row.installed, row.name),
    },
    publisher: {
      kind: 'text',
      meaning: 'Who made it, as the system lists it.',
      read: row => about(row, row.installed, row.publisher),
    },
  }),
  ...subjectFactsOf('file', softwareValues.file, value => value.files, {
    exists: { kind: 'presence', meaning: 'Is the file there?', read: row => presence(row, row.exists) },
    kind: {
      kind: 'word',
      words: ['file', 'folder', 'other'],
      meaning: 'What it is.',
      read: row => about(row, row.exists, row.kind),
    },
    size: {
      kind: 'number',
      unit: 'bytes',
      meaning: 'Its size.',
      read: row => about(row, row.exists, row.sizeBytes),
    },
    modifiedAt: {
      kind: 'age',
      unit: 'days',
      meaning: 'Last change.',
      read: row => about(row, row.exists, row.modifiedAt),
    },
    version: {
      kind: 'version',
      meaning: 'FileVersion of a Windows program.',
      read: row => about(row, row.exists, row.version),
    },
    sha256: {
      kind: 'text',
      meaning: 'SHA-256 of its contents, 64 hex digits, where it was asked for.',
      read: row => about(row, row.exists, row.hash?.algorithm === 'sha256' ? row.hash.hex : null),
    },
    md5: {
      kind: 'text',
      meaning:
        'MD5 of its contents, for rules taken over from older products. It proves nothing against a forger.',
      read: row => about(row, row.exists, row.hash?.algorithm === 'md5' ? row.hash.hex : null),
    },
  }),
  ...subjectFactsOf('process', softwareValues.process, value => value.processes, {
    exists: { kind: 'presence', meaning: 'Does the program run?', read: row => presence(row, row.running) },
    count: {
      kind: 'number',
      unit: 'count',
      meaning: 'How many of it run.',
      read: row => row.count ?? { is: 'unknown', reason: rowReason(row.reason) },
    },
  }),
  ...subjectFactsOf('service', softwareValues.service, value => value.services, {
    exists: {
      kind: 'presence',
      meaning: 'Is the service installed?',
      read: row => presence(row, row.installed),
    },
    running: {
      kind: 'boolean',
      meaning: 'Does it run?',
      read: row => about(row, row.installed, row.running),
    },
    start: {
      kind: 'word',
      words: ['boot', 'system', 'automatic', 'manual', 'disabled'],
      meaning: 'How it is started.',
      read: row => about(row, row.installed, row.start),
    },
  }),
  ...subjectFactsOf('registry.numeric', softwareValues['registry.numeric'], value => value.values, {
    exists: { kind: 'presence', meaning: 'Is the value there?', read: row => presence(row, row.exists) },
    value: {
      kind: 'number',
      unit: 'count',
      meaning: 'The number.',
      read: row => about(row, row.exists, row.value),
    },
  }),
  ...subjectFactsOf('registry.text', softwareValues['registry.text'], value => value.values, {
    exists: { kind: 'presence', meaning: 'Is the value there?', read: row => presence(row, row.exists) },
    value: {
      kind: 'text',
      meaning: 'The text; lines where it is a list.',
      read: row => about(row, row.exists, row.value),
    },
  }),
  ...subjectFactsOf('cert.device', softwareValues['cert.device'], value => value.certificates, {
    exists: {
      kind: 'presence',
      meaning: "Is there a certificate of this issuer in the machine's store?",
      read: row => presence(row, row.found),
    },
    valid: {
      kind: 'boolean',
      meaning: 'Has it begun and not ended?',
      read: row => about(row, row.found, row.valid),
    },
    hasPrivateKey: {
      kind: 'boolean',
      meaning: 'Is its private key on the device? The key is not used, so this is no proof.',
      read: row => about(row, row.found, row.hasPrivateKey),
    },
    notAfter: {
      kind: 'left',
      unit: 'days',
      meaning: 'Time until it ends.',
      read: row => about(row, row.found, row.notAfter),
    },
    issuer: { kind: 'text', meaning: 'Who issued it.', read: row => about(row, row.found, row.issuer) },
    fingerprint: {
      kind: 'text',
      meaning: 'SHA-256 over the certificate, 64 hex digits.',
      read: row => about(row, row.found, row.fingerprint),
    },
  }),
  ...factsOf('join.domain', softwareValues['join.domain'], {
    joinType: {
      kind: 'word',
      words: ['none', 'registered', 'domain', 'entra', 'hybrid'],
      meaning: 'Which directory the device belongs to.',
      read: value => value.joinType,
    },
    adDomainJoined: {
      kind: 'boolean',
      meaning: 'Is it joined to an Active Directory domain?',
      read: value => value.adDomainJoined,
    },
    adDomain: {
      kind: 'text',
      meaning: 'Which: the DNS name where the system tells it, else the NetBIOS name.',
      read: ({ adDomainJoined, adDomain }) => (adDomainJoined === false ? ABSENT : adDomain),
    },
    entraJoined: {
      kind: 'boolean',
      meaning: 'Is it joined to Microsoft Entra ID?',
      read: value => value.entraJoined,
    },
    entraTenantId: {
      kind: 'text',
      meaning: 'Which tenant.',
      read: ({ entraJoined, workplaceJoined, entraTenantId }) =>
        entraJoined === false && workplaceJoined === false ? ABSENT : entraTenantId,
    },
    workplaceJoined: {
      kind: 'boolean',
      meaning: 'Has the signed-in person registered it with Entra ID?',
      read: value => value.workplaceJoined,
    },
  }),
  ...factsOf('sso.prt', softwareValues['sso.prt'], {
    present: {
      kind: 'boolean',
      meaning: 'Does the signed-in person have a primary refresh token?',
      read: value => value.present,
    },
    updatedAt: {
      kind: 'age',
      unit: 'minutes',
      meaning: 'Last renewal; Windows renews it every four hours.',
      read: ({ present, updatedAt }) => (present ? updatedAt : ABSENT),
    },
    expiresAt: {
      kind: 'left',
      unit: 'minutes',
      meaning: 'Time until it ends.',
      read: ({ present, expiresAt }) => (present ? expiresAt : ABSENT),
    },
  }),
  ...factsOf('update.lastCheck', softwareValues['update.lastCheck'], {
    checkedAt: {
      kind: 'age',
      unit: 'days',
      meaning: 'Last time updates were looked for with success.',
      read: ({ checkedAt, atLeast }) => (atLeast ? notBefore(checkedAt) : checkedAt),
    },
  }),
  ...factsOf('update.missing', softwareValues['update.missing'], {
    total: {
      kind: 'number',
      unit: 'count',
      meaning: 'Updates that are known and not installed.',
      read: value => value.total,
    },
    security: {
      kind: 'number',
      unit: 'count',
      meaning: 'Those that mend a security hole, where the system tells.',
      read: value => value.security,
    },
    critical: {
      kind: 'number',
      unit: 'count',
      meaning: 'Those the maker calls critical, where the system tells.',
      read: value => value.critical,
    },
    restart: { kind: 'boolean', meaning: 'Does one of them need a restart?', read: value => value.restart },
    listedAt: {
      kind: 'age',
      unit: 'days',
      meaning: 'Age of the list they were compared with; unknown where it was made for this answer.',
      read: value => value.listedAt,
    },
  }),
  ...factsOf('update.lastInstalled', softwareValues['update.lastInstalled'], {
    installedAt: {
      kind: 'age',
      unit: 'days',
      meaning: 'Last time the system installed an update. Virus definitions do not count.',
      read: value => value.installedAt,
    },
    title: { kind: 'text', meaning: 'Its name.', read: value => value.title },
  }),
  ...factsOf('update.auto', softwareValues['update.auto'], {
    enabled: {
      kind: 'boolean',
      meaning: 'Does the system look for updates by itself?',
      read: value => value.enabled,
    },
    installs: {
      kind: 'boolean',
      meaning: 'Does it install them without being asked?',
      read: value => value.installs,
    },
    enforced: {
      kind: 'boolean',
      meaning: 'Is that set by a policy or profile?',
      read: value => value.enforced,
    },
  }),
  ...factsOf('mdm.enrolled', softwareValues['mdm.enrolled'], {
    enrolled: {
      kind: 'boolean',
      meaning: 'Is the device under management, as it sees itself?',
      read: value => value.enrolled,
    },
    userApproved: {
      kind: 'boolean',
      meaning: 'Has a person approved it (macOS)?',
      read: value => value.userApproved,
    },
    automated: {
      kind: 'boolean',
      meaning: "Was it enrolled by Apple's or Microsoft's automated enrolment?",
      read: value => value.automated,
    },
    server: {
      kind: 'text',
      meaning: "Host name of the management's server.",
      read: ({ enrolled, server }) => (enrolled ? server : ABSENT),
    },
    provider: {
      kind: 'text',
      meaning: 'Which management.',
      read: ({ enrolled, provider }) => (enrolled ? provider : ABSENT),
    },
  }),
  ...factsOf('mdm.lastSync', softwareValues['mdm.lastSync'], {
    syncedAt: {
      kind: 'age',
      unit: 'minutes',
      meaning: 'Last time the device spoke with its management with success.',
      read: value => value.syncedAt,
    },
    lastTryOk: { kind: 'boolean', meaning: 'Did the latest try go well?', read: value => value.lastTryOk },
    provider: { kind: 'text', meaning: 'Which management.', read: value => value.provider },
  }),
  ...factsOf('time.skew', softwareValues['time.skew'], {
    offset: {
      kind: 'number',
      unit: 'seconds',
      meaning: "How far the device's clock is from the collector's, in either direction.",
      read: ({ collectorOffsetMs }) =>
        collectorOffsetMs === null ? null : Math.abs(collectorOffsetMs) / 1000,
    },
    synchronised: {
      kind: 'boolean',
      meaning: 'Does the system say that its clock follows a time source?',
      read: value => value.synchronised,
    },
    configured: {
      kind: 'boolean',
      meaning: 'Is the system set to follow one?',
      read: value => value.configured,
    },
  }),
  ...factsOf('net.vpn', softwareValues['net.vpn'], {
    connected: { kind: 'boolean', meaning: 'Is any tunnel up?', read: value => value.connected },
    up: {
      kind: 'set',
      meaning: 'Names of the tunnels that are up.',
      read: ({ tunnels }) => tunnels.filter(one => one.up).map(one => one.name),
    },
  }),
];
