// biome-ignore-all lint/a11y/useSemanticElements: a list of 100,000 rows is drawn a screen at a time, which a table element cannot be
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row (ARIA grid with aria-activedescendant)
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys for its rows
import { ActionIcon, Button, Menu, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconColumns3, IconDownload, IconFilter, IconPlugConnected, IconX } from '@tabler/icons-react';
import { memo, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { FleetRow } from '../../../shared/api/schemas.ts';
import { sentence } from '../../../shared/text/sentence.ts';
import { Ago } from '../parts/ago.tsx';
import { Face } from '../parts/face.tsx';
import { count } from '../parts/format.ts';
import { Link } from '../parts/link.tsx';
import { LOCALE } from '../parts/locale.ts';
import { PresenceShape, presenceWord, StateMark, StateShape } from '../parts/mark.tsx';
import { DEVICE_STATE_ORDER, PRESENCE_ORDER } from '../parts/state-order.ts';
import { useKey } from '../shell/keys.tsx';
import { useConsole } from '../state/console-state.ts';
import { usePlace } from '../state/place.ts';
import { useStore } from '../state/store.ts';
import { now } from '../time.ts';
import { COLUMNS, whyWords } from './columns.tsx';
import { saveFile, toCsv } from './csv.ts';
import { rememberList } from './current-list.ts';
import type { FleetList } from './list.ts';
import { hasPart, parseQuery, scoreRange, withField } from './query.ts';
import { ScoreBins } from './score-bins.tsx';
import {
  COLUMN_IDS,
  type ColumnId,
  columnsFromText,
  DEFAULT_COLUMNS,
  type Sort,
  sortFromText,
  sortToText,
} from './sort.ts';
import { useWindow } from './use-window.ts';

/** Who is out of line? Counts, one filter, one list. */
export function FleetPage() {
  const console = useConsole();
  const version = useStore(console.fleetVersion);
  const { params, setParams } = usePlace();
  const small = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false }) ?? false;
  const list = console.fleet;

  const filter = params.get('q') ?? '';
  const sortText = params.get('sort');
  const columnText = params.get('columns');
  const sort = useMemo(() => sortFromText(sortText), [sortText]);
  const columns = useMemo(() => columnsFromText(columnText), [columnText]);
  const query = useMemo(() => parseQuery(filter), [filter]);
  // The list is made in the same drawing as the letter typed: what is shown never lags behind what is asked.
  useMemo(() => {
    performance.mark('fleet-view-start');
    list.setView(query, sort);
    performance.measure('fleet-view', 'fleet-view-start');
  }, [list, query, sort]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the list changes with its version
  const counts = useMemo(() => list.counts(), [list, version]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the view changes with query, sort and version
  const shown = useMemo(() => list.bins, [list, query, sort, version]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the view changes with query, sort and version
  useEffect(() => rememberList(list.view), [list, query, sort, version]);

  const setFilter = useCallback((text: string) => setParams({ q: text }), [setParams]);
  const show = useCallback(() => {
    list.show();
    console.drawFleet();
  }, [console, list]);

  if (!list.complete && list.size === 0) return <FleetWaiting />;
  if (list.size === 0) return <FleetEmpty />;
  return (
    <div className="fleet">
      <h1 className="sr">Fleet</h1>
      <div className="fleet-head">
        <Counts list={list} counts={counts} filter={filter} setFilter={setFilter} />
        <div className="fleet-tools">
          <FilterBox filter={filter} setFilter={setFilter} errors={query.errors} />
          <span className="hide-small">
            <ScoreBins
              all={counts.bins}
              shown={shown}
              range={scoreRange(filter)}
              choose={range =>
                setFilter(
                  withField(
                    filter,
                    'score',
                    range === null
                      ? null
                      : [
                          ...(range.from > 0 ? [`score>=${range.from}`] : []),
                          ...(range.to < 100 ? [`score<${range.to}`] : []),
                        ].join(' '),
                  ),
                )
              }
            />
          </span>
          <ColumnsMenu
            columns={columns}
            setColumns={next => setParams({ columns: sameColumns(next) ? null : next.join(',') })}
          />
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={() => exportCsv(list, columns)}
          >
            CSV
          </Button>
        </div>
        {query.errors.length > 0 ? (
          <div className="filter-errors" role="alert">
            {query.errors.map(error => (
              <p key={error}>{error}</p>
            ))}
          </div>
        ) : null}
        <div className="shown">
          <span className="num" role="status">
            {query.empty
              ? `${count(list.view.length)} devices`
              : `${count(list.view.length)} of ${count(list.size)} devices`}
          </span>
          <span>· {sortWords(sort)}</span>
          {list.pending > 0 ? (
            <Button variant="light" onClick={show} style={{ height: 26 }}>
              {count(list.pending)} changed, show
            </Button>
          ) : null}
        </div>
      </div>
      {list.view.length === 0 ? (
        <Face icon={<IconFilter size={28} stroke={1.6} />} title="No device matches this filter">
          <p>
            {count(list.size)} devices are known. A device whose value could not be told matches no
            comparison; find those with <code>field:unknown</code>.
          </p>
          <Button variant="default" onClick={() => setFilter('')}>
            Clear the filter
          </Button>
        </Face>
      ) : (
        <Grid
          list={list}
          version={version}
          columns={columns}
          sort={sort}
          setSort={next => setParams({ sort: sortToText(next) === 'state' ? null : sortToText(next) })}
          small={small}
          viewKey={`${filter}|${sortToText(sort)}`}
        />
      )}
    </div>
  );
}

function sameColumns(columns: readonly ColumnId[]): boolean {
  return (
    columns.length === DEFAULT_COLUMNS.length && columns.every((id, index) => id === DEFAULT_COLUMNS[index])
  );
}

function sortWords(sort: Sort): string {
  if (sort.by === 'state') return sort.descending ? 'least urgent first' : 'most urgent first';
  return `sorted by ${COLUMNS[sort.by].head.toLowerCase()}, ${sort.descending ? 'highest' : 'lowest'} first`;
}

function Counts({
  counts,
  filter,
  setFilter,
}: {
  list: FleetList;
  counts: ReturnType<FleetList['counts']>;
  filter: string;
  setFilter: (text: string) => void;
}) {
  const toggle = (field: string, part: string) =>
    setFilter(withField(filter, field, hasPart(filter, part) ? null : part));
  return (
    <div className="counts">
      <span className="counts-total num">{count(counts.total)} devices</span>
      {DEVICE_STATE_ORDER.map(state => (
        <button
          key={state}
          type="button"
          className="chip"
          aria-pressed={hasPart(filter, `state:${state}`)}
          onClick={() => toggle('state', `state:${state}`)}
        >
          <StateShape state={state} />
          {sentence(LOCALE, `state.${state}`)} <span className="num">{count(counts.states[state])}</span>
        </button>
      ))}
      <span className="counts-gap" aria-hidden="true" />
      {PRESENCE_ORDER.map(presence => (
        <button
          key={presence}
          type="button"
          className="chip"
          aria-pressed={hasPart(filter, `is:${presence}`)}
          onClick={() => toggle('is', `is:${presence}`)}
        >
          <PresenceShape presence={presence} />
          {presenceWord(presence)} <span className="num">{count(counts.presence[presence])}</span>
        </button>
      ))}
    </div>
  );
}

function FilterBox({
  filter,
  setFilter,
  errors,
}: {
  filter: string;
  setFilter: (text: string) => void;
  errors: readonly string[];
}) {
  const input = useRef<HTMLInputElement>(null);
  useKey(
    useMemo(
      () => ({
        f: event => {
          event.preventDefault();
          input.current?.focus();
        },
      }),
      [],
    ),
  );
  return (
    <TextInput
      ref={input}
      className="fleet-filter"
      aria-label="Filter"
      placeholder="Filter: os:windows score<60 disk<10% person:kovacs stale"
      spellCheck={false}
      autoCapitalize="off"
      value={filter}
      aria-invalid={errors.length > 0}
      leftSection={<IconFilter size={16} />}
      rightSection={
        filter === '' ? null : (
          <ActionIcon
            variant="subtle"
            color="gray"
            size={24}
            aria-label="Clear the filter"
            onClick={() => setFilter('')}
          >
            <IconX size={14} />
          </ActionIcon>
        )
      }
      onChange={event => setFilter(event.currentTarget.value)}
      onKeyDown={event => {
        if (event.key === 'Escape') input.current?.blur();
      }}
    />
  );
}

function ColumnsMenu({
  columns,
  setColumns,
}: {
  columns: readonly ColumnId[];
  setColumns: (next: ColumnId[]) => void;
}) {
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconColumns3 size={16} />} className="hide-small">
          Columns
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {COLUMN_IDS.filter(id => id !== 'name').map(id => (
          <Menu.CheckboxItem
            key={id}
            checked={columns.includes(id)}
            onChange={() =>
              setColumns(
                COLUMN_IDS.filter(one => (one === id ? !columns.includes(id) : columns.includes(one))),
              )
            }
          >
            {COLUMNS[id].head}
          </Menu.CheckboxItem>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => setColumns([...DEFAULT_COLUMNS])}>As it was at first</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function exportCsv(list: FleetList, columns: readonly ColumnId[]): void {
  const cells = columns.flatMap(id => COLUMNS[id].csv);
  const text = toCsv(
    cells.map(([head]) => head),
    list.view.map(entry => cells.map(([, read]) => read(entry.row))),
  );
  saveFile(
    `trayline-fleet-${new Date(now()).toISOString().slice(0, 10)}.csv`,
    text,
    'text/csv;charset=utf-8',
  );
}

const ROW = 34;
const CARD = 76;

function Grid({
  list,
  version,
  columns,
  sort,
  setSort,
  small,
  viewKey,
}: {
  list: FleetList;
  version: number;
  columns: readonly ColumnId[];
  sort: Sort;
  setSort: (sort: Sort) => void;
  small: boolean;
  /** Changes when the reader asks for another list: then, and only then, it starts from the top. */
  viewKey: string;
}) {
  const { go } = usePlace();
  const box = useRef<HTMLDivElement>(null);
  const gridId = useId();
  const [active, setActive] = useState<string | null>(null);
  const view = list.view;
  const height = small ? CARD : ROW;
  const { first, last, show } = useWindow(box, { count: view.length, height, head: small ? 0 : ROW });

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another list goes back to the top
  useEffect(() => {
    box.current?.scrollTo({ top: 0 });
  }, [viewKey]);

  const move = useCallback(
    (by: number) => {
      const at = active === null ? undefined : list.positionOf(active);
      // Nothing chosen yet: the first step down chooses the first row.
      const next = Math.max(0, Math.min(view.length - 1, (at ?? -1) + by));
      const entry = list.view[next];
      if (!entry) return;
      setActive(entry.id);
      show(next);
    },
    [active, list, view.length, show],
  );
  const keys = useMemo(() => {
    const open = (event: KeyboardEvent) => {
      // A button or link that has the focus keeps its own Enter.
      if (event.target instanceof HTMLElement && event.target.closest('button, a, [role="slider"]')) return;
      if (active !== null && list.positionOf(active) !== undefined) go(`/devices/${active}`);
    };
    return Object.fromEntries([
      ['j', () => move(1)],
      ['k', () => move(-1)],
      ['Enter', open],
    ]);
  }, [move, active, list, go]);
  useKey(keys);

  const tracks = columns.map(id => COLUMNS[id].track).join(' ');
  const width = columns.reduce((sum, id) => sum + Number(/\d+/.exec(COLUMNS[id].track)?.[0] ?? 100), 0);
  const drawn = view.slice(first, last);
  const activeShown = active !== null && drawn.some(entry => entry.id === active);
  return (
    <div
      ref={box}
      className="grid-box"
      role="grid"
      aria-label="Devices"
      aria-rowcount={view.length + 1}
      aria-colcount={columns.length}
      tabIndex={0}
      {...(activeShown ? { 'aria-activedescendant': `${gridId}-${active}` } : {})}
      onKeyDown={event => {
        const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 400) / height) - 2);
        if (event.target !== event.currentTarget) return;
        if (event.key === 'ArrowDown') move(1);
        else if (event.key === 'ArrowUp') move(-1);
        else if (event.key === 'PageDown') move(page);
        else if (event.key === 'PageUp') move(-page);
        else if (event.key === 'Home') move(-view.length);
        else if (event.key === 'End') move(view.length);
        else return;
        event.preventDefault();
      }}
    >
      <div
        className={small ? 'sr' : 'grid-head'}
        role="row"
        aria-rowindex={1}
        style={small ? undefined : { gridTemplateColumns: tracks, minWidth: width }}
      >
        {columns.map(id => (
          <div
            key={id}
            role="columnheader"
            aria-sort={sort.by === id ? (sort.descending ? 'descending' : 'ascending') : 'none'}
          >
            {small ? (
              COLUMNS[id].head
            ) : (
              <button
                type="button"
                className={`head-button ${COLUMNS[id].right ? 'right' : ''}`}
                data-sorted={sort.by === id}
                onClick={() =>
                  setSort({
                    by: id,
                    descending: sort.by === id ? !sort.descending : (COLUMNS[id].descendingFirst ?? false),
                  })
                }
              >
                {COLUMNS[id].head}
                {sort.by === id ? <span aria-hidden="true">{sort.descending ? '↓' : '↑'}</span> : null}
              </button>
            )}
          </div>
        ))}
      </div>
      <div
        className="grid-body"
        role="rowgroup"
        data-version={version}
        style={{ height: view.length * height, ...(small ? {} : { minWidth: width }) }}
      >
        {drawn.map((entry, offset) => {
          const index = first + offset;
          const Line = small ? CardLine : Row;
          return (
            <Line
              key={entry.id}
              domId={`${gridId}-${entry.id}`}
              row={entry.row}
              index={index}
              top={index * height}
              columns={columns}
              tracks={tracks}
              active={entry.id === active}
              pending={list.isPending(entry.id)}
              gone={list.isGone(entry.id)}
              open={go}
              activate={setActive}
            />
          );
        })}
      </div>
    </div>
  );
}

interface LineProps {
  readonly domId: string;
  readonly row: FleetRow;
  readonly index: number;
  readonly top: number;
  readonly columns: readonly ColumnId[];
  readonly tracks: string;
  readonly active: boolean;
  readonly pending: boolean;
  readonly gone: boolean;
  readonly open: (path: string) => void;
  readonly activate: (id: string) => void;
}

function useRowProps({ domId, row, index, top, active, open, activate }: LineProps) {
  return {
    id: domId,
    role: 'row' as const,
    'aria-rowindex': index + 2,
    'aria-selected': active,
    style: { transform: `translateY(${top}px)` },
    onClick: (event: React.MouseEvent) => {
      activate(row.id);
      if (event.target instanceof HTMLElement && event.target.closest('a')) return;
      if ((getSelection()?.toString() ?? '') === '') open(`/devices/${row.id}`);
    },
  };
}

const Row = memo(function Row(props: LineProps) {
  const { row, columns, tracks, pending, gone } = props;
  const common = useRowProps(props);
  return (
    <div
      {...common}
      className={`row ${pending ? 'pending' : ''} ${gone ? 'gone' : ''}`}
      style={{ ...common.style, gridTemplateColumns: tracks }}
      title={
        gone
          ? 'This device has left the fleet'
          : pending
            ? 'This row would move or leave the list'
            : undefined
      }
    >
      {columns.map(id => (
        <div key={id} role="gridcell" className={COLUMNS[id].right ? 'right' : undefined}>
          {COLUMNS[id].cell(row)}
        </div>
      ))}
    </div>
  );
});

const CardLine = memo(function CardLine(props: LineProps) {
  const { row, pending, gone } = props;
  const common = useRowProps(props);
  return (
    <div {...common} className={`card-row ${pending ? 'pending' : ''} ${gone ? 'gone' : ''}`}>
      <div role="gridcell">
        <Link to={`/devices/${row.id}`} tabIndex={-1}>
          {row.name}
        </Link>{' '}
        <span className="faded">{row.person ?? 'person not known'}</span>
      </div>
      <div role="gridcell" className="num strong">
        {row.score === null ? <span className="faded">no score</span> : count(row.score)}
      </div>
      <div role="gridcell">
        <StateMark state={row.state} />
      </div>
      <div role="gridcell" className="meter small">
        <PresenceShape presence={row.presence} />
        <span className="sr">{presenceWord(row.presence)}</span>
        <Ago at={row.lastSeen} className="faded" />
      </div>
      <div role="gridcell" className="small faded" style={{ gridColumn: '1 / -1' }}>
        {whyWords(row) || 'Nothing costs it points'}
      </div>
    </div>
  );
});

/** The fleet's own shape, empty, until it comes. */
function FleetWaiting() {
  const console = useConsole();
  const link = useStore(console.link);
  return (
    <div className="fleet">
      <h1 className="sr">Fleet</h1>
      <div className="fleet-head">
        <div className="counts" style={{ overflow: 'hidden' }}>
          <span className="counts-total" role="status">
            {link.is === 'connecting' || link.is === 'open'
              ? 'Loading the fleet'
              : 'The fleet comes when the collector answers'}
          </span>
          {DEVICE_STATE_ORDER.map(state => (
            <span key={state} className="chip">
              <StateShape state={state} /> {sentence(LOCALE, `state.${state}`)}{' '}
              <span className="wait num">000</span>
            </span>
          ))}
        </div>
        <div className="wait" style={{ height: 32 }} aria-hidden="true" />
        <div className="shown" />
      </div>
      <div className="grid-box" aria-busy="true">
        {Array.from({ length: 18 }, (_, index) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders
            key={index}
            style={{ height: ROW, borderBottom: '1px solid var(--line)', padding: '9px 12px' }}
            aria-hidden="true"
          >
            <div className="wait" style={{ height: 15, width: `${88 - ((index * 13) % 30)}%` }} />
          </div>
        ))}
      </div>
    </div>
  );
}

function FleetEmpty() {
  return (
    <Face icon={<IconPlugConnected size={28} stroke={1.6} />} title="No devices yet" level="h1">
      <p>
        This collector is ready and nobody has enrolled. Create a token, run the agent with it on a laptop,
        and the laptop appears here within seconds.
      </p>
      <Link to="/enrolment">Enrol the first device</Link>
    </Face>
  );
}
