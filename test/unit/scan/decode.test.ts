import { describe, expect, it } from 'vitest';
import { decode, lines } from '../../../agent/core/scan/decode.ts';
import { bytes } from './support.ts';

describe('decoding output', () => {
  it('strips a UTF-8 byte order mark', () => {
    expect(decode(Uint8Array.from([0xef, 0xbb, 0xbf, ...bytes('{"ä":1}')]))).toBe('{"ä":1}');
  });

  it('reads UTF-16 in both byte orders by its mark', () => {
    expect(decode(Uint8Array.from([0xff, 0xfe, 0x41, 0, 0xe4, 0]))).toBe('Aä');
    expect(decode(Uint8Array.from([0xfe, 0xff, 0, 0x41, 0, 0xe4]))).toBe('Aä');
  });

  it('recognises UTF-16LE without a mark', () => {
    expect(decode(new Uint8Array(Buffer.from('Status=1', 'utf16le')))).toBe('Status=1');
  });

  it('falls back to the OEM code page for bytes that are no UTF-8', () => {
    const german = Uint8Array.from([0x56, 0x65, 0x72, 0x73, 0x63, 0x68, 0x6c, 0x81, 0x73, 0x73]);
    expect(decode(german)).toBe('Verschlüss');
    expect(decode(Uint8Array.from([0x80, 0x9b]), 437)).toBe('Ç¢');
    expect(decode(Uint8Array.from([0x80, 0x9b]), 850)).toBe('Çø');
    expect(decode(Uint8Array.from([0x80]), 1252)).toBe('€');
  });

  it('ends lines at LF, CRLF and the CR CR LF of wmic, and drops padding', () => {
    expect(lines('a\nb\r\nc\r\r\nd   ')).toEqual(['a', 'b', 'c', 'd']);
  });
});
