import { expect, it } from "vitest";
import { evaluateTags, tagFigures } from "../../src/evaluation/tags.ts";

// Three rows: "A B", all right; "A A B", the second token wrong; no token at all.
const rows = {
  labels: ["A", "B", "C"],
  expected: [Int32Array.of(0, 1), Int32Array.of(0, 0, 1), Int32Array.of()],
  predicted: [Int32Array.of(0, 1), Int32Array.of(0, 1, 1), Int32Array.of()],
  losses: [0.1, 0.9, 0],
  tableRows: Int32Array.of(4, 7, 9),
};

it("counts tokens, not rows, and labels that neither occur nor are given in no mean", () => {
  // A: 2 hits, 2 given, 3 there: F1 4/5. B: 2 hits, 3 given, 2 there: 4/5. C does not occur.
  expect(tagFigures(rows)).toEqual({ token_accuracy: 4 / 5, exact_match: 2 / 3, macro_f1: 4 / 5 });
});

it("has a table of labels, their confusion and the worst rows in words", () => {
  const report = evaluateTags(rows);
  expect(report.confusion_matrix).toEqual([
    [2, 1, 0],
    [0, 2, 0],
    [0, 0, 0],
  ]);
  expect(report.per_class.map(({ label, f1, support }) => [label, f1, support])).toEqual([
    ["A", 4 / 5, 3],
    ["B", 4 / 5, 2],
    ["C", null, 0],
  ]);
  expect(report.metrics["weighted_f1"]).toBeCloseTo(4 / 5, 15);
  expect(report.worst_rows[0]).toEqual({ row: 8, loss: 0.9, expected: ["A", "A", "B"], predicted: ["A", "B", "B"] });
});

it("says nothing of tokens where there are none", () => {
  const none = { labels: ["A"], expected: [Int32Array.of()], predicted: [Int32Array.of()] };
  expect(tagFigures(none)).toEqual({ token_accuracy: null, exact_match: 1, macro_f1: null });
});
