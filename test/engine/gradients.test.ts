import { describe, expect, it } from "vitest";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import type { LossName } from "../../src/engine/losses/catalogue.ts";
import type { Network } from "../../src/engine/network.ts";
import { TOLERANCE, worstError } from "./central-differences.ts";
import { build, scattered } from "./construction.ts";

// The layer under test stands between two dense layers, so the parameters of the first one test its dx.
// [rows, inputs, hidden, outputs]: single rows and units, and sizes that are no multiple of 4, 8 or 16.
const SHAPES = [
  [1, 1, 1, 1],
  [1, 3, 5, 2],
  [5, 7, 3, 1],
  [3, 17, 9, 5],
] as const;

function networkWith(
  middle: readonly LayerSpec[],
  loss: LossName,
  [rows, inputs, hidden, outputs]: readonly [number, number, number, number],
  end: readonly LayerSpec[] = [],
): Network {
  const network = build({
    input: [inputs],
    layers: [{ type: "dense", units: hidden }, ...middle, { type: "dense", units: outputs }, ...end],
    loss,
    capacity: rows + 2,
    seed: 3,
  });
  for (const { value, name } of network.plan.parameters) {
    if (name === "bias") network.memory.view(value).set(scattered(value.rowSize, 5));
  }
  network.inputs.set(scattered(rows * inputs, 1));
  const indexed = network.plan.objective!.definition.targets === "index";
  network.targets.set(
    indexed
      ? Float64Array.from({ length: rows }, (_, row) => (row * 2 + 1) % outputs)
      : scattered(rows * outputs, 2).map((value) => (loss === "binary_cross_entropy" ? (value + 1) / 2 : 2 * value)),
  );
  network.step.seed = 9;
  network.step.number = 4;
  return network;
}

describe("the gradient equals central differences", () => {
  const layers: [string, LayerSpec[]][] = [
    ["dense", [{ type: "dense", units: 3 }]],
    ["dense without bias", [{ type: "dense", units: 6, use_bias: false }]],
    ["relu", [{ type: "activation", activation: "relu" }]],
    ["leaky_relu", [{ type: "activation", activation: "leaky_relu" }]],
    ["tanh", [{ type: "activation", activation: "tanh" }]],
    ["sigmoid", [{ type: "activation", activation: "sigmoid" }]],
    ["gelu", [{ type: "activation", activation: "gelu" }]],
    ["softmax", [{ type: "activation", activation: "softmax" }]],
    ["identity", [{ type: "activation", activation: "identity" }]],
    ["dropout", [{ type: "dropout", rate: 0.4 }]],
    [
      "two dropouts",
      [
        { type: "dropout", rate: 0.3 },
        { type: "activation", activation: "tanh" },
        { type: "dropout", rate: 0.3 },
      ],
    ],
    ["layer normalisation", [{ type: "layer_norm" }, { type: "activation", activation: "tanh" }]],
    ["flatten", [{ type: "flatten" }]],
  ];
  for (const [name, middle] of layers) {
    it.each(SHAPES)(`through ${name}, rows %i, inputs %i, hidden %i, outputs %i`, (...shape) => {
      expect(worstError(networkWith(middle, "mean_squared_error", shape), shape[0])).toBeLessThan(TOLERANCE);
    });
  }

  const losses: LossName[] = [
    "binary_cross_entropy",
    "mean_squared_error",
    "half_squared_error",
    "mean_absolute_error",
    "huber",
  ];
  for (const loss of losses) {
    it.each(SHAPES)(`of ${loss}, rows %i, inputs %i, hidden %i, outputs %i`, (...shape) => {
      expect(worstError(networkWith([{ type: "activation", activation: "tanh" }], loss, shape), shape[0])).toBeLessThan(
        TOLERANCE,
      );
    });
  }

  it.each(SHAPES.filter((shape) => shape[3] > 1))(
    "of cross_entropy, rows %i, inputs %i, hidden %i, outputs %i",
    (...shape) => {
      const network = networkWith([{ type: "activation", activation: "tanh" }], "cross_entropy", shape);
      expect(worstError(network, shape[0])).toBeLessThan(TOLERANCE);
    },
  );

  it.each([
    ["softmax", "mean_squared_error"],
    ["sigmoid", "half_squared_error"],
    ["tanh", "huber"],
  ] as const)("of a %s output under %s, which is not fused", (end, loss) => {
    const network = networkWith([], loss, [3, 4, 3, 5], [{ type: "activation", activation: end }]);
    expect(worstError(network, 3)).toBeLessThan(TOLERANCE);
  });

  it("of rows that are images, behind a flatten that is the first layer", () => {
    const network = build({
      input: [2, 3, 1],
      layers: [{ type: "flatten" }, { type: "dense", units: 3, activation: "tanh" }, { type: "dense", units: 2 }],
      loss: "cross_entropy",
    });
    network.inputs.set(scattered(3 * 6));
    network.targets.set([0, 1, 1]);
    expect(worstError(network, 3)).toBeLessThan(TOLERANCE);
  });
});
