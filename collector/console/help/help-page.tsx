import { TextInput } from '@mantine/core';
import { useEffect } from 'react';
import type { HelpResponse } from '../../../shared/api/schemas.ts';
import { Face, TroubleFace, WaitingLines } from '../parts/face.tsx';
import { count } from '../parts/format.ts';
import { useConsole } from '../state/console-state.ts';
import { usePlace } from '../state/place.ts';
import { useStore } from '../state/store.ts';
import { useAnswer } from '../state/use-answer.ts';
import { HelpItem } from './help-item.tsx';
import { filtered, filterOf, OPEN_STATES, STATE_WORDS } from './help-words.ts';

/** Requests shown at once; who has more answers the oldest first. */
const PAGE = 500;
/** Changes that come together are asked for once. */
const GATHER_MS = 250;

/** Who needs something from us, and for how long have they been waiting? */
export function HelpPage() {
  const console = useConsole();
  const news = useStore(console.helpNews);
  const { params, setParams } = usePlace();
  const isOver = params.get('show') === 'over';
  const filter = filterOf(params);
  const { value, trouble, reload } = useAnswer<HelpResponse>(`help?limit=${PAGE}&over=${isOver}`);

  useEffect(() => {
    if (news.n === 0) return;
    const timer = setTimeout(reload, GATHER_MS);
    return () => clearTimeout(timer);
  }, [news, reload]);
  useEffect(() => {
    document.title = 'Requests · Trayline';
  }, []);

  const all = value?.requests ?? [];
  const shown = filtered(all, isOver ? { ...filter, state: null } : filter);
  return (
    <div className="page-pad stack-wide">
      <h1>Requests</h1>
      <section className="card stack" aria-label="Filter">
        <p className="lead" role="status">
          {value === null
            ? 'Asking the collector …'
            : value.waiting === 0
              ? 'Nobody waits for an answer.'
              : `${count(value.waiting)} ${value.waiting === 1 ? 'request waits' : 'requests wait'} for an answer.`}
        </p>
        <div className="line">
          {OPEN_STATES.map(state => (
            <button
              key={state}
              type="button"
              className="chip"
              aria-pressed={!isOver && filter.state === state}
              onClick={() =>
                setParams({ show: null, state: !isOver && filter.state === state ? null : state })
              }
            >
              {STATE_WORDS[state]}
              {isOver || value === null ? null : (
                <span className="num">{count(all.filter(one => one.state === state).length)}</span>
              )}
            </button>
          ))}
          <button
            type="button"
            className="chip"
            aria-pressed={isOver}
            onClick={() => setParams({ show: isOver ? null : 'over', state: null })}
          >
            Closed and withdrawn
          </button>
          <TextInput
            className="grow"
            aria-label="Search in requests"
            placeholder="Search words, person or device"
            value={filter.search}
            onChange={event => setParams({ q: event.currentTarget.value })}
          />
        </div>
      </section>
      {value === null ? (
        trouble ? (
          <TroubleFace trouble={trouble} retry={reload} />
        ) : (
          <section className="card">
            <WaitingLines what="the requests" lines={8} />
          </section>
        )
      ) : shown.length === 0 ? (
        all.length === 0 ? (
          <Face title={isOver ? 'No request is over yet' : 'No request is open'}>
            <p>
              People ask from their tray, on Problems, on Ask or on Requests. What they ask appears here at
              once, or as soon as their device is connected.
            </p>
          </Face>
        ) : (
          <Face title="No request fits this filter">
            <p>Take a part of the filter away to see others.</p>
          </Face>
        )
      ) : (
        <section className="card" aria-label={isOver ? 'Requests that are over' : 'Open requests'}>
          <ul className="help-list">
            {shown.map(one => (
              <HelpItem key={`${one.device} ${one.id}`} request={one} showDevice changed={reload} />
            ))}
          </ul>
          {value.next === null ? null : (
            <p className="quiet">
              The {isOver ? 'newest' : 'oldest'} {count(PAGE)} are shown
              {isOver ? '' : '; others follow as these are answered'}.
            </p>
          )}
        </section>
      )}
    </div>
  );
}
