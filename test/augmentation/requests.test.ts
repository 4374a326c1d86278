import { expect, test } from "vitest";
import { featureSpec } from "../../src/contract/feature.ts";
import { selectFeatures } from "../../src/datasets/features/select-features.ts";
import { columnSchema } from "../datasets/columns.ts";

const columns = [
  columnSchema("picture", "image", 100, { shape: [8, 8, 1] }),
  columnSchema("sound", "audio", 100, { shape: [8000], sample_rate: 8000 }),
  columnSchema("x", "number", 100),
  columnSchema("label", "category", 3),
];
const select = (feature: object) =>
  selectFeatures(columns, { target: "label", rows: 100, features: [featureSpec.parse(feature)] });

test("a feature keeps what is asked of it, with defaults", () => {
  const { specs, faults } = select({ name: "sound", augment: { gain: 6, spec_augment: { time_masks: 1 } } });
  expect(faults).toEqual([]);
  expect(specs[0].augment).toEqual({
    gain: 6,
    spec_augment: { time_masks: 1, time_width: 10, frequency_masks: 2, frequency_width: 6 },
  });
});

test.each([
  ["noise in pictures", { name: "picture", augment: { noise: 1, flip: true } }, "/augment/noise"],
  ["mirrored sounds", { name: "sound", augment: { flip: true, shift: 100 } }, "/augment/flip"],
  ["changed numbers", { name: "x", augment: { shift: 1 } }, "/augment"],
])("%s are refused", (_what, feature, pointer) => {
  const { faults } = select(feature);
  expect(faults.map((fault) => [fault.pointer, fault.code])).toEqual([
    [`/dataset/features/0${pointer}`, "option_does_not_fit"],
  ]);
});
