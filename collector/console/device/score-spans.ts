import type { TimelineEntry, TimelineResponse } from '../../../shared/api/schemas.ts';

export interface ScoreSpan {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/**
 * How long each score held. The timeline tells moves only (`value`, and `was` before it): a score holds from its move to the
 * next one, the first move also tells what held before, and without any the `current` one held all the time. Missing time
 * is left out.
 */
export function scoreSpans(
  entries: readonly TimelineEntry[],
  gaps: TimelineResponse['gaps'],
  from: number,
  to: number,
  current: number | null,
): ScoreSpan[] {
  const moves = entries.filter(entry => entry.band === 'score').toSorted((one, other) => one.at - other.at);
  const held: ScoreSpan[] = [];
  const first = moves[0];
  if (first && typeof first.data.was === 'number') held.push({ from, to: first.at, value: first.data.was });
  if (moves.length === 0 && current !== null) held.push({ from, to, value: current });
  moves.forEach((move, index) => {
    if (typeof move.data.value === 'number') {
      held.push({ from: move.at, to: moves[index + 1]?.at ?? to, value: move.data.value });
    }
  });
  return held.flatMap(span => withoutGaps(span, gaps)).filter(span => span.to > span.from);
}

function withoutGaps(span: ScoreSpan, gaps: TimelineResponse['gaps']): ScoreSpan[] {
  const parts: ScoreSpan[] = [];
  let start = span.from;
  for (const gap of gaps.toSorted((one, other) => one.from - other.from)) {
    if (gap.to <= start || gap.from >= span.to) continue;
    if (gap.from > start) parts.push({ ...span, from: start, to: gap.from });
    start = Math.max(start, gap.to);
  }
  if (start < span.to) parts.push({ ...span, from: start });
  return parts;
}
