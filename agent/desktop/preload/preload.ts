import { contextBridge, ipcRenderer } from 'electron';
import type { PAGE_NAMES } from '../contract.ts';

/** The page's calls and events by group; written in by the build from the contract (build/vite.desktop.ts). */
declare const __TRAYLINE_NAMES__: typeof PAGE_NAMES;

type Listener = (payload: unknown) => void;

const listeners = new Map<string, Set<Listener>>();
ipcRenderer.on('trayline:event', (_event, name: unknown, payload: unknown) => {
  if (typeof name !== 'string') return;
  for (const listener of listeners.get(name) ?? []) listener(payload);
});

/** What the page gets: one function for each call and each event of the contract. No channel, no `ipcRenderer`, no Node. */
const bridge: Record<string, Record<string, unknown>> = {};
for (const [group, { calls, events }] of Object.entries(__TRAYLINE_NAMES__)) {
  const members: Record<string, unknown> = {};
  for (const call of calls) {
    members[call] = (input?: unknown) => ipcRenderer.invoke('trayline:call', `${group}.${call}`, input);
  }
  for (const event of events) {
    members[`on${event.charAt(0).toUpperCase()}${event.slice(1)}`] = (listener: Listener) => {
      const name = `${group}.${event}`;
      const all = listeners.get(name) ?? new Set<Listener>();
      listeners.set(name, all.add(listener));
      return () => {
        all.delete(listener);
      };
    };
  }
  bridge[group] = members;
}
contextBridge.exposeInMainWorld('trayline', bridge);
