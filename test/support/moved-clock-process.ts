/**
 * A wall clock that somebody moves, for a program of its own: `node --import ./moved-clock-process.ts program.ts` with
 * MOVED_CLOCK_FILE naming a file that holds the milliseconds by which `Date` is off. Read at the start and at every SIGUSR2;
 * each time a line on standard error says so. As on a machine whose time is set, timers and `performance.now()` go on.
 */
import { readFileSync, writeSync } from 'node:fs';

const path = process.env.MOVED_CLOCK_FILE ?? '';
const TrueDate = globalThis.Date;
const trueNow = TrueDate.now;
let off = 0;

function read(): void {
  off = Number(readFileSync(path, 'utf8'));
  writeSync(2, `clock moved by ${off} ms\n`);
}

read();
process.on('SIGUSR2', read);
TrueDate.now = () => trueNow() + off;
// In place of a subclass: dates that the runtime makes itself (of files, of BSON) stay instances of it.
globalThis.Date = new Proxy(TrueDate, {
  construct: (target, args, made) =>
    Reflect.construct(target, args.length === 0 ? [target.now()] : args, made),
  apply: target => new target(target.now()).toString(),
});
