import { expect, it } from "vitest";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import { build } from "./construction.ts";
import { differenceFromPyTorch } from "./golden-network.ts";

const grown = (filters: number, rest: object): LayerSpec => ({
  type: "conv2d_transpose",
  filters,
  kernel_size: 3,
  stride: 2,
  ...rest,
});

it("images that shrink and grow again train and predict as in PyTorch", () => {
  const layers: LayerSpec[] = [
    { type: "conv2d", filters: 4, kernel_size: 3, stride: 2, padding: 1, activation: "tanh" },
    // PyTorch's borders are of one pixel on each side, as are ours of an odd image.
    grown(3, { padding: "same", output_size: [5, 7], activation: "tanh" }),
    grown(2, { kernel_size: [2, 3], stride: [2, 1], use_bias: false }),
    { type: "flatten" },
    { type: "dense", units: 3 },
  ];
  expect(differenceFromPyTorch("image-growth.json", [5, 7, 2], layers)).toBeLessThan(1e-9);
});

it.each([
  [{}, [9, 11]],
  [{ padding: "same" }, [8, 10]],
  [{ padding: "same", output_size: [7, 9] }, [7, 9]],
  [{ kernel_size: 1, stride: 1 }, [4, 5]],
])("a transposed convolution %j of 4 × 5 pixels has %j", (rest, extents) => {
  expect(build({ input: [4, 5, 3], layers: [grown(2, rest)] }).plan.output.shape).toEqual([...extents, 2]);
});
