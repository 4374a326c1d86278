// Sounds as log-mel energies and MFCCs: the numbers of NumPy, standardised over the training rows.
import { describe, expect, test } from "vitest";
import { describeFeatures, encodeInstances, encodeRows, fitFeatures } from "../../../src/datasets/features/encode.ts";
import { framesIn, spectrumOf } from "../../../src/datasets/features/spectrum.ts";
import type { Table } from "../../../src/datasets/table.ts";
import { all, faultsOf, spec } from "../columns.ts";
import golden from "./spectrum.json" with { type: "json" };

const parameters = { sampleRate: 8000, window: 200, hop: 80, bands: 20 };
const samples = Int16Array.from(golden.samples);

describe("the spectrum of a sound", () => {
  test.each([
    ["log-mel energies", parameters, golden.log_mel],
    ["MFCCs", { ...parameters, coefficients: 13 }, golden.mfcc],
  ])("has the %s that NumPy computes from the definition (spectrum.py)", (_what, choice, expected) => {
    const frames = framesIn(samples.length, choice);
    expect(frames).toBe(expected.length);
    const values = spectrumOf(choice)(samples, frames);
    const flat = expected.flat();
    expect(values).toHaveLength(flat.length);
    values.forEach((value, at) => expect(value).toBeCloseTo(flat[at], 8));
  });

  test("of silence is finite, also beyond the end of the sound", () => {
    const values = spectrumOf(parameters)(new Int16Array(10), 3);
    expect(values.every((value) => value === Math.log(1e-10))).toBe(true);
  });
});

describe("a sound as a feature", () => {
  const quiet = samples.map((sample) => sample / 10);
  const table: Table = {
    rows: 2,
    columns: [
      {
        name: "sound",
        type: "audio",
        sampleRate: 8000,
        samples: Int16Array.from([...samples, ...quiet]),
        starts: Float64Array.of(0, samples.length, 2 * samples.length),
      },
    ],
  };
  const choice = { max_seconds: 0.075, bands: 20 };

  test("is frames × bands, of mean 0 in each band over the training rows", () => {
    const fitted = fitFeatures(table, [spec("sound", "audio", choice)], all(table));
    expect(fitted.inputShape).toEqual([6, 20]);
    const encoded = encodeRows(fitted, table, all(table), "float64");
    for (let band = 0; band < 20; band++) {
      const values = encoded.filter((_, at) => at % 20 === band);
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 8);
    }
  });

  test("has the shape of an image for layers that take one", () => {
    const fitted = fitFeatures(table, [spec("sound", "audio", { ...choice, layout: "image" })], all(table));
    expect(fitted.inputShape).toEqual([6, 20, 1]);
    expect(describeFeatures(fitted)).toMatchObject([{ type: "audio", shape: [6, 20, 1] }]);
  });

  test("encodes as an instance as in the table", () => {
    const fitted = fitFeatures(table, [spec("sound", "audio", choice)], all(table));
    const rows = encodeRows(fitted, table, Int32Array.of(0), "float32");
    expect(encodeInstances(fitted, [golden.samples], "float32")).toEqual(rows);
    expect(encodeInstances(fitted, [{ sound: golden.samples }], "float32")).toEqual(rows);
  });

  test.each([
    [{ sound: "hello" }],
    [{ sound: [] }],
    [{ sound: [1, 40_000] }],
    [{ sound: [1, "x"] }],
    [{ sound: null }],
  ])("is refused as %j", (instance) => {
    const fitted = fitFeatures(table, [spec("sound", "audio", choice)], all(table));
    expect(faultsOf(() => encodeInstances(fitted, [instance], "float32"))).toMatchObject([
      { pointer: "/instances/0/sound", code: "not_a_sound" },
    ]);
  });
});
