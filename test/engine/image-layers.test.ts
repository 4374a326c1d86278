import { expect, it } from "vitest";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import { differenceFromPyTorch } from "./golden-network.ts";

const norm: LayerSpec = { type: "batch_norm" };
const relu: LayerSpec = { type: "activation", activation: "relu" };
const conv = (filters: number, rest: object): LayerSpec => ({
  type: "conv2d",
  filters,
  kernel_size: 3,
  padding: 1,
  ...rest,
});

const LAYERS: readonly LayerSpec[] = [
  conv(3, {}),
  norm,
  relu,
  {
    type: "residual",
    layers: [conv(5, { stride: 2, use_bias: false }), norm, relu, conv(5, { use_bias: false }), norm],
    projection: [conv(5, { kernel_size: 1, stride: 2, padding: 0, use_bias: false }), norm],
    activation: "relu",
  },
  conv(4, { kernel_size: [3, 2], dilation: [1, 2], padding: [1, 2], activation: "tanh" }),
  { type: "max_pool2d", pool_size: 3, stride: 2, padding: 1 },
  { type: "average_pool2d", pool_size: 2, stride: 1 },
  { type: "layer_norm" },
  { type: "global_average_pool" },
  { type: "dense", units: 3 },
];

it("a network with every layer for images trains and predicts as in PyTorch", () => {
  expect(differenceFromPyTorch("image-layers.json", [9, 10, 2], LAYERS)).toBeLessThan(1e-9);
});
