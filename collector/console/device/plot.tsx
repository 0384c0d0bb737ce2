import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { clockTime, dateTime } from '../parts/ago.tsx';
import type { Gap } from './series.ts';

export interface PlotSeries {
  readonly label: string;
  /** CSS variable of its colour. */
  readonly colour: string;
  readonly fill?: boolean;
  readonly dash?: readonly number[];
  readonly format: (value: number | null) => string;
  /** Counted in powers of 1024: the scale is marked at powers of two, so that the marks are round. */
  readonly binary?: boolean;
}

const POWERS_OF_TWO = Array.from({ length: 50 }, (_, power) => 2 ** power);

/**
 * Curves over time. Nulls are holes (never bridged); `gaps` are hatched across the whole height and named where there is
 * room. `max` fixes the scale; without it the largest value does.
 */
export function Plot({
  at,
  columns,
  gaps,
  from,
  to,
  series,
  max,
  height,
  axes = false,
  label,
  gapWord,
}: {
  at: readonly number[];
  columns: readonly (readonly (number | null)[])[];
  gaps: readonly Gap[];
  from: number;
  to: number;
  series: readonly PlotSeries[];
  max?: number;
  height: number;
  axes?: boolean;
  label: string;
  gapWord: (gap: Gap) => string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ gaps, from, to, gapWord });
  latest.current = { gaps, from, to, gapWord };
  const scheme = useComputedColorScheme('light');
  const shape = `${scheme}|${height}|${axes}|${max ?? ''}|${series.map(one => one.label).join()}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew only when its shape changes; data follows below
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const colours = getComputedStyle(document.documentElement);
    const colour = (name: string) => colours.getPropertyValue(name).trim();
    const font = `11px ${colours.getPropertyValue('--font')}`;
    const made = new uPlot(
      {
        width: Math.max(60, element.clientWidth),
        height,
        padding: axes ? [6, 8, 0, 0] : [3, 0, 3, 0],
        legend: { show: false },
        cursor: { y: false, points: { size: 5 }, drag: { x: false, y: false } },
        scales: {
          x: { time: true, range: () => [latest.current.from / 1000, latest.current.to / 1000] },
          y: { range: (_plot, _low, high) => [0, max ?? Math.max(1, (high ?? 0) * 1.1)] },
        },
        axes: axes
          ? [
              {
                stroke: colour('--quiet'),
                grid: { stroke: colour('--line'), width: 1 },
                ticks: { show: false },
                font,
                size: 22,
                values: (_plot, splits) =>
                  splits.map(split => axisTime(split * 1000, latest.current.to - latest.current.from)),
              },
              {
                stroke: colour('--quiet'),
                grid: { stroke: colour('--line'), width: 1 },
                ticks: { show: false },
                font,
                size: 68,
                values: (_plot, splits) => splits.map(split => series[0]?.format(split) ?? ''),
                space: 34,
                ...(series[0]?.binary ? { incrs: POWERS_OF_TWO } : {}),
              },
            ]
          : [{ show: false }, { show: false }],
        series: [
          {},
          ...series.map(one => ({
            label: one.label,
            stroke: colour(one.colour),
            width: 1.6,
            spanGaps: false,
            points: {
              show: (_plot: uPlot, _index: number, first: number, last: number) => last - first < 2,
              size: 4,
            },
            ...(one.fill ? { fill: `${colour(one.colour)}22` } : {}),
            ...(one.dash ? { dash: [...one.dash] } : {}),
          })),
        ],
        hooks: {
          drawAxes: [
            drawn =>
              hatch(
                drawn,
                latest.current.gaps,
                latest.current.gapWord,
                colour('--hatch'),
                colour('--quiet'),
                font,
              ),
          ],
          setCursor: [
            drawn => {
              if (tip.current === null) return;
              const index = drawn.cursor.idx;
              const when = index === null || index === undefined ? undefined : drawn.data[0][index];
              if (when === undefined || index === null || index === undefined) {
                tip.current.textContent = '';
                return;
              }
              const values = series.map(
                (one, i) => `${one.label} ${one.format(drawn.data[i + 1]?.[index] ?? null)}`,
              );
              const time =
                latest.current.to - latest.current.from > 2 * 3_600_000
                  ? dateTime(when * 1000)
                  : clockTime(when * 1000);
              tip.current.textContent = `${time} · ${values.join(' · ')}`;
            },
          ],
        },
      },
      toData(at, columns),
      element,
    );
    plot.current = made;
    const resize = new ResizeObserver(() => {
      const width = element.clientWidth;
      if (width > 0 && width !== made.width) made.setSize({ width, height });
    });
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a moved window or new gaps are drawn with the data
  useEffect(() => {
    plot.current?.setData(toData(at, columns), true);
  }, [at, columns, gaps, from, to]);

  return (
    <div style={{ position: 'relative' }}>
      <div ref={box} role="img" aria-label={label} style={{ height, minWidth: 0 }} />
      <div ref={tip} className="plot-tip num" aria-hidden="true" />
    </div>
  );
}

function toData(at: readonly number[], columns: readonly (readonly (number | null)[])[]): uPlot.AlignedData {
  return [at.map(when => when / 1000), ...columns.map(column => [...column])];
}

const hours = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
function axisTime(at: number, span: number): string {
  return (span > 2 * 86_400_000 ? days : hours).format(at);
}

/** Missing time, drawn as missing: slanted lines over the whole height, with its reason where the words fit. */
function hatch(
  plot: uPlot,
  gaps: readonly Gap[],
  word: (gap: Gap) => string,
  colour: string,
  textColour: string,
  font: string,
): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  for (const gap of gaps) {
    const left = Math.max(bbox.left, plot.valToPos(gap.from / 1000, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(gap.to / 1000, 'x', true));
    if (!(right - left > 1)) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, right - left, bbox.height);
    ctx.clip();
    ctx.strokeStyle = colour;
    ctx.globalAlpha = 0.32;
    ctx.lineWidth = ratio;
    ctx.beginPath();
    const step = 7 * ratio;
    // Anchored to the plot, not to the gap: while the window moves the lines must not crawl within the gap.
    for (let x = Math.floor((left - bbox.height) / step) * step; x < right; x += step) {
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.font = font.replace('11px', `${11 * ratio}px`);
    const words = word(gap);
    if (ctx.measureText(words).width + 12 * ratio < right - left) {
      ctx.textAlign = 'center';
      ctx.textBaseline = 'middle';
      const x = (left + right) / 2;
      const y = bbox.top + bbox.height / 2;
      const width = ctx.measureText(words).width + 10 * ratio;
      ctx.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--surface');
      ctx.fillRect(x - width / 2, y - 9 * ratio, width, 18 * ratio);
      ctx.fillStyle = textColour;
      ctx.fillText(words, x, y);
    }
    ctx.restore();
  }
  ctx.restore();
}
