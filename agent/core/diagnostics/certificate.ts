/*
 * Certificates name their holder. What is replaced stands in place with the same length, so that a certificate still reads as one
 * (X.509, RFC 5280; DER, X.690) with the same issuer and dates; its signature no longer fits, as it must not.
 */

interface Element {
  readonly tag: number;
  /** Of the contents. */
  readonly start: number;
  readonly end: number;
}

/** One DER element; null where there is none. */
function elementAt(der: Uint8Array, at: number, limit: number): Element | null {
  const tag = der[at];
  const first = der[at + 1];
  if (tag === undefined || first === undefined || at + 2 > limit) return null;
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const bytes = first & 0x7f;
    if (bytes === 0 || bytes > 4) return null;
    length = 0;
    for (let n = 0; n < bytes; n += 1) length = length * 256 + (der[start + n] ?? 0);
    start += bytes;
  }
  const end = start + length;
  return end > limit ? null : { tag, start, end };
}

function childrenOf(der: Uint8Array, parent: Element): Element[] {
  const children: Element[] = [];
  let at = parent.start;
  while (at < parent.end) {
    const child = elementAt(der, at, parent.end);
    if (child === null) return children;
    children.push(child);
    at = child.end;
  }
  return children;
}

/** UTF8String, PrintableString, T61String, IA5String; names of a subject in a SAN: mail, host, address of a page. */
const TEXTS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x14, 0x16, 0x81, 0x82, 0x86]);
/** BMPString, and an IP address in a SAN. */
const BYTES: ReadonlySet<number> = new Set([0x1e, 0x87]);

export type Replacement = (what: string, length: number) => Uint8Array;

function overwriteTexts(der: Uint8Array, element: Element, replacement: Replacement): void {
  const held = der.subarray(element.start, element.end);
  const text = Buffer.from(held).toString('latin1');
  if (TEXTS.has(element.tag)) {
    // Two letters are a country.
    if (held.length > 2) held.set(replacement(text, held.length));
  } else if (BYTES.has(element.tag)) held.set(replacement(text, held.length).map(byte => byte & 0x7f));
  else if ((element.tag & 0x20) !== 0) {
    for (const child of childrenOf(der, element)) overwriteTexts(der, child, replacement);
  }
}

/** Overwrites serial number, subject, alternative names and signature. false: this is no certificate. */
function overwrite(der: Uint8Array, replacement: Replacement): boolean {
  const whole = elementAt(der, 0, der.length);
  if (whole === null || whole.tag !== 0x30) return false;
  const [content, , signature] = childrenOf(der, whole);
  if (content === undefined || content.tag !== 0x30 || signature === undefined) return false;
  const parts = childrenOf(der, content).filter(({ tag }) => tag !== 0xa0);
  const [serial, , , , subject] = parts;
  if (serial === undefined || serial.tag !== 0x02 || subject === undefined || subject.tag !== 0x30)
    return false;
  der
    .subarray(serial.start, serial.end)
    .set(
      replacement(
        `serial ${Buffer.from(der.subarray(serial.start, serial.end)).toString('hex')}`,
        serial.end - serial.start,
      ),
    );
  overwriteTexts(der, subject, replacement);
  for (const part of parts) {
    if (part.tag !== 0xa3) continue;
    const [list] = childrenOf(der, part);
    for (const extension of list === undefined ? [] : childrenOf(der, list)) {
      const [id, ...rest] = childrenOf(der, extension);
      const value = rest.at(-1);
      // subjectAltName, 2.5.29.17
      const isNames =
        id !== undefined &&
        Buffer.from(der.subarray(id.start, id.end)).equals(Buffer.from([0x55, 0x1d, 0x11]));
      const inner = isNames && value !== undefined ? elementAt(der, value.start, value.end) : null;
      if (inner !== null) overwriteTexts(der, inner, replacement);
    }
  }
  const bits = der.subarray(signature.start + 1, signature.end);
  bits.set(replacement(`signature ${Buffer.from(bits).toString('hex')}`, bits.length));
  return true;
}

/** Every PEM certificate of a text without what names its holder; one that does not read goes as a whole. */
export function redactCertificates(text: string, replacement: Replacement): string {
  return text.replace(
    /(-----BEGIN (?:TRUSTED )?CERTIFICATE-----)([\s\S]*?)(-----END (?:TRUSTED )?CERTIFICATE-----|$)/g,
    (_all, begin: string, body: string, end: string) => {
      // Inside JSON the line ends stand as `\n`.
      const der = Buffer.from(body.replace(/\\[rn]|[^A-Za-z0-9+/=]/g, ''), 'base64');
      if (end === '' || !overwrite(der, replacement)) return `${begin}\n[removed]\n${end}`;
      const eol = /^(?:\\r\\n|\\n|\r\n|\n)/.exec(body)?.[0] ?? '\n';
      const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
      return `${begin}${eol}${lines.join(eol)}${eol}${end}`;
    },
  );
}
