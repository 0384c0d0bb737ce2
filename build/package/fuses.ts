import { readFileSync, writeFileSync } from 'node:fs';

/*
 * Switches inside Electron's binary. They are set in the file that ships, so that neither an environment variable nor an
 * argument nor a file beside the program can turn them back; where the binary is signed, changing them breaks the signature.
 * https://www.electronjs.org/docs/latest/tutorial/fuses
 */

/** Before the wire: these letters, a version byte, a length byte, then one byte for each fuse. */
const SENTINEL = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX', 'latin1');
const WIRE_VERSION = 1;

/** `removed`: this Electron no longer has it; `absent`: its wire is too short, the Electron is older than the fuse. */
export type FuseState = 'on' | 'off' | 'removed' | 'absent' | 'unknown';

export interface Fuse {
  /** Electron's name of it. */
  readonly name: string;
  /** What ships; null: as Electron has it. */
  readonly wanted: 'on' | 'off' | null;
  /** What this keeps away. */
  readonly why: string;
}

/** In the order of the wire (fuses.json5 in Electron's sources). */
export const FUSES: readonly Fuse[] = [
  {
    name: 'RunAsNode',
    wanted: 'off',
    why: 'ELECTRON_RUN_AS_NODE makes the program a Node that runs any script',
  },
  { name: 'EnableCookieEncryption', wanted: 'on', why: 'cookies on disk would be readable' },
  {
    name: 'EnableNodeOptionsEnvironmentVariable',
    wanted: 'off',
    why: 'NODE_OPTIONS and NODE_EXTRA_CA_CERTS change how it runs',
  },
  {
    name: 'EnableNodeCliInspectArguments',
    wanted: 'off',
    why: '--inspect and SIGUSR1 open a debugger in the main process',
  },
  {
    name: 'EnableEmbeddedAsarIntegrityValidation',
    wanted: 'on',
    why: 'a changed app.asar would run (checked on macOS since Electron 16, on Windows since 30, never on Linux)',
  },
  { name: 'OnlyLoadAppFromAsar', wanted: 'on', why: 'a folder `app` beside app.asar would run in its place' },
  { name: 'LoadBrowserProcessSpecificV8Snapshot', wanted: null, why: 'no snapshot of our own is shipped' },
  {
    name: 'GrantFileProtocolExtraPrivileges',
    wanted: 'off',
    why: 'file: pages could fetch and frame other files; the page has a scheme of its own',
  },
  { name: 'WasmTrapHandlers', wanted: null, why: 'only about speed; the page runs no WebAssembly' },
];

const STATES: Readonly<Record<number, FuseState>> = { 48: 'off', 49: 'on', 114: 'removed' };

/** Places of all wires in a binary: a universal macOS binary has one for each processor. */
function wires(binary: Buffer, file: string): readonly { readonly start: number; readonly length: number }[] {
  const found: { start: number; length: number }[] = [];
  for (let at = binary.indexOf(SENTINEL); at >= 0; at = binary.indexOf(SENTINEL, at + 1)) {
    const version = binary[at + SENTINEL.length];
    if (version !== WIRE_VERSION)
      throw new Error(`${file}: fuse wire of version ${version}, not ${WIRE_VERSION}`);
    found.push({ start: at + SENTINEL.length + 2, length: binary[at + SENTINEL.length + 1] ?? 0 });
  }
  if (found.length === 0) throw new Error(`${file}: holds no fuse wire, so it is no Electron of 12 or later`);
  return found;
}

/** What stands on the wire of this binary, by the fuses' names. Wires that differ from each other are `unknown`. */
export function readFuses(file: string): Readonly<Record<string, FuseState>> {
  const binary = readFileSync(file);
  const all = wires(binary, file);
  return Object.fromEntries(
    FUSES.map(({ name }, index) => {
      const states = all.map(
        ({ start, length }): FuseState =>
          index < length ? (STATES[binary[start + index] ?? 0] ?? 'unknown') : 'absent',
      );
      const [first = 'unknown'] = states;
      return [name, states.every(state => state === first) ? first : 'unknown'];
    }),
  );
}

/** Sets in this binary every fuse of `wanted` that it has; one it lacks or no longer has stays so. */
export function setFuses(file: string, wanted: Readonly<Record<string, 'on' | 'off'>>): void {
  const binary = readFileSync(file);
  for (const { start, length } of wires(binary, file)) {
    for (const [index, { name }] of FUSES.entries()) {
      const state = wanted[name];
      if (state === undefined || index >= length || STATES[binary[start + index] ?? 0] === 'removed')
        continue;
      binary[start + index] = state === 'on' ? 49 : 48;
    }
  }
  writeFileSync(file, binary);
}

/** What ships, for setFuses. */
export const SHIPPED: Readonly<Record<string, 'on' | 'off'>> = Object.fromEntries(
  FUSES.flatMap(({ name, wanted }) => (wanted === null ? [] : [[name, wanted]])),
);
