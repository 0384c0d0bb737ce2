import { useCallback, useEffect, useRef, useState } from 'react';
import type { Trouble } from '../source/source.ts';
import { useConsole } from './console-state.ts';

export interface Asked<Value> {
  /** Last good answer; kept while a newer one is asked for, so that nothing jumps. */
  readonly value: Value | null;
  readonly trouble: Trouble | null;
  readonly busy: boolean;
  reload(): void;
}

/** Asks a GET route and keeps its answer; `null` asks nothing. A new path drops the old answer. */
export function useAnswer<Value>(path: string | null): Asked<Value> {
  const console = useConsole();
  const [round, setRound] = useState(0);
  const [state, setState] = useState<{
    path: string | null;
    value: Value | null;
    trouble: Trouble | null;
    busy: boolean;
  }>({ path: null, value: null, trouble: null, busy: path !== null });
  const latest = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round is a wish to ask again
  useEffect(() => {
    if (path === null) return;
    const mine = ++latest.current;
    const abort = new AbortController();
    setState(old => ({
      path,
      value: sameThing(old.path, path) ? old.value : null,
      trouble: null,
      busy: true,
    }));
    void console.request<Value>('GET', path, undefined, abort.signal).then(answer => {
      if (mine !== latest.current || abort.signal.aborted) return;
      setState(old => ({
        path,
        value: answer.ok ? answer.value : old.value,
        trouble: answer.ok ? null : answer.trouble,
        busy: false,
      }));
    });
    return () => abort.abort();
  }, [console, path, round]);

  const reload = useCallback(() => setRound(old => old + 1), []);
  const mine = state.path === path || (state.path !== null && path !== null && sameThing(state.path, path));
  return { value: mine ? state.value : null, trouble: mine ? state.trouble : null, busy: state.busy, reload };
}

/** Another time range of the same thing keeps the picture until the new one is there. */
function sameThing(one: string | null, other: string): boolean {
  return one !== null && one.split('?')[0] === other.split('?')[0];
}
