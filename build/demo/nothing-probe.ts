import { unanswered } from '../../agent/core/scan/answer.ts';
import type { Probe } from '../../agent/core/scan/probe.ts';

/** A machine that answers nothing: scripted checks never ask it, and a check that does is told so. */
export const nothingProbe: Probe = {
  command: () => Promise.resolve({ ok: false, reason: 'not-installed' }),
  readFile: () => Promise.resolve(unanswered('not-supported')),
  file: () => Promise.resolve(unanswered('not-supported')),
  list: () => Promise.resolve(unanswered('not-supported')),
  exists: () => Promise.resolve(unanswered('not-supported')),
  link: () => Promise.resolve(unanswered('not-supported')),
  statfs: () => Promise.resolve(unanswered('not-supported')),
  facts: () => ({
    hostname: null,
    arch: null,
    uptimeSeconds: null,
    memoryTotalBytes: null,
    memoryFreeBytes: null,
    cpu: null,
    root: null,
  }),
};
