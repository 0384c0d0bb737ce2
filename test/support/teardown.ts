import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Close = () => unknown;

/** Closed in reverse order when the test file (or the program) is over, whether it passed or not. */
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

/** Closes everything that is still open and removes the folders. */
export async function closeEverything(): Promise<void> {
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
}

// Programs that are not tests (test/faults) use these parts too; they close everything themselves.
if (process.env.VITEST !== undefined) (await import('vitest')).afterAll(closeEverything);
