/*
 * Versions are compared by number, segment by segment, never as text: 10 comes after 9. Segments that are left out count as 0, so
 * `15.7` and `15.7.0` are the same version (as Intune's minimum and maximum of major.minor.build.revision).
 */

/** Words that mark something older than the version they follow (SemVer 2.0.0, section 11; dpkg's `~`). */
const BEFORE = /^[-_. +]*(~|(alpha|beta|rc|pre|preview|dev|canary|nightly|snapshot|insider|a\d|b\d))/i;

/** Numbers at the front, and what follows them: `24.11.1.10`, `8.9p1-3` → `8.9` and `p1-3`. */
interface Parts {
  readonly numbers: readonly bigint[];
  readonly rest: string;
}

function partsOf(version: string): Parts | null {
  // A Debian epoch (`1:2.39`) outranks everything after it, and nobody writes one into a rule: it is left out.
  const bare = version.trim().replace(/^\d+:(?=\d)/, '');
  const match = /^v?(\d+(?:[.\-_]\d+)*)(.*)$/i.exec(bare);
  const [, front, rest] = match ?? [];
  if (front === undefined || rest === undefined) return null;
  return { numbers: front.split(/[.\-_]/).map(BigInt), rest: rest.trim() };
}

/** Apple's build: Darwin's number, a letter, a number, and a letter on some (`22E261` < `22E772610a` < `22F66`). */
const APPLE_BUILD = /^(\d+)([A-Z])(\d+)([a-z]?)$/;

type Sign = -1 | 0 | 1;

function sign(difference: bigint): Sign {
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function compareText(one: string, other: string): Sign {
  return one < other ? -1 : one > other ? 1 : 0;
}

function compareNumbers(one: readonly bigint[], other: readonly bigint[]): Sign {
  for (let i = 0; i < Math.max(one.length, other.length); i += 1) {
    const order = sign((one[i] ?? 0n) - (other[i] ?? 0n));
    if (order !== 0) return order;
  }
  return 0;
}

/** Can rules be written against this? Digits in front, as every version and build we read has. */
export function isVersion(text: string): boolean {
  return partsOf(text) !== null;
}

/**
 * Which of two versions is older: -1 the first, 1 the second, 0 neither; null when it cannot be told (no number in front, or the
 * same numbers followed by different words). A pre-release comes before its release and a maker's addition (`-3ubuntu1`, `p1`) after it,
 * as in SemVer, dpkg and rpm.
 */
export function compareVersions(one: string, other: string): Sign | null {
  const apple = [APPLE_BUILD.exec(one.trim()), APPLE_BUILD.exec(other.trim())];
  const [first, second] = apple;
  if (first && second) {
    const [, darwinA = '', letterA = '', numberA = '', endA = ''] = first;
    const [, darwinB = '', letterB = '', numberB = '', endB = ''] = second;
    return (
      sign(BigInt(darwinA) - BigInt(darwinB)) ||
      compareText(letterA, letterB) ||
      sign(BigInt(numberA) - BigInt(numberB)) ||
      compareText(endA, endB)
    );
  }
  // An Apple build says nothing beside any other kind of number: `24G830` is neither before nor after 26100.
  if (first || second) return null;
  const a = partsOf(one);
  const b = partsOf(other);
  if (a === null || b === null) return null;
  const order = compareNumbers(a.numbers, b.numbers);
  if (order !== 0 || a.rest.toLowerCase() === b.rest.toLowerCase()) return order;
  if (b.rest === '') return BEFORE.test(a.rest) ? -1 : 1;
  if (a.rest === '') return BEFORE.test(b.rest) ? 1 : -1;
  return null;
}
