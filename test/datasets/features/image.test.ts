// Images cut, resized, made grey and standardised.
import { describe, expect, test } from "vitest";
import { describeFeatures, encodeInstances, encodeRows, fitFeatures } from "../../../src/datasets/features/encode.ts";
import type { FeatureSpec } from "../../../src/datasets/features/feature-spec.ts";
import { resized } from "../../../src/datasets/features/resample.ts";
import type { Table } from "../../../src/datasets/table.ts";
import { all, spec } from "../columns.ts";
import golden from "./resample.json" with { type: "json" };

test.each([
  ["smaller", golden.smaller],
  ["larger", golden.larger],
  ["narrower and higher", golden.mixed],
])("a picture made %s has the pixels that Pillow gives (resample.py)", (_what, expected) => {
  const picture = { shape: [7, 9, 1] as const, pixels: golden.picture.flat() };
  const { shape, pixels } = resized(picture, expected.length, expected[0].length);
  expect(shape).toEqual([expected.length, expected[0].length, 1]);
  // Pillow rounds to float32 between the two passes.
  expected.flat().forEach((value, at) => expect(pixels[at]).toBeCloseTo(value, 3));
});

/** Two images of 4 × 4 in colour; red is x, green is y, blue the number of the image. */
const pixels = Uint8Array.from({ length: 96 }, (_, i) => {
  const [image, y, x, channel] = [Math.floor(i / 48), Math.floor((i % 48) / 12), Math.floor((i % 12) / 3), i % 3];
  return [x, y, 100 * image][channel];
});
const table: Table = { rows: 2, columns: [{ name: "image", type: "image", shape: [4, 4, 3], pixels }] };
const fit = (more: Partial<FeatureSpec>) => fitFeatures(table, [spec("image", "image", more)], all(table));
const encoded = (more: Partial<FeatureSpec>, row = 0) => [
  ...encodeRows(fit(more), table, Int32Array.of(row), "float64"),
];

describe("an image", () => {
  test("is cut to its middle", () => {
    expect(fit({ crop: [2, 2] }).inputShape).toEqual([2, 2, 3]);
    const scaled = [1, 1, 0, 2, 1, 0, 1, 2, 0, 2, 2, 0].map((value) => value / 255);
    expect(encoded({ crop: [2, 2] })).toEqual(scaled);
  });

  test("is made grey: 0.299 red, 0.587 green, 0.114 blue", () => {
    const grey = encoded({ crop: [1, 1], channels: 1 }, 1);
    expect(grey).toHaveLength(1);
    expect(grey[0]).toBeCloseTo((0.299 * 1 + 0.587 * 1 + 0.114 * 100) / 255, 12);
  });

  test("is standardised by channel over the training rows", () => {
    const values = [...encodeRows(fit({ scale: "standard" }), table, all(table), "float64")];
    for (let channel = 0; channel < 3; channel++) {
      const own = values.filter((_, at) => at % 3 === channel);
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
      expect(mean).toBeCloseTo(0, 10);
      expect(own.reduce((sum, value) => sum + value * value, 0) / own.length).toBeCloseTo(1, 10);
    }
  });

  test("is scaled by images spread over all of them, however many there are", () => {
    // 12,000 images of 28 × 28, of which 10,204 are looked at; dark ones stand first, as the files of a class do.
    const rows = 12_000;
    const ordered: Table = {
      rows,
      columns: [
        {
          name: "image",
          type: "image",
          shape: [28, 28, 1],
          pixels: Uint8Array.from({ length: rows * 784 }, (_, at) => (at < rows * 392 ? 0 : 255)),
        },
      ],
    };
    const [state] = fitFeatures(ordered, [spec("image", "image", { scale: "standard" })], all(ordered)).encoders;
    expect((state as { scalings: { centre: number }[] }).scalings[0].centre).toBeCloseTo(0.5, 3);
  });

  test("comes as an instance in the shape of the dataset, and encodes as the row, also after a round through JSON", () => {
    const fitted = fit({ crop: [3, 3], size: [2, 5], channels: 1, scale: "standard" });
    expect(fitted.inputShape).toEqual([2, 5, 1]);
    expect(describeFeatures(fitted)).toMatchObject([{ shape: [4, 4, 3] }]);
    const stored = JSON.parse(JSON.stringify(fitted)) as typeof fitted;
    const instance = [...pixels.subarray(48)];
    expect(encodeInstances(stored, [{ image: instance }], "float32")).toEqual(
      encodeRows(fitted, table, Int32Array.of(1), "float32"),
    );
  });
});
