// Networks for sounds and time series, by the schema of their data alone.
import { describe, expect, test } from "vitest";
import { faultsOf, layersOf, resolvedBy } from "./resolving.ts";

// A second at 8 kHz in frames of 25 ms by 10 ms: 1 + ⌊(8,000 − 200) / 80⌋ = 98.
const sound = { type: "audio" as const, sample_rate: 8_000 };

test("a sound is read as frames of log-mel energies", () => {
  expect(resolvedBy({ type: "speech_rnn" }, { sound }).dataset.features).toEqual([
    { name: "sound", type: "audio", representation: "log_mel", layout: "sequence" },
  ]);
});

test.each([
  { type: "speech_dnn", first: ["flatten", [98 * 40]] },
  { type: "speech_cnn", first: ["reshape", [98, 40, 1]] },
  { type: "speech_rnn", first: ["bidirectional", [98, 128]] },
])("$type begins with $first and ends in the classes", ({ type, first }) => {
  const shapes = layersOf({ type }, { sound }).map((layer) => [layer.type, layer.output_shape]);
  expect(shapes[0]).toEqual(first);
  expect(shapes.at(-1)).toEqual(["dense", [10]]);
});

test("a sound that is laid out as an image is no other for them", () => {
  const features = [{ name: "sound", layout: "image" }];
  for (const type of ["speech_dnn", "speech_cnn", "speech_rnn"])
    expect(resolvedBy({ type }, { sound }, {}, features).architecture.type).toBe(type);
});

test("blocks of convolutions end where nothing is left to halve", () => {
  const narrow = { type: "sequence" as const, shape: [6, 2] };
  const shapes = layersOf({ type: "speech_cnn", filters: [4, 4, 4, 4] }, { narrow }).map((layer) => layer.output_shape);
  expect(shapes.findLast((shape) => shape.length === 3)).toEqual([1, 1, 4]);
});

test("colour images are no sounds", () => {
  expect(faultsOf({ type: "speech_cnn" }, { picture: { shape: [20, 20, 3] } })).toEqual([
    expect.objectContaining({ code: "needs_sounds", pointer: "/architecture/type" }),
  ]);
});

describe("a forecaster", () => {
  const series = { target: "level", window: { length: 24, horizon: 2 }, split: { time: "t" } };
  const columns = { t: {}, level: {}, load: {} };

  test.each(["mlp", "lstm", "gru", "tcn"])("with %s beside a line gives a number for each step ahead", (cell) => {
    const [layer, ...others] = layersOf({ type: "forecaster", cell }, columns, series);
    expect(others).toEqual([]);
    expect(layer.output_shape).toEqual([2]);
  });

  test("has a line over the whole window, and a network of that size beside it", () => {
    const [{ parameters }] = layersOf({ type: "forecaster", units: 5, layers: 1 }, columns, series);
    // 24 rows of two numbers; the line, and the dense layers of 5 and of 2 units.
    expect(parameters).toBe((48 + 1) * 2 + (48 + 1) * 5 + (5 + 1) * 2);
  });

  test("of causal convolutions has two in each block, and a projection in the first", () => {
    const [{ parameters }] = layersOf({ type: "forecaster", cell: "tcn", units: 5, layers: 2 }, columns, series);
    const [first, others] = [3 * 2 * 5 + 5, 3 * 5 * 5 + 5];
    expect(parameters).toBe((48 + 1) * 2 + first + 3 * others + (2 * 5 + 5) + (24 * 5 + 1) * 2);
  });

  test("needs windows", () => {
    expect(faultsOf({ type: "forecaster" }, columns)).toEqual([
      expect.objectContaining({ code: "needs_window", pointer: "/dataset/window" }),
    ]);
  });
});
