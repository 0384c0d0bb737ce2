import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';

/** The scene of this page load stays in every address, so that a reload shows the same invented data. */
export const SCENE = new URLSearchParams(location.search).get('scene');

/** An address inside the console. */
export function address(path: string, params: Readonly<Record<string, string | null>> = {}): string {
  const search = new URLSearchParams();
  if (SCENE !== null) search.set('scene', SCENE);
  for (const [key, value] of Object.entries(params)) if (value !== null) search.set(key, value);
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** The address bar as the place where a view is kept. */
export function usePlace(): {
  path: string;
  params: URLSearchParams;
  /** Changes parameters (null removes one) without a new history entry. */
  setParams(changes: Readonly<Record<string, string | null>>): void;
  go(path: string, params?: Readonly<Record<string, string | null>>): void;
} {
  const [path, navigate] = useLocation();
  const search = useSearch();
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const setParams = useCallback(
    (changes: Readonly<Record<string, string | null>>) => {
      const next = new URLSearchParams(location.search);
      for (const [key, value] of Object.entries(changes)) {
        if (value === null || value === '') next.delete(key);
        else next.set(key, value);
      }
      const text = next.toString();
      navigate(text === '' ? location.pathname : `${location.pathname}?${text}`, { replace: true });
    },
    [navigate],
  );
  const go = useCallback(
    (to: string, toParams: Readonly<Record<string, string | null>> = {}) => navigate(address(to, toParams)),
    [navigate],
  );
  return { path, params, setParams, go };
}
