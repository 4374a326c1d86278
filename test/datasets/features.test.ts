// Encoders: fitted on training rows, the same for a row of the table and an instance of a prediction.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FeatureSpec, FittedFeatures } from "../../src/datasets/features/encode.ts";
import { describeFeatures, encodeInstances, encodeRows, fitFeatures } from "../../src/datasets/features/encode.ts";
import { encodeClasses, fitClasses } from "../../src/datasets/features/class-target.ts";
import { rowsWithTarget } from "../../src/datasets/features/labelled-rows.ts";
import { decodeNumber, encodeNumbers, fitNumbers } from "../../src/datasets/features/number-target.ts";
import { fitScaling, medianOf } from "../../src/datasets/features/scaling.ts";
import type { Table, TableColumn } from "../../src/datasets/table.ts";
import { DomainError } from "../../src/errors.ts";

const numbers = (name: string, ...values: number[]): TableColumn => ({
  name,
  type: "number",
  values: Float64Array.from(values),
});
const booleans = (name: string, ...values: number[]): TableColumn => ({
  name,
  type: "boolean",
  values: Float64Array.from(values),
});
const words = (name: string, dictionary: string[], ...codes: number[]): TableColumn => ({
  name,
  type: "category",
  codes: Int32Array.from(codes),
  dictionary,
});
const tableOf = (...columns: TableColumn[]): Table => ({
  rows: "values" in columns[0] ? columns[0].values.length : (columns[0] as { codes: Int32Array }).codes.length,
  columns,
});
const all = (table: Table) => Int32Array.from({ length: table.rows }, (_, row) => row);
const spec = (name: string, type: FeatureSpec["type"], more: Partial<FeatureSpec> = {}): FeatureSpec => ({
  name,
  type,
  scale: "auto",
  missing: "mean",
  ...more,
});
const encodedColumn = (column: TableColumn, one: FeatureSpec, training?: number[]) => {
  const table = tableOf(column);
  const fitted = fitFeatures(table, [one], training === undefined ? all(table) : Int32Array.from(training));
  return [...encodeRows(fitted, table, all(table), "float64")];
};

function faultsOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error.faults;
    throw error;
  }
  throw new Error("Expected a DomainError.");
}

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
    expect(encodedColumn(column, spec("w", "category"), [0, 1])).toEqual([...[0, 1], ...[1, 0], ...[0, 0], ...[0, 0]]);
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

describe("instances", () => {
  const table = tableOf(
    numbers("petal_length", 1, 2, 3, 6),
    booleans("open", 0, 1, 1, 0),
    words("colour", ["blue", "red"], 0, 1, 0, 1),
    words("species", ["a", "b"], 0, 1, 0, 1),
  );
  const specs = [spec("petal_length", "number"), spec("open", "boolean"), spec("colour", "category")];
  const fitted = fitFeatures(table, specs, all(table), ["row_id"]);
  const encode = (...instances: unknown[]) => [...encodeInstances(fitted, instances, "float64")];

  test("by name, in feature order and as the table has them encode to the same bits", () => {
    const rows = [...encodeRows(fitted, table, Int32Array.of(3), "float64")];
    expect(encode({ petal_length: 6, open: false, colour: "red" })).toEqual(rows);
    expect(encode([6, false, "red"])).toEqual(rows);
    expect(encode({ colour: " red ", open: "no", petal_length: " 6.0 " })).toEqual(rows);
  });

  test("state survives JSON: a stored model encodes like a fresh one", () => {
    const stored = JSON.parse(JSON.stringify(fitted)) as FittedFeatures;
    expect(encodeInstances(stored, [[6, true, "blue"]], "float32")).toEqual(
      encodeInstances(fitted, [[6, true, "blue"]], "float32"),
    );
  });

  test("the target and other columns of the dataset are ignored", () => {
    expect(encode({ petal_length: 6, open: false, colour: "red", species: "a", row_id: 7 })).toEqual(
      encode([6, false, "red"]),
    );
  });

  test("null and the spellings of missing mean missing", () => {
    const missing = encode({ petal_length: null, open: null, colour: null });
    expect(missing).toEqual([0, 0.5, 0, 0]);
    expect(encode(["", "NA", "?"])).toEqual(missing);
  });

  test("a single feature may come bare", () => {
    const single = fitFeatures(table, [spec("petal_length", "number", { scale: "none" })], all(table));
    expect([...encodeInstances(single, [5, "5", [5], { petal_length: 5 }], "float64")]).toEqual([5, 5, 5, 5]);
  });

  test("every fault of every instance is found, with its place and what to do", () => {
    const faults = faultsOf(() =>
      encode(
        { petal_length: "long", open: 2, colour: { a: 1 } },
        { petal_lenght: 5, open: true, colour: "red" },
        [1, 2],
        "x",
        { petal_length: NaN, open: true, colour: "red" },
      ),
    );
    expect(faults).toMatchObject([
      {
        pointer: "/instances/0/petal_length",
        code: "not_a_number",
        detail: '"petal_length" is "long", expected a number.',
      },
      { pointer: "/instances/0/open", code: "not_a_boolean", detail: '"open" is 2, expected true or false.' },
      { pointer: "/instances/0/colour", code: "not_a_category", detail: '"colour" is an object, expected a string.' },
      {
        pointer: "/instances/1/petal_lenght",
        code: "unknown_field",
        hint: expect.stringContaining('Did you mean "petal_length"?') as string,
      },
      { pointer: "/instances/1/petal_length", code: "missing_field", detail: 'The feature "petal_length" is missing.' },
      { pointer: "/instances/2", code: "wrong_length", detail: "The instance has 2 values, expected 3." },
      { pointer: "/instances/3", code: "invalid_type" },
      { pointer: "/instances/4/petal_length", code: "non_finite" },
    ]);
  });

  test("faults are cut at a hundred", () => {
    expect(faultsOf(() => encode(...Array.from({ length: 500 }, () => "x")))).toHaveLength(100);
  });

  test("fields called __proto__ or constructor are unknown, not inherited", () => {
    const instance: unknown = JSON.parse(
      '{"__proto__":1,"constructor":2,"petal_length":6,"open":false,"colour":"red"}',
    );
    expect(faultsOf(() => encode(instance)).map(({ pointer }) => pointer)).toEqual([
      "/instances/0/__proto__",
      "/instances/0/constructor",
    ]);
    const named = fitFeatures(
      tableOf(numbers("constructor", 1, 2)),
      [spec("constructor", "number")],
      Int32Array.of(0, 1),
    );
    expect(faultsOf(() => encodeInstances(named, [{}], "float64"))).toMatchObject([{ code: "missing_field" }]);
  });

  test("the description names type, categories and an example of each input", () => {
    expect(describeFeatures(fitted)).toEqual([
      { name: "petal_length", type: "number", required: true, nullable: true, example: 1 },
      { name: "open", type: "boolean", required: true, nullable: true, example: true },
      { name: "colour", type: "category", required: true, nullable: true, values: ["blue", "red"], example: "blue" },
    ]);
  });

  test("a number, its text and its text between blanks encode alike, whatever the number", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }),
        fc.constantFrom("", " ", "\t", " \r\n"),
        (value, blank) => {
          const [fromNumber, fromText, fromPadded] = [value, String(value), `${blank}${value}${blank}`].map((one) =>
            encode([one, true, "red"]),
          );
          expect(fromText).toEqual(fromNumber);
          expect(fromPadded).toEqual(fromNumber);
        },
      ),
    );
  });

  test("whatever comes in, the answer is finite numbers or an invalid_instance", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const instance of [value, [value, value, value], { petal_length: value, open: value, colour: value }]) {
          try {
            expect(encode(instance).every(Number.isFinite)).toBe(true);
          } catch (error) {
            expect(error).toMatchObject({ code: "invalid_instance" });
          }
        }
      }),
    );
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
