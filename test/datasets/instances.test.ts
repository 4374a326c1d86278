// Instances of a prediction: every form encodes to the same bits as the row of a table; bad ones are refused by field.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FittedFeatures } from "../../src/datasets/features/encode.ts";
import { describeFeatures, encodeInstances, encodeRows, fitFeatures } from "../../src/datasets/features/encode.ts";
import { DomainError } from "../../src/errors.ts";
import { all, booleans, faultsOf, numbers, spec, tableOf, words } from "./columns.ts";

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

  const outcomeOf = (instance: unknown) => {
    try {
      return encode(instance).every(Number.isFinite) ? "finite" : "not finite";
    } catch (error) {
      return error instanceof DomainError ? error.code : String(error);
    }
  };

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

  test("what the dataset had as spellings of missing means missing here too", () => {
    const own = { ...fitted, reading: { missing: ["unknown", "-999"] } };
    expect([...encodeInstances(own, [["-999", " unknown ", "unknown"]], "float64")]).toEqual([0, 0.5, 0, 0]);
  });

  test("a decimal comma is one where the dataset had it", () => {
    const own = { ...fitted, reading: { decimal: "," as const } };
    expect([...encodeInstances(own, [["6,0", true, "red"]], "float64")]).toEqual(encode([6, true, "red"]));
    expect(faultsOf(() => encode(["6,0", true, "red"]))).toMatchObject([{ code: "not_a_number" }]);
  });

  test("fields that the model does not know are ignored when its policy or the call says so", () => {
    const instance = { petal_length: 6, open: false, colour: "red", note: "x" };
    const known = encode([6, false, "red"]);
    expect([...encodeInstances(fitted, [instance], "float64", { extra_fields: "ignore" })]).toEqual(known);
    const lenient = { ...fitted, policy: { extra_fields: "ignore" as const } };
    expect([...encodeInstances(lenient, [instance], "float64")]).toEqual(known);
    const faults = faultsOf(() => encodeInstances(lenient, [instance], "float64", { extra_fields: "refuse" }));
    expect(faults).toMatchObject([{ pointer: "/instances/0/note", code: "unknown_field" }]);
  });

  test("fields that are not there are taken as null when the policy says so", () => {
    const imputed = encodeInstances(fitted, [{ open: true }], "float64", { missing_fields: "impute" });
    expect([...imputed]).toEqual(encode({ petal_length: null, open: true, colour: null }));
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
      {
        name: "petal_length",
        type: "number",
        required: true,
        nullable: true,
        scaling: { centre: 3, spread: expect.closeTo(Math.sqrt(3.5), 12) as number },
        example: 1,
      },
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
          expect(outcomeOf(instance)).toMatch(/^(finite|invalid_instance)$/);
        }
      }),
    );
  });
});
