/**
 * A network between two programs, as a process of its own so that it can be frozen and killed: everything that comes to its
 * port goes on to another port of this machine, bytes unseen. `node relay-process.ts TARGET_PORT [PORT]`; the first line on
 * standard output is its port.
 */
import { connect, createServer } from 'node:net';

const [target = '', port = '0'] = process.argv.slice(2);
const server = createServer(near => {
  const far = connect(Number(target), '127.0.0.1');
  near.pipe(far).pipe(near);
  for (const [end, other] of [
    [near, far],
    [far, near],
  ] as const) {
    end.on('error', () => other.destroy());
    end.on('close', () => other.destroy());
  }
});
server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`);
});
