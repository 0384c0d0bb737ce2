import { Button } from '@mantine/core';
import { useEffect, useMemo, useRef } from 'react';
import type { AgentSettingsResponse } from '../../../shared/api/schemas.ts';
import { Ago } from '../parts/ago.tsx';
import { useConsole } from '../state/console-state.ts';
import { ChangeList } from './change-list.tsx';
import { changeWords } from './change-words.ts';
import type { Desk } from './desk.ts';
import { changesBetween, type Draft, draftOf } from './draft.ts';

/** Somebody else was first: what they changed, and how to go on without losing a word. */
export function ConflictNote({
  before,
  draft,
  newer,
  desk,
}: {
  before: Draft;
  draft: Draft;
  newer: AgentSettingsResponse;
  desk: Desk;
}) {
  const console = useConsole();
  const note = useRef<HTMLDivElement>(null);
  const theirs = useMemo(() => draftOf(newer.settings), [newer.settings]);
  const changed = useMemo(() => changesBetween(before, theirs), [before, theirs]);
  const both = useMemo(() => {
    const mine = new Set(changesBetween(before, draft).map(change => change.unit));
    // Changed on both sides to the same is no contradiction.
    const differ = new Set(changesBetween(draft, theirs).map(change => change.unit));
    return changed.filter(({ unit }) => mine.has(unit) && differ.has(unit));
  }, [before, draft, theirs, changed]);
  useEffect(() => {
    note.current?.focus();
  }, []);
  const drop = () => {
    const typed = desk.discard();
    console.notify('What you had typed is gone; the page shows what is told now.', 'done', () => {
      if (typed !== null) desk.edit(() => typed);
    });
  };
  return (
    <div role="alert" className="note attention stack" ref={note} tabIndex={-1}>
      <p>
        <span className="strong">{newer.changedBy ?? 'Somebody'} has changed this meanwhile</span>
        {newer.changedAt === null ? null : (
          <>
            , <Ago at={newer.changedAt} /> ago
          </>
        )}
        . Nothing you typed is lost, and nothing of it is saved.
      </p>
      <ChangeList changes={changed} />
      {both.length > 0 ? (
        <p>
          You both changed {both.map(change => `“${changeWords(change).title}”`).join(', ')}: yours stays in
          the form, theirs is what you see above.
        </p>
      ) : null}
      <div className="line">
        <Button onClick={() => desk.takeIn()}>Take this in and keep mine</Button>
        <Button variant="default" onClick={drop}>
          Drop mine
        </Button>
      </div>
    </div>
  );
}
