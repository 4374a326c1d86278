// What "auto" becomes, by the schema of the data; the resolved job has the choice, and a warning the reason.
import { expect, test } from "vitest";
import { resolveWith, resolvedBy } from "./resolving.ts";

const prose = {
  examples: ["the film is as good as the book it was made from", "not a word of it is true, and who cares"],
};
const grey = { shape: [28, 28, 1] };
const series = { target: "level", window: { length: 12 }, split: { time: "t" } };

test.each([
  { what: "a table", columns: { age: {}, height: {} }, rows: 400, architecture: { type: "mlp", hidden: [16] } },
  {
    what: "a larger table",
    columns: { age: {}, height: {} },
    rows: 4_000,
    architecture: { type: "mlp", hidden: [64] },
  },
  { what: "small grey images", columns: { image: grey }, rows: 60_000, architecture: { type: "lenet5" } },
  {
    what: "colour images",
    columns: { image: { shape: [32, 32, 3] } },
    rows: 900,
    architecture: { type: "resnet", width: 0.5 },
  },
  {
    what: "images of a few pixels",
    columns: { image: { shape: [4, 4, 1] } },
    rows: 900,
    architecture: { type: "mlp" },
  },
  {
    what: "sounds",
    columns: { sound: { type: "audio" as const, sample_rate: 8_000 } },
    rows: 900,
    architecture: { type: "speech_rnn" },
  },
  {
    what: "sequences",
    columns: { steps: { type: "sequence" as const, shape: [12, 3] } },
    rows: 900,
    architecture: { type: "gru" },
  },
  { what: "short texts", columns: { text: prose }, rows: 5_000, architecture: { type: "text_cnn", vocabulary: 5000 } },
  { what: "few texts", columns: { text: prose }, rows: 300, architecture: { type: "mlp" } },
  {
    what: "long texts",
    columns: { text: { examples: ["word ".repeat(200)] } },
    rows: 5_000,
    architecture: { type: "mlp" },
  },
  {
    what: "names",
    columns: { name: { examples: ["Nakamura", "O'Neill"] } },
    rows: 5_000,
    architecture: { type: "gru", vocabulary: 5000 },
  },
  {
    what: "a time series",
    columns: { t: {}, level: {} },
    rows: 500,
    dataset: series,
    architecture: { type: "forecaster" },
  },
])("$what of $rows rows: $architecture.type", ({ columns, rows, dataset = {}, architecture }) => {
  const { request, warnings } = resolveWith({ type: "auto" }, columns, { rows, dataset });
  expect(request.architecture).toMatchObject(architecture);
  expect(warnings).toContainEqual(
    expect.objectContaining({
      pointer: "/architecture",
      code: "chosen_by_data",
      detail: expect.stringMatching(architecture.type),
    }),
  );
});

test("a resolved job is the same job again, and its architecture no longer a choice", () => {
  const resolved = resolvedBy({ type: "auto" }, { image: grey });
  expect(resolvedBy(resolved.architecture, { image: grey }).architecture).toEqual(resolved.architecture);
});
