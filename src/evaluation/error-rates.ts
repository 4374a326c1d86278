// How far written texts are from those that were expected, in edits: the measure of speech recognition. Levenshtein, 1966.
// rate = Σ edits / Σ length of the expected      0 without a mistake, above 1 where more was written than expected
// edits  the fewest insertions, deletions and substitutions that make one list of the other

export interface ErrorRates {
  /** Of words, what stands between blanks: of phones written so, the phone error rate. Null where no word is expected. */
  word_error_rate: number | null;
  character_error_rate: number | null;
}

export function errorRates(written: readonly string[], expected: readonly string[]): ErrorRates {
  return {
    word_error_rate: rateOf(written, expected, wordsBetweenBlanks),
    character_error_rate: rateOf(written, expected, (text) => Array.from(text)),
  };
}

function wordsBetweenBlanks(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== "");
}

function rateOf(
  written: readonly string[],
  expected: readonly string[],
  unitsOf: (text: string) => string[],
): number | null {
  let [edits, length] = [0, 0];
  written.forEach((text, row) => {
    const units = unitsOf(expected[row]);
    edits += distance(unitsOf(text), units);
    length += units.length;
  });
  return length === 0 ? null : edits / length;
}

/** The fewest edits between two lists: O(|a|·|b|) steps, one row of the table at a time (Wagner & Fischer, 1974). */
export function distance(a: readonly string[], b: readonly string[]): number {
  const row = Uint32Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0];
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const substituted = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = Math.min(substituted, row[j] + 1, row[j - 1] + 1);
    }
  }
  return row[b.length];
}
