// Sequences of numbers: standardised by channel, the last steps count, padded in front.
import { describe, expect, test } from "vitest";
import { encodeInstances, encodeRows, fitFeatures } from "../../../src/datasets/features/encode.ts";
import type { Table } from "../../../src/datasets/table.ts";
import { all, faultsOf, spec } from "../columns.ts";

/** Two channels; three steps, then one. First channel 1 2 3 6, second 0 0 0 4. */
const table: Table = {
  rows: 2,
  columns: [
    {
      name: "path",
      type: "sequence",
      shape: [0, 2],
      elements: Float64Array.of(1, 0, 2, 0, 3, 0, 6, 4),
      starts: Float64Array.of(0, 6, 8),
    },
  ],
};

describe("a sequence", () => {
  const raw = fitFeatures(table, [spec("path", "sequence", { max_length: 2, scale: "none" })], all(table));

  test("keeps its last steps and is padded in front", () => {
    expect(raw.inputShape).toEqual([2, 2]);
    expect([...encodeRows(raw, table, all(table), "float64")]).toEqual([2, 0, 3, 0, 0, 0, 6, 4]);
  });

  test("is standardised channel by channel over the training rows", () => {
    const fitted = fitFeatures(table, [spec("path", "sequence", { max_length: 3 })], all(table));
    // first channel 1 2 3 6: mean 3, deviation √3.5; second channel 0 0 0 4: mean 1, deviation √3
    const expected = [0, 0, 0, 0, 3 / Math.sqrt(3.5), 3 / Math.sqrt(3)];
    const encoded = encodeRows(fitted, table, Int32Array.of(1), "float64");
    encoded.forEach((value, at) => expect(value).toBeCloseTo(expected[at], 12));
  });

  test("comes as steps, as a flat list, by name or bare", () => {
    const expected = [2, 0, 3, 0];
    for (const instance of [
      {
        path: [
          [2, 0],
          [3, 0],
        ],
      },
      { path: [2, 0, 3, 0] },
      [
        [2, 0],
        [3, 0],
      ],
      [
        [
          [2, 0],
          [3, 0],
        ],
      ],
    ])
      expect([...encodeInstances(raw, [instance], "float64")]).toEqual(expected);
  });

  test.each([[[[1, 2], [3]]], [[1, 2, 3]], [[]], ["1,2"], [[["a", "b"]]]])("is refused as %j", (value) => {
    expect(faultsOf(() => encodeInstances(raw, [{ path: value }], "float64"))).toMatchObject([
      { pointer: "/instances/0/path", code: "not_a_sequence" },
    ]);
  });
});
