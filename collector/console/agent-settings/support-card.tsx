import { Button } from '@mantine/core';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import type { AgentSettingsResponse } from '../../../shared/api/schemas.ts';
import { OS_SUPPORT, type OsSupportTable } from '../../../shared/device/os-support-table.ts';
import { date } from '../parts/ago.tsx';
import { count } from '../parts/format.ts';
import type { Desk } from './desk.ts';
import type { Draft } from './draft.ts';
import { readTableFile, systemsIn, type TableChange, tableChanges } from './table-file.ts';

/** More than this many rows say no more than their number. */
const MOST_SHOWN = 40;

/** Until when makers mend their systems: which table agents judge by, and a newer one. */
export function SupportCard({
  desk,
  base,
  draft,
  problem,
}: {
  desk: Desk;
  base: AgentSettingsResponse;
  draft: Draft;
  problem: string | null;
}) {
  const picker = useRef<HTMLInputElement>(null);
  const [refused, setRefused] = useState<{ file: string; why: string } | null>(null);
  const told = base.settings.osSupport;
  const now = inUse(told);
  const next = inUse(draft.osSupport);
  const changes = useMemo(() => tableChanges(now, next), [now, next]);
  const changing = JSON.stringify(told) !== JSON.stringify(draft.osSupport);
  const outdated = told !== null && told.asOf <= base.shippedOsSupportAsOf;
  const set = (osSupport: OsSupportTable | null) => desk.edit(old => ({ ...old, osSupport }));

  const choose = async (file: File) => {
    const read = await readTableFile(file);
    setRefused(read.ok ? null : { file: file.name, why: read.why });
    if (read.ok) set(read.table);
  };
  return (
    <section className="card stack" aria-labelledby="told-support">
      <h2 id="told-support">Until when systems are supported</h2>
      <p>
        In use: the table of <span className="strong">{day(now.asOf)}</span>,{' '}
        {now === OS_SUPPORT
          ? 'shipped with this version'
          : `given here; the shipped one is of ${day(base.shippedOsSupportAsOf)}`}
        .{' '}
        <span className="quiet">
          It knows {count(systemsIn(now))} systems. One that is newer than the table is “not known”, never
          “out of support”.
        </span>
      </p>
      {outdated ? (
        <p className="note attention">
          The table given here is of {day(told.asOf)}: no longer newer than the shipped one. It is not used,
          and goes with the next save.
        </p>
      ) : null}
      {changing ? (
        <div className="note stack told-next">
          <p className="strong">
            {draft.osSupport === null
              ? `After saving: the shipped table of ${day(OS_SUPPORT.asOf)}`
              : `After saving: the table of ${day(draft.osSupport.asOf)}`}
          </p>
          {draft.osSupport !== null && told !== null && draft.osSupport.asOf < told.asOf ? (
            <p className="tone-attention">It is older than the one given now.</p>
          ) : null}
          <TableChanges changes={changes} />
        </div>
      ) : null}
      {problem !== null ? (
        <p role="alert" className="note trouble">
          {problem}
        </p>
      ) : null}
      {refused !== null ? (
        <div role="alert" className="note trouble">
          <p className="strong">{refused.file} was not taken</p>
          <p>{refused.why} Nothing has changed.</p>
        </div>
      ) : null}
      <div className="line">
        <input
          ref={picker}
          type="file"
          accept="application/json,.json"
          className="sr"
          tabIndex={-1}
          aria-label="File with a newer table"
          onChange={event => {
            const [file] = event.currentTarget.files ?? [];
            // The same file may be chosen again after it was mended.
            event.currentTarget.value = '';
            if (file) void choose(file);
          }}
        />
        <Button
          variant="default"
          leftSection={<IconUpload size={14} aria-hidden="true" />}
          onClick={() => picker.current?.click()}
        >
          Choose a newer table
        </Button>
        <Button
          variant="default"
          leftSection={<IconDownload size={14} aria-hidden="true" />}
          onClick={() => download(now)}
        >
          Download the one in use
        </Button>
        {draft.osSupport !== null ? (
          <Button
            variant="default"
            onClick={() => {
              setRefused(null);
              set(null);
            }}
          >
            Back to the shipped one
          </Button>
        ) : null}
        {changing ? (
          <Button
            variant="default"
            onClick={() => {
              setRefused(null);
              set(told);
            }}
          >
            Keep the one in use
          </Button>
        ) : null}
      </div>
    </section>
  );
}

/** Agents use the later of the shipped table and the one they are told. */
function inUse(given: OsSupportTable | null): OsSupportTable {
  return given !== null && given.asOf > OS_SUPPORT.asOf ? given : OS_SUPPORT;
}

function day(text: string): string {
  return date(Date.parse(`${text}T12:00:00Z`));
}

function download(table: OsSupportTable): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(table, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `os-support-${table.asOf}.json`;
  link.click();
  URL.revokeObjectURL(url);
}

function TableChanges({ changes }: { changes: readonly TableChange[] }) {
  if (changes.length === 0) return <p>Every system keeps the days it has now.</p>;
  const number = (is: TableChange['is']) => changes.filter(change => change.is === is).length;
  const parts = [
    [number('added'), 'added'],
    [number('changed'), 'with other days'],
    [number('removed'), 'removed'],
  ] as const;
  return (
    <>
      <p>
        {parts
          .filter(([n]) => n > 0)
          .map(([n, what]) => `${n === 1 ? '1 row' : `${count(n)} rows`} ${what}`)
          .join(', ')}
        .
      </p>
      <table className="table cards told-table">
        <caption className="sr">What the other table says differently</caption>
        <thead>
          <tr>
            <th>System</th>
            <th>Now</th>
            <th>After saving</th>
          </tr>
        </thead>
        <tbody>
          {changes.slice(0, MOST_SHOWN).map(change => (
            <tr key={`${change.is} ${change.label}`}>
              <td data-label="System">{change.label}</td>
              <td data-label="Now" className="num">
                {change.before ?? <span className="quiet">not in the table</span>}
              </td>
              <td data-label="After saving" className="num">
                {change.after ?? <span className="tone-attention">not in the table: not known</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {changes.length > MOST_SHOWN ? (
        <p className="quiet">and {count(changes.length - MOST_SHOWN)} more.</p>
      ) : null}
    </>
  );
}
