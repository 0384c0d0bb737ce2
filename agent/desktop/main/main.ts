import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  app,
  clipboard,
  dialog,
  ipcMain,
  Notification,
  nativeTheme,
  powerMonitor,
  protocol,
  shell,
} from 'electron';
import { Problem } from '../../../shared/problem/problem.ts';
import { type Locale, localeOf, reasonSentence, sentence } from '../../../shared/text/sentence.ts';
import {
  type ActOutcome,
  type AppInfo,
  contract,
  type DeskHelp,
  type DeskProblem,
  type DeviceAction,
  entryOf,
  type Handlers,
  type Home,
  type NotificationSettings,
  type Reply,
  type View,
} from '../contract.ts';
import { machineDesk, personDesk, socketPath, systemOf } from '../places.ts';
import { answering, eventPayload } from '../wiring.ts';
import { autostart, setAutostart } from './autostart.ts';
import { diagnosticsText } from './diagnostics.ts';
import { LINK_SCHEME, linkAmong, mayOpen, viewOfLink } from './links.ts';
import { afterTelling, dueNow, tomorrowMorning } from './notify.ts';
import { afterAnswer, answerDue } from './notify-help.ts';
import { openPrefs } from './prefs.ts';
import { isOwnPage, refuseDebuggers, registerPageScheme, silenceChromium } from './security.ts';
import { createServiceLink } from './service-link.ts';
import { createTray } from './tray.ts';
import { type MenuAction, moment, stateWords } from './tray-menu.ts';
import { createPageWindow } from './window.ts';

const HOUR = 3_600_000;
/** How often moments are looked at again: deadlines, quiet hours, the words of the menu. */
const MINUTE = 60_000;

/** The tray app: an icon, a menu, a window when asked for. Everything it knows it has from the service. */
function start(): void {
  const prefs = openPrefs(app.getPath('userData'));
  // A person may end what they started themselves; what the organisation installed stays.
  const mayQuit = !app.isPackaged;
  let ending = false;
  let home: Home | null = null;
  let problems: readonly DeskProblem[] = [];
  let collector = '';
  /** The one on the screen, or the last that was. */
  let help: readonly DeskHelp[] = [];
  /** `problem` null: it speaks of an answer. */
  let popup: { readonly problem: string | null; readonly notification: Notification } | null = null;
  let asking = false;

  const locale = (): Locale => prefs.value.locale ?? localeOf(app.getLocale());
  const language = () => ({ locale: locale(), follows: prefs.value.locale === null });

  const window = createPageWindow({
    preload: join(__dirname, 'preload.cjs'),
    pages: join(__dirname, 'page'),
  });
  const open = (view: View): void => window.open(view, tray.bounds());

  const tray = createTray({
    icons: join(__dirname, 'icons'),
    clicked: () => {
      if (window.contents === null) open({ page: 'home' });
      else window.close();
    },
    chosen: action => chosen(action),
    problem: problem => open({ page: 'problems', problem }),
  });
  const show = (): void =>
    tray.show({ home, notifications: prefs.value.notifications, locale: locale(), now: Date.now(), mayQuit });

  const info = (): AppInfo => ({
    version: app.getVersion(),
    electron: process.versions.electron ?? '',
    chromium: process.versions.chrome ?? '',
    node: process.versions.node,
    service: link.state,
    autostart: autostart(),
  });

  const env = process.env;
  const where = { system: systemOf(process.platform), env, home: homedir() };
  const named = env.TRAYLINE_DESK;
  const folders = named === undefined ? [machineDesk(where), personDesk(where)] : [named];
  const link = createServiceLink({
    paths: folders.map(folder => socketPath(where.system, folder)),
    version: app.getVersion(),
    ...(process.platform === 'win32'
      ? { proofHome: join(env.LOCALAPPDATA ?? homedir(), 'Trayline', 'Proof') }
      : {}),
    changed: state => {
      if (state === 'connected') void refresh();
      else {
        home = null;
        problems = [];
        help = [];
        show();
      }
      window.tell('app.infoChanged', info());
    },
    event: (name, payload) => {
      const fit = eventPayload(['service'], name, payload);
      if (fit === null) return;
      if (name === 'home.changed') home = contract.home.changed.payload.parse(fit.value);
      if (name === 'problems.changed') {
        problems = contract.problems.changed.payload.parse(fit.value);
        notify();
      }
      if (name === 'help.changed') {
        help = contract.help.changed.payload.parse(fit.value);
        notify();
      }
      if (name === 'home.changed' || name === 'problems.changed') show();
      window.tell(name, fit.value);
    },
  });

  /** Everything anew after the service came (back). */
  async function refresh(): Promise<void> {
    try {
      const { service } = link;
      const [state, open, about] = await Promise.all([
        service.home.get(),
        service.problems.list(),
        service.about.get(),
      ]);
      // A service of before this knows of no requests to IT.
      help = await service.help.list().catch(() => []);
      home = state;
      problems = open;
      collector = about.collector;
    } catch {
      // It went away again; its next coming asks again.
      return;
    }
    window.tell('home.changed', home);
    window.tell('problems.changed', problems);
    window.tell('help.changed', [...help]);
    show();
    notify();
  }

  /** One notification for all that is due; the one before it goes, and so does one whose problem is gone. */
  function notify(): void {
    // Without an answer from the service nothing is known to be there or gone.
    if (home === null || !Notification.isSupported()) return;
    if (popup !== null && popup.problem !== null && !home.problems.includes(popup.problem)) {
      popup.notification.close();
      popup = null;
    }
    const now = Date.now();
    const due = dueNow(problems, prefs.value.notifications, prefs.value.told, now);
    const told = afterTelling(prefs.value.told, due, home.problems);
    if (JSON.stringify(told) !== JSON.stringify(prefs.value.told)) {
      prefs.change({
        told: { ...Object.fromEntries(Object.entries(told).map(([id, all]) => [id, [...all]])) },
      });
    }
    if (due === null) {
      notifyAnswer(now);
      return;
    }
    const spoken = locale();
    const when = due.problem.by === null ? '' : moment(due.problem.by, spoken, now);
    const title = {
      new: () => sentence(spoken, 'notify.problem'),
      soon: () => sentence(spoken, 'notify.soon', { when }),
      today: () => sentence(spoken, 'notify.today', { when }),
      blocked: () => sentence(spoken, 'notify.blocked'),
    }[due.stage]();
    const rest = due.covers.length - 1;
    const body = [
      reasonSentence(spoken, due.problem.what),
      ...(rest > 0 ? [stateWords(home, spoken, now)] : []),
    ].join('\n');
    popup?.notification.close();
    const urgent = due.stage === 'blocked';
    const urgency = urgent ? 'critical' : 'normal';
    const notification = new Notification({ title, body, silent: !urgent, urgency });
    notification.on('click', () => open({ page: 'problems', problem: due.problem.id }));
    popup = { problem: due.problem.id, notification };
    notification.show();
  }

  /** One notification for every answer of IT that is new; in the place of whatever was shown before. */
  function notifyAnswer(now: number): void {
    const { notifications, toldAnswers } = prefs.value;
    const due = answerDue(help, notifications, toldAnswers, now);
    const told = afterAnswer(toldAnswers, due, help);
    if (JSON.stringify(told) !== JSON.stringify(toldAnswers)) prefs.change({ toldAnswers: [...told] });
    if (due === null) return;
    const { id, about, answer } = due.request;
    popup?.notification.close();
    const notification = new Notification({
      title: sentence(locale(), 'notify.answer', { name: answer.by }),
      // Neither what was asked nor the answer: others may see the screen.
      body: about === null ? sentence(locale(), 'notify.answer.read') : reasonSentence(locale(), about),
      silent: true,
      urgency: 'normal',
    });
    notification.on('click', () => open({ page: 'requests', request: id }));
    popup = { problem: null, notification };
    notification.show();
  }

  function chosen(action: MenuAction): void {
    switch (action) {
      case 'open':
        open({ page: 'home' });
        return;
      case 'ask':
      case 'privacy':
        open({ page: action });
        return;
      case 'check':
        link.service.checks.run({}).catch(() => undefined);
        return;
      case 'snooze-hour':
        setNotifications({ snoozedUntil: Date.now() + HOUR });
        return;
      case 'snooze-morning':
        setNotifications({ snoozedUntil: tomorrowMorning(Date.now()) });
        return;
      case 'snooze-off':
        setNotifications({ snoozedUntil: null });
        return;
      case 'quit':
        if (mayQuit) app.quit();
    }
  }

  function setNotifications(change: Partial<NotificationSettings>): NotificationSettings {
    const now = Date.now();
    const next = { ...prefs.value.notifications, ...change };
    const notifications = {
      ...next,
      snoozedProblems: Object.fromEntries(
        Object.entries(next.snoozedProblems).filter(([, until]) => until > now),
      ),
    };
    prefs.change({ notifications });
    window.tell('notifications.changed', notifications);
    show();
    notify();
    return notifications;
  }

  /** Asks the person in the app's own dialog, which no page can draw or answer, and does it with their consent. */
  async function act(action: DeviceAction): Promise<ActOutcome> {
    // SECURITY: a page that asks again and again must not wear the person down with one question over the other.
    if (asking) throw new Problem('too-fast', 'another question is open');
    asking = true;
    window.hold(true);
    try {
      return await ask(action);
    } finally {
      asking = false;
      window.hold(false);
    }
  }

  async function ask(action: DeviceAction): Promise<ActOutcome> {
    const plan = await link.service.device.plan({ action });
    const spoken = locale();
    const { response } = await dialog.showMessageBox({
      type: 'question',
      title: 'Trayline',
      message: reasonSentence(spoken, plan.title),
      detail: reasonSentence(spoken, plan.what),
      buttons: [sentence(spoken, 'act.yes'), sentence(spoken, 'act.no')],
      defaultId: 1,
      cancelId: 1,
      noLink: true,
    });
    const { consent } = plan;
    if (response === 0) return await link.service.device.run({ action, consent });
    await link.service.device.declined({ action, consent });
    return { state: 'declined' };
  }

  const handlers: Handlers<'app', null> = {
    device: { act: ({ action }) => act(action) },
    app: {
      info,
      view: () => window.view,
      setAutostart: ({ on }) => {
        setAutostart(on);
        return info();
      },
      openLink: async ({ url }) => {
        // SECURITY: an address from a page could start any program that has registered a scheme.
        if (!mayOpen(url, collector)) throw new Problem('link-refused', 'address is not on the list');
        await shell.openExternal(new URL(url).href);
        return null;
      },
      copyDiagnostics: async () => {
        const about = await link.service.about.get().catch(() => null);
        const text = diagnosticsText(info(), about, home, Date.now());
        // A promise since Electron 44, nothing before.
        await Promise.resolve(clipboard.writeText(text));
        return { characters: text.length };
      },
      close: () => {
        // After the answer: a page that is gone cannot take it.
        setImmediate(() => window.close());
        return null;
      },
    },
    language: {
      get: language,
      set: ({ locale: wanted }) => {
        prefs.change({ locale: wanted });
        window.tell('language.changed', language());
        show();
        return language();
      },
    },
    notifications: {
      get: () => prefs.value.notifications,
      set: ({ on, quietHours }) =>
        setNotifications({
          ...(on === undefined ? {} : { on }),
          ...(quietHours === undefined ? {} : { quietHours }),
        }),
      snooze: ({ problem, until }) => {
        if (problem === undefined) return setNotifications({ snoozedUntil: until });
        const { [problem]: _before, ...others } = prefs.value.notifications.snoozedProblems;
        return setNotifications({
          snoozedProblems: until === null ? others : { ...others, [problem]: until },
        });
      },
    },
  };
  const answer = answering<'app', null>(['app'], handlers);

  ipcMain.handle('trayline:call', async (event, name: unknown, input: unknown): Promise<Reply<unknown>> => {
    if (!isOwnPage(event, window.contents)) {
      return { ok: false, code: 'sender-refused', detail: 'not the page of this app' };
    }
    const entry = typeof name === 'string' ? entryOf(name) : null;
    if (entry === null || entry.definition.kind !== 'call' || entry.definition.via === 'inner') {
      return { ok: false, code: 'not-found', detail: 'no such call' };
    }
    if (entry.definition.via === 'app') return await answer(entry.name, input, null);
    const parsed = entry.definition.input.safeParse(input);
    if (!parsed.success) return { ok: false, code: 'request-invalid', detail: entry.name };
    const reply = await link.ask(entry.name, parsed.data);
    if (!reply.ok) return reply;
    const answered = entry.definition.output.safeParse(reply.value);
    return answered.success
      ? { ok: true, value: answered.data }
      : { ok: false, code: 'frame-malformed', detail: entry.name };
  });

  const openLinked = (address: string | null): void => {
    const view = address === null ? null : viewOfLink(address);
    open(view ?? { page: 'home' });
  };
  app.on('second-instance', (_event, args) => openLinked(linkAmong(args)));
  app.on('open-url', (event, address) => {
    event.preventDefault();
    openLinked(address);
  });
  // Without a window the app is at rest, not at its end.
  app.on('window-all-closed', () => undefined);
  app.on('before-quit', event => {
    if (mayQuit || ending) return;
    event.preventDefault();
  });
  const end = (): void => {
    ending = true;
    app.quit();
  };
  powerMonitor.on('shutdown', end);
  // The end of a Linux session, and an installer that brings a newer version.
  process.on('SIGTERM', end);
  app.on('quit', () => link.stop());
  nativeTheme.on('updated', show);
  setInterval(() => {
    show();
    notify();
  }, MINUTE);

  if (process.platform === 'darwin') app.dock?.hide();
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
  show();
  link.start();
  const first = linkAmong(process.argv);
  if (first !== null) openLinked(first);
}

if (app.requestSingleInstanceLock()) {
  registerPageScheme(protocol);
  silenceChromium(app);
  refuseDebuggers(app);
  app.setAppUserModelId('com.trayline.desktop');
  void app.whenReady().then(start);
} else {
  // The running one has been told and opens its window.
  app.quit();
}
