import { OS_SUPPORT, type OsSupportTable, osSupportTable } from '../../../shared/device/os-support-table.ts';

/** Larger than any table the schema takes. */
const MOST_BYTES = 512 * 1024;

export type TableFile =
  | { readonly ok: true; readonly table: OsSupportTable }
  | { readonly ok: false; readonly why: string };

const LISTS: Readonly<Record<string, { readonly title: string; readonly columns: readonly string[] }>> = {
  windowsClient: {
    title: 'Windows',
    columns: ['build', 'channel', 'cycle', 'label', 'last day of support', 'last day of paid support'],
  },
  windowsServer: {
    title: 'Windows Server',
    columns: ['build', 'channel', 'cycle', 'label', 'last day of support'],
  },
  macos: { title: 'macOS', columns: ['major version', 'label', 'last day of support'] },
};
const LINUX_COLUMNS = ['release', 'label', 'last day of free support', 'last day of paid support'];

/** A table from a file somebody chose; what is wrong with it in words when it may not be given. */
export async function readTableFile(file: Pick<Blob, 'size' | 'text'>): Promise<TableFile> {
  if (file.size > MOST_BYTES) return { ok: false, why: 'The file is larger than any table of support ends.' };
  let given: unknown;
  try {
    given = JSON.parse(await file.text());
  } catch {
    return {
      ok: false,
      why: 'The file is not JSON, or could not be read. Choose the table as it was published.',
    };
  }
  const parsed = osSupportTable.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined ? '' : placeWords(issue.path);
    const what = issue === undefined ? 'it does not have the shape of one' : issueWords(issue);
    return { ok: false, why: `The file is not a table of support ends: ${where}${what}.` };
  }
  if (parsed.data.asOf <= OS_SUPPORT.asOf) {
    return {
      ok: false,
      why: `The table in the file is of ${parsed.data.asOf}, the shipped one of ${OS_SUPPORT.asOf}. Only a later one may be given.`,
    };
  }
  return { ok: true, table: parsed.data };
}

function issueWords({ code, message }: { code: string; message: string }): string {
  if (code === 'unrecognized_keys') return 'it has members that this version does not know';
  if (message.startsWith('Invalid ISO date')) return 'must be a day that exists, as 2026-10-31';
  if (code === 'invalid_type' || code === 'invalid_union')
    return 'is missing or of another kind than expected';
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** `macOS, row 3, last day of support: ` */
function placeWords(path: readonly PropertyKey[]): string {
  const [list, second, ...rest] = path.map(String);
  if (list === undefined) return '';
  if (list === 'linux') {
    const [, row, column] = rest;
    return `${[
      second ?? 'Linux',
      row === undefined ? (rest[0] ?? '') : `row ${Number(row) + 1}`,
      column === undefined ? '' : (LINUX_COLUMNS[Number(column)] ?? ''),
    ]
      .filter(Boolean)
      .join(', ')}: `;
  }
  const known = LISTS[list];
  if (known === undefined) return `${list === 'asOf' ? 'day of the table' : list}: `;
  const column = rest[0] === undefined ? '' : (known.columns[Number(rest[0])] ?? '');
  return `${[known.title, second === undefined ? '' : `row ${Number(second) + 1}`, column].filter(Boolean).join(', ')}: `;
}

/** One system whose row another table has differently. Days are `YYYY-MM-DD`; null where no day is known. */
export interface TableChange {
  readonly is: 'added' | 'removed' | 'changed';
  readonly label: string;
  readonly before: string | null;
  readonly after: string | null;
}

interface Row {
  readonly label: string;
  readonly end: string;
}

function rowsOf(table: OsSupportTable): Map<string, Row> {
  const rows = new Map<string, Row>();
  const endWords = (free: string | null, paid: string | null): string =>
    `${free ?? 'no day known'}${paid === null ? '' : `, paid until ${paid}`}`;
  for (const [build, channel, , label, free, paid] of table.windowsClient) {
    const name = channel === 'any' || label.toLowerCase().includes(channel) ? label : `${label} (${channel})`;
    rows.set(`windows ${build} ${channel}`, { label: name, end: endWords(free, paid) });
  }
  for (const [build, channel, , label, free] of table.windowsServer)
    rows.set(`server ${build} ${channel}`, { label, end: endWords(free, null) });
  for (const [place, [major, label, free]] of table.macos.entries()) {
    // Without a day the place decides: a new version at the top pushes an older one out.
    const byPlace =
      place < table.macosSupportedMajors ? 'supported, no day known' : 'out of support, no day known';
    rows.set(`macos ${major}`, { label, end: free ?? byPlace });
  }
  rows.set('macos majors', {
    label: 'Newest macOS versions counted as supported',
    end: `${table.macosSupportedMajors}`,
  });
  for (const [family, { rows: releases }] of Object.entries(table.linux)) {
    for (const [release, label, free, paid] of releases)
      rows.set(`linux ${family} ${release}`, { label, end: endWords(free, paid) });
  }
  return rows;
}

/** What an agent would judge by differently with `after`. */
export function tableChanges(before: OsSupportTable, after: OsSupportTable): TableChange[] {
  const old = rowsOf(before);
  const now = rowsOf(after);
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((name): TableChange[] => {
    const was = old.get(name);
    const is = now.get(name);
    if (was === undefined)
      return is === undefined ? [] : [{ is: 'added', label: is.label, before: null, after: is.end }];
    if (is === undefined) return [{ is: 'removed', label: was.label, before: was.end, after: null }];
    if (was.end === is.end && was.label === is.label) return [];
    return [{ is: 'changed', label: is.label, before: was.end, after: is.end }];
  });
}

/** How many systems a table knows. */
export function systemsIn(table: OsSupportTable): number {
  return (
    table.windowsClient.length +
    table.windowsServer.length +
    table.macos.length +
    Object.values(table.linux).reduce((sum, { rows }) => sum + rows.length, 0)
  );
}
