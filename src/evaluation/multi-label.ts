// Any number of labels for each row, a yes or no for each: every figure of the evaluation.
import type { MultiLabelReport } from "../contract/evaluation.ts";
import { type Counts, emptyCounts, macroF1, mean, microScores, scoresOf, weightedF1 } from "./counts.ts";
import { type Ranking, rank } from "./ranking.ts";
import { finite, worstRows } from "./worst-rows.ts";

export interface LabelledRows {
  readonly labels: readonly string[];
  /** (rows, labels), row-major: 1 where the row has the label, else 0. */
  readonly expected: ArrayLike<number>;
  /** Probabilities, (rows, labels): a label is predicted from one half on. */
  readonly shares: ArrayLike<number>;
  readonly losses: ArrayLike<number>;
  /** Rows of the dataset, from 0. */
  readonly tableRows: Int32Array;
}

export function evaluateMultiLabel(rows: LabelledRows): Omit<MultiLabelReport, "part" | "rows" | "loss"> {
  const { labels, expected, shares, losses, tableRows } = rows;
  const counts = countLabels(rows);
  const micro = microScores(counts);
  const rankings = labels.map((_, position) => rankLabel(rows, position));
  const wrong = tableRows.map((_, row) => wrongLabels(rows, row));
  const labelsAt = (values: ArrayLike<number>, row: number) =>
    labels.filter((_, position) => values[row * labels.length + position] >= 0.5);
  return {
    task: "multi_label",
    metrics: {
      subset_accuracy: wrong.filter((count) => count === 0).length / wrong.length,
      hamming_loss: wrong.reduce((sum, count) => sum + count, 0) / expected.length,
      micro_precision: micro.precision,
      micro_recall: micro.recall,
      micro_f1: micro.f1,
      macro_f1: macroF1(counts),
      weighted_f1: weightedF1(counts),
      roc_auc: mean(rankings.map(({ rocAuc }) => rocAuc)),
      pr_auc: mean(rankings.map(({ prAuc }) => prAuc)),
    },
    per_class: scoresOf(counts).map((score, position) => ({
      label: labels[position],
      ...score,
      roc_auc: rankings[position].rocAuc,
      pr_auc: rankings[position].prAuc,
    })),
    worst_rows: worstRows(losses).map((row) => ({
      row: tableRows[row] + 1,
      loss: finite(losses[row]),
      expected: labelsAt(expected, row),
      predicted: labelsAt(shares, row),
    })),
  };
}

export function countLabels({
  labels,
  expected,
  shares,
}: Pick<LabelledRows, "labels" | "expected" | "shares">): Counts {
  const counts = emptyCounts(labels.length);
  for (let index = 0; index < expected.length; index++) {
    const position = index % labels.length;
    const [has, claims] = [expected[index] >= 0.5, shares[index] >= 0.5];
    counts.support[position] += has ? 1 : 0;
    counts.predicted[position] += claims ? 1 : 0;
    counts.hits[position] += has && claims ? 1 : 0;
  }
  return counts;
}

function rankLabel({ labels, expected, shares, tableRows }: LabelledRows, position: number): Ranking {
  const indexOf = (row: number) => row * labels.length + position;
  return rank(
    Float64Array.from(tableRows, (_, row) => shares[indexOf(row)]),
    Uint8Array.from(tableRows, (_, row) => expected[indexOf(row)]),
  );
}

/** How many labels of the row are predicted wrong. */
function wrongLabels({ labels, expected, shares }: LabelledRows, row: number): number {
  let wrong = 0;
  for (let index = row * labels.length; index < (row + 1) * labels.length; index++)
    if (expected[index] >= 0.5 !== shares[index] >= 0.5) wrong += 1;
  return wrong;
}
