type Cell = string | number | boolean | null;

/**
 * Rows as CSV (RFC 4180, with a byte-order mark so that Excel reads UTF-8). What could not be told is an empty cell.
 * A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV injection).
 */
export function toCsv(heads: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [heads.map(cell).join(',')];
  for (const row of rows) lines.push(row.map(cell).join(','));
  return `\uFEFF${lines.join('\r\n')}\r\n`;
}

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Hands a text to the browser as a file. */
export function saveFile(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
