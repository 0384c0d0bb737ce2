import { useMemo, useState } from 'react';
import type { SamplesResponse, TimelineResponse } from '../../../shared/api/schemas.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/base/durations.ts';
import { TroubleFace, WaitingLines } from '../parts/face.tsx';
import { usePlace } from '../state/place.ts';
import { useAnswer } from '../state/use-answer.ts';
import { now } from '../time.ts';
import { HISTORY_PANELS } from './metrics.ts';
import { gapWord } from './now-card.tsx';
import { Plot } from './plot.tsx';
import { toColumns, told, withReasons } from './series.ts';
import { readingsOf } from './use-device.ts';

const RANGES = [
  ['1h', '1 h', HOUR],
  ['24h', '24 h', DAY],
  ['7d', '7 d', 7 * DAY],
  ['30d', '30 d', 30 * DAY],
] as const;

/** What the device has been through: stored series, with missing time hatched and named. */
export function HistoryTab({ id }: { id: string }) {
  const { params, setParams } = usePlace();
  const range = RANGES.find(([key]) => key === params.get('range')) ?? RANGES[1];
  const [end, setEnd] = useState(() => Math.floor(now() / MINUTE) * MINUTE);
  const from = end - range[2];
  const query = `from=${from}&to=${end}`;
  const samples = useAnswer<SamplesResponse>(`devices/${encodeURIComponent(id)}/samples?${query}`);
  const timeline = useAnswer<TimelineResponse>(`devices/${encodeURIComponent(id)}/timeline?${query}`);
  const drawn = useMemo(() => {
    if (samples.value === null) return null;
    const readings = readingsOf(samples.value);
    return HISTORY_PANELS.map(panel => {
      const { at, columns, gaps } = toColumns(told(readings, panel.columns), 8, from, end);
      return {
        panel,
        at,
        columns: panel.columns.map(index => columns[index] ?? []),
        gaps: withReasons(gaps, timeline.value?.gaps ?? []),
      };
    });
  }, [samples.value, timeline.value, from, end]);
  return (
    <section className="card stack" aria-labelledby="history">
      <div className="line-apart">
        <h2 id="history">History</h2>
        <div className="line">
          {RANGES.map(([key, name]) => (
            <button
              key={key}
              type="button"
              className="chip"
              aria-pressed={key === range[0]}
              onClick={() => {
                setEnd(Math.floor(now() / MINUTE) * MINUTE);
                setParams({ range: key === '24h' ? null : key });
              }}
            >
              {name}
            </button>
          ))}
        </div>
      </div>
      {samples.trouble ? (
        <TroubleFace trouble={samples.trouble} retry={samples.reload} />
      ) : drawn === null ? (
        <WaitingLines what="the history" lines={12} />
      ) : (
        <>
          {samples.value?.rows.length === 0 ? (
            <p className="quiet">No readings are stored for this time. Choose a longer one.</p>
          ) : null}
          {drawn.map(({ panel, at, columns, gaps }) => (
            <div key={panel.id}>
              <div className="small strong">{panel.title}</div>
              <div className="curve-plot tall">
                <Plot
                  at={at}
                  columns={columns}
                  gaps={gaps}
                  from={from}
                  to={end}
                  series={panel.series}
                  {...(panel.max === undefined ? {} : { max: panel.max })}
                  height={132}
                  axes
                  label={`${panel.title}, last ${range[1]}`}
                  gapWord={gapWord}
                />
              </div>
            </div>
          ))}
          <p className="quiet small">
            One point stands for {stepWords(samples.value?.stepMs ?? MINUTE)}. Hatched: no data. Times are
            this browser’s.
          </p>
        </>
      )}
    </section>
  );
}

function stepWords(ms: number): string {
  const units = [
    [DAY, 'day'],
    [HOUR, 'hour'],
    [MINUTE, 'minute'],
  ] as const;
  for (const [unit, name] of units) {
    if (ms < unit) continue;
    const amount = Math.round(ms / unit);
    return `${amount} ${name}${amount === 1 ? '' : 's'}`;
  }
  return `${Math.round(ms / 1000)} seconds`;
}
