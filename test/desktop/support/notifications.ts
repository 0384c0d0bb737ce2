import { eventually } from '../../support/eventually.ts';
import { closeAtEnd } from '../../support/teardown.ts';
import { BusService, type Message } from './dbus.ts';

/*
 * The desktop's notification service, kept by the test: org.freedesktop.Notifications of the Desktop Notifications
 * Specification 1.3. On Linux Electron shows through libnotify, which calls it.
 */

const NAME = 'org.freedesktop.Notifications';
const PATH = '/org/freedesktop/Notifications';
/** Why a notification is gone (NotificationClosed): the person, or a call of CloseNotification. */
const BY_PERSON = 2;
const BY_CALL = 3;

/** One call of Notify. */
export interface Popup {
  readonly id: number;
  readonly app: string;
  readonly title: string;
  readonly body: string;
  /** Keys of what can be pressed; `default` is the popup itself. */
  readonly actions: readonly string[];
  /** 0 low, 1 normal, 2 critical. */
  readonly urgency: number;
}

export class NotificationArea {
  /** Every popup so far, oldest first. */
  readonly shown: Popup[] = [];
  /** Ids of those that stand on the screen. */
  readonly standing = new Set<number>();
  /** The most that ever stood at once. */
  most = 0;
  #service: BusService | null = null;

  /** Takes the service's name on the test session's bus, until the end of the test file. */
  static async open(): Promise<NotificationArea> {
    const area = new NotificationArea();
    area.#service = await BusService.open(process.env.TRAYLINE_TEST_BUS ?? '', NAME, message =>
      area.#answer(message),
    );
    closeAtEnd(() => area.#service?.close());
    return area;
  }

  #answer({ face, member, body }: Message) {
    if (face !== NAME && face !== '') return null;
    switch (member) {
      case 'GetServerInformation':
        return { signature: 'ssss', values: ['test', 'test', '1', '1.2'] };
      case 'GetCapabilities':
        return { signature: 'as', values: [['body', 'actions']] };
      case 'Notify': {
        const [app, replaces, , title, text, actions, hints] = body;
        const id = Number(replaces) || this.shown.length + 1;
        const urgency = (hints as [string, { value: unknown }][]).find(([key]) => key === 'urgency');
        this.shown.push({
          id,
          app: String(app),
          title: String(title),
          body: String(text),
          // Keys and labels by turns.
          actions: (actions as string[]).filter((_, n) => n % 2 === 0),
          urgency: Number(urgency?.[1].value ?? 1),
        });
        this.standing.add(id);
        this.most = Math.max(this.most, this.standing.size);
        return { signature: 'u', values: [id] };
      }
      case 'CloseNotification': {
        this.#gone(Number(body[0]), BY_CALL);
        return { signature: '', values: [] };
      }
      default:
        return null;
    }
  }

  #gone(id: number, why: number): void {
    if (!this.standing.delete(id)) return;
    this.#service?.signal(PATH, NAME, 'NotificationClosed', { signature: 'uu', values: [id, why] });
  }

  /** The person clicks the popup. */
  click({ id }: Popup): void {
    this.#service?.signal(PATH, NAME, 'ActionInvoked', { signature: 'us', values: [id, 'default'] });
    this.#gone(id, BY_PERSON);
  }

  /** The popup after the first `count`. */
  async next(count: number, what: string): Promise<Popup> {
    return await eventually(() => this.shown[count], {
      what: `notification: ${what}`,
      withinMs: 60_000,
      state: () => this.shown,
    });
  }
}
