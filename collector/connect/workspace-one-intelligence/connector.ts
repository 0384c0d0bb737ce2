import { z } from 'zod';
import { HOUR, MINUTE } from '../../../shared/base/durations.ts';
import { isProblem, Problem } from '../../../shared/problem/problem.ts';
import {
  type CheckLine,
  defineConnector,
  defineOperation,
  type FollowOutcome,
  failed,
  type Inquired,
  type ObserveStep,
  outcomeAfter,
  type Row,
} from '../connector.ts';
import { vendorTime } from '../dates.ts';
import { textSettingOptional } from '../setting.ts';
import {
  type Download,
  deviceIdOf,
  type Intelligence,
  openIntelligence,
  readDownload,
  signInSettings,
} from './api.ts';
import { columnsOf, intelligenceObservation, reportRow } from './convert.ts';
import type { Cells } from './table.ts';

const SCOPE = 'Reports';
const REPORT_NAME = 'Trayline devices';

/** The report that was made for us, so that there is one and not one more each time. */
const checkpointSchema = z.object({ reportId: z.string().min(1).max(128) });
type Checkpoint = z.infer<typeof checkpointSchema>;

interface IntelligenceClient {
  readonly intelligence: Intelligence;
  /** Chosen by the administrator. */
  readonly reportId: string | null;
  /** Made by us while the account is open. */
  made: string | null;
  readonly now: () => number;
}

async function reportOf(client: IntelligenceClient, known: string | null): Promise<string> {
  const id = client.reportId ?? known ?? client.made ?? (await makeReport(client.intelligence));
  if (client.reportId === null) client.made = id;
  return id;
}

async function makeReport(intelligence: Intelligence): Promise<string> {
  const columns = columnsOf(await intelligence.attributes('device'));
  if (!columns.includes('airwatch.device.device_id'))
    throw new Problem('vendor-answer', 'the organisation has no attribute for the number of a device');
  return intelligence.createReport(REPORT_NAME, columns);
}

async function* observeReport(
  client: IntelligenceClient,
  since: Checkpoint | null,
): AsyncGenerator<ObserveStep<Checkpoint>> {
  const reportId = await reportOf(client, since?.reportId ?? null);
  try {
    yield* readReport(client, reportId);
  } catch (error) {
    const isOurs = client.reportId === null && client.made !== null;
    if (!isOurs || !isProblem(error) || error.code !== 'vendor-not-found') throw error;
    client.made = null;
    yield { kind: 'restart', why: 'the report that was made for this has been deleted' };
    yield* readReport(client, await reportOf(client, null));
  }
}

async function* readReport(
  { intelligence, now }: IntelligenceClient,
  reportId: string,
): AsyncGenerator<ObserveStep<Checkpoint>> {
  const pages = intelligence.preview(reportId, rowIdentity);
  for await (const rows of pages) {
    for (const row of rows) {
      const observation = intelligenceObservation(cellsOf(row), now());
      yield observation === null
        ? { kind: 'skipped', vendorId: null, why: 'the row names no device' }
        : { kind: 'observation', observation };
    }
  }
  yield { kind: 'complete', covers: pages.whole ? 'all' : 'partial', checkpoint: { reportId } };
}

/** A report of several entities has a device on many rows; each is a row of its own. */
function rowIdentity(row: unknown): string {
  return deviceIdOf(row) ?? JSON.stringify(row);
}

const runReport = defineOperation({
  title: 'Run a report',
  what: 'Makes the report anew for download; it counts towards the organisation’s limits.',
  isDestructive: false,
  scope: SCOPE,
  hasNoTarget: true,
  parameters: z.strictObject({ reportId: z.string().min(1).max(128).optional() }),
  run: (client: IntelligenceClient, _target, { reportId }) =>
    outcomeAfter(
      async () => reportId ?? (await reportOf(client, null)),
      async id => {
        const { headers } = await client.intelligence.run(id);
        const at = Date.parse(headers.get('date') ?? '');
        return {
          outcome: 'accepted',
          reference: id,
          tracking: `${id}@${Number.isNaN(at) ? client.now() : at}`,
        };
      },
    ),
});

const FOLLOWED: Readonly<Record<string, FollowOutcome>> = {
  completed: 'done',
  failed: 'failed',
  error: 'failed',
  cancelled: 'cancelled',
  canceled: 'cancelled',
};

/** The newest download of a report that began no earlier than `from`. */
async function newestOf(
  intelligence: Intelligence,
  reportId: string,
  fits: (download: Download) => boolean,
): Promise<Download | null> {
  let newest: Download | null = null;
  for await (const items of intelligence.downloads(reportId)) {
    for (const item of items) {
      const found = readDownload(item);
      if (found === null || !fits(found)) continue;
      if (newest === null || startOf(found) > startOf(newest)) newest = found;
    }
  }
  return newest;
}

const startOf = ({ start_time, created_at }: Download): number =>
  vendorTime(start_time) ?? vendorTime(created_at) ?? 0;

/** `tracking` is `report@time`; a run has no number of its own before it is there. */
async function followReport(
  { intelligence }: IntelligenceClient,
  _target: string,
  tracking: string,
): Promise<FollowOutcome> {
  const [reportId = '', at = ''] = tracking.split('@');
  const takenAt = Number(at);
  if (reportId === '' || at === '' || !Number.isFinite(takenAt)) return 'unknown';
  // The vendor's servers are not all of one mind about the time.
  const found = await newestOf(intelligence, reportId, download => startOf(download) >= takenAt - MINUTE);
  if (found === null) return 'pending';
  return FOLLOWED[String(found.status ?? '').toLowerCase()] ?? 'pending';
}

/** More rows than a person looks at. */
const ROWS_MAX = 10_000;

async function previewRows(client: IntelligenceClient): Promise<Inquired> {
  const pages = client.intelligence.preview(await reportOf(client, null), row => JSON.stringify(row));
  const rows: Row[] = [];
  for await (const items of pages) {
    rows.push(...items.map(item => reportRow(cellsOf(item))));
    if (rows.length >= ROWS_MAX) return { rows: rows.slice(0, ROWS_MAX), whole: false };
  }
  return { rows, whole: pages.whole };
}

async function downloadRows(client: IntelligenceClient): Promise<Inquired> {
  const { intelligence } = client;
  const reportId = await reportOf(client, null);
  const isDone = ({ status }: Download) => FOLLOWED[String(status ?? '').toLowerCase()] === 'done';
  const newest = await newestOf(intelligence, reportId, isDone);
  if (newest === null) throw new Problem('vendor-not-found', 'the report has not been run to its end yet');
  const { rows, whole } = await intelligence.fetch(newest.id);
  return { rows: rows.map(reportRow), whole };
}

function cellsOf(row: unknown): Cells {
  return typeof row === 'object' && row !== null ? { ...row } : {};
}

async function checkIntelligence({ intelligence }: IntelligenceClient): Promise<CheckLine[]> {
  try {
    await intelligence.signIn();
  } catch (error) {
    return [failed('Sign-in', error), { what: SCOPE, outcome: 'unknown', detail: 'not tried' }];
  }
  const signedIn: CheckLine = { what: 'Sign-in', outcome: 'ok' };
  try {
    const columns = columnsOf(await intelligence.attributes('device'));
    return [signedIn, { what: SCOPE, outcome: 'ok', detail: `${columns.length} attributes of devices` }];
  } catch (error) {
    return [signedIn, failed(SCOPE, error)];
  }
}

export const workspaceOneIntelligence = defineConnector({
  id: 'workspace-one-intelligence',
  title: 'Workspace ONE Intelligence',
  summary: 'Reads devices out of a report of Workspace ONE Intelligence, and fetches finished reports.',
  settings: z.object({
    ...signInSettings,
    reportId: textSettingOptional(
      {
        title: 'Report',
        hint: 'A report of devices of your own, with Device ID among its columns. Left out, one is made and used again.',
      },
      /^[\w-]{1,128}$/,
    ),
  }),
  accounts: { max: 5 },
  scopes: [
    {
      name: SCOPE,
      why: 'A service account whose role may see and make reports; there is no other way to devices.',
      neededTo: 'observe',
    },
  ],
  observes: {
    source: 'workspace-one',
    incremental: null,
    checkpoint: checkpointSchema,
    // Intelligence itself gets its devices from UEM every few hours.
    cadence: { fullMs: 6 * HOUR },
    run: observeReport,
  },
  open: ({ reportId, ...settings }, io): IntelligenceClient => ({
    intelligence: openIntelligence(settings, io),
    reportId: reportId ?? null,
    made: null,
    now: () => io.clock.now(),
  }),
  check: checkIntelligence,
  operations: { runReport },
  follow: followReport,
  inquiries: {
    report: {
      title: 'Report',
      what: 'Rows of the report as it is now.',
      about: 'account',
      run: previewRows,
    },
    download: {
      title: 'Finished report',
      what: 'Rows of the report as it was last made for download.',
      about: 'account',
      run: downloadRows,
    },
  },
});
