// Oddities that do not stop anything: one table per warning, with what is wrong and how much of it.
import { describe, expect, test } from "vitest";
import type { DatasetProblem } from "../../src/contract/dataset.ts";
import { uploadFolder } from "./uploads.ts";

const { sendCsv } = uploadFolder({ small: true });
const rows = 60;
/** Numbers without a pattern: the golden ratio's multiples (Weyl, 1916), 0 to 1. */
const noise = (row: number) => ((row + 1) * 0.6180339887) % 1;
const classOf = (row: number) => (noise(7 * row) < 0.5 ? "no" : "yes");

interface Case {
  cells: Record<string, (row: number) => string | number>;
  expected: Partial<DatasetProblem>[];
}

const cases: Record<string, Case> = {
  "nothing odd": { cells: { x: noise, y: classOf }, expected: [] },
  "a column that determines the suggested target": {
    cells: { code: (row) => `${classOf(row)}:${row % 3}`, x: noise, label: classOf },
    expected: [{ code: "determines_target", column: "code" }],
  },
  "a number that is the target in other units": {
    cells: { celsius: (row) => noise(row) * 40, x: (row) => noise(3 * row), price: (row) => noise(row) * 72 + 32 },
    expected: [{ code: "determines_target", column: "celsius" }],
  },
  "a class that nearly all rows have": {
    cells: { x: noise, y: (row) => (row % 10 === 0 ? "rare" : "often") },
    expected: [
      { code: "class_imbalance", column: "y", value: "often", detail: expect.stringMatching(/^90 %/) as string },
    ],
  },
  "classes of fewer than five rows": {
    cells: { x: noise, y: (row) => (row < 2 ? "a" : row < 4 ? "b" : classOf(row)) },
    expected: [
      { code: "rare_classes", column: "y", value: "a", detail: expect.stringMatching(/^2 classes/) as string },
    ],
  },
  "values far from all others": {
    cells: { x: (row) => (row < 3 ? 1e6 + row : noise(row)), y: classOf },
    expected: [{ code: "outliers", column: "x", detail: expect.stringContaining("3 values") as string }],
  },
  "integers that no double holds": {
    cells: {
      id: (row) => `90071992547409${90 + (row % 9)}${row % 7}`,
      size: (row) => 1e30 * noise(row),
      y: classOf,
    },
    expected: [{ code: "inexact_integers", column: "id" }],
  },
  "copies of rows": {
    cells: { x: (row) => noise(row % 50), y: (row) => classOf(row % 50) },
    expected: [{ code: "duplicate_rows", detail: expect.stringMatching(/^10 rows/) as string }],
  },
  "rows of the test part in the training part": {
    cells: {
      x: (row) => noise(row % 55),
      y: (row) => classOf(row % 55),
      split: (row) => (row < 40 ? "train" : "test"),
    },
    expected: [{ code: "part_overlap", detail: expect.stringMatching(/^5 rows/) as string }],
  },
};

describe("warned of", () => {
  test.each(Object.entries(cases))("%s", async (_sentence, { cells, expected }) => {
    const lines = Array.from({ length: rows }, (_, row) =>
      Object.values(cells)
        .map((cellOf) => cellOf(row))
        .join(","),
    );
    const { problems } = await sendCsv([Object.keys(cells).join(","), ...lines].join("\n"));
    expect(problems).toMatchObject(expected.map((problem) => ({ ...problem, severity: "warning" })));
  });
});

test("the balance of classes and the quartiles are among the statistics", async () => {
  // 1, 2, … 41: a quarter of the way is 11, the middle 21, three quarters 31
  const lines = Array.from({ length: 41 }, (_, row) => `${row + 1}.0,${row < 10 ? "a" : "b"}`);
  const { columns } = await sendCsv(["x,y", ...lines].join("\n"));
  expect(columns[0].statistics.quartiles).toEqual([11, 21, 31]);
  expect(columns[1].statistics.most_frequent).toEqual([
    { value: "b", count: 31, share: 31 / 41 },
    { value: "a", count: 10, share: 10 / 41 },
  ]);
});
