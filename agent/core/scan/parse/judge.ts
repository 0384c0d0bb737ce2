/** True as soon as one is; null while one is unknown or there is nothing to judge; else false. */
export function anyOf(values: readonly (boolean | null)[]): boolean | null {
  if (values.includes(true)) return true;
  return values.length === 0 || values.includes(null) ? null : false;
}
