import { useRef, useState } from 'react';
import { count } from '../parts/format.ts';
import { SCORE_BINS } from './list.ts';

const STEP = 100 / SCORE_BINS;

/**
 * How the scores are distributed, and a brush over it: drag, or move the two handles with the arrow keys. The whole fleet
 * is grey, what the list shows is in colour.
 */
export function ScoreBins({
  all,
  shown,
  range,
  choose,
}: {
  all: readonly number[];
  shown: readonly number[];
  range: { from: number; to: number } | null;
  choose: (range: { from: number; to: number } | null) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const most = Math.max(1, ...all);
  const { from, to } = drag
    ? { from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) + STEP }
    : (range ?? { from: 0, to: 100 });

  const binAt = (clientX: number): number => {
    const rect = box.current?.getBoundingClientRect();
    if (!rect || rect.width === 0) return 0;
    const part = Math.max(0, Math.min(0.999, (clientX - rect.left) / rect.width));
    return Math.floor(part * SCORE_BINS) * STEP;
  };
  const settle = (nextFrom: number, nextTo: number) => {
    const low = Math.max(0, Math.min(100 - STEP, nextFrom));
    const high = Math.max(low + STEP, Math.min(100, nextTo));
    choose(low === 0 && high === 100 ? null : { from: low, to: high });
  };
  const handle = (which: 'from' | 'to') => (
    <div
      role="slider"
      tabIndex={0}
      aria-label={which === 'from' ? 'Lowest score shown' : 'Highest score shown'}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={which === 'from' ? from : to}
      className="bins-handle"
      style={{ left: `${which === 'from' ? from : to}%` }}
      onKeyDown={event => {
        const by = event.key === 'ArrowRight' ? STEP : event.key === 'ArrowLeft' ? -STEP : 0;
        if (event.key === 'Escape') choose(null);
        if (by === 0) return;
        event.preventDefault();
        if (which === 'from') settle(from + by, to);
        else settle(from, to + by);
      }}
    />
  );
  const words = range === null ? 'all scores' : `${range.from} to ${range.to}`;
  return (
    <div className="line" style={{ flexWrap: 'nowrap' }}>
      <div
        ref={box}
        className={`bins ${range || drag ? 'bins-on' : ''}`}
        title="Distribution of scores. Drag over it to filter."
        onPointerDown={event => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          const at = binAt(event.clientX);
          setDrag({ from: at, to: at });
        }}
        onPointerMove={event => {
          if (drag) setDrag({ from: drag.from, to: binAt(event.clientX) });
        }}
        onPointerUp={() => {
          if (drag) settle(Math.min(drag.from, drag.to), Math.max(drag.from, drag.to) + STEP);
          setDrag(null);
        }}
        onPointerCancel={() => setDrag(null)}
      >
        {range || drag ? (
          <div className="bins-brush" style={{ left: `${from}%`, width: `${to - from}%` }} />
        ) : null}
        {all.map((total, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its index
          <div key={index} className="bin" aria-hidden="true">
            <span className="all" style={{ height: height(total, most) }} />
            <span className="in" style={{ height: height(shown[index] ?? 0, most) }} />
          </div>
        ))}
        {handle('from')}
        {handle('to')}
      </div>
      {range === null ? (
        <span className="bins-legend num">score 0–100</span>
      ) : (
        <button
          type="button"
          className="chip bins-legend num"
          onClick={() => choose(null)}
          aria-label={`Score ${range.from}–${range.to}: show all scores`}
        >
          {`${range.from}–${range.to}`} <span aria-hidden="true">✕</span>
        </button>
      )}
      <span className="sr" role="status">
        {count(shown.reduce((sum, one) => sum + one, 0))} scored devices shown, {words}
      </span>
    </div>
  );
}

/** Square root, so that a handful beside thousands can still be seen; nothing stays nothing. */
function height(value: number, most: number): string {
  return value === 0 ? '0' : `max(2px, ${(Math.sqrt(value / most) * 100).toFixed(1)}%)`;
}
