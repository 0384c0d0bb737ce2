import type { Bridge } from '../contract.ts';

declare global {
  interface Window {
    /** Exposed by the preload; absent when the page is opened in a browser, where `?scene=` takes its place. */
    readonly trayline?: Bridge;
  }
}
