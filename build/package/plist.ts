/*
 * Property lists in XML, as far as an app's Info.plist needs them (Apple's PropertyList-1.0 DTD): no data, no dates.
 */

export type PlistValue = string | number | boolean | readonly PlistValue[] | PlistDict;
export interface PlistDict {
  readonly [key: string]: PlistValue;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const TOKEN = /<!--[\s\S]*?-->|<(\/?)([a-z]+)(\/?)>|([^<]+)/g;

/** @throws Error when it is not a property list whose root is a dictionary, or holds what is not read here. */
export function parsePlist(xml: string): PlistDict {
  const start = xml.indexOf('<plist');
  if (start < 0) throw new Error('no property list in XML');
  const tokens = [...xml.slice(xml.indexOf('>', start) + 1).matchAll(TOKEN)].flatMap(
    ([whole, close = '', tag, empty = '', text]) =>
      whole.startsWith('<!--') ? [] : [{ close: close !== '', tag, empty: empty !== '', text }],
  );
  let at = 0;
  /** The next tag; text between tags of containers is blank. */
  const next = () => {
    for (;;) {
      const token = tokens[at];
      if (token === undefined) throw new Error('property list ends too early');
      at += 1;
      if (token.tag !== undefined) return token;
      if ((token.text ?? '').trim() !== '') throw new Error('text outside of a value in a property list');
    }
  };
  const textOf = (tag: string, empty: boolean): string => {
    if (empty) return '';
    let text = '';
    for (;;) {
      const token = tokens[at];
      at += 1;
      if (token === undefined) throw new Error('property list ends too early');
      if (token.close && token.tag === tag) break;
      text += token.text ?? '';
    }
    return text.replace(/&(#?\w+);/g, (whole, name: string) => {
      if (!name.startsWith('#')) return ENTITIES[name] ?? whole;
      return String.fromCodePoint(Number(name.replace('#x', '0x').replace('#', '')));
    });
  };
  const value = ({ tag = '', empty }: { tag: string | undefined; empty: boolean }): PlistValue => {
    switch (tag) {
      case 'true':
      case 'false':
        if (!empty) next();
        return tag === 'true';
      case 'string':
        return textOf(tag, empty);
      case 'integer':
      case 'real':
        return Number(textOf(tag, empty));
      case 'array': {
        const items: PlistValue[] = [];
        if (empty) return items;
        for (let token = next(); !token.close; token = next()) items.push(value(token));
        return items;
      }
      case 'dict': {
        const entries: [string, PlistValue][] = [];
        if (empty) return {};
        for (let token = next(); !token.close; token = next()) {
          if (token.tag !== 'key') throw new Error('a value without a key in a property list');
          const key = textOf('key', token.empty);
          entries.push([key, value(next())]);
        }
        return Object.fromEntries(entries);
      }
      default:
        throw new Error(`property list holds <${tag}>, which is not read here`);
    }
  };
  const root = value(next());
  if (!isDict(root)) throw new Error('the root of the property list is no dictionary');
  return root;
}

export function isDict(value: PlistValue | undefined): value is PlistDict {
  return typeof value === 'object' && !Array.isArray(value);
}

/** The same as text, indented by tabs as Apple's own tools do. */
export function printPlist(root: PlistDict): string {
  const escaped = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const print = (value: PlistValue, indent: string): string => {
    if (typeof value === 'string') return `${indent}<string>${escaped(value)}</string>`;
    if (typeof value === 'boolean') return `${indent}<${value}/>`;
    if (typeof value === 'number') {
      return Number.isInteger(value)
        ? `${indent}<integer>${value}</integer>`
        : `${indent}<real>${value}</real>`;
    }
    const inner = `${indent}\t`;
    if (isDict(value)) {
      const lines = Object.entries(value).flatMap(([key, one]) => [
        `${inner}<key>${escaped(key)}</key>`,
        print(one, inner),
      ]);
      return [`${indent}<dict>`, ...lines, `${indent}</dict>`].join('\n');
    }
    return [`${indent}<array>`, ...value.map(one => print(one, inner)), `${indent}</array>`].join('\n');
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    print(root, ''),
    '</plist>',
    '',
  ].join('\n');
}
