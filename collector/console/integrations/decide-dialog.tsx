import { Button, Modal, TextInput } from '@mantine/core';
import { useEffect, useId, useState } from 'react';
import type {
  DecisionsResponse,
  DeviceSourcesResponse,
  MatchChangeResponse,
  MatchIssueEntry,
  MatchPreviewResponse,
} from '../../../shared/api/integrations.ts';
import type { FleetRow } from '../../../shared/api/schemas.ts';
import { TroubleNote, WaitingLines } from '../parts/face.tsx';
import { StateShape } from '../parts/mark.tsx';
import type { Answer, Trouble } from '../source/source.ts';
import { useConsole } from '../state/console-state.ts';
import { useAnswer } from '../state/use-answer.ts';
import { useDeviceSearch } from '../state/use-device-search.ts';
import { apart, type Change, isNothing, moved, previewWords, undoOf, waysOf } from './decide.ts';

/** Makes a change of the decisions; its undo stands in the notice. */
export function useDecide(changed: () => void): (change: Change, done: string) => Promise<Trouble | null> {
  const console = useConsole();
  const send = (change: Change): Promise<Answer<MatchChangeResponse>> =>
    console.request<MatchChangeResponse>('PATCH', 'match/decisions', change);
  const undo = async (made: MatchChangeResponse): Promise<void> => {
    const answer = await send(undoOf(made));
    if (answer.ok) console.notify('It is as it was before.');
    else console.notify(`${answer.trouble.title}. ${answer.trouble.next}`, 'trouble');
    changed();
  };
  return async (change, done) => {
    const answer = await send(change);
    if (!answer.ok) return answer.trouble;
    console.notify(done, 'done', () => void undo(answer.value));
    changed();
    return null;
  };
}

/** What a change would lead to, asked anew when it is another one. */
function usePreview(change: Change | null): { value: MatchPreviewResponse | null; trouble: Trouble | null } {
  const console = useConsole();
  const [state, setState] = useState<{
    of: string;
    value: MatchPreviewResponse | null;
    trouble: Trouble | null;
  } | null>(null);
  const asked = change === null || isNothing(change) ? null : JSON.stringify(change);
  useEffect(() => {
    if (asked === null) return;
    const abort = new AbortController();
    void console
      .request<MatchPreviewResponse>('POST', 'match/preview', JSON.parse(asked), abort.signal)
      .then(answer => {
        if (abort.signal.aborted) return;
        setState({
          of: asked,
          value: answer.ok ? answer.value : null,
          trouble: answer.ok ? null : answer.trouble,
        });
      });
    return () => abort.abort();
  }, [console, asked]);
  return state !== null && state.of === asked ? state : { value: null, trouble: null };
}

/** What will happen, and the buttons that make it happen. */
function Outcome({
  change,
  action,
  run,
  close,
}: {
  /** null: something must be chosen first. */
  change: Change | null;
  action: string;
  run: (change: Change) => Promise<Trouble | null>;
  close: () => void;
}) {
  const preview = usePreview(change);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const shown = trouble ?? preview.trouble;
  const isReady = change !== null && !isNothing(change) && preview.value !== null;
  return (
    <>
      <section className="outcome stack" aria-live="polite" aria-label="What will happen">
        <h3>What will happen</h3>
        {change === null ? (
          <p className="quiet">Choose first.</p>
        ) : isNothing(change) ? (
          <p className="quiet">Nothing: it has been decided so already.</p>
        ) : preview.value === null ? (
          preview.trouble ? null : (
            <WaitingLines what="what will happen" lines={2} />
          )
        ) : (
          <ul>
            {previewWords(preview.value).map(line => (
              <li key={line} className="wrap">
                {line}
              </li>
            ))}
          </ul>
        )}
        <p className="quiet small">It holds until somebody takes it back, whatever is read later.</p>
      </section>
      {shown ? <TroubleNote trouble={shown} /> : null}
      <div className="line">
        <Button
          disabled={!isReady}
          loading={busy}
          onClick={() => {
            if (change === null) return;
            setBusy(true);
            void run(change).then(problem => {
              setBusy(false);
              if (problem === null) close();
              else setTrouble(problem);
            });
          }}
        >
          {action}
        </Button>
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
      </div>
    </>
  );
}

/** A record is another device than the one it is with. */
export function ApartDialog({
  member,
  name,
  sources,
  close,
  changed,
}: {
  member: string;
  name: string;
  sources: DeviceSourcesResponse;
  close: () => void;
  changed: () => void;
}) {
  const decide = useDecide(changed);
  const change = apart(
    member,
    sources.members.map(({ key }) => key),
    sources.decisions,
  );
  return (
    <Modal
      opened
      onClose={close}
      title={`${name} is another device`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="form">
        <p>It is split from everybody else who speaks of this device, and stays so.</p>
        <Outcome
          change={change}
          action="Split it off"
          run={one => decide(one, `${name} is split off, and stays so.`)}
          close={close}
        />
      </div>
    </Modal>
  );
}

/** A record belongs to a device that is searched for. */
export function BelongsDialog({
  members,
  name,
  from,
  children,
  close,
  changed,
}: {
  /** What is moved, its first member leading. */
  members: readonly string[];
  name: string;
  /** Everybody it is with now; the same as `members` when it stands alone. */
  from: readonly string[];
  /** What is known of it. */
  children?: React.ReactNode;
  close: () => void;
  changed: () => void;
}) {
  const decide = useDecide(changed);
  const [target, setTarget] = useState<FleetRow | null>(null);
  const [isSure, setSure] = useState(false);
  const asked = useAnswer<DeviceSourcesResponse>(
    target === null ? null : `devices/${encodeURIComponent(target.id)}/sources`,
  );
  const decisions = useAnswer<DecisionsResponse>('match/decisions');
  const [lead = ''] = members;
  const to = asked.value?.members.map(({ key }) => key) ?? null;
  const decided = decisions.value?.decisions ?? null;
  const isAll = from.every(key => members.includes(key));
  const change =
    to === null || decided === null
      ? null
      : moved(lead, { from: isAll ? [] : from, to, despiteSerials: isSure }, decided);
  const trouble = asked.trouble ?? decisions.trouble;
  return (
    <Modal
      opened
      onClose={close}
      size={560}
      title={`${name} belongs to…`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="form">
        {children}
        <DevicePicker chosen={target} choose={setTarget} not={from} />
        <label className="choice">
          <input type="checkbox" checked={isSure} onChange={event => setSure(event.currentTarget.checked)} />
          <span>
            Also if their serial numbers differ{' '}
            <span className="quiet small">A board was replaced, or one of the numbers is wrong.</span>
          </span>
        </label>
        {trouble ? <TroubleNote trouble={trouble} /> : null}
        <Outcome
          change={change}
          action="Join them"
          run={one => decide(one, `${name} belongs to ${target?.name ?? 'it'}, and stays there.`)}
          close={close}
        />
      </div>
    </Modal>
  );
}

const FOUND_MAX = 8;

/** Finds one device of the fleet by name, person or serial number. */
function DevicePicker({
  chosen,
  choose,
  not,
}: {
  chosen: FleetRow | null;
  choose: (row: FleetRow | null) => void;
  /** Members whose device is not offered. */
  not: readonly string[];
}) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const listId = useId();
  const found = useDeviceSearch(chosen === null ? text : '', FOUND_MAX).filter(
    row => !not.includes(`agent/${row.id}`),
  );
  if (chosen !== null) {
    return (
      <div className="note line-apart">
        <span className="line">
          <StateShape state={chosen.state} />
          <strong>{chosen.name}</strong>
          <span className="quiet">{chosen.person ?? 'person not known'}</span>
        </span>
        <Button variant="default" onClick={() => choose(null)}>
          Another
        </Button>
      </div>
    );
  }
  return (
    <div className="stack" style={{ gap: 4 }}>
      <TextInput
        label="Device"
        placeholder="Name, person or serial number"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        role="combobox"
        aria-expanded={found.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        {...(found.length > 0 ? { 'aria-activedescendant': `${listId}-${at}` } : {})}
        value={text}
        onChange={event => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={event => {
          if (event.key === 'ArrowDown') setAt(old => Math.min(found.length - 1, old + 1));
          else if (event.key === 'ArrowUp') setAt(old => Math.max(0, old - 1));
          else if (event.key === 'Enter') choose(found[at] ?? null);
          else return;
          event.preventDefault();
        }}
      />
      <div
        role="listbox"
        id={listId}
        aria-label="Devices found"
        className={found.length > 0 ? 'found' : 'sr'}
      >
        {found.map((row, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the combobox
          <div
            key={row.id}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className="search-item"
            onClick={() => choose(row)}
          >
            <StateShape state={row.state} />
            <span className="strong">{row.name}</span>
            <span className="quiet">{row.person ?? 'person not known'}</span>
            {row.noAgent === true ? <span className="tag">no agent</span> : null}
          </div>
        ))}
      </div>
      {text.trim() !== '' && found.length === 0 ? (
        <p className="quiet small" role="status">
          Nothing found by that name, person or serial number
        </p>
      ) : null}
    </div>
  );
}

/** The ways to settle one entry of the list of matches, with what each leads to. */
export function SettleDialog({
  entry,
  title,
  children,
  close,
  changed,
}: {
  entry: MatchIssueEntry;
  title: string;
  children: React.ReactNode;
  close: () => void;
  changed: () => void;
}) {
  const decide = useDecide(changed);
  const decisions = useAnswer<DecisionsResponse>('match/decisions');
  const [chosen, setChosen] = useState<string | null>(null);
  const ways = waysOf(entry, decisions.value?.decisions ?? []);
  const way = ways.find(({ id }) => id === chosen) ?? null;
  return (
    <Modal opened onClose={close} size={620} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <div className="form">
        {children}
        {decisions.value === null ? (
          decisions.trouble ? (
            <TroubleNote trouble={decisions.trouble} />
          ) : (
            <WaitingLines what="what was decided" lines={3} />
          )
        ) : (
          <>
            <fieldset className="choices">
              <legend className="strong">Which is it?</legend>
              {ways.map(({ id, words }) => (
                <label key={id} className="choice">
                  <input
                    type="radio"
                    name="way"
                    value={id}
                    checked={chosen === id}
                    onChange={() => setChosen(id)}
                  />
                  {words}
                </label>
              ))}
            </fieldset>
            <Outcome
              change={way?.change ?? null}
              action="Decide"
              run={change => decide(change, 'Decided. It is no longer listed.')}
              close={close}
            />
          </>
        )}
      </div>
    </Modal>
  );
}
