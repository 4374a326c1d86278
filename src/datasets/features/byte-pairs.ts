// Byte-pair encoding of words: characters, of which the most frequent neighbours are merged again and again (Sennrich,
// Haddow & Birch, "Neural machine translation of rare words with subword units", 2016). A word begins with ▁.

import { MostFrequent } from "./most-frequent.ts";

export type Merge = readonly [left: string, right: string];

const wordStart = "▁";

/** The words of a text, each with its mark. */
export function markedWords(text: string): string[] {
  return text
    .split(/\s+/u)
    .filter((word) => word !== "")
    .map((word) => wordStart + word);
}

/** Marked words as a text, with one blank between them. */
export function unmarked(text: string): string {
  return text.replaceAll(wordStart, " ").trim();
}

/** Characters of all words, by frequency and then by code point. */
export function charactersIn(words: ReadonlyMap<string, number>): string[] {
  const counts = new Map<string, number>();
  for (const [word, count] of words)
    for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count);
  return [...counts.keys()].sort().sort((a, b) => counts.get(b)! - counts.get(a)!);
}

/**
 * Learns up to `most` merges from marked words and their counts. Of equally frequent pairs the first by code point is
 * merged; a pair that occurs once is not.
 */
export function learnMerges(words: ReadonlyMap<string, number>, most: number): Merge[] {
  const pieces = [...words].map(([word, count]) => ({ parts: Array.from(word), count }));
  const pairs = new Map<string, { merge: Merge; count: number; words: Set<number> }>();
  const queue = new MostFrequent((key) => pairs.get(key)?.count ?? 0);
  const changed = new Set<string>();
  const change = (word: number, sign: 1 | -1) => {
    const { parts, count } = pieces[word];
    for (let i = 0; i + 1 < parts.length; i++) {
      const merge: Merge = [parts[i], parts[i + 1]];
      const key = merge.join(" ");
      let pair = pairs.get(key);
      if (pair === undefined) pairs.set(key, (pair = { merge, count: 0, words: new Set() }));
      pair.count += sign * count;
      pair.words.add(word);
      changed.add(key);
    }
  };
  const settle = () => {
    for (const key of changed) queue.changed(key);
    changed.clear();
  };
  for (const word of pieces.keys()) change(word, 1);
  settle();
  const merges: Merge[] = [];
  while (merges.length < most) {
    const best = queue.take();
    if (best === undefined || best.count < 2) break;
    const { merge, words: affected } = pairs.get(best.key)!;
    merges.push(merge);
    for (const word of affected) {
      change(word, -1);
      pieces[word].parts = merged(pieces[word].parts, merge);
      change(word, 1);
    }
    pairs.delete(best.key);
    settle();
  }
  return merges;
}

/** A marked word as the pieces that the merges leave, the earliest merge first. */
export function piecesOf(word: string, ranks: ReadonlyMap<string, number>): string[] {
  let parts = Array.from(word);
  for (;;) {
    let best: { rank: number; merge: Merge } | undefined;
    for (let i = 0; i + 1 < parts.length; i++) {
      const rank = ranks.get(`${parts[i]} ${parts[i + 1]}`);
      if (rank !== undefined && (best === undefined || rank < best.rank))
        best = { rank, merge: [parts[i], parts[i + 1]] };
    }
    if (best === undefined) return parts;
    parts = merged(parts, best.merge);
  }
}

function merged(parts: readonly string[], [left, right]: Merge): string[] {
  const result: string[] = [];
  for (let i = 0; i < parts.length; i++) {
    const isPair = parts[i] === left && parts[i + 1] === right;
    result.push(isPair ? left + right : parts[i]);
    if (isPair) i += 1;
  }
  return result;
}
