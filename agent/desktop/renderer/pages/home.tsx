import { Button } from '@mantine/core';
import { useId } from 'react';
import { assertNever } from '../../../../shared/base/assert-never.ts';
import type { Connection, DeskScore, DeskVerdict, Home } from '../../contract.ts';
import { Act } from '../parts/act.tsx';
import { Known } from '../parts/face.tsx';
import { StateShape } from '../parts/mark.tsx';
import { CheckNow } from '../parts/progress.tsx';
import { useTimes, useWords, type Words } from '../parts/words.ts';
import { useDeskState, useFacts } from '../state/desk-state.ts';
import { number } from '../time.ts';

/** The question of the person in front of it, answered in the first line: is it all right, and what do I have to do? */
export function HomePage() {
  const { home } = useFacts();
  const { say } = useWords();
  return (
    <>
      {home.state === 'known' ? null : (
        <h1 tabIndex={-1}>{say(home.state === 'loading' ? 'page.loading' : 'tray.state.unknown')}</h1>
      )}
      <Known part={home}>
        {value => (
          <>
            <Headline home={value} />
            {/* What is told below may be old while nothing new arrives: that is said first. */}
            {value.connection.state === 'live' ? null : <Standing home={value} />}
            <Score score={value.score} />
            {value.connection.state === 'live' ? <Standing home={value} /> : null}
            <CheckNow label={say('tray.check')} />
          </>
        )}
      </Known>
    </>
  );
}

function headline(
  { say }: Words,
  when: (at: number) => string,
  { state, next, problems, verdict }: Home,
): string {
  const count = Math.max(1, problems.length);
  switch (state) {
    case 'well':
      return say('tray.state.well');
    case 'attention':
      return say('tray.state.attention', { count });
    case 'will-block': {
      const by = (verdict.known ? verdict.deadline : null) ?? next?.by ?? null;
      return by === null
        ? say('tray.state.will-block-undated')
        : say('tray.state.will-block', { when: when(by) });
    }
    case 'blocked':
      return say('tray.state.blocked');
    case 'unknown':
      return say('tray.state.unknown');
    default:
      return assertNever(state, 'state');
  }
}

function Headline({ home }: { home: Home }) {
  const words = useWords();
  const { say, told } = words;
  const { when } = useTimes();
  const state = useDeskState();
  const { next, verdict } = home;
  const deadline = (verdict.known ? verdict.deadline : null) ?? next?.by ?? null;
  return (
    <section className={`card hero soft-${home.state}`}>
      <h1 tabIndex={-1} className="line-top">
        <StateShape state={home.state} size={20} />
        <span>{headline(words, when, home)}</span>
      </h1>
      {next === null ? (
        <p>
          {say(
            home.state === 'well'
              ? 'home.well'
              : home.state === 'unknown'
                ? 'home.unknown'
                : 'home.attention',
          )}
        </p>
      ) : (
        <div className="stack-tight">
          <h2>{told(next.what)}</h2>
          <p>{told(next.why)}</p>
          {home.state === 'will-block' ? (
            <p className="strong">{say(deadline === null ? 'home.will-block-undated' : 'home.will-block')}</p>
          ) : null}
          {home.state === 'blocked' ? <p className="strong">{say('home.blocked')}</p> : null}
        </div>
      )}
      {next === null ? null : (
        <>
          <Act key={next.id} problem={next} />
          <div className="buttons">
            <Button
              variant={next.action === null ? 'filled' : 'default'}
              onClick={() => state.go({ page: 'problems', problem: next.id })}
            >
              {say('home.how')}
            </Button>
            <Button
              variant="default"
              onClick={() => {
                if (state.facts.draft.question === '') state.setDraft({ question: told(next.what) });
                state.go({ page: 'ask' });
              }}
            >
              {say('home.ask')}
            </Button>
          </div>
          {home.problems.length > 1 ? (
            <button type="button" className="linkish" onClick={() => state.go({ page: 'problems' })}>
              {say('home.all', { count: home.problems.length })}
            </button>
          ) : null}
        </>
      )}
    </section>
  );
}

function Score({ score }: { score: DeskScore }) {
  const { say, told, locale } = useWords();
  const { ago } = useTimes();
  const title = useId();
  if (!score.known) {
    return (
      <section className="card stack-tight" aria-labelledby={title}>
        <h2 id={title}>{say('home.score')}</h2>
        <p>{say(score.why === 'not-told-yet' ? 'home.score.not-told' : 'home.score.too-little')}</p>
      </section>
    );
  }
  const value = Math.round(score.value);
  const reasons = score.reasons.filter(({ points }) => points >= 0.5);
  return (
    <section className="card stack" aria-labelledby={title}>
      <div className="score-head">
        <h2 id={title}>{say('home.score')}</h2>
        <p>
          <span aria-hidden="true">
            <span className="score-value num">{value}</span>
            <span className="quiet"> / 100</span>
          </span>
          <span className="sr">{say('home.score.of', { value })}</span>
        </p>
      </div>
      <div className="bar" aria-hidden="true">
        <span className="bar-fill" style={{ width: `${value}%` }} />
      </div>
      {reasons.length === 0 ? (
        <p>{say('home.score.full')}</p>
      ) : (
        <>
          <h3>{say('home.score.why')}</h3>
          <ul className="reasons">
            {reasons.map(reason => (
              <li key={`${reason.key} ${JSON.stringify(reason.params)}`}>
                <span className="points num" aria-hidden="true">
                  −{number(locale, Math.round(reason.points))}
                </span>
                <span>
                  {told(reason)}
                  <span className="sr">
                    , {say('home.score.points', { points: Math.round(reason.points) })}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <p className="small quiet">{say('home.score.told', { ago: ago(score.at) })}</p>
    </section>
  );
}

/** Policy and connection, each with when it was last so. */
function Standing({ home }: { home: Home }) {
  const { say } = useWords();
  return (
    <section className="card">
      <dl className="facts">
        <dt>{say('home.policy')}</dt>
        <Verdict verdict={home.verdict} />
        <dt>{say('home.link')}</dt>
        <Link connection={home.connection} />
      </dl>
    </section>
  );
}

function Verdict({ verdict }: { verdict: DeskVerdict }) {
  const { say, told } = useWords();
  const { ago, when } = useTimes();
  if (!verdict.known) {
    return (
      <dd className="line-top">
        <StateShape state="unknown" />
        <span>{say(verdict.why === 'no-policy-yet' ? 'home.policy.none' : 'home.policy.not-told')}</span>
      </dd>
    );
  }
  const what = told(verdict.what);
  const words =
    verdict.state === 'well'
      ? say('home.policy.well')
      : verdict.state === 'blocked'
        ? say('home.policy.blocked', { what })
        : verdict.deadline === null
          ? say('home.policy.will-block-undated', { what })
          : say('home.policy.will-block', { what, when: when(verdict.deadline) });
  return (
    <dd className="line-top">
      <StateShape state={verdict.state} />
      <span>
        {words}
        <span className="small quiet block">{say('home.told', { ago: ago(verdict.at) })}</span>
      </span>
    </dd>
  );
}

/** Codes with which a collector says that it will not have this device; only the helpdesk can change that. */
const REFUSED = new Set([
  'device-unknown',
  'device-revoked',
  'device-duplicated',
  'signature-wrong',
  'token-unknown',
  'token-expired',
  'token-used-up',
  'token-revoked',
  'admission-rejected',
  'credential-missing',
]);

function Link({ connection: { state, since, code, retryAt, storedAt } }: { connection: Connection }) {
  const { say } = useWords();
  const { ago, when, now } = useTimes();
  const words = ((): string => {
    if (code === 'admission-waiting') return say('home.link.admission');
    if (code !== null && REFUSED.has(code) && state !== 'live') return say('home.link.helpdesk');
    if (state === 'live') return say('home.link.live');
    if (state === 'connecting') return say('home.link.connecting');
    if (state === 'stopped') return say('home.link.stopped');
    return say('home.link.offline', { when: when(since) });
  })();
  return (
    <dd className="line-top">
      <StateShape state={state === 'live' ? 'well' : 'unknown'} />
      <span>
        {words}
        {state === 'offline' && retryAt !== null && retryAt > now ? (
          <span className="small quiet block">{say('home.link.retry', { when: ago(retryAt) })}</span>
        ) : null}
        {storedAt === null ? null : (
          <span className="small quiet block">{say('home.link.stored', { ago: ago(storedAt) })}</span>
        )}
      </span>
    </dd>
  );
}
