/** One person's app, without a face: connects to the desk it is given, asks what it reads, prints each reply as a line. */
import { createInterface } from 'node:readline';
import { createServiceLink } from '../../agent/desktop/main/service-link.ts';

const [path = ''] = process.argv.slice(2);
const link = createServiceLink({
  paths: [path],
  version: 'test',
  changed: state => {
    if (state !== 'connecting') process.stdout.write(`${JSON.stringify({ state })}\n`);
  },
  event: () => undefined,
});
link.start();
for await (const line of createInterface({ input: process.stdin })) {
  const { name, input } = JSON.parse(line) as { name: string; input?: unknown };
  process.stdout.write(`${JSON.stringify(await link.ask(name, input))}\n`);
}
link.stop();
