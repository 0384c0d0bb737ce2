import { Problem, toProblem } from '../../shared/problem/problem.ts';
import { ENTRIES, entryOf, type Handlers, type Reply, type Service, type Via } from './contract.ts';

/** A call's handler once its name no longer has a type. */
type Loose<Asker> = (input: unknown, asker: Asker) => unknown;

/** Answers a call that came from another process, by name. */
export type Answering<Asker> = (name: string, input: unknown, asker: Asker) => Promise<Reply<unknown>>;

/**
 * The answering side of a hop. A name that is not in the contract (or not for this hop) is `not-found`, input that does not
 * fit is `request-invalid`, what a handler throws becomes its code; an answer that does not fit the contract never leaves.
 */
export function answering<V extends Via, Asker>(
  vias: readonly V[],
  handlers: Handlers<V, Asker>,
): Answering<Asker> {
  const byName = new Map<string, Loose<Asker>>();
  // What each handler takes is what its own schema has accepted just before it is called.
  const loose: unknown = handlers;
  for (const [group, members] of Object.entries(loose as Record<string, Record<string, Loose<Asker>>>)) {
    for (const [member, handler] of Object.entries(members)) byName.set(`${group}.${member}`, handler);
  }
  return async (name, input, asker) => {
    const definition = entryOf(name)?.definition;
    const handler = byName.get(name);
    if (definition?.kind !== 'call' || handler === undefined || !vias.some(via => via === definition.via)) {
      return { ok: false, code: 'not-found', detail: 'no such call' };
    }
    const parsed = definition.input.safeParse(input);
    if (!parsed.success) return { ok: false, code: 'request-invalid', detail: placeOf(parsed.error) };
    try {
      const answered = definition.output.safeParse(await handler(parsed.data, asker));
      if (answered.success) return { ok: true, value: answered.data };
      return { ok: false, code: 'internal', detail: `answer: ${placeOf(answered.error)}` };
    } catch (error) {
      const problem = toProblem(error);
      return { ok: false, code: problem.code, detail: problem.detail };
    }
  };
}

/** Where a value does not fit: the path and the kind of fault, never the value. */
function placeOf(error: { issues: readonly { path: readonly PropertyKey[]; code: string }[] }): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'does not fit';
  return `${issue.path.slice(0, 6).map(String).join('.') || 'input'}: ${issue.code}`.slice(0, 160);
}

/** How the asking side reaches the answering one. */
export type Ask = (name: string, input: unknown) => Promise<Reply<unknown>>;

/** Every call of the service as a function; answers are checked against the contract, refusals reject with a Problem. */
export function serviceOf(ask: Ask, problemOf: (code: string, detail: string) => Problem): Service {
  const groups: Record<string, Record<string, (input?: unknown) => Promise<unknown>>> = {};
  for (const { name, group, member, definition } of ENTRIES) {
    if (definition.kind !== 'call' || definition.via === 'app') continue;
    groups[group] ??= {};
    groups[group][member] = async input => {
      const reply = await ask(name, input);
      if (!reply.ok) throw problemOf(reply.code, reply.detail);
      const parsed = definition.output.safeParse(reply.value);
      if (parsed.success) return parsed.data;
      throw new Problem('frame-malformed', `answer of ${name}: ${placeOf(parsed.error)}`);
    };
  }
  // Built from the same entries the type is computed from.
  const service: unknown = groups;
  return service as Service;
}

/** An event's payload as it may go on; null when it is none of `vias` or does not fit. */
export function eventPayload(
  vias: readonly Via[],
  name: string,
  payload: unknown,
): { value: unknown } | null {
  const definition = entryOf(name)?.definition;
  if (definition?.kind !== 'event' || !vias.includes(definition.via)) return null;
  const parsed = definition.payload.safeParse(payload);
  return parsed.success ? { value: parsed.data } : null;
}
