import WebSocket from 'ws';
import type { FleetRow } from '../../shared/api/schemas.ts';
import type { FromConsole, ToConsole } from '../../shared/protocol/console.ts';
import { CONSOLE_PATH, CONSOLE_SUBPROTOCOL } from '../../shared/protocol/version.ts';
import { eventually, within } from './eventually.ts';
import { closeAtEnd } from './teardown.ts';
import { type Closed, UpgradeRefused } from './test-device.ts';

export interface PageOptions {
  readonly url: string;
  readonly cookie?: string;
  readonly origin?: string;
}

/** The console's live socket as a page uses it: everything received is kept, rows are held by id. */
export class ConsolePage {
  readonly ws: WebSocket;
  readonly received: ToConsole[] = [];
  readonly rows = new Map<string, FleetRow>();
  readonly closed: Promise<Closed>;
  #isClosed: Closed | null = null;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('error', () => undefined);
    ws.on('message', data => {
      const frame = JSON.parse(String(data)) as ToConsole;
      this.received.push(frame);
      if (frame.type === 'fleet' || frame.type === 'changes') {
        for (const row of frame.rows) this.rows.set(row.id, row);
      }
      if (frame.type === 'changes') for (const id of frame.gone) this.rows.delete(id);
    });
    this.closed = new Promise(resolve => {
      ws.once('close', (code, reason) => {
        this.#isClosed = { code, reason: String(reason) };
        resolve(this.#isClosed);
      });
    });
  }

  /** @throws UpgradeRefused */
  static open({ url, cookie, origin = url }: PageOptions): Promise<ConsolePage> {
    return new Promise((resolve, reject) => {
      const ws = new WebSocket(`${url.replace(/^http/, 'ws')}${CONSOLE_PATH}`, [CONSOLE_SUBPROTOCOL], {
        perMessageDeflate: false,
        headers: { origin, ...(cookie === undefined ? {} : { cookie }) },
      });
      const page = new ConsolePage(ws);
      const forget = closeAtEnd(() => ws.terminate());
      void page.closed.then(forget);
      ws.once('open', () => resolve(page));
      ws.once('unexpected-response', (request, response) => {
        const problem = response.headers['trayline-problem'];
        response.resume();
        request.destroy();
        ws.terminate();
        reject(
          new UpgradeRefused(response.statusCode ?? 0, typeof problem === 'string' ? problem : null, null),
        );
      });
      ws.once('error', reject);
    });
  }

  /** A page that has proved that it is ours. */
  static async opened(url: string, session: { cookie: string; csrf: string }): Promise<ConsolePage> {
    const page = await ConsolePage.open({ url, cookie: session.cookie });
    page.send({ type: 'open', csrf: session.csrf });
    await page.frame('opened');
    return page;
  }

  send(frame: FromConsole): void {
    this.ws.send(JSON.stringify(frame));
  }

  frame<Type extends ToConsole['type']>(
    type: Type,
    fits: (frame: Extract<ToConsole, { type: Type }>) => boolean = () => true,
    withinMs = 15_000,
  ): Promise<Extract<ToConsole, { type: Type }>> {
    const isWanted = (frame: ToConsole): frame is Extract<ToConsole, { type: Type }> => frame.type === type;
    return eventually(() => this.received.filter(isWanted).find(fits), {
      what: `a ${type} frame on the console socket`,
      withinMs,
      state: () => ({ received: this.received.slice(-5).map(frame => frame.type), closed: this.#isClosed }),
    });
  }

  end(withinMs = 15_000): Promise<Closed> {
    return within(this.closed, { what: 'the end of the console socket', withinMs });
  }

  drop(): void {
    this.ws.terminate();
  }
}
