/**
 * Removes what must never reach a log, an error or a support bundle from a text: bearer tokens, our own tokens and keys,
 * credentials inside URLs, BitLocker recovery keys, e-mail addresses. Error codes, versions and percentages stay.
 */
export function redact(text: string): string {
  return text
    .replace(/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 [redacted]')
    .replace(/\btl[ea]_[A-Za-z0-9_-]{8,}/g, '[token redacted]')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+:[^\s/@]+@/gi, '$1[redacted]@')
    .replace(/\b(?:\d{6}-){7}\d{6}\b/g, '[recovery key redacted]')
    .replace(/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, '[address redacted]')
    .replace(
      /\b(password|passwd|secret|token|api[-_ ]?key)(["']?\s*[:=]\s*["']?)[^\s"',;]+/gi,
      '$1$2[redacted]',
    );
}
