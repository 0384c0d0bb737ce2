import type { FleetRow } from '../../../shared/api/schemas.ts';
import { reasonSentence } from '../../../shared/text/sentence.ts';
import { Ago, date } from '../parts/ago.tsx';
import { bytes, count, humanise, percent, span } from '../parts/format.ts';
import { Link } from '../parts/link.tsx';
import { LOCALE } from '../parts/locale.ts';
import { PresenceShape, presenceWord, StateMark } from '../parts/mark.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import type { ColumnId } from './sort.ts';

interface Column {
  readonly head: string;
  /** CSS grid track. */
  readonly track: string;
  readonly right?: boolean;
  /** Which way the first click sorts; worst first. */
  readonly descendingFirst?: boolean;
  cell(row: FleetRow): React.ReactNode;
  /** For the CSV file: the value with its unit in the heading. */
  readonly csv: readonly (readonly [string, (row: FleetRow) => string | number | boolean | null])[];
}

const unknown = <span className="faded">–</span>;

export function whyWords(row: FleetRow): string {
  return row.why === null ? '' : reasonSentence(LOCALE, row.why);
}

export const COLUMNS: Readonly<Record<ColumnId, Column>> = {
  state: {
    head: 'State',
    track: '143px',
    cell: row => <StateMark state={row.state} />,
    csv: [['state', row => row.state]],
  },
  name: {
    head: 'Device',
    track: 'minmax(120px, 0.6fr)',
    cell: row => (
      <>
        <Link to={`/devices/${row.id}`} tabIndex={-1}>
          {row.name}
        </Link>
        {row.duplicate ? (
          <span className="tag" title="Another device says it is the same machine">
            twice
          </span>
        ) : null}
      </>
    ),
    csv: [
      ['device', row => row.name],
      ['id', row => row.id],
    ],
  },
  person: {
    head: 'Person',
    track: 'minmax(104px, 0.9fr)',
    cell: row => row.person ?? <span className="faded">not known</span>,
    csv: [['person', row => row.person]],
  },
  score: {
    head: 'Score',
    track: '70px',
    right: true,
    cell: row => <ScoreCell row={row} />,
    csv: [['score', row => (row.score === null ? null : Math.round(row.score))]],
  },
  week: {
    head: '7 days',
    track: '86px',
    cell: row => <Sparkline values={row.week} label={weekWords(row.week)} />,
    csv: [['score change in 7 days', row => change(row.week)]],
  },
  why: {
    head: 'Why (dearest reason)',
    track: 'minmax(180px, 3fr)',
    cell: row => {
      const words = whyWords(row);
      return words === '' ? (
        <span className="faded">nothing costs it points</span>
      ) : (
        <span title={words}>{words}</span>
      );
    },
    csv: [['why', whyWords]],
  },
  os: {
    head: 'System / support',
    track: 'minmax(146px, 0.8fr)',
    cell: row =>
      row.os === null ? (
        unknown
      ) : (
        <span
          title={`${row.os} ${row.osVersion ?? ''}${row.osSupportEnd ? `, updates until ${row.osSupportEnd}` : ''}`}
        >
          {shortOs(row.os)}{' '}
          <span className={row.osSupported === false ? 'tone-will-block' : 'faded'}>
            {row.osSupported === null ? 'not known' : row.osSupported ? 'ok' : 'ended'}
          </span>
        </span>
      ),
    csv: [
      ['system', row => row.os],
      ['system version', row => row.osVersion],
      ['system supported', row => row.osSupported],
      ['support ends', row => row.osSupportEnd],
    ],
  },
  disk: {
    head: 'Disk',
    track: '58px',
    right: true,
    cell: row => (
      <span
        className="num"
        title={row.diskFreeBytes === null ? 'not known' : `${bytes(row.diskFreeBytes)} free`}
      >
        {percent(row.diskFreePercent)}
      </span>
    ),
    csv: [
      ['disk free %', row => rounded(row.diskFreePercent)],
      ['disk free bytes', row => row.diskFreeBytes],
    ],
  },
  battery: {
    head: 'Battery',
    track: '68px',
    right: true,
    cell: row =>
      row.batteryPresent === false ? (
        <span className="faded">none</span>
      ) : (
        <span className="num">{percent(row.batteryPercent)}</span>
      ),
    csv: [['battery %', row => row.batteryPercent]],
  },
  health: {
    head: 'Battery holds',
    track: '104px',
    right: true,
    cell: row => <span className="num">{percent(row.batteryHealthPercent)}</span>,
    csv: [['battery health %', row => rounded(row.batteryHealthPercent)]],
  },
  cpu: {
    head: 'CPU',
    track: '68px',
    right: true,
    descendingFirst: true,
    cell: row => <span className="num">{percent(row.cpuPercent)}</span>,
    csv: [['cpu %', row => rounded(row.cpuPercent)]],
  },
  memory: {
    head: 'Memory',
    track: '80px',
    right: true,
    descendingFirst: true,
    cell: row => <span className="num">{percent(row.memoryUsedPercent)}</span>,
    csv: [['memory used %', row => rounded(row.memoryUsedPercent)]],
  },
  uptime: {
    head: 'Running for',
    track: '98px',
    right: true,
    descendingFirst: true,
    cell: row => <span className="num">{span(row.uptimeSeconds)}</span>,
    csv: [['uptime s', row => row.uptimeSeconds]],
  },
  model: {
    head: 'Model',
    track: 'minmax(140px, 1fr)',
    cell: row => row.model ?? unknown,
    csv: [['model', row => row.model]],
  },
  encryption: {
    head: 'Encryption',
    track: '104px',
    cell: row =>
      row.encryption === null ? (
        unknown
      ) : (
        <span className={row.encryption === 'on' ? '' : 'tone-will-block'}>{humanise(row.encryption)}</span>
      ),
    csv: [['disk encryption', row => row.encryption]],
  },
  firewall: {
    head: 'Firewall',
    track: '84px',
    cell: row =>
      row.firewall === null ? unknown : row.firewall ? 'On' : <span className="tone-will-block">Off</span>,
    csv: [['firewall', row => row.firewall]],
  },
  restart: {
    head: 'Restart',
    track: '84px',
    cell: row =>
      row.rebootPending === null ? (
        unknown
      ) : row.rebootPending ? (
        'Waiting'
      ) : (
        <span className="faded">no</span>
      ),
    csv: [['restart waiting', row => row.rebootPending]],
  },
  contradictions: {
    head: 'Contradicted',
    track: '104px',
    descendingFirst: true,
    cell: ({ contradictions = [] }) =>
      contradictions.length === 0 ? (
        <span className="faded">no</span>
      ) : (
        <span className={contradictions[0]?.weight === 'high' ? 'tone-will-block' : ''}>
          {contradictions.length}× {contradictions[0]?.weight}
        </span>
      ),
    csv: [['contradictions', ({ contradictions = [] }) => contradictions.map(({ rule }) => rule).join(' ')]],
  },
  seen: {
    head: 'Seen',
    track: '108px',
    right: true,
    cell: row => (
      <span
        className="meter"
        title={row.noAgent === true ? 'No agent; seen by another system' : presenceWord(row.presence)}
      >
        {row.noAgent === true ? (
          <span className="faded small">no agent</span>
        ) : (
          <>
            <span className="sr">{presenceWord(row.presence)}</span>
            <PresenceShape presence={row.presence} />
          </>
        )}
        <Ago at={row.lastSeen} className={row.presence === 'live' ? '' : 'faded'} />
      </span>
    ),
    csv: [
      ['presence', row => row.presence],
      ['last seen', row => (row.lastSeen === null ? null : new Date(row.lastSeen).toISOString())],
    ],
  },
};

/** `Windows 11 Enterprise 24H2` as `Windows 11 24H2`: the edition does not help to read a list. */
function shortOs(os: string): string {
  return os
    .replace(/ (Enterprise|Pro|Home|Education)\b/, '')
    .replace('GNU/Linux ', '')
    .replace('Windows', 'Win');
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}

function change(week: FleetRow['week']): number | null {
  const today = week.at(-1);
  const before = week.at(-2);
  if (today === undefined || today === null || before === undefined || before === null) return null;
  return Math.round(today) - Math.round(before);
}

function weekWords(week: FleetRow['week']): string {
  return `Score of the last seven days: ${week.map(value => (value === null ? 'no data' : count(value))).join(', ')}`;
}

function ScoreCell({ row }: { row: FleetRow }) {
  if (row.score === null) return <span className="faded">–</span>;
  const moved = change(row.week);
  return (
    <span className="score num">
      <strong>{count(row.score)}</strong>
      <span className="score-delta" title="Change since yesterday">
        {moved === null || moved === 0 ? '' : `${moved > 0 ? '▴' : '▾'}${Math.abs(moved)}`}
      </span>
    </span>
  );
}

export function supportWords(row: FleetRow): string {
  if (row.osSupported === null) return 'not known whether it gets updates';
  if (!row.osSupported) return 'no security updates';
  return row.osSupportEnd === null ? 'gets updates' : `updates until ${date(Date.parse(row.osSupportEnd))}`;
}
