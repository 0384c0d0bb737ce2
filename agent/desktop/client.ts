import type { Bridge, Desk, Reply } from './contract.ts';

/** A refused or failed call. `code` is of shared/problem/codes.ts; `tell(code, locale)` has the words for it. */
export class DeskError extends Error {
  override readonly name = 'DeskError' as const;
  readonly code: string;

  constructor(code: string, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
  }
}

type Ask = (input?: unknown) => Promise<Reply<unknown>>;

/**
 * The bridge as a page uses it: `await desk.home.get()` gives the value or rejects with a DeskError,
 * `desk.home.onChanged(listener)` gives the function that ends it.
 */
export function deskOf(bridge: Bridge): Desk {
  // Every member takes at most one argument; which one it may be is said by the types on both ends of this function.
  const loose: unknown = bridge;
  const groups = Object.entries(loose as Record<string, Record<string, Ask>>).map(([group, members]) => [
    group,
    Object.fromEntries(
      Object.entries(members).map(([name, member]) => [
        name,
        /^on[A-Z]/.test(name) ? member : (input?: unknown) => answerOf(member(input)),
      ]),
    ),
  ]);
  // The shape follows the bridge's own, whose type says what each member is.
  const desk: unknown = Object.fromEntries(groups);
  return desk as Desk;
}

async function answerOf(reply: Promise<Reply<unknown>>): Promise<unknown> {
  const answered = await reply;
  if (answered.ok) return answered.value;
  throw new DeskError(answered.code, answered.detail);
}
