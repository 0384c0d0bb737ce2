import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A secret in the forms a program might write it in. */
export function formsOf(secret: string): string[] {
  const buffer = Buffer.from(secret, 'utf8');
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ s: secret }).toString().slice(2),
    buffer.toString('base64').replace(/=+$/, ''),
    buffer.toString('base64url'),
    buffer.toString('hex'),
    JSON.stringify(secret).slice(1, -1),
  ];
}

/** Every file below a folder. */
export function filesOf(folder: string): { name: string; content: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => ({ name: entry.name, content: readFileSync(join(entry.parentPath, entry.name)) }));
}
