/**
 * XML property lists (Apple's DTD PropertyList-1.0) as plain values: dict → object, integer and real → number, data and date →
 * text. `undefined` when the text is not one. Old-style and binary lists are not read.
 */
export function parsePlist(text: string): unknown {
  const start = text.indexOf('<plist');
  if (start < 0) return undefined;
  const tokens = text.slice(start).matchAll(/<!--[\s\S]*?-->|<(\/?)(\w+)[^>]*?(\/?)>|([^<]+)/g);
  interface Open {
    readonly tag: string;
    readonly list: unknown[];
    readonly dict: Record<string, unknown>;
    key: string | null;
    content: string;
  }
  const root: Open = { tag: 'plist', list: [], dict: {}, key: null, content: '' };
  const stack: Open[] = [];

  const put = (parent: Open, tag: string, value: unknown): boolean => {
    if (parent.tag === 'dict') {
      if (tag === 'key') {
        parent.key = String(value);
        return true;
      }
      if (parent.key === null) return false;
      Object.defineProperty(parent.dict, parent.key, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
      parent.key = null;
      return true;
    }
    parent.list.push(value);
    return parent.tag === 'array' || parent.tag === 'plist';
  };
  const finished = (one: Open): unknown => {
    switch (one.tag) {
      case 'dict':
        return one.dict;
      case 'array':
        return one.list;
      case 'true':
        return true;
      case 'false':
        return false;
      case 'integer':
      case 'real': {
        const number = Number(one.content.trim());
        return one.content.trim() === '' || !Number.isFinite(number) ? null : number;
      }
      default:
        return one.content
          .replace(/&lt;/g, '<')
          .replace(/&gt;/g, '>')
          .replace(/&quot;/g, '"')
          .replace(/&apos;/g, "'")
          .replace(/&amp;/g, '&');
    }
  };

  for (const [, close, tag, self, content] of tokens) {
    const top = stack.at(-1);
    if (content !== undefined) {
      if (top !== undefined) top.content += content;
      continue;
    }
    if (tag === undefined) continue;
    if (close === '/') {
      if (top === undefined || top.tag !== tag) return undefined;
      stack.pop();
      const parent = stack.at(-1);
      if (parent === undefined) return top === root ? top.list[0] : undefined;
      if (!put(parent, tag, finished(top))) return undefined;
      continue;
    }
    if (stack.length === 0) {
      if (tag !== 'plist') return undefined;
      stack.push(root);
      continue;
    }
    if (stack.length > 64) return undefined;
    const opened: Open = { tag, list: [], dict: {}, key: null, content: '' };
    if (self === '/') {
      const parent = stack.at(-1);
      if (parent === undefined || !put(parent, tag, finished(opened))) return undefined;
    } else stack.push(opened);
  }
  return undefined;
}

export type PlistDict = Readonly<Record<string, unknown>>;

export function isDict(value: unknown): value is PlistDict {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
