import { setFlagsFromString } from 'node:v8';

/*
 * Imported before everything else, because it counts for memory that is not taken yet. Plain JavaScript: the build puts it
 * before the bundle as it is.
 */

// Young objects in 1 MiB instead of up to 16: the agent makes little garbage, and rarely.
setFlagsFromString('--max-semi-space-size=1');
setFlagsFromString('--semi-space-growth-factor=1');
// File and DNS calls come one at a time; each thread costs its stack and its malloc arena.
process.env.UV_THREADPOOL_SIZE ??= '2';
