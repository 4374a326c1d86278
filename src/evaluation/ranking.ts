// How well a score tells the rows of a class from all others, whatever the threshold.
// ROC-AUC   area under true positive rate over false positive rate, by trapezoids: equal scores count half. Fawcett, 2006
// PR-AUC    average precision Σ_n (R_n − R_{n−1})·P_n over falling thresholds, no interpolation; scikit-learn's definition
import type { RocPoint } from "../contract/evaluation.ts";

const mostPoints = 100;

export interface Ranking {
  /** null where all rows or none are of the class. */
  rocAuc: number | null;
  prAuc: number | null;
  /** From (0, 0) to (1, 1), at most 100; empty where `rocAuc` is null. */
  points: RocPoint[];
}

/** @param isPositive whether row r is of the class, 1 or 0 */
export function rank(scores: Float64Array, isPositive: Uint8Array): Ranking {
  const positives = isPositive.reduce((sum, is) => sum + is, 0);
  const negatives = scores.length - positives;
  if (positives === 0 || negatives === 0) return { rocAuc: null, prAuc: null, points: [] };
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
  const points: RocPoint[] = [{ false_positive_rate: 0, true_positive_rate: 0, threshold: null }];
  let [hits, misses, area, precisions] = [0, 0, 0, 0];
  for (let at = 0; at < order.length;) {
    const threshold = scores[order[at]];
    const [hitsBefore, missesBefore] = [hits, misses];
    // Rows of one score cannot be told apart: they count together.
    do {
      if (isPositive[order[at]] === 1) hits += 1;
      else misses += 1;
      at++;
    } while (at < order.length && scores[order[at]] === threshold);
    area += ((misses - missesBefore) * (hits + hitsBefore)) / 2;
    precisions += (hits - hitsBefore) * (hits / (hits + misses));
    const point = { false_positive_rate: misses / negatives, true_positive_rate: hits / positives, threshold };
    if (isOnTheWay(points, point)) points[points.length - 1] = point;
    else points.push(point);
  }
  return { rocAuc: area / positives / negatives, prAuc: precisions / positives, points: thinned(points) };
}

/** Whether the last point lies on a level or upright line between the one before it and the next: it then says nothing. */
function isOnTheWay(points: readonly RocPoint[], next: RocPoint): boolean {
  if (points.length < 2) return false;
  const [before, last] = points.slice(-2);
  return (["false_positive_rate", "true_positive_rate"] as const).some(
    (rate) => before[rate] === last[rate] && last[rate] === next[rate],
  );
}

/** At most 100 of the points, evenly chosen, both ends included. */
function thinned(points: readonly RocPoint[]): RocPoint[] {
  if (points.length <= mostPoints) return [...points];
  const step = (points.length - 1) / (mostPoints - 1);
  return Array.from({ length: mostPoints }, (_, index) => points[Math.round(index * step)]);
}
