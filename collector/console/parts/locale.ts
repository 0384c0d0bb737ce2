import type { Locale } from '../../../shared/text/sentence.ts';

/** The console speaks English; what it shows of devices comes from the same catalogue the tray speaks four languages with. */
export const LOCALE: Locale = 'en';
