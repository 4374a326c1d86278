// Whether a probability can be believed: of the rows predicted with 80 %, are 80 % right?
// ECE = Σ_bins (rows of the bin / rows)·|accuracy − mean confidence|, 15 bins (m/15, (m+1)/15]     Guo et al., 2017
import type { CalibrationPoint } from "../contract/evaluation.ts";

const bins = 15;

/** The bins that have rows. @param confidences probability of the predicted class, (rows) */
export function calibrationPoints(confidences: Float64Array, isRight: Uint8Array): CalibrationPoint[] {
  const rows = new Uint32Array(bins);
  const right = new Uint32Array(bins);
  const sums = new Float64Array(bins);
  confidences.forEach((confidence, row) => {
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
    rows[bin] += 1;
    right[bin] += isRight[row];
    sums[bin] += confidence;
  });
  return [...rows.keys()]
    .filter((bin) => rows[bin] > 0)
    .map((bin) => ({
      from: bin / bins,
      to: (bin + 1) / bins,
      rows: rows[bin],
      confidence: sums[bin] / rows[bin],
      accuracy: right[bin] / rows[bin],
    }));
}

export function expectedCalibrationError(points: readonly CalibrationPoint[]): number {
  const rows = points.reduce((sum, point) => sum + point.rows, 0);
  return points.reduce((sum, { rows: count, confidence, accuracy }) => {
    return sum + (count / rows) * Math.abs(accuracy - confidence);
  }, 0);
}
