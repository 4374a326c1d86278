// A label for each token: how good they are, label by label and row by row.
import type { TaggingReport } from "../contract/evaluation.ts";
import { confusionMatrix, type Counts, countClasses, macroF1, scoresOf, weightedF1 } from "./counts.ts";
import { finite, worstRows } from "./worst-rows.ts";

/** Beyond so many labels a matrix is no longer looked at. */
const mostMatrixClasses = 100;

export interface TaggedRows {
  readonly labels: readonly string[];
  /** Codes of the labels of each row's tokens. */
  readonly expected: readonly Int32Array[];
  readonly predicted: readonly Int32Array[];
  readonly losses: ArrayLike<number>;
  /** Rows of the dataset, from 0. */
  readonly tableRows: Int32Array;
}

/** Of the job's result. */
export function tagFigures(rows: Pick<TaggedRows, "labels" | "expected" | "predicted">) {
  return figuresOf(rows, countTags(rows));
}

export function evaluateTags(rows: TaggedRows): Omit<TaggingReport, "part" | "rows" | "loss"> {
  const { labels, expected, predicted, losses, tableRows } = rows;
  const counts = countTags(rows);
  const named = (codes: Int32Array) => Array.from(codes, (code) => labels[code]);
  return {
    task: "tagging",
    metrics: { ...figuresOf(rows, counts), weighted_f1: weightedF1(counts) },
    classes: [...labels],
    confusion_matrix:
      labels.length <= mostMatrixClasses ? confusionMatrix(joined(expected), joined(predicted), labels.length) : null,
    per_class: scoresOf(counts).map((score, code) => ({ label: labels[code], ...score })),
    worst_rows: worstRows(losses).map((row) => ({
      row: tableRows[row] + 1,
      loss: finite(losses[row]),
      expected: named(expected[row]),
      predicted: named(predicted[row]),
    })),
  };
}

type Codes = Pick<TaggedRows, "labels" | "expected" | "predicted">;

function countTags({ labels, expected, predicted }: Codes): Counts {
  return countClasses(joined(expected), joined(predicted), labels.length);
}

function figuresOf({ expected, predicted }: Codes, counts: Counts) {
  const tokens = counts.support.reduce((sum, count) => sum + count, 0);
  const right = counts.hits.reduce((sum, count) => sum + count, 0);
  const whole = expected.filter((codes, row) => codes.every((code, at) => code === predicted[row][at])).length;
  return {
    token_accuracy: tokens === 0 ? null : right / tokens,
    exact_match: whole / expected.length,
    macro_f1: macroF1(counts),
  };
}

function joined(rows: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const codes of rows) {
    all.set(codes, at);
    at += codes.length;
  }
  return all;
}
