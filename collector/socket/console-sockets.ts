import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { DeviceResponse, FleetRow, Role } from '../../shared/api/schemas.ts';
import { SECOND } from '../../shared/base/durations.ts';
import { PROBLEM_CODES, type ProblemCode } from '../../shared/problem/codes.ts';
import { isProblem, type Problem } from '../../shared/problem/problem.ts';
import { closeCodeOf } from '../../shared/protocol/close-codes.ts';
import { fromConsole, type ToConsole } from '../../shared/protocol/console.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { CONSOLE_SUBPROTOCOL } from '../../shared/protocol/version.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { DeviceNews } from '../ingest/ingest.ts';
import type { Watching } from './watching.ts';

export interface ConsolePerson {
  readonly user: string;
  readonly name: string;
  readonly role: Role;
  readonly csrf: string;
  /** Names the session, to ask again whether it still stands. */
  readonly idHash: string;
}

export interface ConsoleSocketsOptions {
  readonly fleet: Fleet;
  readonly watching: Watching;
  readonly now: () => number;
  readonly authenticate: (request: IncomingMessage) => Promise<ConsolePerson | Problem>;
  /** A socket outlives the request that opened it: signed out, expired or disabled people must not go on watching. */
  readonly stillSignedIn: (idHash: string) => Promise<boolean>;
  readonly onProblem: (code: ProblemCode, detail: string) => void;
  /** How many pages are connected now. */
  readonly onCount: (pages: number) => void;
  /** A person began to look at a device live. */
  readonly onViewed: (person: ConsolePerson, device: string) => void;
}

/** Rows in one part of the first fleet answer: about 600 KiB, so that a page draws while the rest is on its way. */
const FLEET_PART = 1000;
/** The page's own frames are tiny. */
const PAGE_FRAME_BYTES = 4096;
const STATUS_MS = SECOND;
/** A page whose session has ended goes on receiving for at most this long. */
const SESSION_MS = 3 * SECOND;

class ConsolePage {
  readonly ws: WebSocket;
  readonly person: ConsolePerson;
  readonly name: string;
  open = false;
  fleet = false;
  /** Rows changed while the page could not keep up: the newest state of each is sent once it can. */
  behind: Set<string> | null = null;
  /** Watched devices whose news the page could not take: told as they are once it can. */
  readonly missed = new Set<string>();
  alive = true;

  constructor(ws: WebSocket, person: ConsolePerson) {
    this.ws = ws;
    this.person = person;
    this.name = person.name;
  }

  send(text: string): void {
    if (this.ws.readyState === WebSocket.OPEN) this.ws.send(text);
  }
}

/** The consoles' live sockets: one snapshot, then every commit's changes, serialised once for all of them. */
export class ConsoleSockets {
  readonly #options: ConsoleSocketsOptions;
  readonly #server: WebSocketServer;
  readonly #pages = new Set<ConsolePage>();
  readonly #timers: NodeJS.Timeout[];
  /** Detail reads under way, and whether another is wanted after it: at most one per device. */
  readonly #details = new Map<string, boolean>();

  constructor(options: ConsoleSocketsOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: PAGE_FRAME_BYTES,
      perMessageDeflate: false,
      clientTracking: false,
      handleProtocols: offered => (offered.has(CONSOLE_SUBPROTOCOL) ? CONSOLE_SUBPROTOCOL : false),
    });
    this.#timers = [
      setInterval(() => this.#tellStatus(), STATUS_MS),
      setInterval(() => this.#catchUp(), 100),
      setInterval(() => this.#ping(), LIMITS.pingMs),
      setInterval(() => this.#checkSessions(), SESSION_MS),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refuse = (problem: Problem | null): void => {
      const code = problem?.code ?? 'internal';
      const status = PROBLEM_CODES[code].http;
      this.#options.onProblem(code, 'console socket');
      socket.end(
        `HTTP/1.1 ${status} Refused\r\nTrayline-Problem: ${code}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
    };
    this.#options.authenticate(request).then(
      person => {
        if (isProblem(person)) refuse(person);
        else this.#server.handleUpgrade(request, socket, head, ws => this.#add(ws, person));
      },
      () => refuse(null),
    );
  }

  /** Rows and readings that were just taken in, for every page that shows the fleet or one of these devices. */
  taken(news: readonly DeviceNews[]): void {
    if (this.#pages.size === 0) return;
    this.#sendRows(news.map(({ device }) => device.row));
    for (const item of news) {
      this.live(item.device.id, item);
    }
  }

  /** The store knows more of these devices now: pages that show one of them are told what it says. */
  stored(news: readonly DeviceNews[]): void {
    if (this.#pages.size === 0) return;
    for (const { device, changed } of news) {
      if (changed && this.#options.watching.isWatched(device.id)) void this.#tellDevice(device.id);
    }
  }

  /** Rows that another collector writes; the store knows more of those that are `changed`. */
  rowsChanged(rows: readonly FleetRow[], changed: readonly string[]): void {
    if (this.#pages.size === 0) return;
    this.#sendRows(rows);
    for (const id of changed) if (this.#options.watching.isWatched(id)) void this.#tellDevice(id);
  }

  /** Readings of a device, for the pages that show it live. */
  live(device: string, { samples, processes, receivedAt }: Omit<DeviceNews, 'device' | 'changed'>): void {
    if (!this.#options.watching.isWatched(device) || (samples.length === 0 && processes === null)) return;
    const live: ToConsole = {
      type: 'live',
      id: device,
      rows: [...samples],
      receivedAt,
      ...(processes === null ? {} : { processes }),
    };
    this.#sendTo(device, JSON.stringify(live));
  }

  /** Somebody has begun or ended to look at it at another collector. */
  viewersChanged(device: string): void {
    if (this.#options.watching.isWatched(device)) this.#tellViewers(device);
  }

  /** Any row may be another one: every page is given the fleet anew. */
  fleetChanged(): void {
    for (const page of this.#pages) if (page.open && page.fleet) this.#sendFleet(page);
  }

  /** Presence or another collector-side property of a row changed. */
  rowChanged(row: FleetRow): void {
    if (this.#pages.size === 0) return;
    this.#sendRows([row]);
    if (this.#options.watching.isWatched(row.id)) void this.#tellDevice(row.id);
  }

  rowGone(id: string): void {
    this.#broadcast({ type: 'changes', at: this.#options.now(), rows: [], gone: [id] });
  }

  waiting(count: number): void {
    this.#broadcast({ type: 'waiting', count });
  }

  /** Something about a device's requests to IT is new; so many of the fleet wait. */
  help(device: string, waiting: number): void {
    this.#broadcast({ type: 'help', device, waiting });
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const page of this.#pages) page.ws.close(closeCodeOf('collector-stopping'), 'collector-stopping');
    this.#server.close();
  }

  #add(ws: WebSocket, person: ConsolePerson): void {
    const page = new ConsolePage(ws, person);
    this.#pages.add(page);
    this.#options.onCount(this.#pages.size);
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      page.alive = true;
      if (isBinary) ws.close(closeCodeOf('frame-too-many-bad'), 'frame-binary');
      else this.#onMessage(page, data.toString('utf8'));
    });
    ws.on('pong', () => {
      page.alive = true;
    });
    ws.on('error', () => this.#options.onProblem('frame-malformed', 'console socket'));
    ws.on('close', () => {
      this.#pages.delete(page);
      this.#options.onCount(this.#pages.size);
      for (const device of this.#options.watching.endAll(page)) this.#tellViewers(device);
    });
  }

  #onMessage(page: ConsolePage, text: string): void {
    let raw: unknown;
    try {
      raw = JSON.parse(text);
    } catch {
      raw = null;
    }
    const parsed = fromConsole.safeParse(raw);
    if (!parsed.success) {
      this.#options.onProblem('frame-malformed', 'console frame');
      this.#tell(page, { type: 'problem', code: 'frame-malformed', detail: 'not a console frame' });
      return;
    }
    const frame = parsed.data;
    if (!page.open) {
      if (frame.type !== 'open' || frame.csrf !== page.person.csrf) {
        page.ws.close(closeCodeOf('signed-out'), 'csrf-refused');
        return;
      }
      page.open = true;
      this.#tell(page, { type: 'opened', at: this.#options.now() });
      this.#tell(page, { type: 'collector', status: this.#options.fleet.status() });
      return;
    }
    switch (frame.type) {
      case 'open':
        return;
      case 'fleet':
        page.fleet = frame.on;
        if (frame.on) this.#sendFleet(page);
        return;
      case 'watch': {
        if (this.#options.fleet.row(frame.device) === null) {
          this.#tell(page, { type: 'problem', code: 'not-found', detail: 'no such device' });
          return;
        }
        if (this.#options.watching.start(frame.device, page)) {
          this.#options.onViewed(page.person, frame.device);
          void this.#tellDevice(frame.device);
        }
        this.#tellViewers(frame.device);
        return;
      }
      case 'unwatch':
        if (this.#options.watching.end(frame.device, page)) this.#tellViewers(frame.device);
        return;
    }
  }

  #sendFleet(page: ConsolePage): void {
    const rows = [...this.#options.fleet.rows()];
    let sent = 0;
    const part = (): void => {
      if (page.ws.readyState !== WebSocket.OPEN || !page.fleet) return;
      const slice = rows.slice(sent, sent + FLEET_PART);
      sent += slice.length;
      const done = sent >= rows.length;
      this.#tell(page, { type: 'fleet', rows: slice, done, total: rows.length });
      // Between parts everybody else has a turn.
      if (!done) setImmediate(part);
    };
    part();
  }

  #sendRows(rows: readonly FleetRow[]): void {
    let text: string | null = null;
    for (const page of this.#pages) {
      if (!page.open || !page.fleet) continue;
      if (page.behind !== null || page.ws.bufferedAmount > LIMITS.consoleBacklogBytes) {
        page.behind ??= new Set();
        for (const row of rows) page.behind.add(row.id);
        continue;
      }
      text ??= JSON.stringify({
        type: 'changes',
        at: this.#options.now(),
        rows: [...rows],
        gone: [],
      } satisfies ToConsole);
      page.send(text);
    }
  }

  #catchUp(): void {
    for (const page of this.#pages) {
      if (page.ws.bufferedAmount > LIMITS.consoleBacklogBytes / 4) continue;
      const missed = [...page.missed];
      page.missed.clear();
      for (const device of missed) {
        void this.#tellDevice(device);
        this.#tellViewers(device);
      }
      if (page.behind === null) continue;
      const rows: FleetRow[] = [];
      for (const id of page.behind) {
        const row = this.#options.fleet.row(id);
        if (row !== null) rows.push(row);
      }
      page.behind = null;
      this.#tell(page, { type: 'changes', at: this.#options.now(), rows, gone: [] });
    }
  }

  async #tellDevice(id: string): Promise<void> {
    if (this.#details.has(id)) {
      this.#details.set(id, true);
      return;
    }
    this.#details.set(id, false);
    try {
      const device: DeviceResponse | null = await this.#options.fleet.detail(id);
      if (device !== null)
        this.#sendTo(id, JSON.stringify({ type: 'device', id, device } satisfies ToConsole));
    } catch (error) {
      this.#options.onProblem(isProblem(error) ? error.code : 'internal', 'device detail');
    }
    const again = this.#details.get(id) === true;
    this.#details.delete(id);
    if (again && this.#options.watching.isWatched(id)) void this.#tellDevice(id);
  }

  #tellViewers(id: string): void {
    this.#sendTo(
      id,
      JSON.stringify({
        type: 'viewers',
        id,
        viewers: this.#options.watching.viewersOf(id),
      } satisfies ToConsole),
    );
  }

  #sendTo(device: string, text: string): void {
    for (const page of this.#options.watching.pagesOf(device)) {
      if (!(page instanceof ConsolePage)) continue;
      if (page.ws.bufferedAmount > LIMITS.consoleBacklogBytes) page.missed.add(device);
      else page.send(text);
    }
  }

  #tellStatus(): void {
    if (this.#pages.size > 0) this.#broadcast({ type: 'collector', status: this.#options.fleet.status() });
  }

  #ping(): void {
    for (const page of this.#pages) {
      if (!page.alive) {
        page.ws.terminate();
        continue;
      }
      page.alive = false;
      page.ws.ping();
    }
  }

  #checkSessions(): void {
    for (const page of this.#pages) {
      this.#options.stillSignedIn(page.person.idHash).then(
        still => {
          if (!still) page.ws.close(closeCodeOf('signed-out'), 'signed-out');
        },
        // The store is away for a moment: the page learns that from everything else.
        () => undefined,
      );
    }
  }

  #broadcast(frame: ToConsole): void {
    const text = JSON.stringify(frame);
    for (const page of this.#pages) if (page.open) page.send(text);
  }

  #tell(page: ConsolePage, frame: ToConsole): void {
    page.send(JSON.stringify(frame));
  }
}
