import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Part } from '../state/desk-state.ts';
import { useDeskState } from '../state/desk-state.ts';
import { useWords } from './words.ts';

/** What stands where there is nothing to show: a headline, what is the matter, what to do next. */
export function Face({ icon, title, children }: { icon?: ReactNode; title?: string; children: ReactNode }) {
  return (
    <div className="face">
      {icon === undefined ? null : (
        <span className="face-icon" aria-hidden="true">
          {icon}
        </span>
      )}
      {title === undefined ? null : <h2>{title}</h2>}
      {children}
    </div>
  );
}

/** Keeps the shape of what comes. */
function Waiting({ lines }: { lines: number }) {
  const { say } = useWords();
  return (
    <div className="card stack" aria-busy="true">
      <p className="sr">{say('page.loading')}</p>
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders
        <span key={index} className="wait" aria-hidden="true" />
      ))}
    </div>
  );
}

/** Shows what is known, or that it is on its way, or why it is not there and what to do. */
export function Known<Value>({
  part,
  lines = 4,
  children,
}: {
  part: Part<Value>;
  lines?: number;
  children: (value: Value) => ReactNode;
}) {
  const { say, trouble } = useWords();
  const state = useDeskState();
  if (part.state === 'loading') return <Waiting lines={lines} />;
  if (part.state === 'known') return children(part.value);
  return (
    <div className="card" role="alert">
      <Face title={say('page.failed')}>
        <p>{trouble(part.code)}</p>
        <Button variant="default" onClick={() => state.load()}>
          {say('page.retry')}
        </Button>
      </Face>
    </div>
  );
}
