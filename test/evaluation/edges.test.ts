// What is not defined is null, and what would grow without limit is cut.
import { expect, test } from "vitest";
import { calibrationPoints, expectedCalibrationError } from "../../src/evaluation/calibration.ts";
import { classShares, knownShares, predictedClass } from "../../src/evaluation/class-shares.ts";
import { evaluateClassification } from "../../src/evaluation/classification.ts";
import { rank } from "../../src/evaluation/ranking.ts";
import { evaluateRegression } from "../../src/evaluation/regression.ts";
import { worstRows } from "../../src/evaluation/worst-rows.ts";

const report = (expected: number[], predicted: number[], shares: number[], classes: string[]) =>
  evaluateClassification({
    classes,
    expected: Int32Array.from(expected),
    predicted: Int32Array.from(predicted),
    shares: Float64Array.from(shares),
    losses: expected.map(() => 0),
    tableRows: Int32Array.from(expected.keys()),
  });

test("a class that neither occurs nor is predicted is in no mean", () => {
  const { metrics, per_class } = report(
    [0, 0, 1],
    [0, 1, 1],
    [0.8, 0.1, 0.1, 0.3, 0.6, 0.1, 0.2, 0.7, 0.1],
    ["a", "b", "c"],
  );
  // F1 of a: 2·1 / (1 + 2), of b: 2·1 / (2 + 1).
  expect(metrics["macro_f1"]).toBeCloseTo(2 / 3, 15);
  expect(metrics["balanced_accuracy"]).toBeCloseTo(3 / 4, 15);
  expect(per_class[2]).toEqual({
    label: "c",
    precision: null,
    recall: null,
    f1: null,
    support: 0,
    roc_auc: null,
    pr_auc: null,
  });
});

test("rows of one class alone have no ROC curve, and an impossible class has a finite log loss", () => {
  const { metrics, roc_curves } = report([0, 0], [0, 1], [1, 0, 0, 1], ["a", "b"]);
  expect(metrics["roc_auc"]).toBeNull();
  expect(roc_curves).toEqual([]);
  expect(metrics["log_loss"]).toBeCloseTo(-Math.log(1e-15) / 2, 12);
});

test("a matrix of more than 100 classes and curves of more than 20 are left out", () => {
  const classes = Array.from({ length: 101 }, (_, code) => `class ${code}`);
  const shares = Array.from({ length: 101 * 101 }, (_, index) => (index % 102 === 0 ? 1 : 0));
  const codes = classes.map((_, code) => code);
  const all = report(codes, codes, shares, classes);
  expect(all.confusion_matrix).toBeNull();
  expect(all.roc_curves).toEqual([]);
  expect(all.metrics).toMatchObject({ accuracy: 1, top_5_accuracy: 1, roc_auc: 1 });
});

test("equal scores count half: a constant score knows nothing", () => {
  const constant = rank(
    new Float64Array(10).fill(0.3),
    Uint8Array.from({ length: 10 }, (_, row) => row % 2),
  );
  expect(constant).toMatchObject({ rocAuc: 0.5, prAuc: 0.5 });
  expect(constant.points).toHaveLength(2);
});

test("a long curve keeps 100 points and both its ends", () => {
  const scores = Float64Array.from({ length: 1000 }, (_, row) => 1 - row / 1000);
  const { points } = rank(
    scores,
    Uint8Array.from(scores, (_, row) => (row % 3 === 0 ? 1 : 0)),
  );
  expect(points).toHaveLength(100);
  expect(points[0]).toEqual({ false_positive_rate: 0, true_positive_rate: 0, threshold: null });
  expect(points[99]).toMatchObject({ false_positive_rate: 1, true_positive_rate: 1 });
});

test("rows without confidence and with all of it are in the first and the last bin", () => {
  const points = calibrationPoints(Float64Array.of(0, 1, 1), Uint8Array.of(0, 1, 0));
  expect(points.map(({ rows, accuracy }) => [rows, accuracy])).toEqual([
    [1, 0],
    [2, 0.5],
  ]);
  expect(expectedCalibrationError(points)).toBeCloseTo(1 / 3, 15);
});

test("a target that never varies has no R², one that is 0 no MAPE", () => {
  const { metrics } = evaluateRegression({
    names: ["y"],
    expected: Float64Array.of(0, 0),
    predicted: Float64Array.of(1, -1),
    losses: [1, 1],
    tableRows: Int32Array.of(4, 9),
  });
  expect(metrics).toEqual({ mae: 1, rmse: 1, r2: null, mape: null });
});

test("the 20 worst rows come first the worst, of equal ones the earlier, and what is no number is worst of all", () => {
  expect(worstRows([1, 3, NaN, 3, 2])).toEqual([2, 1, 3, 4, 0]);
  const many = worstRows(Array.from({ length: 50 }, (_, row) => row));
  expect(many).toEqual(Array.from({ length: 20 }, (_, place) => 49 - place));
});

test("one unit says no and yes, and independent units share what they say", () => {
  expect(classShares([0.25], "sigmoid")).toEqual([0.75, 0.25]);
  expect(classShares([0.25, 0.25, 0], "sigmoid")).toEqual([0.5, 0.5, 0]);
  expect(classShares([-1, -2], "tanh")).toEqual([0.5, 0.5]);
  expect([predictedClass([0.5]), predictedClass([0.2, 0.4, 0.4])]).toEqual([1, 1]);
});

test("a score that is no number is ranked alone, and the ranking ends", () => {
  expect(rank(Float64Array.of(NaN, 0.5, NaN), Uint8Array.of(1, 0, 0)).points.length).toBeGreaterThan(1);
  expect(knownShares([NaN, 1])).toEqual([0.5, 0.5]);
});
