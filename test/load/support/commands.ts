import { createInterface } from 'node:readline';

/** Answers of a load client to the bench: one JSON line each. */
export function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

const lines: Record<string, unknown>[] = [];
const waiting: (() => void)[] = [];
let listening = false;

function listen(): void {
  if (listening) return;
  listening = true;
  createInterface({ input: process.stdin })
    .on('line', text => {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null) lines.push({ ...value });
      for (const wake of waiting.splice(0)) wake();
    })
    // The bench is gone: so is the reason to go on.
    .on('close', () => process.exit(0));
}

/** The bench's next line whose `do` is `name`; lines come in the order in which they are waited for. */
export async function command(name: string): Promise<Record<string, unknown>> {
  listen();
  for (;;) {
    const line = lines.shift();
    if (line === undefined) {
      await new Promise<void>(resolve => {
        waiting.push(resolve);
      });
    } else if (line.do === name) {
      return line;
    }
  }
}
