import { z } from 'zod';
import { isLoopback } from './http.ts';

/** What a person reads about a setting of a connector. */
export interface SettingTold {
  readonly title: string;
  /** Where to find it in the vendor's own pages, or what it changes. */
  readonly hint: string;
}

/** A setting as the Integrations page and the documentation show it. */
export interface SettingInfo extends SettingTold {
  readonly key: string;
  readonly kind: 'text' | 'secret' | 'address' | 'choice' | 'switch' | 'number' | 'list';
  readonly isRequired: boolean;
  /** Shown when nothing is entered; undefined when there is none. Never of a secret. */
  readonly fallback?: unknown;
  readonly choices?: readonly string[];
}

interface Meta extends SettingTold {
  readonly kind: SettingInfo['kind'];
  readonly choices?: readonly string[];
}

const told = z.registry<Meta>();

function titled<S extends z.ZodType>(schema: S, meta: Meta): S {
  told.add(schema, meta);
  return schema;
}

/** A line of text that must be entered. */
export function textSetting(about: SettingTold, form: RegExp = /^\S(.*\S)?$/) {
  return titled(z.string().max(300).regex(form, 'has not the right form'), { ...about, kind: 'text' });
}

/** A line of text with a default. */
export function textSettingOr(fallback: string, about: SettingTold, form: RegExp = /^\S(.*\S)?$/) {
  return titled(z.string().max(300).regex(form, 'has not the right form').default(fallback), {
    ...about,
    kind: 'text',
  });
}

/** A line of text that may be left out. */
export function textSettingOptional(about: SettingTold, form: RegExp = /^\S(.*\S)?$/) {
  return titled(z.string().max(300).regex(form, 'has not the right form').optional(), {
    ...about,
    kind: 'text',
  });
}

/** A secret: stored sealed, never shown again, taken out of everything that is written. */
export function secretSetting(about: SettingTold) {
  return titled(z.string().min(1).max(4096), { ...about, kind: 'secret' });
}

/** A secret that may be left out. */
export function secretSettingOptional(about: SettingTold) {
  return titled(z.string().min(1).max(4096).optional(), { ...about, kind: 'secret' });
}

/**
 * A base address without a slash at its end. SECURITY: https only, because secrets go there; http is for a loopback address
 * alone. Credentials, query and fragment have no place in it.
 */
const address = z
  .string()
  .max(300)
  .refine(text => {
    const url = URL.parse(text);
    return (
      url !== null &&
      (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) &&
      url.username === '' &&
      url.password === '' &&
      url.search === '' &&
      url.hash === ''
    );
  }, 'is not an https address without credentials and query')
  .transform(text => text.replace(/\/+$/, ''));

export function addressSetting(about: SettingTold) {
  return titled(address, { ...about, kind: 'address' });
}

export function addressSettingOr(fallback: string, about: SettingTold) {
  return titled(address.default(fallback), { ...about, kind: 'address' });
}

export function addressSettingOptional(about: SettingTold) {
  return titled(address.optional(), { ...about, kind: 'address' });
}

/** One of several words, the first unless another is said. */
export function choiceSetting<const Choices extends readonly [string, ...string[]]>(
  choices: Choices,
  about: SettingTold,
) {
  const first: Choices[number] = choices[0];
  return titled(
    z.enum(choices).default(() => first),
    { ...about, kind: 'choice', choices },
  );
}

export function switchSetting(fallback: boolean, about: SettingTold) {
  return titled(z.boolean().default(fallback), { ...about, kind: 'switch' });
}

export function numberSetting(
  { fallback, least, most }: { fallback: number; least: number; most: number },
  about: SettingTold,
) {
  return titled(z.number().int().min(least).max(most).default(fallback), { ...about, kind: 'number' });
}

/** Several lines of text; none unless said. */
export function listSetting(about: SettingTold) {
  return titled(z.array(z.string().min(1).max(300)).max(100).default([]), { ...about, kind: 'list' });
}

/** @throws Error for a setting that was not made by a helper of this file: the developer's mistake, found by any test. */
export function settingsInfo(settings: z.ZodObject): SettingInfo[] {
  return Object.entries(settings.shape).map(([key, schema]) => {
    const meta = told.get(schema);
    if (meta === undefined) throw new Error(`setting ${key} has no title`);
    const untouched = z.safeParse(schema, undefined);
    return {
      key,
      ...meta,
      isRequired: !untouched.success,
      ...(untouched.success && untouched.data !== undefined && meta.kind !== 'secret'
        ? { fallback: untouched.data }
        : {}),
    };
  });
}

export function secretKeys(settings: z.ZodObject): string[] {
  return settingsInfo(settings)
    .filter(({ kind }) => kind === 'secret')
    .map(({ key }) => key);
}
