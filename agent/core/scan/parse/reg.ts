import { decode, lines } from '../decode.ts';

/** Values of one registry key; names in lower case, since the registry does not tell them apart by case. */
export type RegistryKey = ReadonlyMap<string, string | number>;

/**
 * `reg.exe query KEY` (`    Name    REG_DWORD    0x1`) or an exported .reg file (`"Name"=dword:00000001`): values by key path
 * in lower case. Numbers (DWORD, QWORD) come as numbers, strings as they are, binary values not at all. The default value's
 * localised name, `(Standard)` and its like, has no place here.
 */
export function parseRegistry(bytes: Uint8Array): Map<string, RegistryKey> {
  const keys = new Map<string, Map<string, string | number>>();
  let values: Map<string, string | number> | undefined;
  for (const line of lines(decode(bytes))) {
    const key = /^\[?(HKEY_[A-Z_]+(?:\\.*?)?)\]?$/.exec(line)?.[1];
    if (key !== undefined) {
      values = new Map();
      keys.set(key.toLowerCase(), values);
      continue;
    }
    const queried = /^ {4}(\S.*?) {4}REG_(DWORD|QWORD|SZ|EXPAND_SZ|MULTI_SZ)(?: {4}(.*))?$/.exec(line);
    if (queried !== null) {
      const [, name = '', type = '', value = ''] = queried;
      if (type === 'DWORD' || type === 'QWORD') {
        const number = /^0x[0-9a-f]{1,16}$/i.test(value) ? Number(value) : Number.NaN;
        if (Number.isSafeInteger(number)) values?.set(name.toLowerCase(), number);
      } else values?.set(name.toLowerCase(), value);
      continue;
    }
    const exported = /^"([^"]+)"=(?:dword:([0-9a-f]{8})|"(.*)")$/i.exec(line);
    if (exported !== null) {
      const [, name = '', dword, text] = exported;
      values?.set(
        name.toLowerCase(),
        dword === undefined ? (text ?? '').replace(/\\(["\\])/g, '$1') : Number.parseInt(dword, 16),
      );
    }
  }
  return keys;
}

export function registryNumber(key: RegistryKey | undefined, name: string): number | null {
  const value = key?.get(name.toLowerCase());
  return typeof value === 'number' ? value : null;
}

export function registryText(key: RegistryKey | undefined, name: string): string | null {
  const value = key?.get(name.toLowerCase());
  return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 200) : null;
}

/** One key as reg.exe printed it: by name in lower case the type (`REG_DWORD`) and the text behind it. */
export type TypedKey = ReadonlyMap<string, { readonly type: string; readonly text: string }>;

/** All values of `reg.exe query KEY`, of every type, by key path in lower case; keys of which nothing but the name is listed are empty. */
export function parseTypedRegistry(bytes: Uint8Array): Map<string, TypedKey> {
  const keys = new Map<string, Map<string, { type: string; text: string }>>();
  let values: Map<string, { type: string; text: string }> | undefined;
  for (const line of lines(decode(bytes))) {
    const key = /^(HKEY_[A-Z_]+(?:\\.*)?)$/.exec(line)?.[1];
    if (key !== undefined) {
      values = new Map();
      keys.set(key.toLowerCase(), values);
      continue;
    }
    const match = /^ {4}(\S.*?) {4}(REG_[A-Z_]+)(?: {4}(.*))?$/.exec(line);
    if (match === null) continue;
    const [, name = '', type = '', text = ''] = match;
    values?.set(name.toLowerCase(), { type, text });
  }
  return keys;
}
