import { Button } from '@mantine/core';
import { useId, useRef, useState } from 'react';
import type { TimelineEntry, TimelineResponse } from '../../../shared/api/schemas.ts';
import { DAY, MINUTE } from '../../../shared/base/durations.ts';
import { dateTime } from '../parts/ago.tsx';
import { TroubleFace, WaitingLines } from '../parts/face.tsx';
import { usePlace } from '../state/place.ts';
import { useAnswer } from '../state/use-answer.ts';
import { now } from '../time.ts';
import { gapWord } from './now-card.tsx';
import { scoreSpans } from './score-spans.ts';
import { BAND_NAMES, entryWords } from './timeline-words.ts';

const RANGES = [
  ['24h', '24 h', DAY],
  ['7d', '7 d', 7 * DAY],
  ['30d', '30 d', 30 * DAY],
] as const;
const BANDS: readonly TimelineEntry['band'][] = ['link', 'power', 'findings', 'score', 'people', 'agent'];
const BAND_H = 30;
/** The drawing is made at this width and stretched; texts and marks are placed in percent and stay as they are. */
const LIST_LIMIT = 200;

/** What has it been through: one band per subject, missing time hatched. A moment picked here sets the page back to it. */
export function TimelineTab({
  id,
  score,
  at,
  pick,
}: {
  id: string;
  score: number | null;
  at: number | null;
  pick: (at: number | null) => void;
}) {
  const { params, setParams } = usePlace();
  const range = RANGES.find(([key]) => key === params.get('range')) ?? RANGES[0];
  const [end, setEnd] = useState(() => Math.floor(now() / MINUTE) * MINUTE);
  const zoom = readZoom(params.get('zoom'));
  const from = zoom?.from ?? end - range[2];
  const to = zoom?.to ?? end;
  const answer = useAnswer<TimelineResponse>(
    `devices/${encodeURIComponent(id)}/timeline?from=${from}&to=${to}`,
  );
  return (
    <section className="card stack" aria-labelledby="timeline">
      <div className="line-apart">
        <h2 id="timeline">Timeline</h2>
        <div className="line">
          {zoom ? (
            <Button variant="default" onClick={() => setParams({ zoom: null })}>
              Zoom out
            </Button>
          ) : null}
          {RANGES.map(([key, name]) => (
            <button
              key={key}
              type="button"
              className="chip"
              aria-pressed={key === range[0] && zoom === null}
              onClick={() => {
                setEnd(Math.floor(now() / MINUTE) * MINUTE);
                setParams({ range: key === '24h' ? null : key, zoom: null });
              }}
            >
              {name}
            </button>
          ))}
        </div>
      </div>
      {answer.trouble ? (
        <TroubleFace trouble={answer.trouble} retry={answer.reload} />
      ) : answer.value === null ? (
        <WaitingLines what="the timeline" lines={8} />
      ) : (
        <>
          <Bands
            timeline={answer.value}
            score={score}
            from={from}
            to={to}
            at={at}
            pick={pick}
            zoom={(low, high) => setParams({ zoom: `${Math.round(low)}-${Math.round(high)}` })}
          />
          <p className="quiet small">
            Click a moment to see the device as it was; drag to look closer. With the keyboard: arrows move,
            Enter picks.
          </p>
          <Entries timeline={answer.value} pick={pick} />
        </>
      )}
    </section>
  );
}

function readZoom(text: string | null): { from: number; to: number } | null {
  const match = /^(\d+)-(\d+)$/.exec(text ?? '');
  if (!match) return null;
  const from = Number(match[1]);
  const to = Number(match[2]);
  return to - from >= MINUTE ? { from, to } : null;
}

function Bands({
  timeline,
  score,
  from,
  to,
  at,
  pick,
  zoom,
}: {
  timeline: TimelineResponse;
  /** Now, for a range that reaches to now. */
  score: number | null;
  from: number;
  to: number;
  at: number | null;
  pick: (at: number) => void;
  zoom: (from: number, to: number) => void;
}) {
  const hatchId = useId();
  const surface = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const [dragFrom, setDragFrom] = useState<number | null>(null);
  const span = to - from;
  const x = (when: number) => ((Math.max(from, Math.min(to, when)) - from) / span) * 100;
  const timeAt = (clientX: number): number => {
    const rect = surface.current?.getBoundingClientRect();
    if (!rect || rect.width === 0) return to;
    return Math.round(from + Math.max(0, Math.min(1, (clientX - rect.left) / rect.width)) * span);
  };
  const chosen = cursor ?? at;
  const near = chosen === null ? null : nearest(timeline.entries, chosen, span / 60);
  const gap = chosen === null ? undefined : timeline.gaps.find(one => chosen >= one.from && chosen <= one.to);
  const height = BANDS.length * BAND_H;
  return (
    <div>
      <div className="timeline" style={{ display: 'grid', gridTemplateColumns: '76px minmax(0, 1fr)' }}>
        <div>
          {BANDS.map(band => (
            <div key={band} className="quiet small" style={{ height: BAND_H, lineHeight: `${BAND_H}px` }}>
              {BAND_NAMES[band]}
            </div>
          ))}
        </div>
        <div
          ref={surface}
          role="slider"
          tabIndex={0}
          aria-label="Moment"
          aria-valuemin={from}
          aria-valuemax={to}
          aria-valuenow={chosen ?? to}
          aria-valuetext={`${dateTime(chosen ?? to)}${gap ? `, ${gapWord(gap)}` : ''}${near ? `, ${entryWords(near)}` : ''}`}
          style={{
            position: 'relative',
            height,
            cursor: 'crosshair',
            touchAction: 'pan-y',
            userSelect: 'none',
          }}
          onPointerMove={event => setCursor(timeAt(event.clientX))}
          onPointerLeave={() => {
            if (dragFrom === null) setCursor(null);
          }}
          onPointerDown={event => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            setDragFrom(timeAt(event.clientX));
          }}
          onPointerUp={event => {
            const end = timeAt(event.clientX);
            if (dragFrom !== null) {
              if (Math.abs(end - dragFrom) > span / 80)
                zoom(Math.min(dragFrom, end), Math.max(dragFrom, end));
              else pick(end);
            }
            setDragFrom(null);
          }}
          onKeyDown={event => {
            const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
            if (event.key === 'Enter' && chosen !== null) pick(Math.round(chosen));
            else if (event.key === 'Home') setCursor(from);
            else if (event.key === 'End') setCursor(to);
            else if (by !== 0) setCursor(Math.max(from, Math.min(to, (chosen ?? to) + (by * span) / 96)));
            else return;
            event.preventDefault();
          }}
          onBlur={() => setCursor(null)}
        >
          <svg width="100%" height={height} aria-hidden="true" style={{ position: 'absolute', inset: 0 }}>
            <defs>
              <pattern
                id={hatchId}
                width="7"
                height="7"
                patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)"
              >
                <path d="M0 0V7" stroke="var(--hatch)" strokeWidth="1.4" opacity="0.45" />
              </pattern>
            </defs>
            {BANDS.map((band, index) => (
              <g key={band}>
                <rect
                  x="0"
                  y={index * BAND_H + 1}
                  width="100%"
                  height={BAND_H - 2}
                  fill="var(--raised)"
                  rx="3"
                />
                {timeline.entries
                  .filter(entry => entry.band === band && entry.until !== undefined)
                  .map(entry => (
                    <rect
                      key={`${entry.at} ${entry.kind}`}
                      x={`${x(entry.at)}%`}
                      width={`${Math.max(0.15, x(entry.until ?? entry.at) - x(entry.at))}%`}
                      y={index * BAND_H + 9}
                      height={BAND_H - 18}
                      rx="2"
                      fill={band === 'link' ? 'var(--well)' : 'var(--accent)'}
                    />
                  ))}
              </g>
            ))}
            <Scores
              entries={timeline.entries}
              gaps={timeline.gaps}
              from={from}
              to={Math.min(to, now())}
              current={to >= now() - DAY / 24 ? score : null}
              x={x}
              top={BANDS.indexOf('score') * BAND_H}
            />
            {timeline.gaps.map(one => (
              <g key={`${one.from}`}>
                <rect
                  x={`${x(one.from)}%`}
                  width={`${Math.max(0, x(one.to) - x(one.from))}%`}
                  y="0"
                  height={height}
                  fill="var(--surface)"
                  opacity="0.6"
                />
                <rect
                  x={`${x(one.from)}%`}
                  width={`${Math.max(0, x(one.to) - x(one.from))}%`}
                  y="0"
                  height={height}
                  fill={`url(#${hatchId})`}
                />
              </g>
            ))}
            {timeline.entries
              .filter(entry => entry.until === undefined && entry.band !== 'score')
              .map(entry => (
                <svg
                  aria-hidden="true"
                  key={`${entry.at} ${entry.band} ${entry.kind}`}
                  x={`${x(entry.at)}%`}
                  y={BANDS.indexOf(entry.band) * BAND_H + BAND_H / 2}
                  overflow="visible"
                >
                  <path
                    d="M0 -6 6 0 0 6 -6 0Z"
                    fill="var(--accent)"
                    stroke="var(--surface)"
                    strokeWidth="1.5"
                  />
                </svg>
              ))}
          </svg>
          {timeline.gaps
            .filter(one => x(one.to) - x(one.from) > 9)
            .map(one => (
              <span
                key={one.from}
                aria-hidden="true"
                className="small"
                style={{
                  position: 'absolute',
                  left: `${(x(one.from) + x(one.to)) / 2}%`,
                  top: height / 2 - 10,
                  transform: 'translateX(-50%)',
                  background: 'var(--surface)',
                  color: 'var(--quiet)',
                  padding: '0 6px',
                  borderRadius: 4,
                  pointerEvents: 'none',
                  whiteSpace: 'nowrap',
                }}
              >
                {gapWord(one)}
              </span>
            ))}
          {at !== null && at >= from && at <= to ? <Line left={x(at)} colour="var(--will-block)" /> : null}
          {cursor !== null ? <Line left={x(cursor)} colour="var(--text)" /> : null}
          {dragFrom !== null && cursor !== null ? (
            <div
              aria-hidden="true"
              style={{
                position: 'absolute',
                top: 0,
                bottom: 0,
                left: `${Math.min(x(dragFrom), x(cursor))}%`,
                width: `${Math.abs(x(cursor) - x(dragFrom))}%`,
                background: 'var(--accent)',
                opacity: 0.2,
              }}
            />
          ) : null}
        </div>
        <div />
        <div
          className="line-apart quiet small num"
          style={{ height: 22, flexWrap: 'nowrap', whiteSpace: 'nowrap' }}
        >
          <span>{dateTime(from)}</span>
          <span className="hide-small">{dateTime((from + to) / 2)}</span>
          <span>{dateTime(to)}</span>
        </div>
      </div>
      <p className="num" style={{ minHeight: 20 }}>
        {chosen === null
          ? ''
          : `${dateTime(chosen)}${gap ? ` · ${gapWord(gap)}` : ''}${near ? ` · ${entryWords(near)}` : ''}`}
      </p>
    </div>
  );
}

function Line({ left, colour }: { left: number; colour: string }) {
  return (
    <div
      aria-hidden="true"
      style={{
        position: 'absolute',
        top: 0,
        bottom: 0,
        left: `${left}%`,
        width: 2,
        marginLeft: -1,
        background: colour,
        pointerEvents: 'none',
      }}
    />
  );
}

/** The score as steps: it holds until it moves, and is not drawn where nothing is known. */
function Scores({
  entries,
  gaps,
  from,
  to,
  current,
  x,
  top,
}: {
  entries: readonly TimelineEntry[];
  gaps: TimelineResponse['gaps'];
  from: number;
  to: number;
  current: number | null;
  x: (at: number) => number;
  top: number;
}) {
  return (
    <>
      {scoreSpans(entries, gaps, from, to, current).map(span => {
        const y = top + BAND_H - 3 - (Math.max(0, Math.min(100, span.value)) / 100) * (BAND_H - 6);
        return (
          <rect
            key={span.from}
            x={`${x(span.from)}%`}
            width={`${Math.max(0.1, x(span.to) - x(span.from))}%`}
            y={y}
            height={top + BAND_H - 3 - y}
            fill="var(--accent)"
            opacity="0.55"
          />
        );
      })}
    </>
  );
}

function nearest(entries: readonly TimelineEntry[], at: number, within: number): TimelineEntry | null {
  let best: TimelineEntry | null = null;
  let least = within;
  for (const entry of entries) {
    if (entry.until !== undefined) continue;
    const distance = Math.abs(entry.at - at);
    if (distance < least) {
      best = entry;
      least = distance;
    }
  }
  return best;
}

function Entries({ timeline, pick }: { timeline: TimelineResponse; pick: (at: number) => void }) {
  const lines = [
    ...timeline.entries.map(entry => ({
      at: entry.at,
      band: BAND_NAMES[entry.band],
      words: entryWords(entry),
    })),
    ...timeline.gaps.map(gap => ({
      at: gap.from,
      band: 'No data',
      words: `${capital(gapWord(gap))} until ${dateTime(gap.to)}`,
    })),
  ].sort((one, other) => other.at - one.at);
  if (lines.length === 0) return <p className="quiet">Nothing is recorded in this time.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling list must be reachable with the keyboard
    <section className="events" tabIndex={0} aria-label="Events">
      <table className="table">
        <thead>
          <tr>
            <th>When</th>
            <th>Band</th>
            <th>What</th>
          </tr>
        </thead>
        <tbody>
          {lines.slice(0, LIST_LIMIT).map(line => (
            <tr key={`${line.at} ${line.band} ${line.words}`}>
              <td className="num" style={{ whiteSpace: 'nowrap' }}>
                <button
                  type="button"
                  className="linkish num"
                  onClick={() => pick(line.at)}
                  title="Show the device as it was then"
                >
                  {dateTime(line.at)}
                </button>
              </td>
              <td className="quiet">{line.band}</td>
              <td>{line.words}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
