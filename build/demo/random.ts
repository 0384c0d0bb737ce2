/*
 * Randomness that is a function: the same seed and the same place give the same number, in any order of asking. That is what
 * lets a story be told for last Tuesday and for this second without keeping anything.
 */

/** 32 well-mixed bits of a text (FNV-1a over UTF-16 units, then the finaliser of MurmurHash3; both public domain). */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return mix(hash);
}

function mix(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** A number in [0, 1) for place `n` of a seed's sequence. */
export function unit(seed: number, n: number): number {
  return mix(seed ^ mix(Math.floor(n) ^ 0x9e3779b9)) / 0x1_0000_0000;
}

/** A seed of its own for one purpose of another seed. */
export function seedOf(seed: number, purpose: string): number {
  return mix(seed ^ hashText(purpose));
}

/** A smooth curve in [0, 1) over `x`: a random value at each whole number, eased between neighbours. */
export function wave(seed: number, x: number): number {
  const left = Math.floor(x);
  const share = x - left;
  const eased = share * share * (3 - 2 * share);
  return unit(seed, left) * (1 - eased) + unit(seed, left + 1) * eased;
}

/** A sequence to draw from; the order of drawing matters here, so it is used only to build the company once. */
export interface Draw {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number;
  pick<T>(list: { readonly 0: T } & readonly T[]): T;
  chance(share: number): boolean;
}

export function drawFrom(seed: number): Draw {
  let n = 0;
  const next = (): number => {
    n += 1;
    return unit(seed, n);
  };
  return {
    next,
    whole: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick: list => list[Math.floor(next() * list.length)] ?? list[0],
    chance: share => next() < share,
  };
}
