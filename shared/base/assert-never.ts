/** Closes a switch over a union: a new member breaks the build here instead of being guessed at run time. */
export function assertNever(value: never, what: string): never {
  throw new Error(`unhandled ${what}: ${JSON.stringify(value)}`);
}
