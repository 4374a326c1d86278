// A value means the same as a cell of a table, as JSON and as the text of a form or a CSV field, for every encoder.
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeInstances, encodeRows, fitFeatures } from "../../../src/datasets/features/encode.ts";
import type { FeatureSpec } from "../../../src/datasets/features/feature-spec.ts";
import type { TableColumn } from "../../../src/datasets/table.ts";
import { all, booleans, datetimes, numbers, spec, tableOf, texts, words } from "../columns.ts";

interface Kind {
  type: FeatureSpec["type"];
  /** JSON values of the type; null is missing. */
  value: fc.Arbitrary<string | number | boolean | null>;
  column: (values: (string | number | boolean | null)[]) => TableColumn;
  options: Partial<FeatureSpec>[];
}

const colours = ["blue", "green", "red"];
const orMissing = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null, freq: 4 });
const numeric = (values: unknown[]) => values.map((value) => (value === null ? NaN : Number(value)));

const kinds: Kind[] = [
  {
    type: "number",
    // + 0: the text of minus zero is that of zero.
    value: orMissing(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }).map((x) => x + 0)),
    column: (values) => numbers("x", ...numeric(values)),
    options: [
      {},
      { scale: "min_max", missing: "median" },
      { scale: "none", indicator: true },
      { scale: "quantile_normal" },
      { scale: "quantile_uniform", missing: 7 },
    ],
  },
  {
    type: "boolean",
    value: orMissing(fc.boolean()),
    column: (values) => booleans("x", ...numeric(values)),
    options: [{}],
  },
  {
    type: "category",
    value: orMissing(fc.constantFrom(...colours)),
    column: (values) => words("x", colours, ...values.map((value) => colours.indexOf(String(value)))),
    options: [{}, { max_categories: 2 }],
  },
  {
    type: "category",
    value: orMissing(fc.integer({ min: -3, max: 3 })),
    column: (values) => numbers("x", ...numeric(values)),
    options: [{}, { max_categories: 2 }],
  },
  {
    type: "datetime",
    value: orMissing(
      fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString()),
    ),
    column: (values) => datetimes("x", ...values.map((value) => (value === null ? "" : String(value)))),
    options: [{}, { parts: ["month", "hour"] }],
  },
  {
    type: "text",
    value: orMissing(
      fc.array(fc.constantFrom("to", "be", "or", "not", "7"), { minLength: 1 }).map((chosen) => chosen.join(" ")),
    ),
    column: (values) => texts("x", ...values.map((value) => (value === null ? undefined : String(value)))),
    options: [{}, { encoding: "counts", ngrams: [1, 2] }, { units: "characters" }],
  },
];

const cases = kinds.flatMap((kind) =>
  kind.options.map((options) => ({ ...kind, options, shown: JSON.stringify(options) })),
);

test.each(cases)("$type $shown: a cell, its JSON and its text encode alike", ({ type, value, column, options }) => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), (values) => {
      const table = tableOf(column(values));
      const fitted = fitFeatures(table, [spec("x", type, options)], all(table));
      const rows = encodeRows(fitted, table, all(table), "float64");
      const asJson = values.map((one) => ({ x: one }));
      const asText = values.map((one) => ({ x: one === null ? "" : ` ${String(one)} ` }));
      expect(encodeInstances(fitted, asJson, "float64")).toEqual(rows);
      expect(encodeInstances(fitted, asText, "float64")).toEqual(rows);
      const stored = JSON.parse(JSON.stringify(fitted)) as typeof fitted;
      expect(encodeInstances(stored, asJson, "float64")).toEqual(rows);
    }),
    { numRuns: 50 },
  );
});
