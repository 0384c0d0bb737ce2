import { useEffect, useMemo, useRef } from 'react';
import type { Finding, Findings } from '../../../shared/device/finding.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { checkName, findingWords } from '../../../shared/text/finding-words.ts';
import { sentence } from '../../../shared/text/sentence.ts';
import { Ago } from '../parts/ago.tsx';
import { Face } from '../parts/face.tsx';
import { count } from '../parts/format.ts';
import { Link } from '../parts/link.tsx';
import { LOCALE } from '../parts/locale.ts';
import { type AnswerGroup, answersOf, type CheckAnswer } from './answers.ts';

const STATUS_TONES = { ok: '', absent: '', unsupported: '', failed: 'tone-attention' } as const;
const STATUS_SHAPES = { ok: '✓', absent: '–', unsupported: '–', failed: '◌' } as const;

const GROUPS: readonly {
  readonly id: AnswerGroup;
  readonly title: string;
  readonly said: (n: number) => string;
}[] = [
  { id: 'untold', title: 'Could not tell', said: n => `${count(n)} could not tell` },
  { id: 'answered', title: 'Answered', said: n => `${count(n)} answered` },
  {
    id: 'cannot',
    title: 'Cannot run on this device',
    said: n => `${count(n)} cannot run on this device`,
  },
];

/** What each check said, why it could not, and which cannot run here at all. */
export function FindingsTab({
  findings,
  platform,
  lit,
  at,
  children,
}: {
  findings: Findings;
  platform: Platform;
  lit: string | null;
  at: number | null;
  /** What is found beside the checks: stands before them. */
  children?: React.ReactNode;
}) {
  const target = useRef<HTMLTableRowElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another check lit is another place to go
  useEffect(() => {
    // Newer engines return a promise here, which must not become the effect's clean-up.
    void target.current?.scrollIntoView({ block: 'center' });
  }, [lit]);
  const answers = useMemo(() => answersOf(findings, platform, at === null), [findings, platform, at]);
  if (Object.keys(findings).length === 0) {
    return (
      <div className="stack">
        {children}
        <Face title={at === null ? 'No findings yet' : 'No findings from then'}>
          <p>
            {at === null
              ? 'The device has not sent its first snapshot. Ask for a scan when it shows as live.'
              : 'Nothing of that time is stored. Pick a later moment on the timeline.'}
          </p>
        </Face>
      </div>
    );
  }
  const groups = GROUPS.map(group => ({
    ...group,
    answers: answers.filter(answer => answer.group === group.id),
  })).filter(group => group.answers.length > 0);
  return (
    <div className="stack">
      {children}
      <p>
        <span className="strong">{count(answers.length)} checks:</span>{' '}
        {groups.map((group, index) => (
          <span key={group.id}>
            {index === 0 ? null : ', '}
            <a href={`#findings-${group.id}`}>{group.said(group.answers.length)}</a>
          </span>
        ))}
        .
      </p>
      {groups.map(group => (
        <section
          key={group.id}
          id={`findings-${group.id}`}
          tabIndex={-1}
          className="card table-scroll"
          aria-labelledby={`findings-${group.id}-title`}
        >
          <h2 id={`findings-${group.id}-title`}>
            {group.title} <span className="quiet num">{count(group.answers.length)}</span>
          </h2>
          {group.id === 'cannot' ? (
            <CannotTable answers={group.answers} lit={lit} target={target} />
          ) : (
            <AnswerTable answers={group.answers} lit={lit} target={target} />
          )}
        </section>
      ))}
    </div>
  );
}

interface TableProps {
  readonly answers: readonly CheckAnswer[];
  readonly lit: string | null;
  readonly target: React.RefObject<HTMLTableRowElement | null>;
}

function AnswerTable({ answers, lit, target }: TableProps) {
  return (
    <table className="table cards findings">
      <thead>
        <tr>
          <th>Check</th>
          <th className="col-status">Status</th>
          <th>Value, or why not</th>
          <th className="col-part">Answered by</th>
          <th className="right col-age">Age</th>
          <th className="right col-cost">Cost</th>
        </tr>
      </thead>
      <tbody>
        {answers.map(({ id, finding, why, cost }) => (
          <tr key={id} className={id === lit ? 'lit' : ''} ref={id === lit ? target : null}>
            <td data-label="Check">
              <CheckLink id={id} />
            </td>
            <td
              data-label="Status"
              className={finding === null ? '' : STATUS_TONES[finding.status]}
              style={{ whiteSpace: 'nowrap' }}
            >
              <span aria-hidden="true">{finding === null ? '◌' : STATUS_SHAPES[finding.status]} </span>
              {finding === null ? 'Not reported' : sentence(LOCALE, `status.${finding.status}`)}
            </td>
            <td data-label="Value" className="wrap">
              <div className="grow">
                {why ?? (finding === null ? null : findingWords(LOCALE, id, finding))}
                <Detail finding={finding} />
              </div>
            </td>
            <td data-label="Answered by" style={{ whiteSpace: 'nowrap' }}>
              <Part finding={finding} />
            </td>
            <td data-label="Age" className="right num" style={{ whiteSpace: 'nowrap' }}>
              {finding === null ? '–' : <Ago at={finding.at} />}
            </td>
            <td data-label="Cost" className="right num" style={{ whiteSpace: 'nowrap' }}>
              <Measured finding={finding} cost={cost} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function CannotTable({ answers, lit, target }: TableProps) {
  return (
    <table className="table cards findings">
      <thead>
        <tr>
          <th>Check</th>
          <th>Why, and what would change it</th>
          <th className="col-part">Asked by</th>
          <th className="right col-age">Age</th>
          <th className="right col-cost">Cost</th>
        </tr>
      </thead>
      <tbody>
        {answers.map(({ id, finding, why, cost }) => (
          <tr key={id} className={id === lit ? 'lit' : ''} ref={id === lit ? target : null}>
            <td data-label="Check">
              <CheckLink id={id} />
            </td>
            <td data-label="Why" className="wrap">
              <div className="grow">
                {why}
                <Detail finding={finding} />
              </div>
            </td>
            <td data-label="Asked by" style={{ whiteSpace: 'nowrap' }}>
              <Part finding={finding} />
            </td>
            <td data-label="Age" className="right num" style={{ whiteSpace: 'nowrap' }}>
              {finding === null ? '–' : <Ago at={finding.at} />}
            </td>
            <td data-label="Cost" className="right num" style={{ whiteSpace: 'nowrap' }}>
              <Measured finding={finding} cost={cost} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function CheckLink({ id }: { id: string }) {
  return (
    <span>
      <span className="strong">{checkName(LOCALE, id)}</span>
      <br />
      <Link to="/posture/checks" params={{ check: id }} className="small">
        <code>{id}</code>
      </Link>
    </span>
  );
}

function Detail({ finding }: { finding: Finding | null }) {
  return finding !== null && finding.status !== 'ok' && finding.detail ? (
    <div className="quiet small">{finding.detail}</div>
  ) : null;
}

/** Which part of the agent: the one with all rights or one with a person's. */
function Part({ finding }: { finding: Finding | null }) {
  if (finding === null) return '–';
  if (finding.part === undefined) return <span className="quiet">not told</span>;
  return sentence(LOCALE, `part.${finding.part}`);
}

/** What the run took, and how often it may run for that. */
function Measured({ finding, cost }: Pick<CheckAnswer, 'finding' | 'cost'>) {
  const taken = finding === null ? null : `${count(finding.ms)} ms`;
  return (
    <span>
      {taken}
      {cost === null ? null : (
        <span className="quiet small">
          {taken === null ? '' : ' '}
          {cost}
        </span>
      )}
      {taken === null && cost === null ? '–' : null}
      {finding?.slowed === undefined ? null : (
        <span className="small tone-attention"> runs 1 in {finding.slowed} times</span>
      )}
    </span>
  );
}
