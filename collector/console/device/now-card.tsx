import { useEffect, useMemo, useState } from 'react';
import type { FleetRow, SamplesResponse } from '../../../shared/api/schemas.ts';
import { MINUTE } from '../../../shared/base/durations.ts';
import { sentence } from '../../../shared/text/sentence.ts';
import { Ago, dateTime } from '../parts/ago.tsx';
import { bytes, percent } from '../parts/format.ts';
import { LOCALE } from '../parts/locale.ts';
import { useAnswer } from '../state/use-answer.ts';
import { now } from '../time.ts';
import { PANELS } from './metrics.ts';
import { Plot } from './plot.tsx';
import { type Gap, type Reading, toColumns, told } from './series.ts';
import { LIVE_SPAN, type LiveView, readingsOf } from './use-device.ts';

/** The last five minutes, a second at a time while somebody looks. */
export function NowCard({
  row,
  live,
  viewers,
}: {
  row: FleetRow;
  live: LiveView;
  viewers: readonly { name: string; since: number }[];
}) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick(old => old + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const last = live.readings.at(-1);
  // The device's clock may differ from ours: the window ends at its newest reading and moves on with our own seconds.
  const behind = live.receivedAt === null ? 0 : Math.max(0, now() - live.receivedAt);
  const to =
    last === undefined ? now() : live.receivedAt === null ? Math.max(last.at, now()) : last.at + behind;
  const others = viewers.length;
  return (
    <section className="card" aria-labelledby="now">
      <div className="line-apart" style={{ marginBottom: 4 }}>
        <h2 id="now">Now</h2>
        <span className="quiet small">
          {row.presence === 'live'
            ? 'every second while you watch; its owner sees that you do'
            : 'not connected: curves come back with the device'}
        </span>
      </div>
      {others > 0 ? (
        <p className="quiet small" style={{ marginBottom: 4 }}>
          Looking: {viewers.map(viewer => viewer.name).join(', ')}
        </p>
      ) : null}
      <Curves
        readings={live.readings}
        from={to - LIVE_SPAN}
        to={to}
        reason={row.presence === 'live' ? 'nothing received' : 'offline'}
        last={last ?? null}
      />
      <Busiest live={live} row={row} />
    </section>
  );
}

/** The half hour before a moment in the past, in the place where now is. */
export function ThenCard({ id, at }: { id: string; at: number }) {
  const from = at - 30 * MINUTE;
  const { value } = useAnswer<SamplesResponse>(
    `devices/${encodeURIComponent(id)}/samples?from=${from}&to=${at}`,
  );
  const readings = useMemo(() => (value === null ? [] : readingsOf(value)), [value]);
  return (
    <section className="card" aria-labelledby="now">
      <div className="line-apart" style={{ marginBottom: 4 }}>
        <h2 id="now">Then</h2>
        <span className="quiet small">the 30 minutes before {dateTime(at)}</span>
      </div>
      <Curves readings={readings} from={from} to={at} reason="no data" last={readings.at(-1) ?? null} />
    </section>
  );
}

function Curves({
  readings,
  from,
  to,
  reason,
  last,
}: {
  readings: readonly Reading[];
  from: number;
  to: number;
  reason: string;
  last: Reading | null;
}) {
  const drawn = useMemo(
    () =>
      PANELS.map(panel => {
        const { at, columns, gaps } = toColumns(told(readings, panel.columns), 8, from, to);
        return { panel, at, gaps, columns: panel.columns.map(index => columns[index] ?? []) };
      }),
    [readings, from, to],
  );
  const word = (gap: Gap) => (gap.reason === 'unknown' ? reason : gap.reason);
  return (
    <div className="curves">
      {drawn.map(({ panel, at, columns, gaps }) => {
        const newest = readings.findLast(reading =>
          panel.columns.some(index => (reading.values[index] ?? null) !== null),
        );
        const values = panel.columns.map(index => (newest ?? last)?.values[index] ?? null);
        const empty = columns.every(column => column.every(value => value === null));
        return (
          <div key={panel.id} className="curve">
            <div>
              <div className="quiet small">{panel.title}</div>
              <div className="curve-now">{panel.now(values)}</div>
            </div>
            <div className="curve-plot">
              <Plot
                at={at}
                columns={columns}
                gaps={gaps}
                from={from}
                to={to}
                series={panel.series}
                {...(panel.max === undefined ? {} : { max: panel.max })}
                height={62}
                label={`${panel.title}: ${panel.now(values)}${empty ? ', no readings in this time' : ''}`}
                gapWord={word}
              />
            </div>
          </div>
        );
      })}
    </div>
  );
}

function Busiest({ live, row }: { live: LiveView; row: FleetRow }) {
  const busiest = live.processes?.busiest.slice(0, 5) ?? [];
  return (
    <div style={{ marginTop: 12 }}>
      <h3>Busiest programs</h3>
      {busiest.length === 0 ? (
        <p className="quiet small" style={{ minHeight: 132 }}>
          {row.presence === 'live' ? (
            'Asked; the device answers within a few seconds.'
          ) : (
            <>
              Only told while the device is connected. Last heard <Ago at={row.lastSeen} /> ago.
            </>
          )}
        </p>
      ) : (
        <table className="table busiest">
          <thead>
            <tr>
              <th>Program</th>
              <th className="right">Processor</th>
              <th className="right">Memory</th>
            </tr>
          </thead>
          <tbody>
            {busiest.map(program => (
              <tr key={program.pid}>
                <td>{program.name}</td>
                <td className="right num">{percent(program.cpuPercent)}</td>
                <td className="right num">{bytes(program.memoryBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

export function gapWord(gap: Gap): string {
  switch (gap.reason) {
    case 'offline':
    case 'asleep':
    case 'agent-stopped':
    case 'collector-stopped':
      return sentence(LOCALE, `gap.${gap.reason}`);
    default:
      return 'no data';
  }
}
