import { Button } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { AgentSettingsResponse } from '../../../shared/api/schemas.ts';
import { Ago } from '../parts/ago.tsx';
import { TroubleFace, TroubleNote, WaitingLines } from '../parts/face.tsx';
import { count } from '../parts/format.ts';
import { useConsole } from '../state/console-state.ts';
import { useStore } from '../state/store.ts';
import { ConflictNote } from './conflict-note.tsx';
import { type Desk, deskOf } from './desk.ts';
import { changesBetween, draftOf, judge, type Problems } from './draft.ts';
import { Review } from './review.tsx';
import { SubjectsCard } from './subjects-card.tsx';
import { SupportCard } from './support-card.tsx';
import { ValuesCard } from './values-card.tsx';

/** How often the page asks how far the settings have got round. */
const ASK_MS = 5000;

/** What is every agent told, and who has taken it? */
export function AgentSettingsPage() {
  const console = useConsole();
  const desk = deskOf(console);
  const { base, draft, trouble } = useStore(desk.state);

  useEffect(() => {
    document.title = 'What agents are told · Trayline';
  }, []);
  useEffect(() => {
    void desk.load();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void desk.load();
    }, ASK_MS);
    return () => clearInterval(timer);
  }, [desk]);

  return (
    <div className="page-pad stack-wide told">
      <h1>What agents are told</h1>
      {base === null || draft === null ? (
        trouble ? (
          <section className="card">
            <TroubleFace trouble={trouble} retry={() => void desk.load()} />
          </section>
        ) : (
          <section className="card">
            <WaitingLines what="what agents are told" lines={10} />
          </section>
        )
      ) : (
        <Editor desk={desk} base={base} />
      )}
    </div>
  );
}

function Editor({ desk, base }: { desk: Desk; base: AgentSettingsResponse }) {
  const console = useConsole();
  const state = useStore(desk.state);
  const { newer, refused, saveTrouble } = state;
  const before = useMemo(() => draftOf(base.settings), [base.settings]);
  const draft = state.draft ?? before;
  const changes = useMemo(() => changesBetween(before, draft), [before, draft]);
  const judged = useMemo(() => judge(draft), [draft]);
  const [tried, setTried] = useState(false);
  const [reviewing, setReviewing] = useState(false);
  const page = useRef<HTMLDivElement>(null);

  const problems: Problems = useMemo(() => {
    const all = new Map(judged.ok ? [] : judged.problems);
    // What the collector has refused stands until something is typed: then it may be right.
    if (refused !== null && refused.draft === draft) {
      for (const field of refused.fields) if (!all.has(field)) all.set(field, refusedWords(field));
    }
    return all;
  }, [judged, refused, draft]);

  const dirty = changes.length > 0;
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [dirty]);

  // After a try the first field that is wrong has the focus, and its words with it.
  const lead = useRef(false);
  useEffect(() => {
    if (!lead.current) return;
    lead.current = false;
    page.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  });

  const showProblems = () => {
    setTried(true);
    lead.current = true;
  };
  const review = () => {
    if (judged.ok && problems.size === 0) setReviewing(true);
    else showProblems();
  };
  const tell = async () => {
    if (!judged.ok) return;
    const saved = await desk.save(judged.settings);
    if (saved.is === 'trouble') return;
    setReviewing(false);
    if (saved.is === 'refused') showProblems();
    if (saved.is !== 'done') return;
    setTried(false);
    const { connected } = desk.state.get().base?.delivery ?? { connected: 0 };
    console.notify(
      connected === 0
        ? 'Saved. Agents are told when they connect.'
        : `Saved. ${agents(connected)} ${connected === 1 ? 'is' : 'are'} being told now.`,
      'done',
      () => void undo(saved.before),
    );
  };
  const undo = async (settings: AgentSettingsResponse['settings']) => {
    const back = await desk.save(settings);
    if (back.is === 'done') console.notify('Undone. Agents are told what they were told before.');
    else console.notify('Could not be undone: look at what the page says now.', 'trouble');
  };
  const discard = () => {
    const typed = desk.discard();
    setTried(false);
    console.notify('What you had typed is gone.', 'done', () => {
      if (typed !== null) desk.edit(() => typed);
    });
  };

  return (
    <div className="stack-wide" ref={page}>
      <Summary base={base} />
      {state.trouble ? (
        <p className="note attention" role="status">
          {state.trouble.title}: how many have taken it is from before. What you type stays.
        </p>
      ) : null}
      {newer ? <ConflictNote before={before} draft={draft} newer={newer} desk={desk} /> : null}
      {saveTrouble && !reviewing ? <TroubleNote trouble={saveTrouble} /> : null}
      <ValuesCard desk={desk} draft={draft} before={before} problems={problems} tried={tried} />
      <SubjectsCard desk={desk} draft={draft} before={before} problems={problems} tried={tried} />
      <SupportCard desk={desk} base={base} draft={draft} problem={supportProblem(problems)} />
      <div className={`told-save ${dirty ? 'dirty' : ''}`}>
        <p role="status" className="grow">
          {dirty ? (
            <>
              <span className="strong">
                {changes.length === 1 ? '1 change' : `${count(changes.length)} changes`} not saved
              </span>
              {problems.size > 0 ? (
                <span className="tone-blocked">
                  {' '}
                  · {problems.size === 1 ? '1 field is' : `${count(problems.size)} fields are`} not right yet
                </span>
              ) : (
                <span className="quiet"> · kept on this page, no agent is told yet</span>
              )}
            </>
          ) : (
            <span className="quiet">Nothing to save: this is what agents are told.</span>
          )}
        </p>
        {dirty ? (
          <>
            <Button variant="default" onClick={discard}>
              Discard
            </Button>
            <Button onClick={review} disabled={newer !== null}>
              Review and save
            </Button>
          </>
        ) : null}
      </div>
      {reviewing ? (
        <Review
          changes={changes}
          connected={base.delivery.connected}
          saving={state.saving}
          trouble={saveTrouble}
          save={() => void tell()}
          close={() => setReviewing(false)}
        />
      ) : null}
    </div>
  );
}

function agents(n: number): string {
  return n === 1 ? '1 agent' : `${count(n)} agents`;
}

function supportProblem(problems: Problems): string | null {
  for (const [field, words] of problems) if (field.startsWith('osSupport')) return words;
  return null;
}

function refusedWords(field: string): string {
  return field.startsWith('osSupport')
    ? 'The collector does not take this table: its day must be later than the shipped one’s and not still to come.'
    : 'The collector does not take this. Change it or remove it.';
}

/** The page's answer in one line: how many are told, and who has not taken it. */
function Summary({ base }: { base: AgentSettingsResponse }) {
  const { connected, holding, refusing } = base.delivery;
  const late = connected - holding;
  return (
    <div className="stack told-summary">
      <p role="status" className="told-first">
        <span className="strong">
          {connected === 0
            ? 'No agent is connected now'
            : `${agents(connected)} ${connected === 1 ? 'is' : 'are'} told this`}
        </span>
        {connected === 0
          ? '; each is told this when it connects.'
          : late > 0
            ? `, ${count(late)} ${late === 1 ? 'has' : 'have'} not taken it yet`
            : `, ${connected === 1 ? 'and has' : 'and all have'} taken it`}
        {connected > 0 ? (refusing > 0 ? '; ' : '.') : null}
        {connected > 0 && refusing > 0 ? (
          <span className="tone-attention">
            {count(refusing)} did not take a part of it (the collector’s log says which part).
          </span>
        ) : null}
      </p>
      <p className="quiet">
        {base.changedAt === null ? (
          'Nobody has changed anything: every agent keeps to its own settings and defaults.'
        ) : (
          <>
            Last changed by {base.changedBy ?? 'somebody'}, <Ago at={base.changedAt} /> ago.{' '}
            {connected === 0 ? null : 'Agents that are not connected are told when they connect.'}
          </>
        )}
      </p>
    </div>
  );
}
