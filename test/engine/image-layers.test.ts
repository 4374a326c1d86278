import { expect, it } from "vitest";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import type { LayerParameters } from "../../src/engine/parameters.ts";
import { readParameters } from "../../src/engine/parameters.ts";
import { build, golden } from "./construction.ts";

interface Golden {
  readonly rows: number;
  readonly steps: number;
  readonly learning_rate: number;
  readonly momentum: number;
  readonly inputs: readonly number[];
  readonly targets: readonly number[];
  readonly parameters: readonly LayerParameters[];
  readonly losses: readonly number[];
  readonly trained: readonly LayerParameters[];
  readonly predictions: readonly number[];
}

const EXPECTED = golden<Golden>("image-layers.json");
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

/** All numbers of nested arrays and records, in order. */
function numbersOf(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return Object.values(value as object).flatMap(numbersOf);
}

it("a network with every layer for images trains and predicts as in PyTorch", () => {
  const network = build({
    input: [9, 10, 2],
    layers: LAYERS,
    loss: "cross_entropy",
    optimizer: { type: "sgd", momentum: EXPECTED.momentum },
    capacity: EXPECTED.rows,
    given: EXPECTED.parameters,
  });
  network.inputs.set(EXPECTED.inputs);
  network.targets.set(EXPECTED.targets);
  EXPECTED.losses.forEach((expected, index) => {
    network.step.learningRate = EXPECTED.learning_rate;
    network.step.number = index + 1;
    network.trainStep(EXPECTED.rows);
    const losses = Array.from(network.losses.subarray(0, EXPECTED.rows));
    expect(losses.reduce((sum, loss) => sum + loss, 0) / EXPECTED.rows).toBeCloseTo(expected, 9);
  });

  const trained = readParameters(network);
  expect(trained.map((layer) => Object.keys(layer))).toEqual(EXPECTED.trained.map((layer) => Object.keys(layer)));
  const wanted = numbersOf(EXPECTED.trained);
  numbersOf(trained).forEach((value, index) => expect(value).toBeCloseTo(wanted[index], 8));

  network.forward(EXPECTED.rows);
  EXPECTED.predictions.forEach((expected, index) => expect(network.outputs[index]).toBeCloseTo(expected, 8));
});
