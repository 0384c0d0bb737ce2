import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from 'electron-builder';
import { LINK_SCHEME } from '../../agent/desktop/main/links.ts';
import type { System } from '../electron-runtime.ts';
import { SHIPPED, setFuses } from './fuses.ts';
import { APP_ID, COPYRIGHT, fuseFileIn, infoPlistIn, PRODUCT, resourcesIn } from './layout.ts';
import { type PlistDict, parsePlist, printPlist } from './plist.ts';

export interface ConfigOptions {
  readonly system: System;
  /** Version of the Electron that is packed. */
  readonly electronVersion: string;
  /** An unpacked distribution of it; null: electron-builder fetches the official one. */
  readonly electronDist: string | null;
  /** Icon in the form this system wants. */
  readonly icon: string;
  readonly out: string;
  /** Told where the app was put. */
  readonly packed: (folder: string) => void;
}

/** How electron-builder packs dist/desktop. Nothing is published, nothing installed, nothing compiled. */
export function builderConfig(options: ConfigOptions): Configuration {
  const { system, electronVersion, electronDist, icon, out, packed } = options;
  return {
    appId: APP_ID,
    productName: PRODUCT,
    copyright: COPYRIGHT,
    // What package.json of the bundles does not say and systems show.
    extraMetadata: { author: { name: PRODUCT }, description: 'Health and posture of this device' },
    directories: { output: out },
    electronVersion,
    ...(electronDist === null ? {} : { electronDist }),
    // The bundles hold all they need: there is no node_modules to collect or rebuild.
    beforeBuild: () => Promise.resolve(false),
    files: ['package.json', 'main.cjs', 'preload.cjs', 'page/**/*', 'icons/*.png'],
    asar: true,
    publish: null,
    protocols: [{ name: PRODUCT, schemes: [LINK_SCHEME] }],
    linux: { executableName: PRODUCT.toLowerCase(), icon, category: 'Utility' },
    win: { icon },
    mac: {
      icon,
      category: 'public.app-category.utilities',
      // An icon in the menu bar and nothing in the dock.
      extendInfo: { LSUIElement: true },
    },
    afterExtract: ({ appOutDir }) => {
      removeDefaultApp(appOutDir, system);
      return Promise.resolve();
    },
    // Before signing, which seals what is changed here.
    afterPack: ({ appOutDir }) => {
      if (system === 'mac') tightenInfoPlist(infoPlistIn(appOutDir));
      setFuses(fuseFileIn(appOutDir, system), SHIPPED);
      packed(appOutDir);
      return Promise.resolve();
    },
  };
}

/** What a distribution has for developers: the app that runs a folder named on the command line. */
function removeDefaultApp(folder: string, system: System): void {
  // The bundle has its own name only later.
  const resources =
    system === 'mac' ? join(folder, 'Electron.app', 'Contents', 'Resources') : resourcesIn(folder, system);
  for (const name of ['app', 'default_app.asar']) {
    rmSync(join(resources, name), { recursive: true, force: true });
  }
  rmSync(join(folder, 'version'), { force: true });
}

/** Purposes that Electron's own Info.plist names for camera, microphone, Bluetooth; the app uses none of them. */
const PURPOSE = /^NS\w+UsageDescription$/;

function tightenInfoPlist(path: string): void {
  const before = parsePlist(readFileSync(path, 'utf8'));
  const after: PlistDict = {
    ...Object.fromEntries(Object.entries(before).filter(([key]) => !PURPOSE.test(key))),
    // SECURITY: electron-builder allows plain HTTP everywhere, whatever it is told (for an updater that is not used here).
    NSAppTransportSecurity: { NSAllowsArbitraryLoads: false },
  };
  writeFileSync(path, printPlist(after));
}
