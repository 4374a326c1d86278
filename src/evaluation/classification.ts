// One class of several for each row: every figure of the evaluation, from probabilities and true classes.
import type { ClassificationReport, RocCurve } from "../contract/evaluation.ts";
import { calibrationPoints, expectedCalibrationError } from "./calibration.ts";
import { confusionMatrix, countClasses, macroF1, mean, scoresOf, weightedF1 } from "./counts.ts";
import { type Ranking, rank } from "./ranking.ts";
import { finite, worstRows } from "./worst-rows.ts";

/** Beyond so many classes a matrix is no longer looked at, and its size is the square. */
const mostMatrixClasses = 100;
const mostCurves = 20;
/** Each class takes a sort of all rows: beyond so many probabilities that would take longer than some seconds. */
const mostRanked = 20_000_000;
const k = 5;
/** Probabilities below it count as it in the log loss: a single 0 would make the mean infinite. */
const leastShare = 1e-15;

export interface ClassifiedRows {
  readonly classes: readonly (string | number | boolean)[];
  /** Codes of the true classes, (rows). */
  readonly expected: Int32Array;
  /** Codes of the predicted classes, (rows). */
  readonly predicted: Int32Array;
  /** (rows, classes), row-major; each row sums to 1. */
  readonly shares: Float64Array;
  /** Of each row, as the network has it. */
  readonly losses: ArrayLike<number>;
  /** Rows of the dataset, from 0. */
  readonly tableRows: Int32Array;
}

export function evaluateClassification(rows: ClassifiedRows): Omit<ClassificationReport, "part" | "rows" | "loss"> {
  const { classes, expected, predicted, losses, tableRows } = rows;
  const counts = countClasses(expected, predicted, classes.length);
  const scores = scoresOf(counts);
  const confidences = Float64Array.from(predicted, (code, row) => shareOf(rows, row, code));
  const isRight = Uint8Array.from(predicted, (code, row) => (code === expected[row] ? 1 : 0));
  const calibration = calibrationPoints(confidences, isRight);
  const rankings = classes.map((_, code) => rankClass(rows, code));
  // Of two classes one ranking says what the other says: that of the second, "yes" or true, is shown.
  const shown = classes.length === 2 ? [1] : [...classes.keys()];
  return {
    task: "classification",
    metrics: {
      accuracy: isRight.reduce((sum, right) => sum + right, 0) / expected.length,
      balanced_accuracy: mean(scores.map(({ recall }) => recall)),
      ...(classes.length > k ? { top_5_accuracy: topShare(rows, k) } : {}),
      macro_f1: macroF1(counts),
      weighted_f1: weightedF1(counts),
      roc_auc: mean(shown.map((code) => rankings[code].rocAuc)),
      pr_auc: mean(shown.map((code) => rankings[code].prAuc)),
      log_loss: logLoss(rows),
      expected_calibration_error: expectedCalibrationError(calibration),
    },
    classes: [...classes],
    confusion_matrix: classes.length <= mostMatrixClasses ? confusionMatrix(expected, predicted, classes.length) : null,
    per_class: scores.map((score, code) => ({
      label: classes[code],
      ...score,
      roc_auc: rankings[code].rocAuc,
      pr_auc: rankings[code].prAuc,
    })),
    calibration,
    roc_curves: shown.length > mostCurves ? [] : shown.flatMap((code) => curveOf(classes[code], rankings[code])),
    worst_rows: worstRows(losses).map((row) => ({
      row: tableRows[row] + 1,
      loss: finite(losses[row]),
      expected: classes[expected[row]],
      predicted: classes[predicted[row]],
      probability: confidences[row],
    })),
  };
}

function shareOf({ shares, classes }: ClassifiedRows, row: number, code: number): number {
  return shares[row * classes.length + code];
}

function rankClass(rows: ClassifiedRows, code: number): Ranking {
  if (rows.shares.length > mostRanked) return { rocAuc: null, prAuc: null, points: [] };
  const scores = Float64Array.from(rows.expected, (_, row) => shareOf(rows, row, code));
  return rank(
    scores,
    Uint8Array.from(rows.expected, (other) => (other === code ? 1 : 0)),
  );
}

function curveOf(label: string | number | boolean, { points }: Ranking): RocCurve[] {
  return points.length === 0 ? [] : [{ label, points }];
}

/** Share of rows whose true class is among the `count` most probable ones; of equal ones the earlier class comes first. */
function topShare(rows: ClassifiedRows, count: number): number {
  let among = 0;
  rows.expected.forEach((code, row) => {
    const own = shareOf(rows, row, code);
    let before = 0;
    for (let other = 0; other < rows.classes.length; other++) {
      const share = shareOf(rows, row, other);
      if (share > own || (share === own && other < code)) before += 1;
    }
    if (before < count) among += 1;
  });
  return among / rows.expected.length;
}

/** Mean of −ln p(true class). */
function logLoss(rows: ClassifiedRows): number {
  const sum = rows.expected.reduce((total, code, row) => {
    return total - Math.log(Math.max(leastShare, shareOf(rows, row, code)));
  }, 0);
  return sum / rows.expected.length;
}
