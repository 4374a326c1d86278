import { describe, expect, it } from "vitest";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import { TOLERANCE, worstError } from "./central-differences.ts";
import { build, scattered } from "./construction.ts";
import { differenceFromPyTorch } from "./golden-network.ts";

const ROWS = 3;

const each = (layer: LayerSpec): LayerSpec => ({ type: "time_distributed", layer });

it("layers applied to each frame of a film train and predict as in PyTorch", () => {
  const layers: LayerSpec[] = [
    each({ type: "conv2d", filters: 6, kernel_size: 3, padding: 1, groups: 2, activation: "tanh" }),
    each({ type: "local_response_norm", size: 4, alpha: 0.2, k: 1.5 }),
    { type: "activation", activation: "relu" },
    each({ type: "conv2d", filters: 12, kernel_size: [2, 3], stride: [1, 2], groups: 6, use_bias: false }),
    each({ type: "max_pool2d", pool_size: [2, 1] }),
    each({ type: "global_max_pool" }),
    { type: "lstm", units: 3 },
    { type: "dense", units: 3 },
  ];
  expect(differenceFromPyTorch("frame-layers.json", [4, 5, 6, 4], layers)).toBeLessThan(1e-9);
});

describe("the gradient through a layer applied to each step equals central differences", () => {
  it.each<[string, LayerSpec[]]>([
    ["a dense layer", [each({ type: "flatten" }), each({ type: "dense", units: 2, activation: "tanh" })]],
    [
      "a relu of each frame behind a convolution of each",
      [each({ type: "conv2d", filters: 2, kernel_size: 2 }), { type: "activation", activation: "relu" }],
    ],
    [
      "a recurrent layer over the rows of each frame",
      [each({ type: "reshape", shape: [3, 4] }), each({ type: "gru", units: 3 })],
    ],
    ["batch normalisation and dropout", [each({ type: "batch_norm" }), each({ type: "dropout", rate: 0.3 })]],
    [
      "a residual connection",
      [
        each({
          type: "residual",
          layers: [{ type: "conv2d", filters: 2, kernel_size: 3, padding: 1 }],
          activation: "relu",
        }),
      ],
    ],
    ["a layer applied to each row of each frame", [each(each({ type: "dense", units: 3 }))]],
  ])("%s", (_name, middle) => {
    const network = build({
      input: [2, 3, 2, 2],
      layers: [
        each({ type: "conv2d", filters: 2, kernel_size: 1 }),
        ...middle,
        { type: "flatten" },
        { type: "dense", units: 2 },
      ],
      loss: "mean_squared_error",
      capacity: ROWS + 1,
      seed: 3,
    });
    network.inputs.set(scattered(ROWS * 24, 1));
    network.targets.set(scattered(ROWS * 2, 2));
    expect(worstError(network, ROWS)).toBeLessThan(TOLERANCE);
  });
});

it("a dense layer applied to each step is the one for sequences", () => {
  const network = (layer: LayerSpec) =>
    build({ input: [4, 3], layers: [layer, { type: "flatten" }], loss: "mean_squared_error" });
  const [plain, distributed] = [network({ type: "dense", units: 2 }), network(each({ type: "dense", units: 2 }))];
  for (const one of [plain, distributed]) {
    one.inputs.set(scattered(24, 1));
    one.differentiate(2);
  }
  expect(distributed.outputs).toEqual(plain.outputs);
  const gradients = [plain, distributed].map(({ plan, memory }) =>
    plan.training!.parameters.map(({ gradient }) => memory.view(gradient)),
  );
  expect(gradients[1]).toEqual(gradients[0]);
});

it("rows without steps are refused by name, and so is what does not fit within a step", () => {
  const plan = (input: number[], layer: LayerSpec) => () => build({ input, layers: [layer] });
  expect(plan([8], each({ type: "dense", units: 2 }))).toThrow(
    "layer 0 (time_distributed): time_distributed: expected steps with a shape, such as [steps,numbers] or " +
      "[steps,height,width,channels], for each row, got [8].",
  );
  expect(plan([4, 8], each({ type: "conv2d", filters: 2, kernel_size: 3 }))).toThrow(
    "layer 0 (time_distributed), layer 0 (conv2d): image: expected an image [height,width,channels] for each row, got [8].",
  );
});
