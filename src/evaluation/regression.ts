// Numbers for each row: every figure of the evaluation, from predicted and true values in units of the targets.
// MAE  mean |y − t|      RMSE  √mean (y − t)²      R²  1 − Σ(y − t)² / Σ(t − t̄)²      MAPE  mean |y − t| / |t| over t ≠ 0
import type { RegressionReport } from "../contract/evaluation.ts";
import { mean } from "./counts.ts";
import { quantile } from "./quantile.ts";
import { finite, worstRows } from "./worst-rows.ts";

const quantiles = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];

export interface PredictedNumbers {
  readonly names: readonly string[];
  /** (rows, names), row-major. */
  readonly expected: Float64Array;
  readonly predicted: Float64Array;
  readonly losses: ArrayLike<number>;
  /** Rows of the dataset, from 0. */
  readonly tableRows: Int32Array;
}

export function evaluateRegression(rows: PredictedNumbers): Omit<RegressionReport, "part" | "rows" | "loss"> {
  const { names, expected, predicted, losses, tableRows } = rows;
  const perTarget = names.map((name, position) => ({ name, ...targetFigures(rows, position) }));
  const valuesAt = (values: Float64Array, row: number) =>
    names.map((name, position) => [name, finite(values[row * names.length + position])]);
  return {
    task: "regression",
    metrics: {
      mae: mean(perTarget.map(({ mae }) => mae)),
      rmse: mean(perTarget.map(({ rmse }) => rmse)),
      r2: mean(perTarget.map(({ r2 }) => r2)),
      mape: mean(perTarget.map(({ mape }) => mape)),
    },
    per_target: perTarget,
    worst_rows: worstRows(losses).map((row) => ({
      row: tableRows[row] + 1,
      loss: finite(losses[row]),
      expected: Object.fromEntries(valuesAt(expected, row)) as Record<string, number>,
      predicted: Object.fromEntries(valuesAt(predicted, row)) as Record<string, number | null>,
    })),
  };
}

/** Mean over the targets of √mean (y − t)². */
export function rootMeanSquaredError({ names, expected, predicted }: PredictedNumbers): number {
  const squares = new Float64Array(names.length);
  expected.forEach((value, index) => (squares[index % names.length] += (predicted[index] - value) ** 2));
  const rows = expected.length / names.length;
  return squares.reduce((sum, square) => sum + Math.sqrt(square / rows), 0) / names.length;
}

type TargetFigures = Omit<RegressionReport["per_target"][number], "name">;

function targetFigures({ names, expected, predicted }: PredictedNumbers, position: number): TargetFigures {
  const columnOf = (values: Float64Array) => values.filter((_, index) => index % names.length === position);
  const targets = columnOf(expected);
  const residuals = columnOf(predicted).map((value, row) => value - targets[row]);
  const average = meanOf(targets);
  const spread = meanOf(targets.map((target) => (target - average) ** 2));
  const squared = meanOf(residuals.map((residual) => residual ** 2));
  const shares = residuals
    .map((residual, row) => Math.abs(residual / targets[row]))
    .filter((_, row) => targets[row] !== 0);
  const sorted = residuals.toSorted();
  return {
    mae: finite(meanOf(residuals.map(Math.abs))),
    rmse: finite(Math.sqrt(squared)),
    r2: finite(spread === 0 ? NaN : 1 - squared / spread),
    mape: finite(meanOf(shares)),
    residual_quantiles: Object.fromEntries(quantiles.map((share) => [String(share), finite(quantile(sorted, share))])),
  };
}

/** NaN of nothing. */
function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
