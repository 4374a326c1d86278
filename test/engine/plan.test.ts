import { describe, expect, it } from "vitest";
import { EngineError } from "../../src/engine/engine-error.ts";
import { LAYERS } from "../../src/engine/layers/catalogue.ts";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import type { LossName } from "../../src/engine/losses/catalogue.ts";
import { planNetwork } from "../../src/engine/plan.ts";
import type { PlanOptions } from "../../src/engine/plan.ts";
import { createReferenceKernels } from "../../src/engine/kernels/reference/reference.ts";
import { instantiate, networkBytes } from "../../src/engine/network.ts";
import { build } from "./construction.ts";

const planOf = (input: number[], layers: LayerSpec[], options: Partial<PlanOptions> = {}) =>
  planNetwork({ input_shape: input, layers }, { batchCapacity: 64, precision: "float32", ...options });

const failure = (action: () => unknown): EngineError => {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError);
    return error as EngineError;
  }
  throw new Error("nothing was refused");
};

describe("a plan", () => {
  const layers: LayerSpec[] = [
    { type: "flatten" },
    { type: "dense", units: 128, activation: "relu" },
    { type: "dropout", rate: 0.2 },
    { type: "dense", units: 10, use_bias: false },
    { type: "activation", activation: "softmax" },
  ];

  it("lists each layer of the specification with its output shape and parameters", () => {
    const plan = planOf([28, 28, 1], layers, { loss: "cross_entropy" });
    expect(plan.layers).toEqual([
      { type: "flatten", output_shape: [784], parameters: 0 },
      { type: "dense", output_shape: [128], parameters: 784 * 128 + 128 },
      { type: "dropout", output_shape: [128], parameters: 0 },
      { type: "dense", output_shape: [10], parameters: 1280 },
      { type: "activation", output_shape: [10], parameters: 0 },
    ]);
    expect(plan.parameterCount).toBe(784 * 128 + 128 + 1280);
  });

  it("counts a network without gradients and optimizer state for inference", () => {
    const inference = planOf([28, 28, 1], layers);
    const training = planOf([28, 28, 1], layers, { loss: "cross_entropy", training: { optimizer: { type: "adam" } } });
    const bytes = (plan: typeof training) => networkBytes(plan, createReferenceKernels("float32"));
    const parameters = 4 * inference.parameterCount;
    // Input, prediction and, one after another at the same two places, what the layers before and after each one hold;
    // at most 64 bytes of padding each.
    const inferring = parameters + 4 * 64 * (784 + 128 + 128 + 10);
    expect(bytes(inference)).toBeGreaterThanOrEqual(inferring);
    expect(bytes(inference)).toBeLessThan(inferring + 7 * 64);
    // Gradients and Adam's two states are three times the parameters more, beside what backward needs of the activations.
    expect(bytes(training) - bytes(inference)).toBeGreaterThan(3 * parameters);
    expect(bytes(training) - bytes(inference)).toBeLessThan(3 * parameters + 4 * 64 * (4 * 128 + 3 * 10));
  });

  it("computes no gradient of the input", () => {
    const plan = planOf([784], layers.slice(1), { loss: "cross_entropy", training: { optimizer: { type: "sgd" } } });
    const kinds = plan.training!.differentiate.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "gemm_tn")).toHaveLength(2);
    expect(kinds.filter((kind) => kind === "gemm_nt")).toHaveLength(1);
  });

  it("initialises a dense layer by the activation that follows it, written inside or after it", () => {
    const initializers = planOf(
      [4],
      [
        { type: "dense", units: 3, activation: "gelu" },
        { type: "dense", units: 3 },
        { type: "activation", activation: "leaky_relu" },
        { type: "dense", units: 3, activation: "tanh" },
        { type: "dense", units: 3, activation: "relu", initializer: "zeros" },
        { type: "dense", units: 3 },
      ],
    )
      .parameters.filter(({ name }) => name === "weights")
      .map(({ initializer }) => initializer);
    expect(initializers).toEqual(["he_normal", "he_normal", "glorot_uniform", "zeros", "glorot_uniform"]);
  });

  it.each([
    ["cross_entropy", "softmax", "softmax_cross_entropy"],
    ["binary_cross_entropy", "sigmoid", "sigmoid_cross_entropy"],
  ] as const)(
    "fuses %s with a written %s and appends it to a plain dense layer: the same plan",
    (loss, activation, kind) => {
      const written = planOf([4], [{ type: "dense", units: 3, activation }], { loss });
      const appended = planOf([4], [{ type: "dense", units: 3 }], { loss });
      expect(written.evaluate.map((operation) => operation.kind)).toEqual(["gemm_nn", kind]);
      expect(appended.evaluate.map((operation) => operation.kind)).toEqual(["gemm_nn", kind]);
      expect(appended.outputActivation).toBe(activation);
      expect(appended.predict).toHaveLength(2);
    },
  );
});

describe("planning refuses", () => {
  const training = { optimizer: { type: "sgd" } } as const;
  const refusals: [string, () => unknown, string, string][] = [
    [
      "a dense layer on an image, with the hint to flatten it",
      () => planOf([28, 28, 1], [{ type: "dense", units: 2 }]),
      "shape_mismatch",
      'layer 0 (dense): dense: expected a vector [in] for each row, got [28,28,1]. Put {"type":"flatten"} before it.',
    ],
    [
      "half a unit",
      () => planOf([2], [{ type: "dense", units: 2.5 }]),
      "invalid_parameter",
      "layer 0 (dense): expected units an integer ≥ 1, got 2.5.",
    ],
    [
      "a dropout of everything",
      () => planOf([2], [{ type: "dropout", rate: 1 }]),
      "invalid_parameter",
      "layer 0 (dropout): expected rate in [0, 1), got 1.",
    ],
    [
      "an unknown activation, with the known ones",
      () => planOf([2], [{ type: "activation", activation: "swish" as "relu" }]),
      "invalid_parameter",
      "expected one of relu, leaky_relu, tanh, sigmoid, gelu, softmax, got swish.",
    ],
    [
      "an unknown layer",
      () => planOf([2], [{ type: "conv9d" } as unknown as LayerSpec]),
      "invalid_parameter",
      `expected one of ${Object.keys(LAYERS).join(", ")}, got conv9d.`,
    ],
    [
      "an unknown loss",
      () => planOf([2], [{ type: "dense", units: 2 }], { loss: "hinge" as LossName }),
      "invalid_parameter",
      "got hinge",
    ],
    [
      "cross-entropy on a relu output",
      () => planOf([2], [{ type: "dense", units: 2, activation: "relu" }], { loss: "cross_entropy" }),
      "invalid_combination",
      "loss cross_entropy: expected softmax or no activation on the last layer, got relu.",
    ],
    [
      "cross-entropy on sigmoid outputs",
      () => planOf([2], [{ type: "dense", units: 2, activation: "sigmoid" }], { loss: "cross_entropy" }),
      "invalid_combination",
      "got sigmoid",
    ],
    [
      "binary cross-entropy on a softmax",
      () => planOf([2], [{ type: "dense", units: 2, activation: "softmax" }], { loss: "binary_cross_entropy" }),
      "invalid_combination",
      "expected sigmoid or no activation",
    ],
    [
      "the perceptron's loss without a threshold unit",
      () => planOf([2], [{ type: "dense", units: 1 }], { loss: "perceptron" }),
      "invalid_combination",
      "expected threshold activation on the last layer, got identity.",
    ],
    [
      "cross-entropy over a single class",
      () => planOf([2], [{ type: "dense", units: 1 }], { loss: "cross_entropy" }),
      "shape_mismatch",
      "For one yes/no output use binary_cross_entropy.",
    ],
    [
      "a loss on an output that is no vector",
      () => planOf([2, 2], [{ type: "activation", activation: "relu" }], { loss: "mean_squared_error" }),
      "shape_mismatch",
      "as the network's output, got [2,2].",
    ],
    [
      "to train a network without parameters",
      () => planOf([2], [{ type: "activation", activation: "relu" }], { loss: "huber", training }),
      "invalid_combination",
      "expected at least one layer with parameters, got none.",
    ],
    [
      "to train without a loss",
      () => planOf([2], [{ type: "dense", units: 1 }], { training }),
      "invalid_combination",
      "expected a loss to train with, got none.",
    ],
    [
      "a clipping limit of zero",
      () =>
        planOf([2], [{ type: "dense", units: 1 }], {
          loss: "huber",
          training: { ...training, gradientClip: { norm: 0 } },
        }),
      "invalid_parameter",
      "gradient_clip",
    ],
    [
      "an empty extent of the input",
      () => planOf([2, 0], [{ type: "flatten" }]),
      "invalid_parameter",
      "every extent of input_shape an integer ≥ 1, got 0",
    ],
    [
      "kernels of another precision",
      () => instantiate(planOf([2], []), createReferenceKernels("float64")),
      "invalid_combination",
      "expected float32 kernels, got reference-float64.",
    ],
  ];
  it.each(refusals)("%s", (_name, action, code, message) => {
    const error = failure(action);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it("to train what was planned for inference", () => {
    const network = build({ input: [2], layers: [{ type: "dense", units: 1 }], loss: "huber", optimizer: null });
    expect(() => network.trainStep(1)).toThrow("this network was not planned to train");
  });
});
