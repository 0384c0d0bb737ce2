import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconChevronRight, IconPlus } from '@tabler/icons-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { CatalogueCheck, ChecksResponse } from '../../../shared/api/schemas.ts';
import { count } from '../parts/format.ts';
import { useConsole } from '../state/console-state.ts';
import { usePlace } from '../state/place.ts';
import { useAnswer } from '../state/use-answer.ts';
import type { Desk } from './desk.ts';
import { changesBetween, type Draft, type DraftRow, newRow, type Problems } from './draft.ts';
import { factsOfSubject, KINDS, SUBJECT_KINDS, type SubjectKind, subjectLine } from './kinds.ts';

let added = 0;

/** What checks look for by name, and the facts a rule can name because of it. */
export function SubjectsCard({
  desk,
  draft,
  before,
  problems,
  tried,
}: {
  desk: Desk;
  draft: Draft;
  before: Draft;
  problems: Problems;
  tried: boolean;
}) {
  const { params, setParams } = usePlace();
  const checks = useAnswer<ChecksResponse>('checks');
  // Rows that are open: one the address names, those just added, those with something wrong after a try.
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set([params.get('row') ?? '']));
  const toggle = useCallback(
    (row: DraftRow) => {
      const next = new Set(open);
      if (!next.delete(row.key)) next.add(row.key);
      setOpen(next);
      setParams({ row: next.has(row.key) && row.was !== null ? row.key : null });
    },
    [open, setParams],
  );
  // An address that names a row leads to it.
  const named = useRef(params.get('row'));
  useEffect(() => {
    if (named.current !== null)
      document.getElementById(`told-${named.current}`)?.scrollIntoView({ block: 'center' });
    named.current = null;
  }, []);
  const add = (kind: SubjectKind) => {
    added += 1;
    const row = newRow(kind, `new-${kind}-${added}`);
    setOpen(old => new Set([...old, row.key]));
    desk.edit(old => ({ ...old, subjects: { ...old.subjects, [kind]: [...old.subjects[kind], row] } }));
  };
  const changed = new Set(changesBetween(before, draft).map(change => change.unit));
  return (
    <section className="card stack" aria-labelledby="told-subjects">
      <h2 id="told-subjects">What agents look for by name</h2>
      <p className="quiet">
        Each row gets a name; rules then say <code>file.vpn-client.exists</code>. Agents tell whether it is
        there, its size, date, version and hash, or a registry value. They never read a file out, and never
        look where secrets are kept.
      </p>
      {SUBJECT_KINDS.map(kind => (
        <KindList
          key={kind}
          kind={kind}
          desk={desk}
          rows={draft.subjects[kind]}
          before={before.subjects[kind]}
          problems={problems}
          tried={tried}
          open={open}
          toggle={toggle}
          add={() => add(kind)}
          isChanged={row =>
            changed.has(`${kind}.${(row.fields.id ?? '').trim()}`) || changed.has(`${kind}/${row.key}`)
          }
          checks={checks.value?.checks ?? null}
          noFacts={checks.trouble !== null}
        />
      ))}
    </section>
  );
}

function KindList({
  kind,
  desk,
  rows,
  before,
  problems,
  tried,
  open,
  toggle,
  add,
  isChanged,
  checks,
  noFacts,
}: {
  kind: SubjectKind;
  desk: Desk;
  rows: readonly DraftRow[];
  before: readonly DraftRow[];
  problems: Problems;
  tried: boolean;
  open: ReadonlySet<string>;
  toggle: (row: DraftRow) => void;
  add: () => void;
  isChanged: (row: DraftRow) => boolean;
  checks: readonly CatalogueCheck[] | null;
  noFacts: boolean;
}) {
  const console = useConsole();
  const { title, one, asks, max } = KINDS[kind];
  const adder = useRef<HTMLButtonElement>(null);
  const set = (change: (rows: readonly DraftRow[]) => readonly DraftRow[]) =>
    desk.edit(old => ({ ...old, subjects: { ...old.subjects, [kind]: change(old.subjects[kind]) } }));
  const remove = (row: DraftRow, at: number) => {
    set(old => old.filter(other => other.key !== row.key));
    adder.current?.focus();
    const name = (row.fields.id ?? '').trim();
    if (name === '' && subjectLine(kind, row.fields) === '') return;
    console.notify(
      `${title}: ${name === '' ? 'row' : `“${name}”`} removed from the list, not saved yet.`,
      'done',
      () => set(old => (old.some(other => other.key === row.key) ? old : old.toSpliced(at, 0, row))),
    );
  };
  const gone = before.filter(row => !rows.some(other => other.key === row.key)).length;
  return (
    <section className="told-kind" aria-labelledby={`told-${kind}`}>
      <div className="told-kind-head">
        <div className="grow">
          <h3 id={`told-${kind}`}>
            {title}{' '}
            <span className="quiet num told-count">
              {rows.length === 0 ? 'none' : `${count(rows.length)} of ${max}`}
              {gone > 0 ? ` · ${gone} removed` : ''}
            </span>
          </h3>
          <p className="quiet small">{asks}</p>
        </div>
        <Button
          ref={adder}
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden="true" />}
          disabled={rows.length >= max}
          onClick={add}
        >
          Add {one}
        </Button>
      </div>
      {rows.length === 0 ? null : (
        <ul className="told-rows">
          {rows.map((row, at) => (
            <SubjectRow
              key={row.key}
              kind={kind}
              row={row}
              address={`subjects.${kind}.${at}`}
              problems={problems}
              tried={tried}
              open={open.has(row.key)}
              changed={isChanged(row)}
              toggle={() => toggle(row)}
              edit={(name, value) =>
                set(old =>
                  old.map(other =>
                    other.key === row.key ? { ...other, fields: { ...other.fields, [name]: value } } : other,
                  ),
                )
              }
              remove={() => remove(row, at)}
              checks={checks}
              noFacts={noFacts}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function SubjectRow({
  kind,
  row,
  address,
  problems,
  tried,
  open,
  changed,
  toggle,
  edit,
  remove,
  checks,
  noFacts,
}: {
  kind: SubjectKind;
  row: DraftRow;
  address: string;
  problems: Problems;
  tried: boolean;
  open: boolean;
  changed: boolean;
  toggle: () => void;
  edit: (name: string, value: string) => void;
  remove: () => void;
  checks: readonly CatalogueCheck[] | null;
  noFacts: boolean;
}) {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const first = useRef<HTMLInputElement>(null);
  const fresh = useRef(row.was === null && open && (row.fields.id ?? '') === '');
  useEffect(() => {
    if (fresh.current) first.current?.focus();
    fresh.current = false;
  }, []);
  const wrong = [...problems.keys()].filter(field => field.startsWith(`${address}.`));
  // Something wrong after a try is never hidden in a closed row.
  const shown = open || (tried && wrong.length > 0);
  const name = (row.fields.id ?? '').trim();
  const said = name === '' ? 'not named yet' : name;
  const body = `told-${row.key}-body`;
  const facts = checks === null ? [] : factsOfSubject(checks, kind, row.fields);
  const system = KINDS[kind].fields
    .find(field => field.name === 'platform')
    ?.options?.find(option => option.value === row.fields.platform && option.value !== '')?.label;
  return (
    <li className={shown ? 'open' : ''} id={`told-${row.key}`}>
      <button type="button" className="told-row" aria-expanded={shown} aria-controls={body} onClick={toggle}>
        <IconChevronRight size={16} className="told-turn" aria-hidden="true" />
        <code className={name === '' ? 'quiet' : 'strong'}>{said}</code>
        <span className="told-line">
          {subjectLine(kind, row.fields) || <span className="quiet">nothing to look for yet</span>}
        </span>
        <span className="told-end quiet small">
          {system === undefined ? null : <span>{system}</span>}
          {changed ? <span className="told-mark">{row.was === null ? 'new' : 'changed'}</span> : null}
          {wrong.length > 0 && (tried || !open) ? (
            <span className="tone-blocked strong">not right yet</span>
          ) : null}
          {facts.length > 0 ? <span className="num">{count(facts.length)} facts</span> : null}
        </span>
      </button>
      {shown ? (
        <div id={body} className="told-body stack">
          <div className="told-fields">
            {KINDS[kind].fields.map(field => {
              const problem = problems.get(`${address}.${field.name}`) ?? null;
              const error = problem !== null && (tried || left.has(field.name)) ? problem : null;
              const common = {
                label: field.label,
                className: field.wide ? 'wide' : '',
                value: row.fields[field.name] ?? '',
                error,
                ...(field.hint === undefined ? {} : { description: field.hint }),
                onBlur: () => setLeft(old => new Set([...old, field.name])),
              };
              return field.options === undefined ? (
                <TextInput
                  key={field.name}
                  {...common}
                  ref={field.name === 'id' ? first : null}
                  placeholder={field.placeholder ?? ''}
                  required={field.required}
                  withAsterisk={false}
                  autoComplete="off"
                  spellCheck={false}
                  onChange={event => edit(field.name, event.currentTarget.value)}
                />
              ) : (
                <NativeSelect
                  key={field.name}
                  {...common}
                  data={[...field.options]}
                  onChange={event => edit(field.name, event.currentTarget.value)}
                />
              );
            })}
          </div>
          <div className="told-facts">
            <p className="strong small">Rules can then name</p>
            {checks === null ? (
              <p className="quiet small">
                {noFacts ? 'The list of facts could not be loaded.' : 'Loading the facts.'}
              </p>
            ) : (
              <ul>
                {facts.map(fact => (
                  <li key={fact.name}>
                    <code>{fact.name}</code> <span className="quiet small">{fact.meaning}</span>
                  </li>
                ))}
              </ul>
            )}
          </div>
          {row.was !== null && name !== row.was && name !== '' ? (
            <p className="note attention">
              With another name, rules that say <code>{row.was}</code> get no answer any more.
            </p>
          ) : null}
          <div>
            <Button
              variant="default"
              aria-label={`Remove ${said} from ${KINDS[kind].title}`}
              onClick={remove}
            >
              Remove
            </Button>
          </div>
        </div>
      ) : null}
    </li>
  );
}
