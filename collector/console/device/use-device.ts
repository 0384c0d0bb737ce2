import { useCallback, useEffect, useRef, useState } from 'react';
import type { DeviceResponse, SamplesResponse } from '../../../shared/api/schemas.ts';
import { MINUTE } from '../../../shared/base/durations.ts';
import type { Processes } from '../../../shared/device/facts.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import type { Trouble } from '../source/source.ts';
import { useConsole } from '../state/console-state.ts';
import { useStore } from '../state/store.ts';
import { now } from '../time.ts';
import type { Reading } from './series.ts';

export const LIVE_SPAN = 5 * MINUTE;

export interface LiveView {
  readonly readings: readonly Reading[];
  /** When the last of them reached the collector; null before the first. */
  readonly receivedAt: number | null;
  readonly processes: Processes | null;
}

/** One device, whole and moving: asked once, then kept by the live socket while the page looks at it. */
export function useDevice(id: string): {
  device: DeviceResponse | null;
  trouble: Trouble | null;
  live: LiveView;
  viewers: readonly { name: string; since: number }[];
  reload: () => void;
} {
  const console = useConsole();
  const link = useStore(console.link);
  const [device, setDevice] = useState<DeviceResponse | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [live, setLive] = useState<LiveView>({ readings: [], receivedAt: null, processes: null });
  const [viewers, setViewers] = useState<readonly { name: string; since: number }[]>([]);
  const alive = useRef(true);

  const reload = useCallback(() => {
    void console.request<DeviceResponse>('GET', `devices/${encodeURIComponent(id)}`).then(answer => {
      if (!alive.current) return;
      if (answer.ok) {
        setDevice(answer.value);
        setTrouble(null);
      } else setTrouble(answer.trouble);
    });
  }, [console, id]);

  useEffect(() => {
    alive.current = true;
    reload();
    const to = now();
    const path = `devices/${encodeURIComponent(id)}/samples?from=${to - LIVE_SPAN - 2 * MINUTE}&to=${to}`;
    void console.request<SamplesResponse>('GET', path).then(answer => {
      if (!alive.current || !answer.ok) return;
      const before = readingsOf(answer.value);
      setLive(old => {
        const first = old.readings[0]?.at ?? Number.POSITIVE_INFINITY;
        return { ...old, readings: [...before.filter(reading => reading.at < first), ...old.readings] };
      });
    });
    const stop = console.watch(id, message => {
      if (message.type === 'device') setDevice(message.device);
      else if (message.type === 'viewers') setViewers(message.viewers);
      else {
        setLive(old => {
          const last = old.readings.at(-1)?.at ?? 0;
          const added = message.rows
            .filter(row => row[0] > last)
            .map(([at, ...values]) => ({ at, stepMs: LIMITS.watchSampleMs, values }));
          const end = added.at(-1)?.at ?? last;
          return {
            readings: [...old.readings, ...added].filter(reading => reading.at > end - LIVE_SPAN - MINUTE),
            receivedAt: message.receivedAt,
            processes: message.processes ?? old.processes,
          };
        });
      }
    });
    return () => {
      alive.current = false;
      stop();
    };
  }, [console, id, reload]);

  // After a lost connection the record may be old: ask again as soon as the collector is back.
  const wasOpen = useRef(true);
  useEffect(() => {
    if (link.is === 'open' && !wasOpen.current) reload();
    wasOpen.current = link.is === 'open';
  }, [link.is, reload]);

  return { device, trouble, live, viewers, reload };
}

/** Stored rows as readings; `at` leads each row. */
export function readingsOf(samples: SamplesResponse): Reading[] {
  const readings: Reading[] = [];
  for (const [at, ...values] of samples.rows) {
    if (typeof at === 'number') readings.push({ at, stepMs: samples.stepMs, values });
  }
  return readings;
}
