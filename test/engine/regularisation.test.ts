import { describe, expect, it } from "vitest";
import type { Network } from "../../src/engine/network.ts";
import type { OptimizerSpec } from "../../src/engine/optimizers/catalogue.ts";
import { train } from "../../src/engine/train.ts";
import type { GradientClip } from "../../src/engine/training-plan.ts";
import { build, scattered } from "./construction.ts";

const data = { inputs: scattered(20 * 6, 1), targets: scattered(20 * 3, 2), rows: 20 };

const network = (optimizer: OptimizerSpec, gradientClip?: GradientClip) =>
  build({
    input: [6],
    layers: [
      { type: "dense", units: 5, activation: "tanh" },
      { type: "dense", units: 3 },
    ],
    loss: "mean_squared_error",
    capacity: 20,
    optimizer,
    ...(gradientClip && { gradientClip }),
  });

function norm(arrays: Iterable<Iterable<number>>): number {
  let squares = 0;
  for (const array of arrays) for (const value of array) squares += value * value;
  return Math.sqrt(squares);
}

describe("weight decay", () => {
  const trained = (optimizer: OptimizerSpec) =>
    norm(
      train(
        network(optimizer),
        { train: data },
        {
          epochs: 200,
          batchSize: 20,
          shuffle: false,
          seed: 1,
          learningRate: 0.02,
        },
      ).state.weights.map(({ values }) => values),
    );

  it.each(["sgd", "adam", "adamw", "rmsprop", "adagrad"] as const)(
    "makes weights smaller the more there is of it, with %s",
    (type) => {
      const norms = [0, 0.01, 0.1, 1].map((weight_decay) => trained({ type, weight_decay }));
      expect(norms).toEqual(norms.toSorted((a, b) => b - a));
      expect(norms[3]).toBeLessThan(0.8 * norms[0]);
    },
  );
});

describe("gradient clipping", () => {
  /** Gradients of one step on targets a thousand times too large, after clipping. */
  const gradientsAfter = (clip?: GradientClip) => {
    const one: Network = network({ type: "sgd" }, clip);
    one.inputs.set(data.inputs);
    one.targets.set(data.targets.map((target) => 1000 * target));
    one.trainStep(20);
    return one.plan.training!.parameters.map(({ gradient }) => [...one.memory.view(gradient)]);
  };
  const free = gradientsAfter();

  it("by norm bounds the norm over all parameters and keeps the direction", () => {
    const clipped = gradientsAfter({ norm: 2 });
    expect(norm(free)).toBeGreaterThan(100);
    expect(norm(clipped)).toBeCloseTo(2, 12);
    const factor = 2 / norm(free);
    clipped.forEach((gradient, i) =>
      gradient.forEach((value, j) => expect(value).toBeCloseTo(factor * free[i][j], 12)),
    );
  });

  it("by norm leaves gradients alone that are below the limit", () => {
    expect(gradientsAfter({ norm: 1e6 })).toEqual(free);
  });

  it("by value bounds every element and leaves the small ones alone", () => {
    const clipped = gradientsAfter({ value: 0.5 });
    expect(clipped).toEqual(free.map((gradient) => gradient.map((value) => Math.max(-0.5, Math.min(0.5, value)))));
    expect(clipped.flat().some((value) => Math.abs(value) === 0.5)).toBe(true);
  });
});
