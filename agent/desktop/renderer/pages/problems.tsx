import { Button, UnstyledButton } from '@mantine/core';
import { IconCheck, IconChevronDown, IconCircleCheck, IconCircleDashed } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { DAY, HOUR } from '../../../../shared/base/durations.ts';
import type { ChecksRun, DeskProblem } from '../../contract.ts';
import { Act } from '../parts/act.tsx';
import { Face, Known } from '../parts/face.tsx';
import { StateMark } from '../parts/mark.tsx';
import { CheckNow } from '../parts/progress.tsx';
import { useTimes, useWords } from '../parts/words.ts';
import { codeOf, solvedOf, useDeskState, useFacts } from '../state/desk-state.ts';

/** Everything that needs the person: what, why, since when, by when, what to do. */
export function ProblemsPage() {
  const facts = useFacts();
  const { home, problems, view } = facts;
  const { say, told } = useWords();
  const solved = solvedOf(facts);
  const [open, setOpen] = useState<string | null>(view.problem ?? null);
  useEffect(() => {
    if (view.problem !== undefined) setOpen(view.problem);
  }, [view]);
  return (
    <>
      <h1 tabIndex={-1}>{say('page.problems')}</h1>
      {solved.map(({ id, what }) => (
        <p key={id} className="note done line-top">
          <IconCheck size={20} stroke={1.8} aria-hidden="true" />
          <span>{say('problem.solved', { what: told(what) })}</span>
        </p>
      ))}
      <Known part={problems} lines={6}>
        {list =>
          list.length === 0 ? (
            <Nothing sure={home.state === 'known' && home.value.state === 'well'} />
          ) : (
            <ul className="plain-list stack">
              {list.map((problem, index) => {
                const isOpen = open === null ? index === 0 : open === problem.id;
                return (
                  <li key={problem.id} className="card problem" data-open={isOpen || undefined}>
                    <Heading
                      problem={problem}
                      isOpen={isOpen}
                      toggle={() => setOpen(isOpen ? '' : problem.id)}
                    />
                    {isOpen ? <Details problem={problem} /> : null}
                  </li>
                );
              })}
            </ul>
          )
        }
      </Known>
    </>
  );
}

function Nothing({ sure }: { sure: boolean }) {
  const { say } = useWords();
  return (
    <div className="card">
      <Face
        icon={sure ? <IconCircleCheck size={28} stroke={1.6} /> : <IconCircleDashed size={28} stroke={1.6} />}
        title={say(sure ? 'problem.none' : 'problem.unknown')}
      >
        <p>{say(sure ? 'problem.none.text' : 'problem.unknown.text')}</p>
        <CheckNow label={say('tray.check')} />
      </Face>
    </div>
  );
}

function Heading({ problem, isOpen, toggle }: { problem: DeskProblem; isOpen: boolean; toggle: () => void }) {
  const { told } = useWords();
  return (
    <h2>
      <UnstyledButton
        className="problem-head"
        aria-expanded={isOpen}
        aria-controls={`problem-${problem.id}`}
        onClick={toggle}
      >
        <span className="grow stack-tight">
          <StateMark state={problem.state} />
          <span>{told(problem.what)}</span>
        </span>
        <IconChevronDown size={20} stroke={1.8} aria-hidden="true" className={isOpen ? 'turned' : ''} />
      </UnstyledButton>
    </h2>
  );
}

function Details({ problem }: { problem: DeskProblem }) {
  const { say, told, clock } = useWords();
  const { ago, when, now } = useTimes();
  const { by } = problem;
  const ended = (run: ChecksRun): string | null => {
    const own = run.answered.filter(({ id }) => problem.checks.includes(id));
    // A run that was joined may have been about something else.
    if (own.length === 0) return null;
    const time = { when: clock(run.endedAt ?? run.startedAt) };
    return own.some(({ status }) => status === 'failed' || status === 'unsupported')
      ? say('problem.unsure', time)
      : say('problem.still', time);
  };
  return (
    <div id={`problem-${problem.id}`} className="stack">
      <p>{told(problem.why)}</p>
      <dl className="pairs">
        <dt>{say('problem.since')}</dt>
        <dd title={when(problem.since)}>{ago(problem.since)}</dd>
        <dt>{say('problem.by')}</dt>
        <dd className={by === null ? 'quiet' : 'strong'}>
          {by === null
            ? say('problem.by.none')
            : by < now
              ? say('problem.by.over', { when: ago(by) })
              : when(by)}
        </dd>
      </dl>
      <div className="stack-tight">
        <h3>{say('problem.steps')}</h3>
        {problem.who === 'helpdesk' ? <p>{say('problem.helpdesk')}</p> : null}
        {problem.steps.length === 0 ? (
          <p>{say('problem.steps.none')}</p>
        ) : (
          <ol className="steps">
            {problem.steps.map(step => (
              <li key={step.key}>{told(step)}</li>
            ))}
          </ol>
        )}
      </div>
      <Act problem={problem} />
      <CheckNow checks={problem.checks} label={say('problem.recheck')} ended={ended} />
      <Later problem={problem} />
    </div>
  );
}

function AskIt({ problem }: { problem: DeskProblem }) {
  const { say } = useWords();
  const state = useDeskState();
  return (
    <button type="button" className="linkish" onClick={() => state.beginHelp({ problem: problem.id })}>
      {say('help.ask-it')}
    </button>
  );
}

/** The ways on from here: ask about it, or have its notifications quiet for a while and take that back. */
function Later({ problem }: { problem: DeskProblem }) {
  const { say, told, trouble } = useWords();
  const { when, now } = useTimes();
  const state = useDeskState();
  const { desk } = state;
  const ask = (): void => {
    if (state.facts.draft.question === '') state.setDraft({ question: told(problem.what) });
    state.go({ page: 'ask' });
  };
  const { notifications } = useFacts();
  const [choosing, setChoosing] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const until = notifications?.snoozedProblems[problem.id];
  const snooze = (to: number | null): void => {
    setChoosing(false);
    desk.notifications.snooze({ problem: problem.id, until: to }).then(
      () => setFailed(null),
      (error: unknown) => setFailed(codeOf(error)),
    );
  };
  const morning = new Date(now);
  const tomorrow = new Date(morning.getFullYear(), morning.getMonth(), morning.getDate() + 1, 7).getTime();
  const choices = [
    ['problem.later.hour', now + HOUR],
    ['problem.later.morning', tomorrow],
    ['problem.later.week', now + 7 * DAY],
  ] as const;
  return (
    <div className="stack-tight">
      {until !== undefined && until > now ? (
        <>
          <p className="note" role="status">
            {say('problem.quiet', { when: when(until) })}
          </p>
          <div className="links">
            <button type="button" className="linkish" onClick={ask}>
              {say('home.ask')}
            </button>
            <AskIt problem={problem} />
            <button type="button" className="linkish" onClick={() => snooze(null)}>
              {say('problem.wake')}
            </button>
          </div>
        </>
      ) : (
        <>
          <div className="links">
            <button type="button" className="linkish" onClick={ask}>
              {say('home.ask')}
            </button>
            <AskIt problem={problem} />
            <button
              type="button"
              className="linkish"
              aria-expanded={choosing}
              onClick={() => setChoosing(!choosing)}
            >
              {say('problem.later')}
            </button>
          </div>
          {choosing ? (
            <>
              <p className="small quiet">{say('problem.later.what')}</p>
              <div className="buttons">
                {choices.map(([words, at]) => (
                  <Button key={words} variant="default" onClick={() => snooze(at)}>
                    {say(words)}
                  </Button>
                ))}
              </div>
            </>
          ) : null}
        </>
      )}
      {failed === null ? null : (
        <p className="note trouble" role="alert">
          {trouble(failed)}
        </p>
      )}
    </div>
  );
}
