import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ActOutcome, DeskProblem } from '../../contract.ts';
import { codeOf, useDeskState } from '../state/desk-state.ts';
import { useWords } from './words.ts';

/** "Do it for me": leads to the app's own question; what became of it stands below. */
export function Act({ problem }: { problem: DeskProblem }) {
  const { say, told, trouble } = useWords();
  const { desk } = useDeskState();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<ActOutcome | { state: 'refused'; code: string } | null>(null);
  const { action } = problem;
  if (action === null) return null;
  return (
    <div className="stack-tight">
      <Button
        aria-disabled={busy}
        className={busy ? 'resting' : ''}
        onClick={() => {
          if (busy) return;
          setBusy(true);
          setOutcome(null);
          desk.device
            .act({ action: action.action, problem: problem.id })
            .then(setOutcome, (error: unknown) => setOutcome({ state: 'refused', code: codeOf(error) }))
            .finally(() => setBusy(false));
        }}
      >
        {say('problem.act', { what: told(action.title) })}
      </Button>
      <p className="small quiet">
        {action.minutes === null ? '' : `${say('problem.act.minutes', { minutes: action.minutes })} `}
        {action.restarts ? `${say('problem.act.restarts')} ` : ''}
        {say('problem.act.asked')}
      </p>
      <div role="status">
        {busy ? <p className="note">{say('problem.act.waiting')}</p> : null}
        {outcome?.state === 'done' ? <p className="note done">{told(outcome.says)}</p> : null}
        {outcome?.state === 'declined' ? <p className="note">{say('problem.act.declined')}</p> : null}
        {outcome?.state === 'failed' ? <p className="note trouble">{told(outcome.says)}</p> : null}
        {outcome?.state === 'refused' ? <p className="note trouble">{trouble(outcome.code)}</p> : null}
      </div>
    </div>
  );
}
