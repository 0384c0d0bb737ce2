import type { Crashes } from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';
import { shortText } from './keys.ts';
import { isDict } from './plist.ts';
import { numberIn, textIn } from './rows.ts';

/** Counting crashes: names of programs leave the device, the paths they lie in do not. */

/** Last part of a path of either kind; null for none. */
export function baseName(path: string): string | null {
  return shortText(path.split(/[\\/]/).pop());
}

/** The ten programs named most often; equal names are added up. */
export function countPrograms(
  found: readonly { readonly name: string; readonly count: number }[],
): Crashes['programs'] {
  const counts = new Map<string, number>();
  for (const { name, count } of found) if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
    .slice(0, 10);
}

/** What lies in macOS' folders of diagnostic reports is told by its name; contents stay unread. */
export interface Report {
  readonly kind: 'panic' | 'crash' | 'hang';
  readonly program: string;
  /** Milliseconds since 1970, as if the local time of the name were UTC: a day more or less in a month. */
  readonly at: number;
}

/** Reports that are written about programs which went on running, or about nothing that went down. */
const NO_CRASH =
  /^(JetsamEvent|stacks|ExcUserFault_|Analytics|log-|proactive_event|Siri|ResetCounter|xp_|SFA-|ADC-)/i;

/**
 * `Safari-2026-11-02-101112.ips`, `Safari_2026-11-02-101112_Host.crash`, `panic-full-2026-11-02-101112.0002.panic`,
 * `Kernel_2026-...panic`, `Mail_2026-....hang`; a second ending (`.cpu_resource.ips`) marks a report about consumption. null: no crash.
 */
export function parseReportName(name: string): Report | null {
  const match = /^(.*?)[-_](\d{4})-(\d{2})-(\d{2})-(\d{2})(\d{2})(\d{2})(.*)$/.exec(name);
  if (match === null) return null;
  const [, program = '', year, month, day, hours, minutes, seconds, rest = ''] = match;
  const at = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  if (!Number.isFinite(at)) return null;
  const short = shortText(program);
  if (/\.panic$/.test(rest)) return { kind: 'panic', program: 'kernel', at };
  if (short === null || NO_CRASH.test(program)) return null;
  if (/\.(hang|spin)$/.test(rest)) return { kind: 'hang', program: short, at };
  if (/\.(ips|crash)$/.test(rest) && !/_resource\./.test(rest)) return { kind: 'crash', program: short, at };
  return null;
}

/**
 * `coredumpctl list --json=short`: one object per crash, `time` in microseconds since 1970, `exe` a path. With nothing to list it says so on
 * stderr, prints nothing and ends with 1, which is none and no failure.
 */
export function parseCoredumps(
  stdout: Uint8Array,
  stderr: Uint8Array,
  since: number,
): Answer<{ name: string; count: number }[]> {
  const text = decode(stdout).trim();
  const words = decode(stderr);
  if (text === '') {
    if (/^No coredumps found\.?\s*$/m.test(words)) return answered([]);
    if (/unrecognized option/.test(words))
      return unanswered('not-supported', 'coredumpctl is older than its JSON');
    return words.trim() === ''
      ? unanswered('no-output', 'coredumpctl')
      : unanswered('command-failed', 'coredumpctl');
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return unanswered('parse-error', 'coredumpctl');
  }
  if (!Array.isArray(json) || !json.every(isDict)) return unanswered('parse-error', 'coredumpctl');
  return answered(
    json.flatMap(one => {
      const time = numberIn(one, 'time');
      if (time === null || time / 1000 < since) return [];
      return [{ name: baseName(textIn(one, 'exe', 4096) ?? '') ?? 'unknown', count: 1 }];
    }),
  );
}

/**
 * Names of pstore records (`dmesg-efi_pstore-176218447201001`, folders of systemd-pstore `17621844720`): their number begins with the
 * second of the crash on EFI. How many lie after `since`, each crash once; null when one cannot be dated.
 */
export function countPstore(names: readonly string[], since: number): number | null {
  const seconds = new Set<number>();
  for (const name of names) {
    const digits = /^(?:dmesg-[\w]+-)?(\d{10,20})(?:\D.*)?$/.exec(name)?.[1];
    if (digits === undefined) {
      if (/^dmesg-/.test(name)) return null;
      continue;
    }
    const second = Number(digits.slice(0, 10));
    // 2001 to 2096: anything else is not a time.
    if (second < 1_000_000_000 || second > 4_000_000_000) return null;
    if (second * 1000 >= since) seconds.add(second);
  }
  return seconds.size;
}
