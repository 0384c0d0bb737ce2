import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { ChecksRun } from '../../contract.ts';
import { useDeskState, useFacts } from '../state/desk-state.ts';
import { useWords } from './words.ts';

/** How far a run of checks is. */
function RunProgress({ run }: { run: ChecksRun }) {
  const { say } = useWords();
  const label = useId();
  return (
    <div className="stack-tight">
      <p id={label}>{say('home.checking', { done: run.done, of: run.of })}</p>
      <div
        className="bar"
        role="progressbar"
        aria-labelledby={label}
        aria-valuemin={0}
        aria-valuemax={run.of}
        aria-valuenow={run.done}
      >
        <span className="bar-fill" style={{ width: `${run.of === 0 ? 0 : (run.done / run.of) * 100}%` }} />
      </div>
      {run.by === 'another' ? <p className="small quiet">{say('home.checking.another')}</p> : null}
    </div>
  );
}

/**
 * Asks for checks (all, when left out), shows how far they are and how they ended.
 *
 * @param ended what to say of a run that has ended; left out or null: how many answered
 */
export function CheckNow({
  checks,
  label,
  ended,
}: {
  checks?: readonly string[];
  label: string;
  ended?: (run: ChecksRun) => string | null;
}) {
  const { say, trouble, clock } = useWords();
  const { run } = useFacts();
  const state = useDeskState();
  /** Set once this button has asked for a run or joined one; a button for all checks speaks of every run. */
  const [mine, setMine] = useState<{ code: string | null } | null>(null);
  const running = run !== null && run.endedAt === null;
  const speaks = checks === undefined || mine !== null;
  const summary = (one: ChecksRun): string => {
    const silent = one.answered.filter(({ status }) => status === 'failed').length;
    const first = say('home.checked', {
      when: clock(one.endedAt ?? one.startedAt),
      ok: one.done - silent,
      of: one.of,
    });
    return silent === 0 ? first : `${first} ${say('home.checked.some', { count: silent })}`;
  };
  return (
    <div className="stack-tight">
      <Button
        variant="default"
        leftSection={<IconRefresh size={18} stroke={1.8} aria-hidden="true" />}
        aria-disabled={running}
        className={running ? 'resting' : ''}
        onClick={() => {
          if (running) return;
          setMine({ code: null });
          void state.check(checks).then(code => setMine({ code }));
        }}
      >
        {running ? say('tray.checking') : label}
      </Button>
      {running && speaks ? <RunProgress run={run} /> : null}
      <div role="status">
        {!running && speaks && run !== null && mine?.code == null ? (
          <p className="small">{ended?.(run) ?? summary(run)}</p>
        ) : null}
        {mine?.code == null ? null : <p className="note trouble">{trouble(mine.code)}</p>}
      </div>
    </div>
  );
}
