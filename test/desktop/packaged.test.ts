import { cpSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { SCENES } from '../../agent/desktop/scenes.ts';
import { electronDistribution } from '../../build/electron-runtime.ts';
import { setFuses } from '../../build/package/fuses.ts';
import { type Inspection, inspect } from '../../build/package/inspect.ts';
import { fuseFileIn, resourcesIn } from '../../build/package/layout.ts';
import { packageTray } from '../../build/package/package.ts';
import { ROOT, startChild } from '../support/child.ts';
import { eventually, within } from '../support/eventually.ts';
import { closeAtEnd, temporaryFolder } from '../support/teardown.ts';
import { NO_ELECTRON } from './support/app.ts';
import { TrayItem } from './support/bus.ts';
import { PackagedApp, type StartOptions } from './support/packaged-app.ts';
import { scriptedDesk } from './support/scripted-desk.ts';

/*
 * The app as it ships: packed by the command people use, started, and attacked as somebody with the person's own rights
 * could. What is kept away is seen to work on the same files with the fuses set back, so that each test can fail.
 */

const HERE = NO_ELECTRON === undefined && process.platform === 'linux';

describe.skipIf(!HERE)('the packaged tray app', () => {
  let folder: string;
  let program: string;
  /** The same app with its fuses as a distribution has them. */
  let unfused: string;
  let printed: string;

  beforeAll(async () => {
    const out = temporaryFolder('package');
    const packing = startChild({
      script: 'build/package/package.ts',
      args: [
        ...['--linux', '--arch', process.arch, '--as-built', '--out', out],
        ...['--electron-dist', dirname(process.env.TRAYLINE_TEST_ELECTRON ?? '')],
      ],
    });
    const { code } = await within(packing.exited, {
      what: 'package',
      withinMs: 150_000,
      state: () => packing.out() + packing.log(),
    });
    printed = packing.out();
    expect(`${code}\n${printed}${packing.log()}`).toMatch(/^0\n/);
    folder = join(out, process.arch === 'arm64' ? 'linux-arm64-unpacked' : 'linux-unpacked');
    program = join(folder, 'trayline');
    unfused = copyOf(folder);
    setFuses(join(unfused, 'trayline'), {
      RunAsNode: 'on',
      EnableNodeOptionsEnvironmentVariable: 'on',
      EnableNodeCliInspectArguments: 'on',
      OnlyLoadAppFromAsar: 'off',
    });
  });

  /** The same files once more, without their bytes but for the program's, which tests change. */
  function copyOf(from: string): string {
    const to = join(temporaryFolder('copy'), 'app');
    const copy = (path: string): void => {
      mkdirSync(join(to, path), { recursive: true });
      for (const entry of readdirSync(join(from, path), { withFileTypes: true })) {
        const at = join(path, entry.name);
        if (entry.isDirectory()) copy(at);
        else if (at === 'trayline') cpSync(join(from, at), join(to, at));
        else linkSync(join(from, at), join(to, at));
      }
    };
    copy('');
    return to;
  }

  /** A script that leaves a mark when it runs, wherever it is loaded. */
  function marker(): { readonly script: string; readonly mark: string } {
    const at = temporaryFolder('mark');
    const mark = join(at, 'ran');
    const script = join(at, 'mark.js');
    writeFileSync(script, `require('node:fs').writeFileSync(${JSON.stringify(mark)}, '');\n`);
    return { script, mark };
  }

  /** Starts it and ends it once it is clear what came of it. */
  async function outcome(mark: string, options: StartOptions): Promise<string> {
    const app = PackagedApp.start(options);
    const came = await app.outcome(mark);
    await app.kill();
    return came;
  }

  /** TCP ports that are open once its icon is there. */
  async function openedPorts(of: string, args: readonly string[]): Promise<number> {
    const app = PackagedApp.start({ program: of, args });
    await app.tray();
    const ports = app.listening();
    await app.kill();
    return ports.length;
  }

  test('has the fuses that ship, read back from its binary', () => {
    const wire = Object.fromEntries(
      [...printed.matchAll(/^ {2}(\w+) +(on|off|as it is) +(on|off|absent|removed|unknown)/gm)].map(
        ([, name, wanted, found]) => [name, [wanted, found]],
      ),
    );
    expect(wire).toMatchObject({
      RunAsNode: ['off', 'off'],
      EnableCookieEncryption: ['on', 'on'],
      EnableNodeOptionsEnvironmentVariable: ['off', 'off'],
      EnableNodeCliInspectArguments: ['off', 'off'],
      EnableEmbeddedAsarIntegrityValidation: ['on', 'on'],
      OnlyLoadAppFromAsar: ['on', 'on'],
      // Electron before 29 has no such fuse.
      GrantFileProtocolExtraPrivileges: ['off', expect.stringMatching(/^(off|absent)$/)],
    });
  });

  test('shows icon, words and menu, a page of its own scheme, and only one of itself', async () => {
    const desk = await scriptedDesk(temporaryFolder('desk'));
    closeAtEnd(() => desk.stop());
    desk.show(SCENES.attention.home, SCENES.attention.problems);
    const app = PackagedApp.start({ program, desk: desk.folder });
    const start = (...args: string[]): PackagedApp =>
      PackagedApp.start({ program, desk: desk.folder, home: app.home, args });
    const tray = await app.tray();
    await eventually(async () => (await tray.tooltip()).includes('need you'), { what: 'words of the desk' });
    const labels = (await tray.menu()).map(({ label }) => label);
    expect(labels).toContain('Open Trayline');
    // What the organisation installed stays.
    expect(labels).not.toContain('Quit');
    expect(desk.pages).toBe(0);

    // The app passes on only what the main frame of a page of its own scheme asks.
    await tray.click();
    const state = () => ({ pages: desk.pages, said: app.said });
    await eventually(() => desk.pages > 0, { what: 'a page that asks', withinMs: 30_000, state });

    const second = start();
    expect(await within(second.ended, { what: 'end of the second', withinMs: 60_000 })).toBe(0);
    expect(await TrayItem.find(second.pid)).toBeNull();
    expect(app.over).toBe(false);

    // Closed, and opened by a link that a second start hands over: a new page asks anew.
    await tray.click();
    const before = desk.pages;
    await within(start('trayline://privacy').ended, { what: 'end of the one with a link', withinMs: 60_000 });
    await eventually(() => desk.pages > before, { what: 'a second page', withinMs: 30_000, state });
    await app.kill();
  });

  test('ends with the session, though nobody can quit it from its menu', async () => {
    const app = PackagedApp.start({ program });
    await app.tray();
    app.signal('SIGTERM');
    expect(await within(app.ended, { what: 'end after SIGTERM' })).toBe(0);
  });

  test('is no Node for whoever says so in the environment', async () => {
    const attempt = async (of: string): Promise<string> => {
      const { script, mark } = marker();
      const env = { ELECTRON_RUN_AS_NODE: '1' };
      return await outcome(mark, { program: join(of, 'trayline'), args: [script], env });
    };
    expect({ shipped: await attempt(folder), unfused: await attempt(unfused) }).toEqual({
      shipped: 'running',
      unfused: 'marked',
    });
  });

  test('loads no script that the environment names', async () => {
    const attempt = async (of: string, args: readonly string[]): Promise<string> => {
      const { script, mark } = marker();
      return await outcome(mark, { program: of, args, env: { NODE_OPTIONS: `--require=${script}` } });
    };
    // Electron takes this option from nobody once an app is packaged, whatever the fuse; so it is shown on the app unpacked.
    const unpacked = process.env.TRAYLINE_TEST_ELECTRON ?? '';
    expect({
      shipped: await attempt(program, []),
      unpacked: await attempt(unpacked, [join(ROOT, 'dist', 'desktop')]),
    }).toEqual({ shipped: 'running', unpacked: 'marked' });
  });

  test('opens no debugger of the main process for an argument', async () => {
    const args = ['--inspect=127.0.0.1:0'];
    expect({
      shipped: await openedPorts(program, args),
      unfused: await openedPorts(join(unfused, 'trayline'), args),
    }).toEqual({ shipped: 0, unfused: 1 });
  });

  test('opens no debugger of the page for an argument', async () => {
    // No fuse does this but the app itself, once it is packaged.
    const args = ['--remote-debugging-port=0'];
    const unpacked = process.env.TRAYLINE_TEST_ELECTRON ?? '';
    expect({
      shipped: await openedPorts(program, args),
      unpacked: await openedPorts(unpacked, [join(ROOT, 'dist', 'desktop'), ...args]),
    }).toEqual({ shipped: 0, unpacked: 1 });
  });

  test('opens no debugger for a signal', async () => {
    const attempt = async (of: string): Promise<string> => {
      // Only with the fuse set back does this say which port the signal opens.
      const app = PackagedApp.start({ program: join(of, 'trayline'), args: ['--inspect-port=0'] });
      await app.tray();
      app.signal('SIGUSR1');
      const came = await eventually(
        () => (app.listening().length > 0 ? 'debugger' : app.over ? 'end' : null),
        { what: 'a debugger or an end', withinMs: 10_000 },
      ).catch(() => 'nothing');
      await app.kill();
      return came;
    };
    expect(await attempt(unfused)).toBe('debugger');
    // What no longer listens to the signal is ended by it, as any program is.
    expect(await attempt(folder)).toBe('end');
  });

  test('starts no folder in place of its archive', async () => {
    const attempt = async (of: string): Promise<string> => {
      const { script, mark } = marker();
      const copy = copyOf(of);
      rmSync(join(copy, 'resources', 'app.asar'));
      mkdirSync(join(copy, 'resources', 'app'));
      cpSync(script, join(copy, 'resources', 'app', 'main.js'));
      const described = JSON.stringify({ name: 'other', main: 'main.js' });
      writeFileSync(join(copy, 'resources', 'app', 'package.json'), described);
      return await outcome(mark, { program: join(copy, 'trayline') });
    };
    expect({ shipped: await attempt(folder), unfused: await attempt(unfused) }).toEqual({
      shipped: 'ended',
      unfused: 'marked',
    });
  });

  test('runs a changed archive all the same: Electron checks it on macOS and Windows, not on Linux', async () => {
    const { script, mark } = marker();
    const copy = copyOf(folder);
    const archive = join(copy, 'resources', 'app.asar');
    const changed = withFile(readFileSync(archive), 'main.cjs', readFileSync(script));
    rmSync(archive);
    writeFileSync(archive, changed);
    expect(await outcome(mark, { program: join(copy, 'trayline') })).toBe('marked');
  });
});

/* For systems that are not here: packed all the same, looked at as files. */
const ELSEWHERE = await Promise.all(
  (
    [
      ['windows', 'x64'],
      ['mac', 'arm64'],
    ] as const
  ).map(async ([system, arch]) => ({
    system,
    arch,
    distribution: HERE ? await electronDistribution(system, arch) : { missing: 'not tried here' },
  })),
);

describe.each(ELSEWHERE)('the app packaged for $system', ({ system, arch, distribution }) => {
  const missing = 'missing' in distribution ? distribution.missing : null;
  if (HERE && missing !== null) console.warn(`packaged for ${system} left out: ${missing}`);
  // In CI a missing part is a failure.
  const leftOut = !HERE || (missing !== null && process.env.CI === undefined);

  test.skipIf(leftOut)(
    'has name, version, icon, sums and fuses as they should be, and is seen to be changed',
    async () => {
      if ('missing' in distribution) throw new Error(distribution.missing);
      const out = temporaryFolder('package');
      const { folder, inspection } = await packageTray({ system, arch, distribution, out });
      const wrong = ({ seen, fuses }: Inspection): readonly string[] => [
        ...seen.filter(({ right }) => !right).map(({ what, found }) => `${what}: ${found}`),
        ...fuses.filter(({ right }) => !right).map(({ name }) => name),
      ];
      expect(wrong(inspection)).toEqual([]);
      expect(inspection.seen.length).toBeGreaterThan(10);
      expect(inspection.fuses.filter(({ found }) => found === 'on').map(({ name }) => name)).toEqual(
        expect.arrayContaining(['EnableEmbeddedAsarIntegrityValidation', 'OnlyLoadAppFromAsar']),
      );

      const archive = join(resourcesIn(folder, system), 'app.asar');
      const bytes = readFileSync(archive);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      writeFileSync(archive, bytes);
      mkdirSync(join(resourcesIn(folder, system), 'app'));
      setFuses(fuseFileIn(folder, system), { RunAsNode: 'on' });
      const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
      expect(wrong(inspect(folder, { system, arch, version }))).toEqual([
        'app.asar: a file differs from its SHA-256',
        'beside it: app',
        'RunAsNode',
      ]);
    },
  );
});

/** An asar archive with other content for one of its files, and the header's sum for it as it was. */
function withFile(archive: Buffer, name: string, content: Buffer): Buffer {
  const start = 8 + archive.readUInt32LE(4);
  const header = JSON.parse(archive.subarray(16, 16 + archive.readUInt32LE(12)).toString('utf8'));
  header.files[name].size = content.length;
  header.files[name].offset = String(archive.length - start);
  const text = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(text.length / 4) * 4;
  const sizes = Buffer.alloc(16);
  for (const [index, value] of [4, padded + 8, padded + 4, text.length].entries()) {
    sizes.writeUInt32LE(value, index * 4);
  }
  const padding = Buffer.alloc(padded - text.length);
  return Buffer.concat([sizes, text, padding, archive.subarray(start), content]);
}
