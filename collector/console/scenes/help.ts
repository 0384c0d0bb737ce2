import type { DeviceHelpResponse, FleetRow, HelpRequest, HelpResponse } from '../../../shared/api/schemas.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/base/durations.ts';
import { now } from '../time.ts';

/* Invented requests of invented people. */

interface Said {
  readonly text: string;
  readonly ago: number;
  /** How long it waited on the device for a connection. */
  readonly late?: number;
  readonly about?: HelpRequest['about'];
  readonly answer?: string;
  readonly state?: HelpRequest['state'];
}

const FIREWALL: HelpRequest['about'] = {
  problem: 'firewall-off',
  what: { key: 'score.compliance.firewall-off', params: {} },
};

const SAID: readonly Said[] = [
  {
    text: 'Outlook asks for my password again and again.\nSince this morning; restarting did not help.',
    ago: 3 * DAY,
  },
  { text: 'I need access to the folder Finance/2027 until Friday.', ago: 26 * HOUR, late: 9 * HOUR },
  { text: 'May I turn the firewall on while I am in a call?', ago: 5 * HOUR, about: FIREWALL, state: 'seen' },
  {
    text: 'The battery lasts for an hour only.',
    ago: 4 * HOUR,
    state: 'answered',
    answer: 'A new one comes on Thursday, to your desk. Until then please stay on mains when you can.',
  },
  { text: 'The projector in room 4.12 stays dark. With the other laptop it works.', ago: 12 * MINUTE },
  { text: 'Please install the drawing program.', ago: 6 * DAY, state: 'withdrawn' },
  {
    text: 'Where do I find the new templates?',
    ago: 7 * DAY,
    state: 'closed',
    answer: 'In the start menu, under Office.',
  },
];

export class HelpScene {
  #requests: HelpRequest[];

  constructor(rows: readonly FleetRow[]) {
    const stories = rows.filter(({ id }) => id.startsWith('story-'));
    const asking = [...stories, ...rows].filter(({ noAgent }) => noAgent !== true).slice(0, SAID.length);
    this.#requests = asking.flatMap((row, index) => {
      const said = SAID[index];
      return said === undefined ? [] : [invented(row, said, index)];
    });
  }

  get waiting(): number {
    return this.#requests.filter(({ state }) => state === 'open' || state === 'seen').length;
  }

  list(over: boolean): HelpResponse {
    const found = this.#requests.filter(({ state }) => isOver(state) === over);
    found.sort((a, b) => (over ? b.receivedAt - a.receivedAt : a.receivedAt - b.receivedAt));
    return { requests: found, next: null, waiting: this.waiting };
  }

  of(device: string): DeviceHelpResponse {
    return { requests: this.#requests.filter(one => one.device === device) };
  }

  /** null: there is no such request, or it is over. */
  move(device: string, id: string, what: unknown, words: unknown): HelpRequest | null {
    const found = this.#requests.find(one => one.device === device && one.id === id);
    if (found === undefined || isOver(found.state)) return null;
    const state = what === 'answer' ? 'answered' : what === 'close' ? 'closed' : 'seen';
    const at = now();
    const moved: HelpRequest = {
      ...found,
      state,
      changedAt: at,
      steps: [...found.steps, { state, at, by: 'Sam Ito' }],
      answer: typeof words === 'string' ? { text: words, by: 'Sam Ito', at } : found.answer,
    };
    this.#requests = this.#requests.map(one => (one === found ? moved : one));
    return moved;
  }
}

function isOver(state: HelpRequest['state']): boolean {
  return state === 'closed' || state === 'withdrawn';
}

function invented(
  row: FleetRow,
  { text, ago, late = 2000, about = null, answer, state = 'open' }: Said,
  index: number,
): HelpRequest {
  const askedAt = now() - ago;
  const receivedAt = askedAt + late;
  const changedAt = receivedAt + 20 * MINUTE;
  const by = state === 'withdrawn' ? null : 'Ines Duval';
  return {
    id: index.toString(16).padStart(24, '0'),
    device: row.id,
    deviceName: row.name,
    person: row.person,
    ...{ text, about, askedAt, receivedAt, state },
    changedAt: state === 'open' ? receivedAt : changedAt,
    steps: [
      { state: 'open', at: askedAt, by: null },
      ...(state === 'open' ? [] : [{ state, at: changedAt, by }]),
    ],
    answer: answer === undefined ? null : { text: answer, by: 'Ines Duval', at: changedAt },
  };
}
