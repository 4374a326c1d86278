// A small seeded generator for shuffling rows: PCG-XSH-RR 32 (O'Neill, 2014). The same seed gives the same rows everywhere.

const multiplier = 6364136223846793005n;
const increment = 1442695040888963407n;
const mask = (1n << 64n) - 1n;

/** Gives a function whose every call returns the next integer below `bound` (1 to 2^32), each equally likely. */
export function integerGenerator(seed: number): (bound: number) => number {
  let state = 0n;
  const next = () => {
    const old = state;
    state = (old * multiplier + increment) & mask;
    const shifted = Number((((old >> 18n) ^ old) >> 27n) & 0xffffffffn);
    const rotation = Number(old >> 59n);
    return ((shifted >>> rotation) | (shifted << (32 - rotation))) >>> 0;
  };
  next();
  state = (state + BigInt(Math.trunc(seed))) & mask;
  next();
  return (bound) => {
    // Values beyond the largest multiple of `bound` would favour small results: draw again (Lemire, 2019, classic method).
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let value = next();
    while (value >= limit) value = next();
    return value % bound;
  };
}

/** Puts `items` into random order, in place (Durstenfeld, 1964). */
export function shuffle(items: Int32Array, below: (bound: number) => number): Int32Array {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(i + 1);
    const item = items[i];
    items[i] = items[j];
    items[j] = item;
  }
  return items;
}
