// Where a word stands among the words of a vocabulary, found in constant time.

const known = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/** Word → its index, made once for a list, which must not change afterwards. */
export function positionsOf(words: readonly string[]): ReadonlyMap<string, number> {
  const present = known.get(words);
  if (present !== undefined) return present;
  const positions = new Map(words.map((word, position) => [word, position]));
  known.set(words, positions);
  return positions;
}
