import { redact } from '../../shared/base/redact.ts';

/** Shorter texts are not looked for: they would be found everywhere. */
const LEAST = 6;
/** The most of a vendor's own words that we pass on. */
const WORDS_MAX = 300;

/**
 * What must not be repeated: an account's secrets and every token it got. `clean` takes them out of a text in every form
 * they travel in (as they are, percent-encoded, base64, and as JSON writes them), and what redact.ts knows by its shape.
 */
export class Secrets {
  readonly #known = new Set<string>();

  add(secret: string | null | undefined): void {
    if (typeof secret !== 'string' || secret.length < LEAST) return;
    const forms = [
      secret,
      encodeURIComponent(secret),
      new URLSearchParams({ s: secret }).toString().slice(2),
      Buffer.from(secret, 'utf8').toString('base64'),
      Buffer.from(secret, 'utf8').toString('base64url'),
      JSON.stringify(secret).slice(1, -1),
    ];
    for (const form of forms) this.#known.add(form);
  }

  /** Does the text hold one? */
  within(text: string): boolean {
    return [...this.#known].some(secret => text.includes(secret));
  }

  /** Without the secrets; what only looks like one stays, so records pass whole. */
  without(text: string): string {
    let cleaned = text;
    // Longest first, so that no part of a longer one is left over.
    for (const secret of [...this.#known].sort((a, b) => b.length - a.length)) {
      cleaned = cleaned.replaceAll(secret, '[redacted]');
    }
    return cleaned;
  }

  /** For errors and logs: also without what looks like a secret or an address of a person. */
  clean(text: string): string {
    return redact(this.without(text));
  }

  /** A vendor's own words, on one line, short and clean. */
  words(text: string): string {
    // Cleaned before it is cut: half a secret would not be recognised.
    const line = this.clean(text)
      .replace(/[\p{Cc}\s]+/gu, ' ')
      .trim();
    return line.length > WORDS_MAX ? `${line.slice(0, WORDS_MAX - 1)}…` : line;
  }
}
