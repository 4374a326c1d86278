// The figures of an evaluation are those of scikit-learn (golden.json, made by golden.py).
import { expect, test } from "vitest";
import { evaluateClassification } from "../../src/evaluation/classification.ts";
import { evaluateMultiLabel } from "../../src/evaluation/multi-label.ts";
import { evaluateRegression, rootMeanSquaredError } from "../../src/evaluation/regression.ts";
import golden from "./golden.json" with { type: "json" };

/** Every number within 1e-12. */
const near = (values: Record<string, number>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, expect.closeTo(value, 12)]));

const rowsOf = (count: number) => Int32Array.from({ length: count }, (_, row) => row);

test.each(["two", "seven"] as const)("%s classes: metrics, tables and curve", (count) => {
  const { targets, shares, metrics, ...tables } = golden.classification[count];
  const classes = Array.from({ length: shares.length / targets.length }, (_, code) => code);
  const predicted = Int32Array.from(targets, (_, row) => {
    const own = shares.slice(row * classes.length, (row + 1) * classes.length);
    return own.indexOf(Math.max(...own));
  });
  const report = evaluateClassification({
    classes,
    expected: Int32Array.from(targets),
    predicted,
    shares: Float64Array.from(shares),
    losses: targets,
    tableRows: rowsOf(targets.length),
  });
  expect(report.metrics).toEqual(near(metrics as unknown as Record<string, number>));
  expect(report.confusion_matrix).toEqual(tables.confusion_matrix);
  for (const name of ["precision", "recall", "f1"] as const)
    report.per_class.forEach((scores, code) => expect(scores[name] ?? 0).toBeCloseTo(tables[name][code], 12));
  expect(report.per_class.map(({ support }) => support)).toEqual(tables.support);
  const { points } = report.roc_curves.at(-1)!;
  const [falsePositiveRates, truePositiveRates] = tables.roc_curve;
  // Fewer points than scikit-learn's: those within level and upright lines are left out, which takes nothing of the area.
  for (const { false_positive_rate: x, true_positive_rate: y } of points) {
    const same = falsePositiveRates.findIndex((rate, i) => rate === x && Math.abs(truePositiveRates[i] - y) < 1e-12);
    expect(same).toBeGreaterThanOrEqual(0);
  }
  const area = points.reduce((sum, { false_positive_rate: x, true_positive_rate: y }, i) => {
    if (i === 0) return 0;
    return sum + ((x - points[i - 1].false_positive_rate) * (y + points[i - 1].true_positive_rate)) / 2;
  }, 0);
  expect(area).toBeCloseTo(report.per_class.at(-1)!.roc_auc!, 12);
});

test.each(["one", "three"] as const)("numbers, %s for each row: errors and residuals", (count) => {
  const { expected, predicted, metrics, quantiles } = golden.regression[count];
  const names = ["a", "b", "c"].slice(0, count === "one" ? 1 : 3);
  const tableRows = rowsOf(expected.length / names.length);
  const rows = {
    names,
    expected: Float64Array.from(expected),
    predicted: Float64Array.from(predicted),
    losses: tableRows,
    tableRows,
  };
  const report = evaluateRegression(rows);
  expect(report.metrics).toEqual(near(metrics));
  expect(rootMeanSquaredError(rows)).toBeCloseTo(metrics.rmse, 12);
  const shares = ["0", "0.05", "0.25", "0.5", "0.75", "0.95", "1"];
  expect(report.per_target[0].residual_quantiles).toEqual(
    near(Object.fromEntries(shares.map((share, index) => [share, quantiles[index]]))),
  );
});

test("several labels for each row", () => {
  const { targets, shares, metrics } = golden.multi_label;
  const tableRows = rowsOf(targets.length / 4);
  const report = evaluateMultiLabel({
    labels: ["a", "b", "c", "d"],
    expected: targets,
    shares,
    losses: tableRows,
    tableRows,
  });
  expect(report.metrics).toEqual(near(metrics));
});
