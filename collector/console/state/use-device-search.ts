import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import type { DevicesResponse, FleetRow } from '../../../shared/api/schemas.ts';
import { useConsole } from './console-state.ts';

/** From this many letters on the collector is asked too: it also knows serial numbers. */
const ASKED_FROM = 3;
const PATIENCE_MS = 250;

/** Devices by name, person or model at once, by serial number after a moment from the collector; at most `limit`. */
export function useDeviceSearch(text: string, limit: number): readonly FleetRow[] {
  const console = useConsole();
  const [asked, setAsked] = useState<readonly FleetRow[]>([]);
  const wanted = useDeferredValue(text.trim().toLowerCase());

  useEffect(() => {
    setAsked([]);
    if (wanted.length < ASKED_FROM) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const path = `devices?limit=${limit}&search=${encodeURIComponent(wanted)}`;
      void console.request<DevicesResponse>('GET', path, undefined, abort.signal).then(answer => {
        if (!abort.signal.aborted && answer.ok) setAsked(answer.value.devices);
      });
    }, PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [console, wanted, limit]);

  return useMemo(() => {
    if (wanted === '') return [];
    const near = [...console.fleet.find(wanted, limit)];
    for (const row of asked) {
      if (near.length < limit && !near.some(one => one.id === row.id)) near.push(row);
    }
    return near;
  }, [console, wanted, asked, limit]);
}
