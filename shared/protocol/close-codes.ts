import { ALL_PROBLEM_CODES, PROBLEM_CODES, type ProblemCode } from '../problem/codes.ts';

const byClose = new Map<number, ProblemCode>();
for (const code of ALL_PROBLEM_CODES) {
  const { close } = PROBLEM_CODES[code];
  if (close !== null) byClose.set(close, code);
}

/** WebSocket close code for a problem; 4500 where the catalogue names none. */
export function closeCodeOf(code: ProblemCode): number {
  return PROBLEM_CODES[code].close ?? 4500;
}

/** The problem a close code stands for, or null for the WebSocket protocol's own codes (1000-1015) and unknown ones. */
export function problemOfClose(closeCode: number): ProblemCode | null {
  return byClose.get(closeCode) ?? null;
}
