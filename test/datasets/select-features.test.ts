// A wrong target or feature is refused from the schema alone, with its place in the request and the nearest name.
import { describe, expect, test } from "vitest";
import type { ColumnSchema } from "../../src/contract/dataset.ts";
import { selectFeatures as select } from "../../src/datasets/features/select-features.ts";
import { suggestTarget } from "../../src/datasets/suggest-target.ts";
import { columnSchema as column } from "./columns.ts";

const columns = [
  column("id", "integer", 100, { id_like: true }),
  column("length", "number", 80),
  column("width", "number", 80),
  column("count", "integer", 50),
  column("open", "boolean", 2),
  column("colour", "category", 3),
  column("note", "text", 90),
  column("day", "datetime", 90),
  column("species", "category", 3),
];
const image = column("image", "image", 100, { shape: [28, 28, 1] });

/** From a dataset of 100 rows, where the test does not say otherwise. */
const selectFeatures = (
  schema: ColumnSchema[],
  request: Omit<Parameters<typeof select>[1], "rows"> & { rows?: number },
) => select(schema, { rows: 100, ...request });

describe("features by default", () => {
  const selection = selectFeatures(columns, { target: "species" });

  test("are all usable columns but the target, ids and short texts", () => {
    expect(selection.specs.map(({ name }) => name)).toEqual(["length", "width", "count", "open", "colour", "day"]);
    expect(selection).toMatchObject({
      faults: [],
      task: "classification",
      outputs: 3,
      inputShape: [1 + 1 + 1 + 1 + 3 + 7], // of the date at most seven: year, and twice month, weekday, hour
      exactInputs: false,
      exactOutputs: true,
    });
  });

  test("say what was left out", () => {
    expect(selection.warnings.map(({ code, detail }) => [code, detail])).toEqual([
      ["id_like_column", 'Column "id" is not used: it has another value in every row, like an id.'],
      ["short_text", 'Column "note" is not used: it holds short texts, like names or codes.'],
    ]);
  });

  test("are the image alone when there is one", () => {
    const { specs, inputShape, warnings } = selectFeatures(
      [image, column("angle", "number"), column("label", "integer", 10)],
      { target: "label" },
    );
    expect(specs.map(({ name }) => name)).toEqual(["image"]);
    expect(inputShape).toEqual([28, 28, 1]);
    expect(warnings.map(({ code }) => code)).toEqual(["integers_as_classes", "beside_image"]);
  });

  test("leave out a column without any value", () => {
    const { specs, warnings } = selectFeatures(
      [column("x", "number"), column("none", "number", 0), column("y", "number")],
      { target: "y" },
    );
    expect(specs.map(({ name }) => name)).toEqual(["x"]);
    expect(warnings.map(({ code }) => code)).toEqual(["empty_column"]);
  });

  test("have texts of several words as TF-IDF, also when each is another one", () => {
    const prose = column("text", "text", 100, { id_like: true, examples: ["how are you", "fine thanks"] });
    const { specs, inputShape, exactInputs } = selectFeatures([prose, column("y", "category", 2)], { target: "y" });
    expect(specs).toEqual([
      { name: "text", type: "text", encoding: "tf_idf", units: "words", ngrams: [1, 1], vocabulary_size: 5000 },
    ]);
    expect([inputShape, exactInputs]).toEqual([[5000], false]);
  });

  test("have texts of single words by their characters where there is nothing else", () => {
    const { specs } = selectFeatures([column("name", "text", 90), column("y", "category", 2)], { target: "y" });
    expect(specs).toMatchObject([{ name: "name", type: "text", units: "characters", ngrams: [1, 3] }]);
  });

  test("are the sound or the sequence alone when there is one, in its own shape", () => {
    const sound = column("sound", "audio", 90, { sample_rate: 8000 });
    const asSound = selectFeatures([sound, column("speaker", "category", 6), column("y", "category", 2)], {
      target: "y",
    });
    expect(asSound.inputShape).toEqual([98, 40]); // one second in frames of 25 ms, every 10 ms; 40 bands
    expect(asSound.warnings).toMatchObject([{ code: "beside_audio" }]);
    const path = column("path", "sequence", 90, { shape: [20, 3] });
    expect(selectFeatures([path, column("y", "number")], { target: "y" }).inputShape).toEqual([20, 3]);
  });

  test("of a category with many values have at most a thousand inputs", () => {
    const { inputShape, faults } = selectFeatures([column("many", "category", 1001), column("y", "number")], {
      target: "y",
    });
    expect([inputShape, faults]).toEqual([[1000], []]);
  });
});

describe("the task", () => {
  test.each([
    ["category", "classification", column("y", "category", 3)],
    ["boolean", "classification", column("y", "boolean", 2)],
    ["text", "classification", column("y", "text", 500)],
    ["integer with 20 values", "classification", column("y", "integer", 20)],
    ["integer with 21 values", "regression", column("y", "integer", 21)],
    ["number", "regression", column("y", "number", 2)],
  ])("of a %s target is %s", (_sentence, task, y) => {
    expect(selectFeatures([column("x", "number"), y], { target: "y" })).toMatchObject({ task, faults: [] });
  });

  test("of image labels is classification, however many", () => {
    expect(selectFeatures([image, column("label", "integer", 47)], { target: "label" }).task).toBe("classification");
  });

  test("of several targets is regression with an output each", () => {
    expect(selectFeatures(columns, { target: ["length", "width"], features: ["count"] })).toMatchObject({
      task: "regression",
      outputs: 2,
      faults: [],
    });
  });

  test("as asked for wins", () => {
    expect(selectFeatures(columns, { target: "count", task: "classification" })).toMatchObject({
      task: "classification",
      outputs: 50,
      faults: [],
    });
  });
});

type Request = Parameters<typeof selectFeatures>[1];
const refusals: [
  sentence: string,
  request: Request,
  fault: { pointer: string; code: string; detail?: string; hint?: unknown },
][] = [
  [
    "a target that does not exist",
    { target: "specis" },
    { pointer: "/dataset/target", code: "unknown_column", hint: expect.stringContaining('"species"') },
  ],
  [
    "one of several targets that does not exist",
    { target: ["length", "widht"] },
    { pointer: "/dataset/target/1", code: "unknown_column" },
  ],
  [
    "the same target twice",
    { target: ["length", "length"] },
    { pointer: "/dataset/target/1", code: "duplicate_target" },
  ],
  [
    "a feature that does not exist",
    { target: "species", features: ["length", "width", "colr"] },
    { pointer: "/dataset/features/2", code: "unknown_column", hint: expect.stringContaining('"colour"') },
  ],
  [
    "the target as a feature",
    { target: "species", features: ["length", "species"] },
    { pointer: "/dataset/features/1", code: "target_as_feature" },
  ],
  [
    "the same feature twice",
    { target: "species", features: ["length", { name: "length" }] },
    { pointer: "/dataset/features/1", code: "duplicate_feature" },
  ],
  [
    "words read as numbers",
    { target: "species", features: [{ name: "note", type: "number" }] },
    {
      pointer: "/dataset/features/0/type",
      code: "wrong_type",
      detail: '"note" is a text column, for example "word": it cannot be read as a number.',
    },
  ],
  [
    "an option of another type",
    { target: "species", features: [{ name: "colour", scale: "standard" }] },
    {
      pointer: "/dataset/features/0/scale",
      code: "option_does_not_fit",
      detail: '"scale" is for columns of type number, integer, sequence, image, but "colour" is a category column.',
      hint: "Leave it out. A feature of type category takes: max_categories.",
    },
  ],
  [
    "a regression on words",
    { target: "species", task: "regression" },
    { pointer: "/dataset/target", code: "not_a_number" },
  ],
  [
    "a classification with several targets",
    { target: ["species", "colour"], task: "classification", features: ["length"] },
    { pointer: "/dataset/target", code: "several_targets" },
  ],
  ["a date as target", { target: "day" }, { pointer: "/dataset/target", code: "wrong_type" }],
];

describe("refused", () => {
  test.each(refusals)("%s", (_sentence, request, fault) => {
    expect(selectFeatures(columns, request).faults).toMatchObject([fault]);
  });

  test("a target with one class", () => {
    expect(selectFeatures([column("x", "number"), column("y", "category", 1)], { target: "y" }).faults).toMatchObject([
      { code: "one_class" },
    ]);
  });

  test("more than 1000 classes", () => {
    expect(selectFeatures([column("x", "number"), column("y", "text", 1001)], { target: "y" }).faults).toMatchObject([
      { code: "too_many_classes" },
    ]);
  });

  test("an image beside other features", () => {
    const { faults } = selectFeatures([image, column("x", "number"), column("y", "integer")], {
      target: "y",
      features: ["image", "x"],
    });
    expect(faults).toMatchObject([{ pointer: "/dataset/features", code: "beside_image" }]);
  });

  test("a sequence of tokens beside other columns", () => {
    const features = ["length", { name: "note", encoding: "word_ids" as const }];
    expect(selectFeatures(columns, { target: "species", features }).faults).toMatchObject([{ code: "beside_text" }]);
  });

  test("a table in which nothing can be a feature", () => {
    expect(selectFeatures([column("t", "text", 0), column("y", "category", 2)], { target: "y" }).faults).toMatchObject([
      { code: "no_features" },
    ]);
  });

  test("all faults at once", () => {
    const { faults } = selectFeatures(columns, { target: "specis", features: ["lengt", "noet"] });
    expect(faults.map(({ pointer }) => pointer)).toEqual([
      "/dataset/target",
      "/dataset/features/0",
      "/dataset/features/1",
    ]);
  });
});

test("an id-like column is used when asked for by name", () => {
  expect(selectFeatures(columns, { target: "species", features: ["id"] })).toMatchObject({
    faults: [],
    specs: [{ name: "id", type: "integer" }],
  });
});

test("a declared category, scale and policy for missing numbers are kept", () => {
  const features = [
    { name: "count", type: "category" as const },
    { name: "length", scale: "min_max" as const, missing: 0 },
  ];
  expect(selectFeatures(columns, { target: "species", features }).specs).toEqual([
    { name: "count", type: "category" },
    { name: "length", type: "number", scale: "min_max", missing: 0 },
  ]);
});

test("inputs are binary when only 0 and 1 can come", () => {
  const bit = column("a", "integer", 2, { statistics: { missing: 0, distinct: 2, min: 0, max: 1 } });
  const y = column("y", "integer", 2);
  expect(selectFeatures([bit, y], { target: "y" }).binaryInputs).toBe(true);
  expect(selectFeatures([bit, column("x", "number"), y], { target: "y" }).binaryInputs).toBe(false);
  expect(selectFeatures([bit, y], { target: "y", features: [{ name: "a", scale: "standard" }] }).binaryInputs).toBe(
    false,
  );
});

test("a missing target is worth a warning", () => {
  const y = column("y", "category", 2, { statistics: { missing: 3, distinct: 2 } });
  expect(selectFeatures([column("x", "number"), y], { target: "y" }).warnings).toMatchObject([
    { code: "missing_target", detail: '3 rows have no "y".' },
  ]);
});

describe("the suggested target", () => {
  test.each([
    ["a column with a telling name", [column("Target", "number"), column("c", "category", 3)], "Target"],
    [
      "else the last column of few classes",
      [column("a", "category", 3), column("b", "boolean", 2), column("x", "number")],
      "b",
    ],
    ["else the last column", [column("a", "text", 90), column("x", "number")], "x"],
    ["nothing, when there are only images", [image], null],
  ])("is %s", (_sentence, schema, expected) => {
    expect(suggestTarget(schema)).toBe(expected);
  });
});
