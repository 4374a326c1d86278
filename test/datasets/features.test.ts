// Encoders: fitted on training rows only; what each kind of column becomes.
import { describe, expect, test } from "vitest";
import { encodeClasses, fitClasses } from "../../src/datasets/features/class-target.ts";
import type { FeatureSpec } from "../../src/datasets/features/feature-spec.ts";
import { describeFeatures, encodeInstances, encodeRows, fitFeatures } from "../../src/datasets/features/encode.ts";
import { rowsWithTarget } from "../../src/datasets/features/labelled-rows.ts";
import { decodeNumber, encodeNumbers, fitNumbers } from "../../src/datasets/features/number-target.ts";
import { fitScaling, medianOf } from "../../src/datasets/features/scaling.ts";
import type { Table, TableColumn } from "../../src/datasets/table.ts";
import golden from "./features/golden.json" with { type: "json" };
import { all, booleans, faultsOf, numbers, spec, tableOf, words } from "./columns.ts";

const encodedColumn = (column: TableColumn, one: FeatureSpec, training?: number[]) => {
  const table = tableOf(column);
  const fitted = fitFeatures(table, [one], training === undefined ? all(table) : Int32Array.from(training));
  return [...encodeRows(fitted, table, all(table), "float64")];
};

describe("a number", () => {
  // 1 2 3 4: mean 2.5, population variance 1.25
  test("is standardised by mean and population deviation of the training rows", () => {
    const deviation = Math.sqrt(1.25);
    expect(encodedColumn(numbers("x", 1, 2, 3, 4, 100), spec("x", "number"), [0, 1, 2, 3])).toEqual(
      [1, 2, 3, 4, 100].map((value) => (value - 2.5) / deviation),
    );
  });

  test("min_max maps the training range to 0 … 1, none leaves it alone", () => {
    expect(encodedColumn(numbers("x", 10, 20, 15), spec("x", "number", { scale: "min_max" }))).toEqual([0, 1, 0.5]);
    expect(encodedColumn(numbers("x", 10, 20, 15), spec("x", "number", { scale: "none" }))).toEqual([10, 20, 15]);
  });

  test("of 0 and 1 only is not scaled by auto", () => {
    expect(encodedColumn(numbers("x", 0, 1, 1), spec("x", "number"))).toEqual([0, 1, 1]);
  });

  test("of a constant column becomes 0, also where another value turns up later", () => {
    expect(encodedColumn(numbers("x", 0.1, 0.1, 0.1, 7), spec("x", "number"), [0, 1, 2])).toEqual([0, 0, 0, 0]);
  });

  test.each([
    ["mean" as const, 4],
    ["median" as const, 2],
    [-1, -1],
  ])("missing becomes the %s", (missing, expected) => {
    expect(encodedColumn(numbers("x", 1, 2, 9, NaN), spec("x", "number", { scale: "none", missing }))).toEqual([
      1,
      2,
      9,
      expected,
    ]);
  });

  test.each(["quantile_uniform", "quantile_normal"] as const)(
    "by %s becomes the rank that scikit-learn gives (features/golden.py)",
    (scale) => {
      const column = numbers("x", ...golden.numbers, ...golden.places);
      const trained = golden.numbers.map((_, row) => row);
      const encoded = encodedColumn(column, spec("x", "number", { scale }), trained).slice(golden.numbers.length);
      encoded.forEach((value, at) => expect(value).toBeCloseTo(golden[scale][at], 8));
    },
  );

  test("with an indicator has a second input, 1 where the value is missing, in a table and in an instance", () => {
    const table = tableOf(numbers("x", 1, 3, NaN));
    const fitted = fitFeatures(table, [spec("x", "number", { scale: "none", indicator: true })], all(table));
    expect([...encodeRows(fitted, table, all(table), "float64")]).toEqual([1, 0, 3, 0, 2, 1]);
    expect([...encodeInstances(fitted, [[3], [null], ["NA"]], "float64")]).toEqual([3, 0, 2, 1, 2, 1]);
  });

  test("missing everywhere becomes 0", () => {
    expect(encodedColumn(numbers("x", NaN, NaN), spec("x", "number"))).toEqual([0, 0]);
  });

  test("of any finite size has a finite mean and deviation", () => {
    const { centre, spread } = fitScaling(Float64Array.of(1.7e308, -1.7e308, 1.7e308, -1.7e308), "standard");
    expect([centre, spread]).toEqual([0, 1.7e308]);
    expect(medianOf(Float64Array.of(1.7e308, 1.6e308))).toBeCloseTo(1.65e308, -300);
  });

  test("that float32 cannot hold is refused in a table and in an instance", () => {
    const table = tableOf(numbers("x", 1, 1e300));
    const fitted = fitFeatures(table, [spec("x", "number", { scale: "none" })], all(table));
    expect(() => encodeRows(fitted, table, all(table), "float32")).toThrow(
      'Row 2 of column "x" is too large for float32.',
    );
    expect(encodeRows(fitted, table, all(table), "float64")[1]).toBe(1e300);
    expect(faultsOf(() => encodeInstances(fitted, [1e300], "float32"))).toMatchObject([{ code: "non_finite" }]);
  });
});

describe("a truth value", () => {
  test("is 0 or 1, and halfway when missing", () => {
    expect(encodedColumn(booleans("b", 1, 0, NaN), spec("b", "boolean"))).toEqual([1, 0, 0.5]);
  });
});

describe("a category", () => {
  test("has one input per category of the training rows, in sorted order; unseen and missing are zeros", () => {
    const column = words("w", ["a", "b", "c"], 2, 0, 1, -1);
    expect(encodedColumn(column, spec("w", "category"), [0, 1])).toEqual([0, 1, 1, 0, 0, 0, 0, 0]);
  });

  test("beyond max_categories keeps the most frequent ones; rare, unseen and no others share the last input", () => {
    const table = tableOf(words("w", ["a", "b", "c", "d"], 3, 3, 1, 1, 0, 2, -1));
    const fitted = fitFeatures(table, [spec("w", "category", { max_categories: 3 })], all(table));
    expect(describeFeatures(fitted)[0].values).toEqual(["b", "d"]);
    expect([...encodeRows(fitted, table, Int32Array.of(0, 2, 4, 5, 6), "float64")]).toEqual(
      [
        [0, 1, 0],
        [1, 0, 0],
        [0, 0, 1],
        [0, 0, 1],
        [0, 0, 0],
      ].flat(),
    );
    expect([...encodeInstances(fitted, ["new", null], "float64")]).toEqual([0, 0, 1, 0, 0, 0]);
  });

  test('of numbers sorts by size, and 10, 10.0 and "10" are one', () => {
    const table = tableOf(numbers("n", 10, 9, 10));
    const fitted = fitFeatures(table, [spec("n", "category")], all(table));
    expect(describeFeatures(fitted)[0].values).toEqual(["9", "10"]);
    expect([...encodeInstances(fitted, [10, "10.0", "9"], "float64")]).toEqual([0, 1, 0, 1, 1, 0]);
  });
});

describe("an image", () => {
  const column: TableColumn = {
    name: "image",
    type: "image",
    shape: [2, 2, 1],
    pixels: Uint8Array.of(0, 51, 102, 255, 255, 255, 255, 255),
  };
  const table: Table = { rows: 2, columns: [column] };
  const fitted = fitFeatures(table, [spec("image", "image")], all(table));

  test("has the shape of its pixels, from 0 to 1", () => {
    expect(fitted.inputShape).toEqual([2, 2, 1]);
    expect([...encodeRows(fitted, table, Int32Array.of(0), "float64")]).toEqual([0, 0.2, 0.4, 1]);
  });

  const flat = [0, 51, 102, 255];
  const nested = [
    [0, 51],
    [102, 255],
  ];
  test.each([
    ["flat", flat],
    ["nested", nested],
    [
      "nested with channels",
      [
        [[0], [51]],
        [[102], [255]],
      ],
    ],
    ["by name", { image: nested }],
    ["in feature order", [nested]],
  ])("as an instance may be %s", (_sentence, instance) => {
    expect([...encodeInstances(fitted, [instance], "float64")]).toEqual([0, 0.2, 0.4, 1]);
  });

  test.each([
    ["too few pixels", [1, 2, 3], "/instances/0", "3 elements instead of 4"],
    ["a row too short", [[1, 2], [3]], "/instances/0/1", "1 elements instead of 2"],
    [
      "a pixel beyond 255",
      [
        [1, 2],
        [3, 256],
      ],
      "/instances/0/1/1",
      "expected an array of shape [4] or [2, 2] or [2, 2, 1]",
    ],
    ["a pixel that is text", [1, 2, "3", 4], "/instances/0/2", "numbers from 0 to 255"],
    ["no array", "pixels", "/instances/0", '"pixels"'],
    ["null", { image: null }, "/instances/0/image", "null"],
  ])("with %s is refused at its place", (_sentence, instance, pointer, detail) => {
    const faults = faultsOf(() => encodeInstances(fitted, [instance], "float64"));
    expect(faults).toMatchObject([
      { pointer, code: "not_an_image", detail: expect.stringContaining(detail) as string },
    ]);
  });
});

describe("targets", () => {
  test("classes keep their type and natural order", () => {
    expect(fitClasses(words("w", ["a", "b", "c"], 2, 0, -1)).classes).toEqual(["a", "c"]);
    expect(fitClasses(numbers("n", 10, 9, NaN, 9)).classes).toEqual([9, 10]);
    expect(fitClasses(booleans("b", 1, 0)).classes).toEqual([false, true]);
  });

  test.each([
    ["words", words("t", ["a", "b", "c"], 2, 0, -1, 2), [1, 0, -1, 1]],
    ["numbers", numbers("t", 10, 9, NaN, 9), [1, 0, -1, 0]],
    ["truth values", booleans("t", 1, 0, NaN, 1), [1, 0, -1, 1]],
  ])("class codes of %s, -1 where missing", (_sentence, column, codes) => {
    expect([...encodeClasses(fitClasses(column), column, Int32Array.of(0, 1, 2, 3))]).toEqual(codes);
  });

  test("numbers are scaled by the training rows and come back as they were", () => {
    const table = tableOf(numbers("y", 100, 200, 300, 1000), numbers("z", 5, 5, 5, 5));
    const target = fitNumbers(table, ["y", "z"], Int32Array.of(0, 1, 2));
    const encoded = encodeNumbers(target, table, all(table), "float64");
    // 100 200 300: mean 200, population deviation √(20000/3)
    expect(encoded[0]).toBeCloseTo(-100 / Math.sqrt(20_000 / 3), 12);
    expect([0, 1, 2, 3].map((row) => Math.round(decodeNumber(target, 0, encoded[2 * row])))).toEqual([
      100, 200, 300, 1000,
    ]);
    expect(decodeNumber(target, 1, encoded[1])).toBe(5);
  });

  test("rows without a target are left out", () => {
    const table = tableOf(numbers("y", 1, NaN, 3), words("w", ["a"], 0, 0, -1));
    expect([...rowsWithTarget(table, ["y"])]).toEqual([0, 2]);
    expect([...rowsWithTarget(table, ["y", "w"])]).toEqual([0]);
  });
});
