import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';

export const LOCALES = ['en', 'de', 'fr', 'es'] as const;
export type Locale = (typeof LOCALES)[number];

export type SentenceKey = keyof typeof en;
/** One language's sentences: the same keys as English. */
export type Catalogue = Readonly<Record<SentenceKey, string>>;

/** Names of the placeholders in a template. */
type Names<Template extends string> = Template extends `${string}{${infer Inside}}${infer Rest}`
  ? (Inside extends `${infer Name}:${string}` ? Name : Inside) | Names<Rest>
  : never;
export type ParamsOf<Key extends SentenceKey> = Readonly<Record<Names<(typeof en)[Key]>, string | number>>;
export type Params = Readonly<Record<string, string | number>>;

/** Every language's catalogue, for tests and for pages that list languages. */
export const CATALOGUES: Readonly<Record<Locale, Catalogue>> = { en, de, fr, es };

/** The language to speak for a tag such as `de-CH`; English where we do not speak it. */
export function localeOf(tag: string): Locale {
  const language = tag.toLowerCase().split(/[-_]/)[0];
  return LOCALES.find(locale => locale === language) ?? 'en';
}

export function isSentenceKey(text: string): text is SentenceKey {
  return Object.hasOwn(en, text);
}

/**
 * A sentence of the catalogue with its values filled in: numbers in the reader's notation (at most one decimal),
 * `date` (`YYYY-MM-DD`) as a date, `hazard` (a hazard id) as its name.
 */
export function sentence<Key extends SentenceKey>(
  locale: Locale,
  key: Key,
  ...params: Names<(typeof en)[Key]> extends never ? [params?: Params] : [params: ParamsOf<Key>]
): string {
  return fill(locale, CATALOGUES[locale][key], params[0] ?? {});
}

/**
 * A reason as the collector sends it, in words. A key this version does not know, from a newer collector, is named
 * rather than hidden.
 */
export function reasonSentence(locale: Locale, reason: { key: string; params: Params }): string {
  if (isSentenceKey(reason.key)) return fill(locale, CATALOGUES[locale][reason.key], reason.params);
  return fill(locale, CATALOGUES[locale]['why.newer'], { key: reason.key });
}

function fill(locale: Locale, template: string, params: Params): string {
  return template.replace(
    /\{([a-zA-Z]+)(?::([^|}]*)\|([^}]*))?\}/g,
    (_whole, name: string, one?: string, other?: string) => {
      const value = params[name];
      if (one !== undefined && other !== undefined) {
        return typeof value === 'number' && pluralRules(locale).select(value) === 'one' ? one : other;
      }
      // A missing value must be seen by a person as missing, not as a brace or an empty place.
      return value === undefined ? '?' : inWords(locale, name, value);
    },
  );
}

function inWords(locale: Locale, name: string, value: string | number): string {
  if (typeof value === 'number') return numberFormat(locale).format(value);
  if (name === 'date' && /^\d{4}-\d{2}-\d{2}$/.test(value)) {
    const at = Date.parse(`${value}T00:00:00Z`);
    return Number.isNaN(at) ? value : dateFormat(locale).format(at);
  }
  const hazard = `hazard.${value}`;
  return name === 'hazard' && isSentenceKey(hazard) ? CATALOGUES[locale][hazard] : value;
}

// Formatters cost far more to make than to use, and a fleet page asks a hundred thousand times.
function perLocale<Made>(make: (locale: Locale) => Made): (locale: Locale) => Made {
  const made = new Map<Locale, Made>();
  return locale => {
    const known = made.get(locale);
    if (known !== undefined) return known;
    const fresh = make(locale);
    made.set(locale, fresh);
    return fresh;
  };
}
const numberFormat = perLocale(locale => new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }));
const dateFormat = perLocale(
  locale =>
    new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, { dateStyle: 'medium', timeZone: 'UTC' }),
);
const pluralRules = perLocale(locale => new Intl.PluralRules(locale));
