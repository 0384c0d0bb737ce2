import { useEffect, useRef } from 'react';
import { shortDuration } from '../../../shared/base/durations.ts';
import { now } from '../time.ts';

/** Ages on the page, each with its element. One timer writes them all; React is not asked every second. */
const ages = new Map<HTMLElement, number>();
let timer: ReturnType<typeof setInterval> | undefined;

function write(element: HTMLElement, at: number): void {
  const text = ageText(at);
  if (element.textContent !== text) element.textContent = text;
}

/** `0.4 s`, `12 s`, `3 min`. A moment ahead of our clock is now. */
function ageText(at: number): string {
  return shortDuration(Math.max(0, now() - at));
}

/** How long ago something was, kept right every second. */
export function Ago({ at, className }: { at: number | null; className?: string }) {
  const ref = useRef<HTMLTimeElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (element === null || at === null) return;
    ages.set(element, at);
    write(element, at);
    timer ??= setInterval(() => {
      for (const [one, when] of ages) write(one, when);
    }, 1000);
    return () => {
      ages.delete(element);
      if (ages.size === 0) {
        clearInterval(timer);
        timer = undefined;
      }
    };
  }, [at]);
  if (at === null) return <span className={className}>never</span>;
  return (
    <time
      ref={ref}
      className={`num ${className ?? ''}`}
      dateTime={new Date(at).toISOString()}
      title={dateTime(at)}
    >
      {ageText(at)}
    </time>
  );
}

const withYear = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const withoutYear = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const withSeconds = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** `3 Nov 09:12`, with the year when it is not this one. */
export function dateTime(at: number): string {
  const format = new Date(at).getFullYear() === new Date(now()).getFullYear() ? withoutYear : withYear;
  return format.format(at).replace(',', '');
}
export function clockTime(at: number): string {
  return withSeconds.format(at);
}
export function date(at: number): string {
  return day.format(at);
}
