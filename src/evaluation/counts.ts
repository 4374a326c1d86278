// How often each class was right: counts, and what is made of them.
// precision = hits / predicted   recall = hits / support   F1 = 2·hits / (predicted + support)     van Rijsbergen, 1979
// A class that neither occurs nor is predicted has no F1 and is not in a mean.

/** Per class (or label): rows that have it, rows predicted to, rows where both is so. */
export interface Counts {
  readonly support: Uint32Array;
  readonly predicted: Uint32Array;
  readonly hits: Uint32Array;
}

export function emptyCounts(classes: number): Counts {
  return {
    support: new Uint32Array(classes),
    predicted: new Uint32Array(classes),
    hits: new Uint32Array(classes),
  };
}

/** @param expected codes of the true classes
 * @param predicted codes of the predicted classes, one for each of `expected` */
export function countClasses(expected: Int32Array, predicted: Int32Array, classes: number): Counts {
  const counts = emptyCounts(classes);
  expected.forEach((code, row) => {
    counts.support[code] += 1;
    counts.predicted[predicted[row]] += 1;
    if (code === predicted[row]) counts.hits[code] += 1;
  });
  return counts;
}

/** Row i: how often those of class i were predicted as each class. */
export function confusionMatrix(expected: Int32Array, predicted: Int32Array, classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  expected.forEach((code, row) => (matrix[code][predicted[row]] += 1));
  return matrix;
}

export interface Scores {
  precision: number | null;
  recall: number | null;
  f1: number | null;
  support: number;
}

export function scoresOf({ support, predicted, hits }: Counts): Scores[] {
  return Array.from(support, (rows, code) => ({
    precision: ratio(hits[code], predicted[code]),
    recall: ratio(hits[code], rows),
    f1: ratio(2 * hits[code], predicted[code] + rows),
    support: rows,
  }));
}

/** Unweighted mean of the classes' F1. */
export function macroF1(counts: Counts): number | null {
  return mean(scoresOf(counts).map(({ f1 }) => f1));
}

/** Mean of the classes' F1, each as often as it occurs. */
export function weightedF1(counts: Counts): number | null {
  const scores = scoresOf(counts);
  const rows = scores.reduce((sum, { support }) => sum + support, 0);
  return ratio(
    scores.reduce((sum, { f1, support }) => sum + (f1 ?? 0) * support, 0),
    rows,
  );
}

/** Precision, recall and F1 of all decisions together. */
export function microScores({ support, predicted, hits }: Counts): Omit<Scores, "support"> {
  const [rows, claims, right] = [support, predicted, hits].map((counts) => counts.reduce((sum, count) => sum + count));
  return { precision: ratio(right, claims), recall: ratio(right, rows), f1: ratio(2 * right, claims + rows) };
}

/** null where there is nothing to divide by. */
export function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Mean of the values that are there. */
export function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return ratio(
    known.reduce((sum, value) => sum + value, 0),
    known.length,
  );
}
