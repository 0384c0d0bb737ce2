import { useEffect, useMemo, useState } from 'react';
import type { ProblemCode } from '../../../../shared/problem/codes.ts';
import { tell } from '../../../../shared/problem/tell.ts';
import {
  CATALOGUES,
  isSentenceKey,
  type Locale,
  type Params,
  type ParamsOf,
  reasonSentence,
  type SentenceKey,
  sentence,
} from '../../../../shared/text/sentence.ts';
import type { Saying } from '../../contract.ts';
import { useFacts } from '../state/desk-state.ts';
import { ago, clockTime, moment, now } from '../time.ts';

export interface Words {
  readonly locale: Locale;
  /** A sentence of the catalogue. */
  readonly say: <Key extends SentenceKey>(
    key: Key,
    ...params: Record<never, never> extends ParamsOf<Key> ? [params?: Params] : [params: ParamsOf<Key>]
  ) => string;
  /** A sentence that came over the wire; one this version does not know is told without its key. */
  readonly told: (saying: Saying) => string;
  /** What went wrong, for the person in front of the device. */
  readonly trouble: (code: string) => string;
  readonly clock: (at: number) => string;
}

/** Problems whose words are for the person at the device; those of the others speak to whoever runs the collector. */
const SPOKEN: readonly ProblemCode[] = [
  'service-unreachable',
  'consent-missing',
  'link-refused',
  'help-too-many',
  'help-over',
];

/** The words of the chosen language. */
export function useWords(): Words {
  const { locale } = useFacts().language;
  return useMemo(
    () => ({
      locale,
      say: (key, ...params) => reasonSentence(locale, { key, params: params[0] ?? {} }),
      told: saying =>
        isSentenceKey(saying.key) ? reasonSentence(locale, saying) : CATALOGUES[locale]['page.newer'],
      trouble: code => {
        const known = SPOKEN.find(one => one === code);
        if (known === undefined) return sentence(locale, 'page.failed.text');
        const { what, next } = tell(known, locale);
        return `${what} ${next}`;
      },
      clock: at => clockTime(locale, at),
    }),
    [locale],
  );
}

/** Ages and moments in words, right to within five seconds. */
export function useTimes(): { ago: (at: number) => string; when: (at: number) => string; now: number } {
  const { locale } = useWords();
  const [from, setFrom] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setFrom(now()), 5000);
    return () => clearInterval(timer);
  }, []);
  return {
    // Something told a moment ago may be younger than the last look at the clock.
    ago: at => ago(locale, at, Math.max(from, Math.min(at, from + 5000))),
    when: at => moment(locale, at, from),
    now: from,
  };
}
