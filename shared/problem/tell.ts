import type { Locale } from '../text/sentence.ts';
import type { ProblemCode } from './codes.ts';
import { de } from './told/de.ts';
import { en } from './told/en.ts';
import { es } from './told/es.ts';
import { fr } from './told/fr.ts';

/** A problem for a person: a headline, what happened, what to do next. One or two sentences each. */
export interface Told {
  readonly title: string;
  readonly what: string;
  readonly next: string;
}
/** `[title, what, next]` for every code of the catalogue. */
export type ToldCatalogue = Readonly<
  Record<ProblemCode, readonly [title: string, what: string, next: string]>
>;

/** Every language's texts, for the test that keeps them equal to the catalogue of codes. */
export const TOLD: Readonly<Record<Locale, ToldCatalogue>> = { en, de, fr, es };

/** What a problem means and what to do about it. */
export function tell(code: ProblemCode, locale: Locale): Told {
  const [title, what, next] = TOLD[locale][code];
  return { title, what, next };
}
