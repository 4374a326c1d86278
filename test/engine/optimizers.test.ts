import { describe, expect, it } from "vitest";
import { createReferenceKernels } from "../../src/engine/kernels/reference/reference.ts";
import { allocateMemory, layout } from "../../src/engine/memory.ts";
import { OPTIMIZERS } from "../../src/engine/optimizers/catalogue.ts";
import type { OptimizerSpec } from "../../src/engine/optimizers/catalogue.ts";
import type { OptimizerDefinition } from "../../src/engine/optimizers/optimizer.ts";
import { fixedTensor } from "../../src/engine/tensor.ts";
import type { Precision, Tensor } from "../../src/engine/tensor.ts";
import { golden, stepOf } from "./construction.ts";

/** The values of one parameter after each gradient. */
function follow(
  spec: OptimizerSpec,
  start: number,
  rate: number,
  gradients: number[],
  precision: Precision = "float64",
) {
  const [theta, g] = [fixedTensor("theta", [1]), fixedTensor("gradient", [1])];
  const state: Tensor[] = [];
  const definition = OPTIMIZERS[spec.type] as OptimizerDefinition<OptimizerSpec>;
  const update = definition.plan(spec, theta, g, (name) => {
    state.push(fixedTensor(name, [1]));
    return state.at(-1)!;
  });
  const kernels = createReferenceKernels(precision);
  const memory = allocateMemory(layout([theta, g, ...state], precision), kernels, [[update]]);
  const call = kernels.bind([update], memory);
  memory.view(theta)[0] = start;
  return gradients.map((gradient, index) => {
    memory.view(g)[0] = gradient;
    call(stepOf({ rows: 1, learningRate: rate, number: index + 1 }));
    return memory.view(theta)[0];
  });
}

describe("one step worked by hand, from θ = 1 with g = 0.5 and η = 0.1", () => {
  const step = (spec: OptimizerSpec) => follow(spec, 1, 0.1, [0.5])[0];

  it("sgd goes 0.1·0.5 down", () => expect(step({ type: "sgd" })).toBeCloseTo(0.95, 15));
  it("sgd with L2 adds λ·θ = 0.2 to the gradient", () =>
    expect(step({ type: "sgd", weight_decay: 0.2 })).toBeCloseTo(1 - 0.1 * 0.7, 15));
  it("nesterov looks μ·v ahead: 0.5 + 0.9·0.5", () =>
    expect(step({ type: "sgd", momentum: 0.9, nesterov: true })).toBeCloseTo(1 - 0.1 * 0.95, 15));
  // m̂ = g and v̂ = g², so the first step is η·g/(|g| + ε) = η whatever the gradient.
  it("adam goes exactly η·g/(|g| + ε)", () =>
    expect(step({ type: "adam" })).toBeCloseTo(1 - (0.1 * 0.5) / (0.5 + 1e-8), 14));
  it("adamw shrinks θ by η·λ first and then takes adam's step", () =>
    expect(step({ type: "adamw", weight_decay: 0.5 })).toBeCloseTo(0.95 - (0.1 * 0.5) / (0.5 + 1e-8), 14));
  // √v = √(0.01·0.25) = 0.05
  it("rmsprop divides by √((1−α)·g²)", () => expect(step({ type: "rmsprop" })).toBeCloseTo(1 - 0.1 * 10, 6));
  it("adagrad goes η·g/(|g| + ε)", () => expect(step({ type: "adagrad" })).toBeCloseTo(0.9, 9));
});

describe("five steps equal an independent oracle (optimizers.py)", () => {
  const oracle = golden<{
    start: number;
    rate: number;
    gradients: number[];
    cases: { spec: OptimizerSpec; path: number[] }[];
  }>("optimizers.json");

  for (const { spec, path } of oracle.cases) {
    it(`for ${JSON.stringify(spec)}`, () => {
      const steps = follow(spec, oracle.start, oracle.rate, oracle.gradients);
      steps.forEach((value, i) => expect(value).toBeCloseTo(path[i], 13));
      const single = follow(spec, oracle.start, oracle.rate, oracle.gradients, "float32");
      single.forEach((value, i) => expect(value).toBeCloseTo(path[i], 5));
    });
  }
});

describe("an optimizer refuses", () => {
  it.each([
    [{ type: "sgd", momentum: 1 }, "momentum in [0, 1), got 1"],
    [{ type: "adam", beta2: -0.1 }, "beta2 in [0, 1), got -0.1"],
    [{ type: "adagrad", weight_decay: Number.NaN }, "weight_decay a number ≥ 0, got NaN"],
  ] as const)("%o", (spec, message) => {
    expect(() => follow(spec, 1, 0.1, [1])).toThrow(message);
  });
});
