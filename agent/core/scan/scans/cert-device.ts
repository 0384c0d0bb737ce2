import type { CertDevice } from '../../../../shared/device/facts-software.ts';
import type { Platform } from '../../../../shared/device/platform.ts';
import type { CertificateSubject, Subjects } from '../../../../shared/device/subjects.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { toldRows } from '../by-name.ts';
import { decode } from '../decode.ts';
import {
  judgeCertificates,
  parseIdentities,
  parsePem,
  readCertificate,
  type StoredCertificate,
  sha1Of,
  unknownCertificate,
} from '../parse/certificates.ts';
import { flagIn, textIn } from '../parse/rows.ts';
import { defineScan, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

interface Store {
  readonly stored: readonly StoredCertificate[];
  /** How many certificates could not be read. */
  readonly unread: number;
}

async function windows({ probe, round, signal }: ScanContext): Promise<Answer<Store>> {
  const rows = await windowsSection(probe, round, 'certificates', signal);
  if (!rows.ok) return rows;
  const stored = rows.value.flatMap(row => {
    const raw = textIn(row, 'Raw', 100_000);
    const certificate = raw === null ? null : readCertificate(Buffer.from(raw, 'base64'));
    return certificate === null ? [] : [{ certificate, key: flagIn(row, 'Key') }];
  });
  return answered({ stored, unread: rows.value.length - stored.length });
}

const SYSTEM_KEYCHAIN = '/Library/Keychains/System.keychain';
/** security ends with the low byte of errSecItemNotFound (-25300) when there is no certificate at all. */
const ITEM_NOT_FOUND = 44;

async function macos({ probe, signal }: ScanContext): Promise<Answer<Store>> {
  const found = await probe.command('security', ['find-certificate', '-a', '-p', SYSTEM_KEYCHAIN], {
    signal,
  });
  if (!found.ok) return found;
  if (found.code === ITEM_NOT_FOUND) return answered({ stored: [], unread: 0 });
  if (found.code !== 0) return unanswered('command-failed', `security ended with ${found.code}`);
  // Without -v: an identity whose chain is not trusted here still has its key.
  const listed = await probe.command('security', ['find-identity', '-p', 'ssl-client', SYSTEM_KEYCHAIN], {
    signal,
  });
  const identities =
    listed.ok && listed.code === 0 && /identities found/.test(decode(listed.stdout))
      ? parseIdentities(listed.stdout)
      : null;
  const { certificates, unread } = parsePem(decode(found.stdout));
  return answered({
    stored: certificates.map(certificate => ({
      certificate,
      key: identities === null ? null : identities.has(sha1Of(certificate)),
    })),
    unread,
  });
}

/** Linux has no machine store, so each subject names its file. A key in the same file is noticed, not read. */
async function linux(
  { probe, clock }: ScanContext,
  subject: CertificateSubject,
): Promise<CertDevice['certificates'][number]> {
  if (subject.path === undefined) return unknownCertificate(subject.id, 'no file was configured');
  const file = await probe.readFile(subject.path);
  if (!file.ok) {
    return file.reason === 'not-present'
      ? judgeCertificates(subject, [], 0, clock.now())
      : unknownCertificate(subject.id, file.detail ?? file.reason);
  }
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(file.value) ? true : null;
  const { certificates, unread } = parsePem(file.value);
  // A file of other contents is a mistake in the question, not a missing certificate.
  if (certificates.length === 0 && unread === 0)
    return unknownCertificate(subject.id, 'the file holds no certificate');
  return judgeCertificates(
    subject,
    certificates.map(certificate => ({ certificate, key })),
    unread,
    clock.now(),
  );
}

async function read(context: ScanContext): Promise<Answer<CertDevice>> {
  const { certificates: asked } = context.subjects;
  if (context.platform === 'linux') {
    const rows = await Promise.all(asked.map(one => linux(context, one)));
    const told = toldRows(rows, one => one.found === null);
    return told.ok ? answered({ certificates: told.value }) : told;
  }
  const store = await (context.platform === 'windows' ? windows(context) : macos(context));
  if (!store.ok) return store;
  const { stored, unread } = store.value;
  return answered({
    certificates: asked.map(one => judgeCertificates(one, stored, unread, context.clock.now())),
  });
}

export function certDeviceScan() {
  return defineScan({
    id: 'cert.device',
    timeoutMs: 60_000,
    looksFor: (subjects: Subjects, _platform: Platform) => subjects.certificates,
    run: async context => outcome(await read(context)),
  });
}
