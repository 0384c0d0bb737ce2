/** The most rows that are read of one report. */
const ROWS_MAX = 200_000;

export type Cells = Readonly<Record<string, unknown>>;

/** Rows of a downloaded report, by the names of its columns; `whole` is false where there were too many. */
export interface Table {
  readonly rows: readonly Cells[];
  readonly whole: boolean;
}

/** A report as it is downloaded: JSON a line, or CSV with a line of names (RFC 4180). null: neither. */
export function readTable(text: string): Table | null {
  const body = text.replace(/^\uFEFF/, '');
  if (body.trim() === '') return { rows: [], whole: true };
  return /^\s*\{/.test(body) ? jsonLines(body) : csv(body);
}

function jsonLines(body: string): Table | null {
  const rows: Cells[] = [];
  for (const line of body.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    if (rows.length >= ROWS_MAX) return { rows, whole: false };
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch {
      return null;
    }
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return null;
    rows.push({ ...row });
  }
  return { rows, whole: true };
}

function csv(body: string): Table | null {
  const lines = csvLines(body);
  if (lines === null) return null;
  const [names = [], ...rest] = lines;
  const rows = rest
    .filter(cells => cells.length > 1 || cells[0] !== '')
    .map(cells => Object.fromEntries(names.map((name, place) => [name.trim(), cells[place] ?? ''])));
  return { rows: rows.slice(0, ROWS_MAX), whole: rows.length <= ROWS_MAX };
}

/** null: a quoted cell without an end, so the file was cut off. */
function csvLines(body: string): string[][] | null {
  const lines: string[][] = [];
  let cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < body.length; at += 1) {
    const char = body[at];
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (body[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (char === '"' && cell === '') isQuoted = true;
    else if (char === ',') {
      cells.push(cell);
      cell = '';
    } else if (char === '\n' || char === '\r') {
      if (char === '\r' && body[at + 1] === '\n') at += 1;
      lines.push([...cells, cell]);
      cells = [];
      cell = '';
    } else cell += char;
  }
  if (isQuoted) return null;
  if (cell !== '' || cells.length > 0) lines.push([...cells, cell]);
  return lines;
}
