import { useState } from 'react';
import type { FleetRow } from '../../../shared/api/schemas.ts';
import type { Contradiction } from '../../../shared/device/contradiction.ts';
import { isScanId } from '../../../shared/device/facts.ts';
import type { Score } from '../../../shared/score/score.ts';
import { checkName } from '../../../shared/text/finding-words.ts';
import { reasonSentence } from '../../../shared/text/sentence.ts';
import { Ago } from '../parts/ago.tsx';
import { count } from '../parts/format.ts';
import { LOCALE } from '../parts/locale.ts';
import { StateMark } from '../parts/mark.tsx';
import { ContradictionLines } from './contradictions.tsx';
import { scoreSteps, splitSteps } from './score-steps.ts';

const BASIS = {
  rule: 'by simple rules, not yet measured against what happened',
  model: 'by a model measured against what happened',
  prior: 'an average of the fleet: nothing is known of this device',
} as const;

/** What is the matter, in one line; then the way from 100 down to the score, and what would raise it. */
export function WhatMatters({
  row,
  score,
  past,
  contradictions,
  showEvidence,
  showSources,
}: {
  row: FleetRow;
  score: Score | null;
  /** The page is set back to a moment. */
  past: boolean;
  /** What systems say of it now that cannot all be true. */
  contradictions: readonly Contradiction[];
  showEvidence: (check: string) => void;
  showSources: () => void;
}) {
  const steps = score === null ? [] : scoreSteps(score);
  const unknown = score === null || score.value === null;
  const { large, small } = unknown ? { large: steps, small: [] } : splitSteps(steps);
  const [open, setOpen] = useState(false);
  const shown = open ? steps : large;
  const dearest = large.find(step => step.reason.key !== 'score.ordinary');
  const rest = small.reduce((sum, step) => sum + step.reason.points, 0);
  const best = steps
    .filter(step => step.gain !== null && step.gain >= 1)
    .sort((one, other) => (other.gain ?? 0) - (one.gain ?? 0));
  const bases = new Set(
    score?.hazards.filter(hazard => hazard.reasons.length > 0).map(hazard => hazard.basis),
  );
  return (
    <section className="card stack" aria-labelledby="matters">
      <h2 id="matters">What matters</h2>
      <div className="line-apart" style={{ flexWrap: 'nowrap', alignItems: 'flex-start' }}>
        <div className="stack" style={{ gap: 4 }}>
          {past ? null : (
            <span className="verdict strong">
              <StateMark state={row.state} size={14} />
            </span>
          )}
          <p className="verdict">
            {dearest
              ? `${reasonSentence(LOCALE, dearest.reason)}.`
              : row.why && !past
                ? `${reasonSentence(LOCALE, row.why)}.`
                : unknown
                  ? 'Not enough is known about this device yet.'
                  : 'Nothing that costs points.'}
          </p>
        </div>
        <div style={{ textAlign: 'right', flex: 'none' }}>
          <div className="big-score">{unknown ? '–' : count(score.value ?? 0)}</div>
          <div className="quiet small">{unknown ? 'no score yet' : 'of 100'}</div>
        </div>
      </div>
      <ContradictionLines contradictions={contradictions} open={showSources} />
      {score === null ? null : unknown ? (
        <p className="quiet">
          Fresh data for {score.coverage.fresh} of {score.coverage.of} hazards; a score needs three. Ask for a
          scan, or see under Findings what could not be told.
        </p>
      ) : null}
      {steps.length > 0 ? (
        <ol className="falls" aria-label="From 100 down to the score">
          {unknown ? null : <Fall label="Nothing wrong" from={0} to={100} points="100" tone="left" />}
          {shown.map(step => (
            <li key={`${step.hazard} ${step.reason.key} ${step.reason.evidence}`} className="fall">
              <div style={{ minWidth: 0 }}>
                <div>{reasonSentence(LOCALE, step.reason)}</div>
                <div className="fall-by">
                  {isScanId(step.reason.evidence) ? (
                    <button
                      type="button"
                      className="linkish"
                      onClick={() => showEvidence(step.reason.evidence)}
                    >
                      {checkName(LOCALE, step.reason.evidence)}
                    </button>
                  ) : step.reason.evidence === 'contradictions' ? (
                    <button type="button" className="linkish" onClick={showSources}>
                      Who says what
                    </button>
                  ) : null}
                  {step.gain !== null && step.gain >= 0.5 ? (
                    <span className="num">mending it: about +{count(step.gain)}</span>
                  ) : null}
                </div>
              </div>
              <div className="fall-bar" aria-hidden="true">
                <span className="left" style={{ left: 0, width: `${step.to}%` }} />
                <span className="cost" style={{ left: `${step.to}%`, width: `${step.from - step.to}%` }} />
              </div>
              <div className="fall-points">
                {step.reason.points >= 0.05 ? `−${points(step.reason.points)}` : '0'}
              </div>
            </li>
          ))}
          {small.length > 0 ? (
            <li className="fall">
              <button type="button" className="linkish" aria-expanded={open} onClick={() => setOpen(!open)}>
                {open ? 'Put the small ones together' : `${small.length} small ones together`}
              </button>
              <span />
              <div className="fall-points">{open ? '' : rest >= 0.05 ? `−${points(rest)}` : '0'}</div>
            </li>
          ) : null}
          {unknown ? null : (
            <Fall
              label="Score"
              from={0}
              to={score.value ?? 0}
              points={points(score.value ?? 0)}
              tone="rest"
              strong
            />
          )}
        </ol>
      ) : null}
      {best[0] && !unknown ? (
        <p>
          <span className="strong">What would raise it most:</span> mend “
          {reasonSentence(LOCALE, best[0].reason)}”, about{' '}
          <span className="num">
            {count(score?.value ?? 0)} → {count((score?.value ?? 0) + (best[0].gain ?? 0))}
          </span>
          .
        </p>
      ) : null}
      {score && !unknown ? (
        <p className="quiet small">
          Chance that something goes wrong within 14 days: {percentOf(score.p)}. Judged{' '}
          {[...bases].map(basis => BASIS[basis]).join('; ') || BASIS.rule}. Fresh data for{' '}
          {score.coverage.fresh} of {score.coverage.of} hazards · <Ago at={score.at} /> ago · collector
        </p>
      ) : null}
    </section>
  );
}

function Fall({
  label,
  from,
  to,
  points: text,
  tone,
  strong = false,
}: {
  label: string;
  from: number;
  to: number;
  points: string;
  tone: string;
  strong?: boolean;
}) {
  return (
    <li className="fall">
      <div className={strong ? 'strong' : 'quiet'}>{label}</div>
      <div className="fall-bar" aria-hidden="true">
        <span className={tone} style={{ left: `${from}%`, width: `${to - from}%` }} />
      </div>
      <div className="fall-points">{text}</div>
    </li>
  );
}

function points(value: number): string {
  return value >= 10 ? count(value) : (Math.round(value * 10) / 10).toString();
}

function percentOf(p: number): string {
  const value = p * 100;
  return value < 1 ? 'below 1 %' : `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} %`;
}
