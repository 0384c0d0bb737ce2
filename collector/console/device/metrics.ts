import { bytes, percent, rate } from '../parts/format.ts';
import type { PlotSeries } from './plot.tsx';

/** The panels of live and stored curves: which columns of a sample row (after its time) they draw. */
export interface Panel {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly number[];
  readonly series: readonly PlotSeries[];
  readonly max?: number;
  /** The current value in words. */
  now(values: readonly (number | null)[]): string;
}

const first = (values: readonly (number | null)[]) => values[0] ?? null;
const second = (values: readonly (number | null)[]) => values[1] ?? null;

export const PANELS: readonly Panel[] = [
  {
    id: 'cpu',
    title: 'Processor',
    columns: [0],
    max: 100,
    series: [{ label: 'processor', colour: '--accent', fill: true, format: percent }],
    now: values => percent(first(values)),
  },
  {
    id: 'memory',
    title: 'Memory',
    columns: [1],
    max: 100,
    series: [{ label: 'memory', colour: '--accent', fill: true, format: percent }],
    now: values => percent(first(values)),
  },
  {
    id: 'disk',
    title: 'Disk read, write',
    columns: [5, 6],
    series: [
      { label: 'read', colour: '--accent', format: rate, binary: true },
      { label: 'write', colour: '--will-block', dash: [4, 3], format: rate, binary: true },
    ],
    now: values => rate(total(first(values), second(values))),
  },
  {
    id: 'network',
    title: 'Network in, out',
    columns: [3, 4],
    series: [
      { label: 'in', colour: '--accent', format: rate, binary: true },
      { label: 'out', colour: '--will-block', dash: [4, 3], format: rate, binary: true },
    ],
    now: values => rate(total(first(values), second(values))),
  },
  {
    id: 'battery',
    title: 'Battery',
    columns: [7],
    max: 100,
    series: [{ label: 'battery', colour: '--well', fill: true, format: percent }],
    now: values => percent(first(values)),
  },
];

/** Stored series also show free disk space, which moves too slowly for five minutes. */
export const HISTORY_PANELS: readonly Panel[] = [
  ...PANELS.slice(0, 2),
  {
    id: 'free',
    title: 'Disk free',
    columns: [2],
    series: [{ label: 'free', colour: '--accent', fill: true, format: bytes, binary: true }],
    now: values => bytes(first(values)),
  },
  ...PANELS.slice(2),
];

/** Sum of two rates; what could not be told does not become zero. */
function total(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : one + other;
}
