import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { z } from 'zod';

const base64url32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** Ed25519 private key as JSON Web Key (RFC 8037): `x` public, `d` secret, 32 bytes each. */
export const privateJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: base64url32,
  d: base64url32,
});
export type PrivateJwk = z.infer<typeof privateJwk>;

export interface DeviceKey {
  /** 32 bytes, base64url. */
  readonly publicKey: string;
  readonly jwk: PrivateJwk;
  /** Ed25519 signature (RFC 8032), 64 bytes, base64url. */
  sign(message: string): string;
}

function fromKeyObject(secret: KeyObject): DeviceKey {
  const jwk = privateJwk.parse(secret.export({ format: 'jwk' }));
  return {
    publicKey: jwk.x,
    jwk,
    sign: message => sign(null, Buffer.from(message), secret).toString('base64url'),
  };
}

export function newDeviceKey(): DeviceKey {
  return fromKeyObject(generateKeyPairSync('ed25519').privateKey);
}

/** @throws when the two halves do not belong together or are no key. */
export function deviceKeyOf(jwk: PrivateJwk): DeviceKey {
  const secret = createPrivateKey({ key: jwk, format: 'jwk' });
  const derived = createPublicKey(secret).export({ format: 'jwk' }).x;
  if (derived !== jwk.x) throw new Error('public and private half differ');
  return fromKeyObject(secret);
}

/** First and last 8 hex digits of SHA-256 over the raw public key: what two people read to each other at admission. */
export function keyFingerprint(publicKey: string): string {
  const hex = createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex');
  return `${hex.slice(0, 8)}…${hex.slice(-8)}`;
}
