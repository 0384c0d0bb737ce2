import { Button, Textarea } from '@mantine/core';
import { useId, useState } from 'react';
import type { HelpMoveRequest, HelpRequest } from '../../../shared/api/schemas.ts';
import { MINUTE } from '../../../shared/base/durations.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { Ago, dateTime } from '../parts/ago.tsx';
import { TroubleNote } from '../parts/face.tsx';
import { Link } from '../parts/link.tsx';
import type { Trouble } from '../source/source.ts';
import { useConsole } from '../state/console-state.ts';
import { aboutWords, isOver, STATE_WORDS } from './help-words.ts';

/** Later than this the request waited on the device for a connection, which is worth saying. */
const LATE_MS = 10 * MINUTE;

/** One request: what was asked, what has come of it, and what may be done with it. */
export function HelpItem({
  request,
  showDevice,
  changed,
}: {
  request: HelpRequest;
  /** On a page about more than one device. */
  showDevice: boolean;
  changed: () => void;
}) {
  const { text, person, about, askedAt, receivedAt, state, steps, answer } = request;
  const last = steps.at(-1);
  return (
    <li className="help-item stack">
      <p className="line">
        <span className={`tag help-${state}`}>{STATE_WORDS[state]}</span>
        {showDevice ? (
          <Link to={`/devices/${request.device}`} className="strong">
            {request.deviceName ?? `${request.device} (not in the fleet any more)`}
          </Link>
        ) : null}
        <span>{person ?? <span className="quiet">account not known</span>}</span>
        <span className="quiet small num" title={dateTime(askedAt)}>
          <Ago at={askedAt} /> ago
        </span>
        {receivedAt - askedAt > LATE_MS ? (
          <span className="quiet small">arrived {dateTime(receivedAt)}, the device was offline</span>
        ) : null}
      </p>
      <p className="help-text">{text}</p>
      {about === null ? null : <p className="quiet small">About: {aboutWords(about)}</p>}
      {state === 'seen' && last?.by ? (
        <p className="quiet small">
          Seen by {last.by}, {dateTime(last.at)}
        </p>
      ) : null}
      {answer === null ? null : (
        <div className="note done">
          <p className="quiet small">
            Answered by {answer.by}, {dateTime(answer.at)}
          </p>
          <p className="help-text">{answer.text}</p>
        </div>
      )}
      {isOver(request) && last !== undefined ? (
        <p className="quiet small">
          {STATE_WORDS[state]} {last.by === null ? 'at the device' : `by ${last.by}`}, {dateTime(last.at)}
        </p>
      ) : null}
      {isOver(request) ? null : <Moves request={request} changed={changed} />}
    </li>
  );
}

/** What the helpdesk may do; a viewer is shown nothing to press. */
function Moves({ request, changed }: { request: HelpRequest; changed: () => void }) {
  const console = useConsole();
  const form = useId();
  const [answering, setAnswering] = useState(false);
  const [words, setWords] = useState('');
  const [busy, setBusy] = useState<HelpMoveRequest['do'] | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  if (!console.may('helpdesk')) return null;
  const ready = words.trim() !== '';

  const move = async (body: HelpMoveRequest): Promise<void> => {
    if (busy !== null) return;
    setBusy(body.do);
    const place = `devices/${encodeURIComponent(request.device)}/help/${request.id}`;
    const answer = await console.request('POST', place, body);
    setBusy(null);
    setTrouble(answer.ok ? null : answer.trouble);
    if (answer.ok) {
      setAnswering(false);
      setWords('');
    }
    changed();
  };
  return (
    <>
      {trouble === null ? null : <TroubleNote trouble={trouble} />}
      {answering ? (
        <form
          id={form}
          className="stack"
          onSubmit={event => {
            event.preventDefault();
            if (ready) void move({ do: 'answer', answer: words });
          }}
        >
          <Textarea
            label="Answer"
            description={`The person reads it in their tray, with your name. At most ${LIMITS.helpAnswerChars} characters.`}
            value={words}
            maxLength={LIMITS.helpAnswerChars}
            autosize
            minRows={3}
            data-autofocus
            autoFocus
            onChange={event => setWords(event.currentTarget.value)}
          />
          <p className="line">
            <Button type="submit" disabled={!ready} loading={busy === 'answer'}>
              Send answer
            </Button>
            <Button
              variant="default"
              disabled={!ready}
              loading={busy === 'close'}
              onClick={() => void move({ do: 'close', answer: words })}
            >
              Answer and close
            </Button>
            <Button variant="default" onClick={() => setAnswering(false)}>
              Cancel
            </Button>
          </p>
        </form>
      ) : (
        <p className="line">
          <Button
            variant={request.state === 'answered' ? 'default' : 'filled'}
            onClick={() => setAnswering(true)}
          >
            {request.state === 'answered' ? 'Answer anew' : 'Answer'}
          </Button>
          {request.state === 'open' ? (
            <Button variant="default" loading={busy === 'seen'} onClick={() => void move({ do: 'seen' })}>
              Mark as seen
            </Button>
          ) : null}
          <Button variant="default" loading={busy === 'close'} onClick={() => void move({ do: 'close' })}>
            {request.state === 'answered' ? 'Close' : 'Close without an answer'}
          </Button>
        </p>
      )}
    </>
  );
}
