import { TextInput } from '@mantine/core';
import { IconChevronRight, IconSearch } from '@tabler/icons-react';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef } from 'react';
import type { CatalogueCheck, ChecksResponse } from '../../../shared/api/schemas.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { Face, TroubleFace, WaitingLines } from '../parts/face.tsx';
import { count, PLATFORM_NAMES } from '../parts/format.ts';
import { useKey } from '../shell/keys.tsx';
import { usePlace } from '../state/place.ts';
import { useAnswer } from '../state/use-answer.ts';
import { searchChecks } from './check-search.ts';

const SYSTEMS: readonly Platform[] = ['windows', 'macos', 'linux'];

/** How often a check may run by what it costs. */
const OFTEN = { cheap: 'each minute', posture: 'each 30 min', heavy: 'daily' } as const;

/** Everything that can be asked of a device, and the words rules use for it. */
export function ChecksPage() {
  const { params, setParams } = usePlace();
  const asked = useAnswer<ChecksResponse>('checks');
  const text = params.get('q') ?? '';
  const wanted = useDeferredValue(text);
  const opened = params.get('check');
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);

  useEffect(() => {
    document.title = 'Checks · Trayline';
  }, []);
  const all = asked.value?.checks ?? NONE;
  const checks = useMemo(() => searchChecks(all, wanted), [all, wanted]);
  const toggle = useCallback(
    (id: string) => setParams({ check: id === opened ? null : id }),
    [setParams, opened],
  );
  useKey(
    useMemo(() => {
      const step = (by: number) => () => {
        const rows = [...(list.current?.querySelectorAll<HTMLElement>('.check-row') ?? [])];
        const here = rows.findIndex(row => row.matches(':focus'));
        rows[Math.min(rows.length - 1, Math.max(0, here < 0 ? 0 : here + by))]?.focus();
      };
      return {
        j: step(1),
        k: step(-1),
        f: event => {
          event.preventDefault();
          search.current?.focus();
        },
      };
    }, []),
  );
  // An address that names a check leads to it, once the list is there.
  const first = useRef(opened);
  useEffect(() => {
    if (first.current === null || all.length === 0) return;
    const row = document.getElementById(`check-${first.current}`);
    first.current = null;
    void row?.scrollIntoView({ block: 'start' });
  }, [all]);

  return (
    <div className="page-pad stack-wide">
      <div className="line-apart">
        <h1>Checks</h1>
        <TextInput
          ref={search}
          aria-label="Search checks and facts"
          placeholder="Search checks and facts"
          leftSection={<IconSearch size={16} />}
          rightSection={<kbd>f</kbd>}
          value={text}
          style={{ width: 280 }}
          onChange={event => setParams({ q: event.currentTarget.value })}
          onKeyDown={event => {
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
      </div>
      {asked.value === null ? (
        asked.trouble ? (
          <TroubleFace trouble={asked.trouble} retry={asked.reload} />
        ) : (
          <section className="card">
            <WaitingLines what="the checks" lines={14} />
          </section>
        )
      ) : (
        <>
          <Summary checks={all} shown={checks} searching={wanted.trim() !== ''} />
          {checks.length === 0 ? (
            <section className="card">
              <Face title="No check matches">
                <p>Every word must be somewhere in a check’s name, meaning or facts. Try fewer words.</p>
              </Face>
            </section>
          ) : (
            <section className="card checks" aria-label="Checks">
              <div className="check-grid check-head quiet small" aria-hidden="true">
                <span />
                <span>Check</span>
                <span>What it asks</span>
                {SYSTEMS.map(system => (
                  <span key={system}>{PLATFORM_NAMES[system]}</span>
                ))}
                <span className="right">Facts</span>
              </div>
              <ul ref={list}>
                {checks.map(check => (
                  <CheckRow
                    key={check.id}
                    check={check}
                    open={check.id === opened}
                    toggle={toggle}
                    operators={asked.value?.operators ?? []}
                  />
                ))}
              </ul>
            </section>
          )}
        </>
      )}
    </div>
  );
}

const NONE: readonly CatalogueCheck[] = [];

function Summary({
  checks,
  shown,
  searching,
}: {
  checks: readonly CatalogueCheck[];
  shown: readonly CatalogueCheck[];
  searching: boolean;
}) {
  const server = checks.filter(check => check.server !== null).length;
  const facts = checks.reduce((sum, check) => sum + check.facts.length, 0);
  return (
    <p role="status">
      {searching ? (
        <span className="strong">
          {count(shown.length)} of {count(checks.length)} checks.{' '}
        </span>
      ) : (
        <>
          <span className="strong">{count(checks.length)} checks</span> with {count(facts)} facts that a rule
          can name. Devices answer {count(checks.length - server)} of them, the collector’s side{' '}
          {count(server)}.{' '}
        </>
      )}
      <span className="quiet">“Service” needs the agent installed with all rights to answer fully.</span>
    </p>
  );
}

function CheckRow({
  check,
  open,
  toggle,
  operators,
}: {
  check: CatalogueCheck;
  open: boolean;
  toggle: (id: string) => void;
  operators: ChecksResponse['operators'];
}) {
  const body = `check-${check.id}-body`;
  return (
    <li id={`check-${check.id}`} className={open ? 'open' : ''}>
      <button
        type="button"
        className="check-row check-grid"
        aria-expanded={open}
        aria-controls={body}
        onClick={() => toggle(check.id)}
      >
        <IconChevronRight size={16} className="check-turn" aria-hidden="true" />
        <span className="check-name">
          <span className="strong">{check.title}</span> <code className="quiet small">{check.id}</code>
        </span>
        <span className="check-asks">{check.meaning}</span>
        {check.server === null ? (
          SYSTEMS.map(system => <Run key={system} check={check} system={system} />)
        ) : (
          <span className="check-server">{serverWords(check)}</span>
        )}
        <span className="right num check-facts">
          {count(check.facts.length)} <span className="check-unit">facts</span>
        </span>
      </button>
      {open ? (
        <div id={body} className="check-body stack-wide">
          <CheckBody check={check} operators={operators} />
        </div>
      ) : null}
    </li>
  );
}

function Run({ check, system }: { check: CatalogueCheck; system: Platform }) {
  const run = check.on[system];
  return (
    <span className="check-run" data-system={system}>
      <span className="check-system">{PLATFORM_NAMES[system]} </span>
      {run === null ? (
        <span className="quiet">
          <span aria-hidden="true">–</span>
          <span className="sr">cannot be asked</span>
        </span>
      ) : (
        <>
          {run.cost}
          {run.privilege === 'service' ? <span className="quiet"> service</span> : null}
        </>
      )}
    </span>
  );
}

function serverWords(check: CatalogueCheck): string {
  return check.server === 'collector'
    ? 'Answered by the collector'
    : `Answered by ${serverName(check.server)}`;
}

function serverName(server: string | null): string {
  return server === 'crowdstrike' ? 'CrowdStrike' : (server ?? 'the collector');
}

function kindWords({ kind, unit, words }: CatalogueCheck['facts'][number]): string {
  if (words !== null) return words.join(', ');
  return unit === null || unit === 'count' ? kind : `${kind}, ${unit}`;
}

function CheckBody({ check, operators }: { check: CatalogueCheck; operators: ChecksResponse['operators'] }) {
  const used = operators.filter(one => check.facts.some(fact => fact.operators.includes(one.operator)));
  return (
    <>
      <dl className="check-about">
        {check.server === null ? (
          SYSTEMS.map(system => {
            const run = check.on[system];
            return (
              <div key={system}>
                <dt>{PLATFORM_NAMES[system]}</dt>
                <dd>
                  {run === null
                    ? 'Cannot be asked on this system.'
                    : `Runs ${OFTEN[run.cost]} (${run.cost}); ${
                        run.privilege === 'service'
                          ? 'needs the service part to answer fully.'
                          : 'needs no special rights.'
                      }`}
                </dd>
              </div>
            );
          })
        ) : (
          <div>
            <dt>Answered by</dt>
            <dd>
              {check.server === 'collector'
                ? 'The collector, from the address a device connects from.'
                : `${serverName(check.server)}, once it is connected to the collector.`}
            </dd>
          </div>
        )}
        {check.subjects === null ? null : (
          <div>
            <dt>Looks for</dt>
            <dd>
              What an administrator has named ({check.subjects}); <code>&lt;subject&gt;</code> is the id given
              there.
            </dd>
          </div>
        )}
        {check.needs === null ? null : (
          <div>
            <dt>Needs</dt>
            <dd>{check.needs}</dd>
          </div>
        )}
      </dl>
      <table className="table cards check-table">
        <caption className="sr">Facts of {check.title}</caption>
        <thead>
          <tr>
            <th>Fact</th>
            <th>Kind</th>
            <th>What it says</th>
            <th>Operators</th>
          </tr>
        </thead>
        <tbody>
          {check.facts.map(fact => (
            <tr key={fact.id}>
              <td data-label="Fact">
                <code>{fact.id}</code>
              </td>
              <td data-label="Kind">
                <div className="grow">{kindWords(fact)}</div>
              </td>
              <td data-label="What it says">
                <div className="grow">{fact.meaning}</div>
              </td>
              <td data-label="Operators">
                <span className="operators grow">
                  {fact.operators.map(operator => (
                    <code key={operator}>{operator}</code>
                  ))}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <details>
        <summary>What the operators ask</summary>
        <dl className="check-about check-operators">
          {used.map(({ operator, meaning }) => (
            <div key={operator}>
              <dt>
                <code>{operator}</code>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </details>
      <details>
        <summary>A sample answer</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling text must be reachable with the keyboard */}
        <pre className="raw" tabIndex={0}>
          {JSON.stringify(check.sample, null, 2)}
        </pre>
      </details>
    </>
  );
}
