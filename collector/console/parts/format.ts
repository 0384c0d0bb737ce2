import type { Platform } from '../../../shared/device/platform.ts';

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1, minimumFractionDigits: 1 });

/** `1,204` */
export function count(value: number): string {
  return whole.format(value);
}

/** `81 %`; null is a dash, never a zero. */
export function percent(value: number | null): string {
  return value === null ? '–' : `${whole.format(value)} %`;
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `16.4 GiB`: powers of 1024, one decimal below 100. */
export function bytes(value: number | null): string {
  if (value === null) return '–';
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < SIZES.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit > 0 && size < 100 ? one.format(size) : whole.format(size)} ${SIZES[unit] ?? 'B'}`;
}

export function rate(value: number | null): string {
  return value === null ? '–' : `${bytes(value)}/s`;
}

/** `3 d 4 h`, `5 h`, `12 min` from seconds. */
export function span(seconds: number | null): string {
  if (seconds === null) return '–';
  const hours = Math.floor(seconds / 3600);
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  if (hours >= 1) return `${hours} h`;
  return `${Math.floor(seconds / 60)} min`;
}

/** An operating system family as its makers write it. */
export const PLATFORM_NAMES: Readonly<Record<Platform, string>> = {
  windows: 'Windows',
  macos: 'macOS',
  linux: 'Linux',
};

/** `not-permitted` as `Not permitted`: for words a newer collector may send that we have no sentence for. */
export function humanise(id: string): string {
  const words = id.replaceAll(/[-_.]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
