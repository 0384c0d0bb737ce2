import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

type Close = () => unknown;

/** Closed in reverse order when the test file is over, whether it passed or not. */
const open = new Set<Close>();

/** Registers something that must not outlive the test file; the returned function takes it out again. */
export function closeAtEnd(close: Close): () => void {
  open.add(close);
  return () => open.delete(close);
}

/** An empty folder of its own, gone when the test file is over. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `trayline-${name}-`));
  folders.push(folder);
  return folder;
}
const folders: string[] = [];

afterAll(async () => {
  const failures: unknown[] = [];
  for (const close of [...open].reverse()) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  open.clear();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed');
});
