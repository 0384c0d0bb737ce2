import { Button } from '@mantine/core';
import { IconCloudOff, IconInbox, IconLock, IconRefresh, IconUrgent } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Trouble } from '../source/source.ts';
import { CopyButton } from './copy.tsx';

/** What stands where there is nothing to show: a headline, what is the matter, what to do next. */
export function Face({
  icon = <IconInbox size={28} stroke={1.6} />,
  title,
  children,
  center = false,
  level = 'h2',
}: {
  icon?: ReactNode;
  title: string;
  children: ReactNode;
  center?: boolean;
  level?: 'h1' | 'h2';
}) {
  const Heading = level;
  return (
    <div className={`face ${center ? 'center' : ''}`}>
      <span className="face-mark" aria-hidden="true">
        {icon}
      </span>
      <Heading>{title}</Heading>
      {children}
    </div>
  );
}

function iconOf(code: string): ReactNode {
  if (code === 'role-missing') return <IconLock size={28} stroke={1.6} />;
  if (code === 'unreachable') return <IconCloudOff size={28} stroke={1.6} />;
  if (code === 'version-unsupported') return <IconRefresh size={28} stroke={1.6} />;
  return <IconUrgent size={28} stroke={1.6} />;
}

/** A problem as a page: what happened, what to do, and the number that finds the log line. */
export function TroubleFace({
  trouble,
  retry,
  center = false,
  level = 'h2',
}: {
  trouble: Trouble;
  retry?: () => void;
  center?: boolean;
  level?: 'h1' | 'h2';
}) {
  const tooOld = trouble.code === 'version-unsupported';
  return (
    <div role="alert">
      <Face icon={iconOf(trouble.code)} title={trouble.title} center={center} level={level}>
        <p>{trouble.what}</p>
        <p>{trouble.next}</p>
        <TraceLine trace={trouble.trace} />
        {tooOld ? (
          <Button onClick={() => location.reload()}>Reload the page</Button>
        ) : retry && trouble.code !== 'role-missing' ? (
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        ) : null}
      </Face>
    </div>
  );
}

/** A problem inside a form or beside a button. */
export function TroubleNote({ trouble }: { trouble: Trouble }) {
  return (
    <div role="alert" className="note trouble">
      <p className="strong">{trouble.title}</p>
      <p>
        {trouble.what} {trouble.next}
      </p>
      <TraceLine trace={trouble.trace} />
    </div>
  );
}

function TraceLine({ trace }: { trace: string | null }) {
  if (trace === null) return null;
  return (
    <p className="line quiet small">
      Trace id <code>{trace}</code>
      <CopyButton text={trace} label="Copy trace id" />
    </p>
  );
}

/** Keeps the shape of a table that is coming. */
export function WaitingLines({ lines = 5, what }: { lines?: number; what: string }) {
  return (
    <div className="stack" aria-busy="true">
      <p className="sr" role="status">
        Loading {what}
      </p>
      {Array.from({ length: lines }, (_, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders
          key={index}
          className="wait"
          style={{ width: `${92 - ((index * 17) % 40)}%` }}
          aria-hidden="true"
        >
          &nbsp;
        </div>
      ))}
    </div>
  );
}
