import { Button, Textarea } from '@mantine/core';
import { type FormEvent, useEffect, useRef } from 'react';
import { checkName, findingWords } from '../../../../shared/text/finding-words.ts';
import type { Answer } from '../../contract.ts';
import { StateMark } from '../parts/mark.tsx';
import { useTimes, useWords } from '../parts/words.ts';
import { useDeskState, useFacts } from '../state/desk-state.ts';

/** A conversation about this device; every answer says what it rests on. */
export function AskPage() {
  const { draft } = useFacts();
  const { say, told, trouble, clock } = useWords();
  const state = useDeskState();
  const end = useRef<HTMLDivElement>(null);
  const busy = draft.turns.some(({ answer, code }) => answer === null && code === null);
  const question = draft.question.trim();
  // What is new stands at the end; the question of the newest turn stays in sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when a turn was added or answered
  useEffect(() => {
    end.current?.lastElementChild?.scrollIntoView({ block: 'start' });
  }, [draft.turns.length, busy]);
  const send = (event?: FormEvent): void => {
    event?.preventDefault();
    if (question === '' || busy) return;
    void state.ask(question);
  };
  return (
    <>
      <h1 tabIndex={-1}>{say('ask.title')}</h1>
      <div ref={end} role="log" aria-label={say('ask.log')} className="turns stack">
        {draft.turns.map(turn => (
          <article key={turn.at} className="stack-tight turn">
            <h2 className="asked">
              <span className="sr">{say('ask.you')}: </span>
              {turn.question}
            </h2>
            <div className="card stack-tight">
              {turn.answer === null && turn.code === null ? (
                <p className="quiet">{say('ask.thinking')}</p>
              ) : null}
              {turn.code === null ? null : (
                <>
                  <p>{trouble(turn.code)}</p>
                  <button
                    type="button"
                    className="linkish"
                    onClick={() => {
                      if (!busy) void state.ask(turn.question);
                    }}
                  >
                    {say('page.retry')}
                  </button>
                </>
              )}
              {turn.answer === null ? null : <Said answer={turn.answer} question={turn.question} />}
              <p className="small quiet">{clock(turn.at)}</p>
            </div>
          </article>
        ))}
      </div>
      {draft.turns.length === 0 ? (
        <div className="card stack-tight">
          <p>{say('ask.empty')}</p>
          <div className="stack-tight">
            {(['ask.example.all', 'ask.example.firewall', 'ask.example.disk'] as const).map(key => (
              <Button key={key} variant="default" fullWidth onClick={() => void state.ask(say(key))}>
                {say(key)}
              </Button>
            ))}
          </div>
          <p className="small quiet">{told({ key: 'assist.basis', params: {} })}</p>
        </div>
      ) : null}
      <form className="ask-form" onSubmit={send}>
        <Textarea
          label={say('ask.question')}
          value={draft.question}
          maxLength={500}
          rows={2}
          onChange={event => state.setDraft({ question: event.currentTarget.value })}
          onKeyDown={event => {
            if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              send();
            }
          }}
        />
        <div className="buttons">
          <Button
            type="submit"
            aria-disabled={question === '' || busy}
            className={question === '' || busy ? 'resting' : ''}
          >
            {say('ask.send')}
          </Button>
          {draft.turns.length === 0 ? null : (
            <Button variant="default" onClick={() => state.setDraft({ turns: [] })}>
              {say('ask.again')}
            </Button>
          )}
        </div>
      </form>
    </>
  );
}

function Said({ answer, question }: { answer: Answer; question: string }) {
  const { say, told, locale } = useWords();
  const { ago } = useTimes();
  const state = useDeskState();
  return (
    <>
      <span className="sr">{say('ask.it')}: </span>
      {answer.says.map(saying => (
        <p key={`${saying.key} ${JSON.stringify(saying.params)}`}>{told(saying)}</p>
      ))}
      {answer.problems.length === 0 ? null : (
        <ul className="plain-list stack">
          {answer.problems.map(problem => (
            <li key={problem.id} className="said stack-tight">
              <StateMark state={problem.state} />
              <p className="strong">{told(problem.what)}</p>
              <ol className="steps">
                {problem.steps.map(step => (
                  <li key={step.key}>{told(step)}</li>
                ))}
              </ol>
              <button
                type="button"
                className="linkish"
                onClick={() => state.go({ page: 'problems', problem: problem.id })}
              >
                {say('ask.open', { what: told(problem.what) })}
              </button>
            </li>
          ))}
        </ul>
      )}
      {answer.findings.length === 0 ? null : (
        <>
          <h3>{say('ask.rests')}</h3>
          <ul className="plain-list stack-tight">
            {answer.findings.map(({ id, finding }) => (
              <li key={id}>
                <span className="strong">{checkName(locale, id)}: </span>
                {findingWords(locale, id, finding)}
                <span className="small quiet block">
                  {say('privacy.check.asked', { ago: ago(finding.at) })}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <p className="small quiet">{told(answer.basis)}</p>
      {answer.kind === 'nothing' ? (
        <>
          <p>{say('help.cannot')}</p>
          <button type="button" className="linkish" onClick={() => state.beginHelp({ text: question })}>
            {say('help.ask-it')}
          </button>
        </>
      ) : null}
    </>
  );
}
