import { IconInbox } from '@tabler/icons-react';
import { useId } from 'react';
import type { DeskRequest, JournalEntry } from '../../contract.ts';
import { Known } from '../parts/face.tsx';
import { Help } from '../parts/help.tsx';
import { useTimes, useWords } from '../parts/words.ts';
import { useFacts } from '../state/desk-state.ts';

/** What the person did, as the log of the device tells it. */
const OWN = new Set(['journal.checks-you', 'journal.consented', 'journal.declined']);

/** Who asked whom for what, and what became of it. */
export function RequestsPage() {
  const { requests, privacy } = useFacts();
  const { say } = useWords();
  const it = useId();
  const you = useId();
  return (
    <>
      <h1 tabIndex={-1}>{say('page.requests')}</h1>
      <p>{say('request.lead')}</p>
      <section className="stack-tight" aria-labelledby={you}>
        <h2 id={you}>{say('request.you')}</h2>
        <Help />
        <Known part={privacy} lines={3}>
          {({ journal }) => <Own entries={journal.filter(({ what }) => OWN.has(what.key)).slice(0, 30)} />}
        </Known>
        <p className="small quiet">{say('request.consent')}</p>
      </section>
      <section className="stack-tight" aria-labelledby={it}>
        <h2 id={it}>{say('request.it')}</h2>
        <Known part={requests} lines={3}>
          {list =>
            list.length === 0 ? (
              <p className="card none">
                <IconInbox size={20} stroke={1.8} aria-hidden="true" />
                <span>{say('request.it.none')}</span>
              </p>
            ) : (
              <ul className="card plain-list rows">
                {list.map(request => (
                  <Request key={request.id} request={request} />
                ))}
              </ul>
            )
          }
        </Known>
      </section>
    </>
  );
}

function Request({ request }: { request: DeskRequest }) {
  const { say } = useWords();
  const { when } = useTimes();
  const { at, by, state, ran, failed } = request;
  return (
    <li className="stack-tight">
      <p className="row-head">
        <span className="strong">{say('request.checks')}</span>
        <span className={state === 'running' ? 'tag running' : 'tag'}>
          {say(state === 'running' ? 'request.running' : 'request.done')}
        </span>
      </p>
      <p className="small quiet">
        {when(at)} · {by === null ? say('request.by.unnamed') : say('request.by', { name: by })}
      </p>
      {ran === null ? null : (
        <p className="small">
          {say('request.ran', { ran })}
          {failed === null || failed === 0 ? '' : `; ${say('request.failed', { failed })}`}
        </p>
      )}
    </li>
  );
}

function Own({ entries }: { entries: readonly JournalEntry[] }) {
  const { told } = useWords();
  const { when } = useTimes();
  if (entries.length === 0) return null;
  return (
    <ul className="card plain-list rows">
      {entries.map(({ at, what }) => (
        <li key={`${at} ${what.key}`}>
          <p>{told(what)}</p>
          <p className="small quiet">{when(at)}</p>
        </li>
      ))}
    </ul>
  );
}
