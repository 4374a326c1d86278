import { describe, expect, it } from "vitest";
import { EngineError } from "../../src/engine/engine-error.ts";
import { predict } from "../../src/engine/evaluate.ts";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import { TOLERANCE, worstError } from "./central-differences.ts";
import { build, scattered } from "./construction.ts";
import { differenceFromPyTorch } from "./golden-network.ts";

const ROWS = 3;

const LAYERS: readonly LayerSpec[] = [
  { type: "conv1d", filters: 4, kernel_size: 3, dilation: 2, padding: "causal", activation: "tanh" },
  { type: "max_pool1d", pool_size: 3, stride: 2, padding: 1 },
  { type: "bidirectional", layer: { type: "lstm", units: 3, return_sequences: true } },
  {
    type: "parallel",
    branches: [
      [{ type: "conv1d", filters: 3, kernel_size: 2, activation: "relu" }, { type: "global_max_pool" }],
      [
        { type: "conv1d", filters: 2, kernel_size: 4, stride: 2, padding: 1 },
        { type: "average_pool1d", pool_size: 2, stride: 1 },
        { type: "global_average_pool" },
      ],
      [{ type: "bidirectional", layer: { type: "gru", units: 2 } }],
    ],
  },
  { type: "dense", units: 3 },
];

it("a network with the layers for sequences trains and predicts as in PyTorch", () => {
  expect(differenceFromPyTorch("sequence-layers.json", [9, 2], LAYERS)).toBeLessThan(1e-9);
});

it("positions and self-attention train and predict as in PyTorch", () => {
  const attention = (heads: number): LayerSpec => ({ type: "multi_head_attention", heads });
  const layers: LayerSpec[] = [
    { type: "positions" },
    { type: "residual", layers: [{ type: "layer_norm" }, attention(3)] },
    attention(1),
    { type: "global_average_pool" },
    { type: "dense", units: 3 },
  ];
  expect(differenceFromPyTorch("attention-layers.json", [5, 6], layers)).toBeLessThan(1e-9);
});

const gru = (rest: object = {}): LayerSpec => ({
  type: "bidirectional",
  layer: { type: "gru", units: 2, ...rest },
});

describe("the gradient through layers for sequences equals central differences", () => {
  const dense: LayerSpec = { type: "dense", units: 3 };
  it.each<[string, LayerSpec[]]>([
    ["a convolution", [{ type: "conv1d", filters: 4, kernel_size: 3 }]],
    ["a causal convolution", [{ type: "conv1d", filters: 4, kernel_size: 2, dilation: 3, padding: "causal" }]],
    ["max pooling of all steps", [{ type: "global_max_pool" }]],
    ["average pooling of all steps", [{ type: "global_average_pool" }]],
    ["max pooling", [{ type: "max_pool1d", pool_size: 2 }]],
    ["average pooling", [{ type: "average_pool1d", pool_size: 3, stride: 2, padding: "same" }]],
    [
      "reshape to an image",
      [
        { type: "reshape", shape: [3, 6, 1] },
        { type: "conv2d", filters: 2, kernel_size: 2 },
      ],
    ],
    ["two directions, last states", [gru()]],
    ["two directions, all states", [gru({ return_sequences: true })]],
    ["two directions of the state of two", [gru({ return_sequences: true }), gru()]],
    ["positions", [{ type: "positions" }, { type: "activation", activation: "tanh" }]],
    ["attention over all steps", [{ type: "attention_pool", units: 4 }]],
    ["attention with one head", [{ type: "multi_head_attention", heads: 1 }]],
    ["attention with three heads", [{ type: "positions" }, { type: "multi_head_attention", heads: 3 }]],
    ["branches, one of them the input itself", [{ type: "parallel", branches: [[], [dense], []] }]],
    [
      "branches that end in vectors",
      [{ type: "parallel", branches: [[{ type: "flatten" }], [dense, { type: "global_max_pool" }]] }],
    ],
    [
      "branches in a residual connection in a branch",
      [
        {
          type: "parallel",
          branches: [
            [dense],
            [
              {
                type: "residual",
                layers: [{ type: "parallel", branches: [[dense], []] }, dense],
                activation: "tanh",
              },
            ],
          ],
        },
      ],
    ],
  ])("%s", (_name, middle) => {
    const network = build({
      input: [6, 2],
      layers: [dense, ...middle, { type: "flatten" }, { type: "dense", units: 2 }],
      loss: "mean_squared_error",
      capacity: ROWS + 1,
      seed: 3,
    });
    network.inputs.set(scattered(ROWS * 12, 1));
    network.targets.set(scattered(ROWS * 2, 2));
    expect(worstError(network, ROWS)).toBeLessThan(TOLERANCE);
  });

  it("branches of the network's input, none of which needs its gradient", () => {
    const network = build({
      input: [6, 2],
      layers: [
        { type: "parallel", branches: [[], [dense], [gru({ return_sequences: true })]] },
        { type: "flatten" },
        { type: "dense", units: 2 },
      ],
      loss: "mean_squared_error",
    });
    network.inputs.set(scattered(ROWS * 12, 1));
    network.targets.set(scattered(ROWS * 2, 2));
    expect(worstError(network, ROWS)).toBeLessThan(TOLERANCE);
  });
});

it("attention over all steps is their mean where its question is zero", () => {
  const network = build({ input: [4, 3], layers: [{ type: "attention_pool", units: 2 }], optimizer: null });
  for (const { name, value } of network.plan.parameters) if (name === "question") network.memory.view(value).fill(0);
  const inputs = scattered(12, 6);
  const means = [0, 1, 2].map((j) => (inputs[j] + inputs[3 + j] + inputs[6 + j] + inputs[9 + j]) / 4);
  predict(network, inputs, 1).forEach((value, j) => expect(value).toBeCloseTo(means[j], 12));
});

it("an output of a causal convolution does not change with what comes after it", () => {
  const network = build({
    input: [8, 2],
    layers: [{ type: "conv1d", filters: 3, kernel_size: 3, dilation: 2, padding: "causal" }],
    optimizer: null,
  });
  const inputs = scattered(16, 4);
  const before = predict(network, inputs, 1);
  inputs.fill(9, 2 * 5);
  const after = predict(network, inputs, 1);
  expect([...after.subarray(0, 15)]).toEqual([...before.subarray(0, 15)]);
  expect(after[15]).not.toBe(before[15]);
});

describe("a specification that cannot be", () => {
  it.each<[string, readonly number[], LayerSpec[], string]>([
    [
      "a convolution of steps over vectors",
      [3],
      [{ type: "conv1d", filters: 2, kernel_size: 2 }],
      "layer 0 (conv1d): conv1d: expected a sequence [steps,in] for each row, got [3].",
    ],
    [
      "a window longer than the sequence",
      [3, 1],
      [{ type: "conv1d", filters: 2, kernel_size: 4 }],
      "expected at least 4 pixels for a window that spans 4 with padding 0, got 3.",
    ],
    [
      "a shape of another size",
      [3, 2],
      [{ type: "reshape", shape: [4, 2] }],
      "layer 0 (reshape): reshape: expected a shape of 6 elements, as [3,2] has, got [4,2], which has 8.",
    ],
    [
      "branches of different lengths",
      [3, 2],
      [{ type: "parallel", branches: [[], [{ type: "conv1d", filters: 2, kernel_size: 2 }]] }],
      "expected branches that end in the same shape but for the last dimension, got [3,2] and [2,2].",
    ],
    [
      "a layer in a branch",
      [3, 2],
      [{ type: "parallel", branches: [[{ type: "flatten" }, { type: "global_max_pool" }]] }],
      "layer 0 (parallel), branches.0 1 (global_max_pool): image: expected an image [height,width,channels]",
    ],
    [
      "heads that do not divide the numbers",
      [3, 4],
      [{ type: "multi_head_attention", heads: 3 }],
      "expected steps of a multiple of 3 numbers, as many as heads, got 4.",
    ],
    [
      "two directions of what has none",
      [3, 2],
      [{ type: "bidirectional", layer: { type: "dense", units: 2 } as never }],
      "expected simple_rnn, lstm or gru, got dense.",
    ],
  ])("is refused: %s", (_name, input, layers, message) => {
    const planning = () => build({ input, layers });
    expect(planning).toThrow(EngineError);
    expect(planning).toThrow(message);
  });
});
