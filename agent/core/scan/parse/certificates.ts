import { X509Certificate } from 'node:crypto';
import type { CertDevice } from '../../../../shared/device/facts-software.ts';
import type { CertificateSubject } from '../../../../shared/device/subjects.ts';
import { decode, lines } from '../decode.ts';
import { shortText } from './keys.ts';

/** One certificate of a store; `key`: its private key is there, null when that could not be told. */
export interface StoredCertificate {
  readonly certificate: X509Certificate;
  readonly key: boolean | null;
}

const ALIASES: Readonly<Record<string, string>> = { S: 'ST', E: 'EMAILADDRESS', EMAIL: 'EMAILADDRESS' };

function attribute(text: string): readonly [string, string] | null {
  const at = text.indexOf('=');
  if (at <= 0) return null;
  const name = text.slice(0, at).trim().toUpperCase();
  const value = text
    .slice(at + 1)
    .replace(/\\(.)/g, '$1')
    .replace(/^"(.*)"$/, '$1')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
  return [ALIASES[name] ?? name, value];
}

const written = (one: readonly [string, string]): string => `${one[0]}=${one[1]}`;

/** Is every attribute asked for among the issuer's? A text without `=` is a common name. */
function issuedBy(certificate: X509Certificate, asked: string): boolean {
  const has = new Set(
    lines(certificate.issuer ?? '')
      .map(attribute)
      .filter(one => one !== null)
      .map(written),
  );
  const parts = asked.includes('=') ? asked.split(/,\s*(?=[A-Za-z.\d]+\s*=)/) : [`CN=${asked}`];
  return parts.map(attribute).every(one => one !== null && has.has(written(one)));
}

function commonName(certificate: X509Certificate): string | null {
  return shortText(/^CN=(.*)$/m.exec(certificate.issuer ?? '')?.[1]);
}

/** Certificates in a text of PEM blocks, and how many blocks could not be read. */
export function parsePem(text: string): { certificates: X509Certificate[]; unread: number } {
  const certificates: X509Certificate[] = [];
  let unread = 0;
  for (const [block] of text.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)) {
    const one = readCertificate(block);
    if (one === null) unread += 1;
    else certificates.push(one);
  }
  // A block that was begun and not ended hides what came after it.
  if (text.split('-----BEGIN CERTIFICATE-----').length - 1 > certificates.length + unread) unread += 1;
  return { certificates, unread };
}

/** A certificate from PEM or DER bytes; null when it is none. */
export function readCertificate(bytes: string | Uint8Array): X509Certificate | null {
  try {
    const certificate = new X509Certificate(bytes);
    return Number.isFinite(Date.parse(certificate.validTo)) &&
      Number.isFinite(Date.parse(certificate.validFrom))
      ? certificate
      : null;
  } catch {
    return null;
  }
}

/** SHA-1 fingerprints (40 hex digits, small) of the identities `security find-identity` lists, which are certificates with their keys. */
export function parseIdentities(output: Uint8Array): Set<string> {
  const found = lines(decode(output)).flatMap(line => /^\s*\d+\) ([0-9A-F]{40}) /.exec(line)?.[1] ?? []);
  return new Set(found.map(one => one.toLowerCase()));
}

export function sha1Of(certificate: X509Certificate): string {
  return certificate.fingerprint.replace(/:/g, '').toLowerCase();
}

/**
 * One subject's row: the best of the certificates its issuer made, valid before expired, with key before without, ending last before
 * ending sooner. While some of the store could not be read, "none" is not known.
 */
export function judgeCertificates(
  { id, issuer }: CertificateSubject,
  stored: readonly StoredCertificate[],
  unread: number,
  now: number,
): CertDevice['certificates'][number] {
  const rated = stored
    .filter(one => issuedBy(one.certificate, issuer))
    .map(({ certificate, key }) => {
      const notAfter = Date.parse(certificate.validTo);
      return {
        certificate,
        key,
        notAfter,
        valid: Date.parse(certificate.validFrom) <= now && now <= notAfter,
      };
    })
    .sort(
      (a, b) => Number(b.valid) - Number(a.valid) || Number(b.key) - Number(a.key) || b.notAfter - a.notAfter,
    );
  const [best] = rated;
  if (best === undefined) {
    const known = unread === 0;
    return {
      id,
      found: known ? false : null,
      valid: known ? false : null,
      hasPrivateKey: known ? false : null,
      notAfter: null,
      issuer: null,
      fingerprint: null,
      reason: known ? null : 'not every certificate could be read',
    };
  }
  return {
    id,
    found: true,
    valid: best.valid,
    hasPrivateKey: best.key,
    notAfter: Math.max(0, best.notAfter),
    issuer: commonName(best.certificate),
    fingerprint: best.certificate.fingerprint256.replace(/:/g, '').toLowerCase(),
    reason: best.key === null ? 'whether its key is there is not told' : null,
  };
}

/** A row about which nothing could be told. */
export function unknownCertificate(id: string, reason: string): CertDevice['certificates'][number] {
  return {
    id,
    found: null,
    valid: null,
    hasPrivateKey: null,
    notAfter: null,
    issuer: null,
    fingerprint: null,
    reason: reason.slice(0, 200),
  };
}
