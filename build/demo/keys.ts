import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { type DeviceKey, deviceKeyOf, newDeviceKey, privateJwk } from '../../agent/core/identity/key.ts';

const keysFile = z.object({ format: z.literal(1), keys: z.record(z.string(), privateJwk) });

/**
 * The simulated devices' keys by name, kept in a file that only its owner may read; made and added where one is missing, so
 * that a larger fleet keeps the keys it has. Throws when the file is there and cannot be read.
 */
export function openKeys(path: string, names: readonly string[]): Map<string, DeviceKey> {
  let text: string | null = null;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const held = text === null ? {} : keysFile.parse(JSON.parse(text)).keys;
  const keys = new Map<string, DeviceKey>();
  let made = false;
  for (const name of names) {
    const jwk = Object.hasOwn(held, name) ? held[name] : undefined;
    made ||= jwk === undefined;
    keys.set(name, jwk === undefined ? newDeviceKey() : deviceKeyOf(jwk));
  }
  if (made) {
    const all = { ...held, ...Object.fromEntries([...keys].map(([name, { jwk }]) => [name, jwk])) };
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${JSON.stringify({ format: 1, keys: all })}\n`, { mode: 0o600 });
  }
  return keys;
}
