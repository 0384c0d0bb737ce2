import { silentLog } from '../../../agent/core/host.ts';
import { contract, type DeskProblem, type Handlers, type Home } from '../../../agent/desktop/contract.ts';
import { socketPath, systemOf } from '../../../agent/desktop/places.ts';
import { SCENES } from '../../../agent/desktop/scenes.ts';
import type { Person, Tell } from '../../../agent/service/desk/desk.ts';
import { openLocalSocket } from '../../../agent/service/local-socket.ts';
import { Problem } from '../../../shared/problem/problem.ts';

/** A desk on a real socket that shows what it is told to, at once. */
export interface ScriptedDesk {
  readonly folder: string;
  /** Pages that have loaded: nobody but a page asks what is collected and sent. */
  readonly pages: number;
  /** How it stands from now on; every app is told. */
  show(home: Home, problems?: readonly DeskProblem[]): void;
  stop(): Promise<void>;
}

/** Every call of the contract, refused: what a script does not speak of is not on its desk. */
const REFUSED = Object.fromEntries(
  Object.entries(contract).map(([group, members]) => [
    group,
    Object.fromEntries(
      Object.keys(members).map(name => [
        name,
        (): never => {
          throw new Problem('not-found', 'not on this desk');
        },
      ]),
    ),
  ]),
) as unknown as Handlers<'service' | 'inner', Person>;

export async function scriptedDesk(folder: string): Promise<ScriptedDesk> {
  let home: Home = SCENES.well.home;
  let problems: readonly DeskProblem[] = [];
  let pages = 0;
  const tells = new Set<Tell>();
  const handlers: Handlers<'service' | 'inner', Person> = {
    ...REFUSED,
    home: { get: () => home },
    problems: { list: () => [...problems] },
    requests: { ...REFUSED.requests, list: () => [] },
    privacy: {
      get: () => {
        pages += 1;
        return SCENES.well.privacy;
      },
    },
    about: { get: () => SCENES.well.about },
  };
  const socket = await openLocalSocket({
    desk: {
      handlers,
      attach: (_person, tell) => {
        tells.add(tell);
        return () => tells.delete(tell);
      },
      close: () => undefined,
    },
    path: socketPath(systemOf(process.platform), folder),
    everybody: false,
    version: 'scripted',
    log: silentLog,
  });
  return {
    folder,
    get pages() {
      return pages;
    },
    show(next, found = []) {
      home = next;
      problems = found;
      for (const tell of tells) {
        tell('home.changed', home);
        tell('problems.changed', [...problems]);
      }
    },
    stop: () => socket.stop(),
  };
}
