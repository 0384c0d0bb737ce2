/**
 * Bytes of a program's output as text. Order: byte order mark (UTF-8, UTF-16 either way), UTF-16LE without a mark when
 * every second byte is zero, strict UTF-8, and only then the console's OEM code page, in which every byte means something.
 */

/** Upper halves (0x80-0xFF) of the OEM code pages, from the Unicode consortium's mapping tables CP437.TXT and CP850.TXT. */
const UPPER_HALF = {
  437:
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀' +
    'αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  850:
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀' +
    'ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
} as const;

export type CodePage = 437 | 850 | 1252;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });
const utf8 = new TextDecoder('utf-8');
const utf16le = new TextDecoder('utf-16le');
const utf16be = new TextDecoder('utf-16be');
const windows1252 = new TextDecoder('windows-1252');

function looksLikeUtf16le(bytes: Uint8Array): boolean {
  const size = Math.min(bytes.length, 256);
  if (size < 4 || bytes.length % 2 !== 0) return false;
  let zeros = 0;
  for (let at = 1; at < size; at += 2) if (bytes[at] === 0) zeros += 1;
  return zeros * 2 > size * 0.8;
}

/** How a program's output is written; `other`: in a code page. */
export type Encoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16le-bom' | 'utf-16be-bom' | 'other';

export function encodingOf(bytes: Uint8Array): Encoding {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8-bom';
  if (a === 0xff && b === 0xfe) return 'utf-16le-bom';
  if (a === 0xfe && b === 0xff) return 'utf-16be-bom';
  if (looksLikeUtf16le(bytes)) return 'utf-16le';
  try {
    strictUtf8.decode(bytes);
    return 'utf-8';
  } catch {
    return 'other';
  }
}

function oem(bytes: Uint8Array, codePage: CodePage): string {
  if (codePage === 1252) return windows1252.decode(bytes);
  const upper = UPPER_HALF[codePage];
  let text = '';
  for (const byte of bytes)
    text += byte < 0x80 ? String.fromCharCode(byte) : (upper[byte - 0x80] ?? '\ufffd');
  return text;
}

/** Never throws: what is not text in any of the known encodings is read in the code page, and parsers then refuse it. */
export function decode(bytes: Uint8Array, codePage: CodePage = 850): string {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return utf8.decode(bytes);
  if (a === 0xff && b === 0xfe) return utf16le.decode(bytes);
  if (a === 0xfe && b === 0xff) return utf16be.decode(bytes);
  if (looksLikeUtf16le(bytes)) return utf16le.decode(bytes);
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return oem(bytes, codePage);
  }
}

/** Lines without their ends (LF, CRLF, wmic's CR CR LF) and without the blanks consoles pad them with. */
export function lines(text: string): string[] {
  return text.split(/\r*\n|\r/).map(line => line.trimEnd());
}
