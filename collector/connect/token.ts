import { z } from 'zod';
import type { Clock } from '../../shared/base/clock.ts';
import { MINUTE, SECOND } from '../../shared/base/durations.ts';
import { isProblem, Problem } from '../../shared/problem/problem.ts';
import type { Http, HttpAnswer, HttpRequest } from './http.ts';
import type { Secrets } from './scrub.ts';

/** A token as a vendor hands it out. */
export interface Grant {
  readonly token: string;
  /** `expires_in`: seconds from when it was asked for. Missing or nonsense counts as a minute. */
  readonly livesSeconds?: number | undefined;
}

/** RFC 6749, section 5.1; the members that matter here. Some vendors write the number as text. */
const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().optional().catch(undefined),
});

/** The token of an OAuth 2.0 token endpoint's answer. @throws Problem `vendor-answer` when there is none in it */
export function grantOf({ json, url }: HttpAnswer): Grant {
  const granted = tokenAnswer.safeParse(json).data;
  if (granted === undefined) throw new Problem('vendor-answer', `${url.host} gave no token`);
  return { token: granted.access_token, livesSeconds: granted.expires_in };
}

/** What a token without a sensible lifetime is trusted for: the shortest that any of the vendors gives. */
const SHORTEST_MS = 60 * SECOND;
/** A token is renewed this long before its end, or a fifth of its life where that is less: a minute's token lives 48 s. */
const MARGIN_MS = MINUTE;

/**
 * One account's bearer token. Asked for once however many wait for it, renewed before its end, counted from before it was
 * asked for by a clock that does not jump, never written anywhere.
 */
export class TokenCache {
  readonly #grant: () => Promise<Grant>;
  readonly #clock: Clock;
  readonly #secrets: Secrets;
  #held: { readonly token: string; readonly goodUntil: number } | null = null;
  #asking: Promise<string> | null = null;

  constructor(grant: () => Promise<Grant>, { clock, secrets }: { clock: Clock; secrets: Secrets }) {
    this.#grant = grant;
    this.#clock = clock;
    this.#secrets = secrets;
  }

  async get(): Promise<string> {
    if (this.#held !== null && this.#clock.monotonic() < this.#held.goodUntil) return this.#held.token;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** The vendor no longer takes this one. */
  drop(token: string): void {
    if (this.#held?.token === token) this.#held = null;
  }

  async #ask(): Promise<string> {
    const askedAt = this.#clock.monotonic();
    const { token, livesSeconds } = await this.#grant();
    this.#secrets.add(token);
    const isSensible = livesSeconds !== undefined && livesSeconds > 0 && Number.isFinite(livesSeconds);
    const lives = isSensible ? livesSeconds * SECOND : SHORTEST_MS;
    this.#held = { token, goodUntil: askedAt + lives - Math.min(MARGIN_MS, lives / 5) };
    return token;
  }
}

export type Send = (request: HttpRequest) => Promise<HttpAnswer>;

/**
 * `http.send` with the account's token on every request. A token that is refused although its time is not over is renewed
 * once (it may have been revoked); refused again, the refusal stands.
 */
export function sendWithToken(
  http: Http,
  tokens: TokenCache,
  headers: (token: string) => Readonly<Record<string, string>> = token => ({
    Authorization: `Bearer ${token}`,
  }),
): Send {
  const sendOnce = (request: HttpRequest, token: string): Promise<HttpAnswer> =>
    http.send({ ...request, headers: { ...request.headers, ...headers(token) } });
  return async request => {
    const token = await tokens.get();
    try {
      return await sendOnce(request, token);
    } catch (error) {
      if (!isProblem(error) || error.code !== 'vendor-credentials') throw error;
      tokens.drop(token);
      return sendOnce(request, await tokens.get());
    }
  };
}
