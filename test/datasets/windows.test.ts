// Windows over a time series: which rows they take, and that none crosses from one part into another.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeInstances, fitFeatures } from "../../src/datasets/features/encode.ts";
import { encodeWindowInstances } from "../../src/datasets/features/window-instances.ts";
import { gatherWindows, successiveRows, windowCount, windowStarts } from "../../src/datasets/windows.ts";
import { all, faultsOf, numbers, spec, tableOf } from "./columns.ts";

const choice = { validation: 0.2, test: 0.2, stratify: false, seed: 1 };

describe("windows", () => {
  test("begin at every stride as long as input and horizon fit", () => {
    expect(windowCount(10, { length: 3, horizon: 2, stride: 1 })).toBe(6);
    expect(windowCount(10, { length: 3, horizon: 2, stride: 4 })).toBe(2);
    expect(windowCount(4, { length: 3, horizon: 2, stride: 1 })).toBe(0);
  });

  test("take their rows one after the other", () => {
    const matrix = Float32Array.of(1, 10, 2, 20, 3, 30, 4, 40);
    const starts = Int32Array.of(0, 1);
    expect([...gatherWindows(matrix, 2, starts, { skip: 0, count: 2 })]).toEqual([1, 10, 2, 20, 2, 20, 3, 30]);
    expect([...gatherWindows(matrix, 2, starts, { skip: 2, count: 1 })]).toEqual([3, 30, 4, 40]);
  });

  test("whose target is missing are left out; a missing input is not", () => {
    const table = tableOf(numbers("y", NaN, 1, 2, NaN, 4, 5));
    const starts = windowStarts(table, all(table), { length: 2, horizon: 1, stride: 1 }, ["y"]);
    expect([...starts]).toEqual([0, 2, 3]);
  });
});

describe("the rows of a time series", () => {
  test("are divided in the order of time, the last test; without a time as they stand", () => {
    const table = tableOf(numbers("t", 5, 4, 3, 2, 1));
    const byTime = successiveRows({ ...choice, time: "t" }, table);
    expect([[...byTime.train], [...byTime.validation], [...byTime.test]]).toEqual([[4, 3, 2], [1], [0]]);
    const asTheyStand = successiveRows(choice, table);
    expect([[...asTheyStand.train], [...asTheyStand.validation], [...asTheyStand.test]]).toEqual([[0, 1, 2], [3], [4]]);
  });

  test("stand in one part each, whatever the fractions, so that no window crosses", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 60 }), (times) => {
        const table = tableOf(numbers("t", ...times));
        const { train, validation, test: held } = successiveRows({ ...choice, time: "t" }, table);
        const together = [...train, ...validation, ...held];
        expect([...together].sort((a, b) => a - b)).toEqual([...all(table)]);
        expect(together.map((row) => times[row])).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });
});

describe("an instance of a time series", () => {
  const table = tableOf(numbers("x", 0, 2, 4), numbers("y", 0, 1, 1));
  const fitted = fitFeatures(table, [spec("x", "number", { scale: "none" }), spec("y", "number")], all(table));
  const rows = [
    { x: 1, y: 0 },
    { x: 2, y: 1 },
    { x: 3, y: 0 },
  ];

  test("is its last rows, the oldest first; more than needed are cut at the front", () => {
    const expected = encodeInstances(fitted, rows.slice(1), "float32");
    expect(encodeWindowInstances(fitted, 2, [rows], "float32", {})).toEqual(expected);
    expect(encodeWindowInstances(fitted, 2, [rows.slice(1)], "float32", {})).toEqual(expected);
  });

  test("of too few rows is refused, and a bad cell at its own place", () => {
    expect(faultsOf(() => encodeWindowInstances(fitted, 2, [rows, [rows[0]], "x"], "float32", {}))).toMatchObject([
      { pointer: "/instances/1", code: "wrong_length", detail: "The instance has 1 rows, expected the last 2 rows." },
      { pointer: "/instances/2", code: "wrong_length" },
    ]);
    const bad = [rows, [...rows, { x: "long", y: 1 }]];
    expect(faultsOf(() => encodeWindowInstances(fitted, 2, bad, "float32", {}))).toMatchObject([
      { pointer: "/instances/1/3/x", code: "not_a_number" },
    ]);
  });
});
