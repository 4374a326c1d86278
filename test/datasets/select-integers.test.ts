// Integers are ambiguous: quantities or classes as a target, ids or inputs as a feature.
import { describe, expect, test } from "vitest";
import type { ColumnSchema } from "../../src/contract/dataset.ts";
import { selectFeatures as select } from "../../src/datasets/features/select-features.ts";
import { columnSchema as column } from "./columns.ts";

/** From a dataset of 100 rows, where the test does not say otherwise. */
const selectFeatures = (
  schema: ColumnSchema[],
  request: Omit<Parameters<typeof select>[1], "rows"> & { rows?: number },
) => select(schema, { rows: 100, ...request });

describe("integers", () => {
  const task = (distinct: number, rows: number) =>
    selectFeatures([column("x", "number"), column("y", "integer", distinct)], { target: "y", rows });

  test.each([
    { distinct: 2, rows: 2, expected: "classification" },
    { distinct: 3, rows: 150, expected: "classification" },
    { distinct: 12, rows: 60, expected: "classification" },
    { distinct: 10, rows: 10, expected: "regression" },
    { distinct: 21, rows: 1000, expected: "regression" },
  ])("$distinct values in $rows rows mean a $expected", ({ distinct, rows, expected }) => {
    expect(task(distinct, rows).task).toBe(expected);
  });

  test("more than two of them as classes are worth a warning, unless it was asked for", () => {
    expect(task(12, 60).warnings.map(({ code }) => code)).toEqual(["integers_as_classes"]);
    expect(task(2, 60).warnings).toEqual([]);
    const asked = { target: "y", task: "classification" as const };
    expect(selectFeatures([column("x", "number"), column("y", "integer", 12)], asked).warnings).toEqual([]);
  });

  test("that count the rows are the input where there is no other, with a warning", () => {
    const counting = column("x", "integer", 40, { id_like: true });
    const { specs, warnings, faults } = selectFeatures([counting, column("y", "number", 40)], {
      target: "y",
      rows: 40,
    });
    expect({ names: specs.map(({ name }) => name), faults }).toEqual({ names: ["x"], faults: [] });
    expect(warnings.map(({ code }) => code)).toEqual(["id_like_column"]);
    expect(warnings[0].detail).toContain("used because nothing else can be");
  });

  test("and when nothing can be used, the refusal names every column and its reason", () => {
    const { faults } = selectFeatures([column("note", "text", 0), column("y", "number", 40)], {
      target: "y",
      rows: 90,
    });
    expect(faults[0].detail).toMatch(/No column is left that can be a feature.*"note" is not used/);
  });
});
