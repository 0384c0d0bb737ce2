import { type RefObject, useCallback, useLayoutEffect, useState } from 'react';

/** Rows drawn beyond what is seen, at each end: a flick of the wheel must not show an empty list. */
const BEYOND = 6;

/**
 * Which rows of a long list of equal heights are to be drawn. Equal heights make it arithmetic: nothing is kept per row, so a
 * list of 100,000 costs what a list of 100 does.
 */
export function useWindow(
  box: RefObject<HTMLElement | null>,
  { count, height, head }: { count: number; height: number; head: number },
): { first: number; last: number; show: (index: number) => void } {
  const [seen, setSeen] = useState({ first: 0, rows: 40 });
  const look = useCallback(() => {
    const element = box.current;
    if (element === null) return;
    const first = Math.max(0, Math.floor(element.scrollTop / height) - BEYOND);
    const rows = Math.ceil(element.clientHeight / height) + 2 * BEYOND;
    // In steps of five: most scroll events then draw nothing new.
    const stepped = first - (first % 5);
    setSeen(old => (old.first === stepped && old.rows === rows ? old : { first: stepped, rows }));
  }, [box, height]);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    look();
    element.addEventListener('scroll', look, { passive: true });
    const resize = new ResizeObserver(look);
    resize.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      resize.disconnect();
    };
  }, [box, look]);

  const show = useCallback(
    (index: number) => {
      const element = box.current;
      if (element === null) return;
      const top = index * height;
      const room = element.clientHeight - head;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + height > element.scrollTop + room) element.scrollTop = top + height - room;
      look();
    },
    [box, height, head, look],
  );
  const first = Math.min(seen.first, Math.max(0, count - seen.rows));
  return { first, last: Math.min(count, first + seen.rows + 5), show };
}
