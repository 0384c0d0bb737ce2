import { Button, NativeSelect, Textarea } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { LIMITS } from '../../../../shared/protocol/limits.ts';
import type { SentenceKey } from '../../../../shared/text/sentence.ts';
import type { DeskHelp } from '../../contract.ts';
import { codeOf, useDeskState, useFacts } from '../state/desk-state.ts';
import { Known } from './face.tsx';
import { useTimes, useWords } from './words.ts';

/** What the person asks IT for: the form, what is open, what is over. */
export function Help() {
  const { help, draft } = useFacts();
  const { say } = useWords();
  const state = useDeskState();
  return (
    <>
      {draft.help === null ? (
        <Button onClick={() => state.beginHelp()}>{say('help.new')}</Button>
      ) : (
        <HelpForm text={draft.help.text} problem={draft.help.problem} />
      )}
      <Known part={help} lines={3}>
        {list => <Asked list={list} />}
      </Known>
      <p className="small quiet">{say('help.private')}</p>
    </>
  );
}

function HelpForm({ text, problem }: { text: string; problem: string | null }) {
  const { home, problems } = useFacts();
  const { say, told, trouble } = useWords();
  const state = useDeskState();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const open = problems.state === 'known' ? problems.value : [];
  const about = open.find(({ id }) => id === problem) ?? null;
  const device = home.state === 'known' ? home.value.device : null;
  const isOffline = home.state === 'known' && home.value.connection.state !== 'live';
  const isReady = text.trim() !== '' && !busy;
  const change = (part: { text?: string; problem?: string | null }): void =>
    state.setDraft({ help: { text, problem, ...part } });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (!isReady) return;
    setBusy(true);
    setFailed(null);
    // One that was solved meanwhile is asked about no more.
    if (problem !== null && about === null) change({ problem: null });
    void state.sendHelp().then(code => {
      setBusy(false);
      setFailed(code);
    });
  };
  return (
    <form className="card stack" aria-label={say('help.new')} onSubmit={send}>
      <Textarea
        label={say('help.text')}
        description={say('help.text.limit', { count: LIMITS.helpTextChars })}
        value={text}
        maxLength={LIMITS.helpTextChars}
        rows={4}
        onChange={event => change({ text: event.currentTarget.value })}
      />
      {text.length > LIMITS.helpTextChars * 0.8 ? (
        <p className="small quiet num">{say('help.left', { count: LIMITS.helpTextChars - text.length })}</p>
      ) : null}
      {open.length === 0 ? null : (
        <NativeSelect
          label={say('help.about')}
          value={about?.id ?? ''}
          onChange={event => change({ problem: event.currentTarget.value || null })}
        >
          <option value="">{say('help.about.none')}</option>
          {open.map(({ id, what }) => (
            <option key={id} value={id}>
              {told(what)}
            </option>
          ))}
        </NativeSelect>
      )}
      <div className="stack-tight">
        <p className="strong">{say('help.sends')}</p>
        <dl className="facts">
          <dt>{say('help.sends.text')}</dt>
          <dd className="written">{text.trim() === '' ? '–' : text.trim()}</dd>
          {about === null ? null : (
            <>
              <dt>{say('help.sends.problem')}</dt>
              <dd>{told(about.what)}</dd>
            </>
          )}
          <dt>{say('help.sends.person')}</dt>
          <dd>{device?.person ?? say('help.sends.person.none')}</dd>
          <dt>{say('help.sends.device')}</dt>
          <dd>{device?.name ?? '–'}</dd>
        </dl>
      </div>
      {isOffline ? <p className="note">{say('help.offline')}</p> : null}
      {failed === null ? null : (
        <p className="note trouble" role="alert">
          {trouble(failed)}
        </p>
      )}
      <div className="buttons">
        <Button type="submit" aria-disabled={!isReady} className={isReady ? '' : 'resting'}>
          {say('help.send')}
        </Button>
        <Button variant="default" onClick={() => state.setDraft({ help: null })}>
          {say('help.cancel')}
        </Button>
      </div>
    </form>
  );
}

const isOver = ({ state }: DeskHelp): boolean =>
  state === 'closed' || state === 'withdrawn' || state === 'refused';

function Asked({ list }: { list: readonly DeskHelp[] }) {
  const { view } = useFacts();
  const { say } = useWords();
  if (list.length === 0) {
    return (
      <p className="card none">
        <IconInbox size={20} stroke={1.8} aria-hidden="true" />
        <span>{say('request.you.none')}</span>
      </p>
    );
  }
  const open = list.filter(one => !isOver(one));
  const over = list.filter(isOver);
  const [latest, ...earlier] = over;
  // The newest stays in sight, so that an end is seen by whoever looks for it.
  const shown = latest === undefined ? open : [...open, latest];
  return (
    <>
      <Rows list={shown} />
      {earlier.length === 0 ? null : (
        <details className="card fold" open={earlier.some(({ id }) => id === view.request)}>
          <summary>{say('help.earlier', { count: earlier.length })}</summary>
          <div className="fold-body">
            <Rows list={earlier} plain />
          </div>
        </details>
      )}
    </>
  );
}

function Rows({ list, plain = false }: { list: readonly DeskHelp[]; plain?: boolean }) {
  return (
    <ul className={plain ? 'plain-list rows' : 'card plain-list rows'}>
      {list.map(one => (
        <Row key={one.id} request={one} />
      ))}
    </ul>
  );
}

function Row({ request }: { request: DeskHelp }) {
  const { home, view } = useFacts();
  const { say, told, trouble } = useWords();
  const { when } = useTimes();
  const { desk } = useDeskState();
  const [failed, setFailed] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const { id, at, text, about, state, changedAt, by, answer, code } = request;
  const isLive = home.state === 'known' && home.value.connection.state === 'live';
  const isHeld = state === 'waiting' && code !== null;
  const word: SentenceKey = state === 'waiting' && isLive && !isHeld ? 'help.sending' : `help.${state}`;
  const isNamed = view.request === id;
  const withdraw = (): void => {
    if (busy) return;
    setBusy(true);
    desk.help
      .withdraw({ id })
      .then(
        () => setFailed(null),
        (error: unknown) => setFailed(codeOf(error)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <li className="stack-tight" data-named={isNamed || undefined} tabIndex={isNamed ? -1 : undefined}>
      <p className="row-head">
        <span className="small quiet">{when(at)}</span>
        <span className={state === 'answered' ? 'tag running' : 'tag'} role="status">
          {say(word)}
        </span>
      </p>
      <p className="written">{text}</p>
      {about === null ? null : (
        <p className="small quiet">
          {say('help.sends.problem')}: {told(about)}
        </p>
      )}
      {isHeld ? <p className="note">{say('help.waiting.old')}</p> : null}
      {state === 'refused' && code !== null ? <p className="note trouble">{trouble(code)}</p> : null}
      {state === 'seen' && by !== null ? (
        <p className="small quiet">{say('help.seen.by', { name: by, when: when(changedAt) })}</p>
      ) : null}
      {answer === null ? null : (
        <div className="said stack-tight">
          <p className="small quiet">{say('help.answered.by', { name: answer.by, when: when(answer.at) })}</p>
          <p className="written">{answer.text}</p>
        </div>
      )}
      {state === 'closed' ? (
        <p className="small quiet">
          {by === null
            ? say('help.closed.when', { when: when(changedAt) })
            : say('help.closed.by', { name: by, when: when(changedAt) })}
        </p>
      ) : null}
      {request.open ? (
        <button type="button" className="linkish" aria-disabled={busy} onClick={withdraw}>
          {say('help.withdraw')}
        </button>
      ) : null}
      {failed === null ? null : (
        <p className="note trouble" role="alert">
          {trouble(failed)}
        </p>
      )}
    </li>
  );
}
