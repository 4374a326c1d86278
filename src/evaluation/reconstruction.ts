// How well rows are given back: every figure of the evaluation, in the units of the network's inputs.
//   error of a row   (1/n)·Σ_j (y_j − x_j)² over its n inputs      R²   1 − Σ(y − x)² / Σ(x − x̄)² over all inputs
import type { ReconstructionReport } from "../contract/evaluation.ts";
import { quantile } from "./quantile.ts";
import { finite, worstRows } from "./worst-rows.ts";

const quantiles = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1];

export interface ReconstructedRows {
  /** The inputs of each feature. */
  readonly features: readonly { readonly name: string; readonly start: number; readonly width: number }[];
  /** (rows, inputs), row-major. */
  readonly expected: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  readonly losses: ArrayLike<number>;
  /** Rows of the dataset, from 0. */
  readonly tableRows: Int32Array;
}

/** The mean squared difference of `width` numbers from `start` on. */
export function squaredError(
  expected: ArrayLike<number>,
  predicted: ArrayLike<number>,
  start: number,
  width: number,
): number {
  let sum = 0;
  for (let i = start; i < start + width; i++) sum += (predicted[i] - expected[i]) ** 2;
  return sum / width;
}

export function errorsOfRows({ features, expected, predicted, tableRows }: ReconstructedRows): Float64Array {
  const width = features.reduce((sum, feature) => sum + feature.width, 0);
  return Float64Array.from(tableRows, (_, row) => squaredError(expected, predicted, row * width, width));
}

export function evaluateReconstruction(rows: ReconstructedRows): Omit<ReconstructionReport, "part" | "rows" | "loss"> {
  const { features, expected, predicted, losses, tableRows } = rows;
  const errors = errorsOfRows(rows);
  const sorted = errors.toSorted();
  const width = expected.length / tableRows.length;
  const errorOf = ({ start, width: own }: ReconstructedRows["features"][number]): number =>
    tableRows.reduce((sum, _, row) => sum + squaredError(expected, predicted, row * width + start, own), 0) /
    tableRows.length;
  return {
    task: "reconstruction",
    metrics: {
      reconstruction_error: finite(meanOf(errors)),
      r2: finite(1 - meanOf(errors) / spreadOf(expected, width)),
    },
    error_quantiles: Object.fromEntries(quantiles.map((share) => [String(share), finite(quantile(sorted, share))])),
    per_feature: features.map((feature) => ({ name: feature.name, reconstruction_error: finite(errorOf(feature)) })),
    worst_rows: worstRows(losses).map((row) => ({
      row: tableRows[row] + 1,
      loss: finite(losses[row]),
      reconstruction_error: finite(errors[row]),
    })),
  };
}

/** NaN of nothing. */
export function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean squared distance of all inputs from the mean of their own column. */
function spreadOf(values: ArrayLike<number>, width: number): number {
  const means = new Float64Array(width);
  const rows = values.length / width;
  for (let i = 0; i < values.length; i++) means[i % width] += values[i] / rows;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - means[i % width]) ** 2;
  return sum / values.length;
}
