import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually } from '../../support/eventually.ts';

const run = promisify(execFile);

/*
 * The tray as the desktop sees it: the status notifier item and its menu, read and clicked over the session bus
 * (org.kde.StatusNotifierItem, com.canonical.dbusmenu).
 */

async function gdbus(...args: string[]): Promise<string> {
  const { stdout } = await run('gdbus', ['call', '--session', '--timeout', '10', ...args], {
    // Without a UTF-8 locale gdbus writes what is not ASCII in escapes or question marks.
    env: { ...process.env, LC_ALL: 'C.UTF-8', DBUS_SESSION_BUS_ADDRESS: process.env.TRAYLINE_TEST_BUS },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

const get = (dest: string, path: string, face: string, property: string): Promise<string> =>
  gdbus(
    ...['--dest', dest, '--object-path', path, '--method', 'org.freedesktop.DBus.Properties.Get'],
    ...[face, property],
  );

export interface MenuEntry {
  readonly id: number;
  readonly label: string;
  readonly enabled: boolean;
}

/** One icon in the tray. */
export class TrayItem {
  readonly dest: string;
  readonly path: string;

  private constructor(dest: string, path: string) {
    this.dest = dest;
    this.path = path;
  }

  /** Every icon registered with the tray. */
  static async all(): Promise<TrayItem[]> {
    const text = await get(
      'org.kde.StatusNotifierWatcher',
      '/StatusNotifierWatcher',
      'org.kde.StatusNotifierWatcher',
      'RegisteredStatusNotifierItems',
    );
    return [...text.matchAll(/'([^'/]+)(\/[^']*)'/g)].map(
      ([, dest = '', path = '']) => new TrayItem(dest, path),
    );
  }

  /** The icon of this process; null: it has none (yet). */
  static async find(pid: number): Promise<TrayItem | null> {
    for (const item of await TrayItem.all()) {
      // An icon may be gone again by now; then its owner is nobody.
      const owner = await gdbus(
        ...['--dest', 'org.freedesktop.DBus', '--object-path', '/org/freedesktop/DBus'],
        ...['--method', 'org.freedesktop.DBus.GetConnectionUnixProcessID', item.dest],
      ).catch(() => '');
      if (new RegExp(`\\b${pid}\\b`).test(owner)) return item;
    }
    return null;
  }

  /** The same, waited for. */
  static async of(pid: number): Promise<TrayItem> {
    return await eventually(() => TrayItem.find(pid), {
      what: `tray icon of process ${pid}`,
      withinMs: 30_000,
    });
  }

  /** What a left click does. */
  async click(): Promise<void> {
    await gdbus(
      ...['--dest', this.dest, '--object-path', this.path],
      ...['--method', 'org.kde.StatusNotifierItem.Activate', 'int32 640', 'int32 790'],
    );
  }

  async tooltip(): Promise<string> {
    return await get(this.dest, this.path, 'org.kde.StatusNotifierItem', 'ToolTip');
  }

  /** The picture, as text that differs when it does. */
  async picture(): Promise<string> {
    return await get(this.dest, this.path, 'org.kde.StatusNotifierItem', 'IconPixmap');
  }

  async #menuPath(): Promise<string> {
    const text = await get(this.dest, this.path, 'org.kde.StatusNotifierItem', 'Menu');
    const path = /'(\/[^']+)'/.exec(text)?.[1];
    if (path === undefined) throw new Error(`no menu: ${text}`);
    return path;
  }

  /** Every entry with a label, submenus included, from top to bottom. */
  async menu(): Promise<MenuEntry[]> {
    const text = await gdbus(
      ...['--dest', this.dest, '--object-path', await this.#menuPath()],
      ...['--method', 'com.canonical.dbusmenu.GetLayout', 'int32 0', 'int32 -1', '@as []'],
    );
    return [...text.matchAll(/\((?:int32 )?(\d+), \{([^}]*)\}/g)].flatMap(([, id, properties = '']) => {
      const label = /'label': <(?:'((?:[^'\\]|\\.)*)'|"([^"]*)")>/.exec(properties);
      const words = label?.[1] ?? label?.[2];
      if (words === undefined) return [];
      return [
        {
          id: Number(id),
          label: words.replace(/_(?=\S)/g, ''),
          enabled: !/'enabled': <false>/.test(properties),
        },
      ];
    });
  }

  /** Chooses the entry with this label. */
  async choose(label: string): Promise<void> {
    const entry = (await this.menu()).find(one => one.label === label);
    if (entry === undefined) throw new Error(`no such entry: ${label}`);
    await gdbus(
      ...['--dest', this.dest, '--object-path', await this.#menuPath()],
      ...[
        '--method',
        'com.canonical.dbusmenu.Event',
        `int32 ${entry.id}`,
        "'clicked'",
        '<int32 0>',
        'uint32 0',
      ],
    );
  }
}
