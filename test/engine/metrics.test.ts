import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/engine/evaluate.ts";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import type { LossName } from "../../src/engine/losses/catalogue.ts";
import { build, dataOf, identityMatrix } from "./construction.ts";

/** A network that passes its inputs through identity weights, so the inputs are the logits or predictions. */
const through = (width: number, loss: LossName, end: LayerSpec[] = []) =>
  build({
    input: [width],
    layers: [{ type: "dense", units: width, use_bias: false }, ...end],
    loss,
    capacity: 2,
    given: [{ weights: identityMatrix(width) }],
  });

describe("accuracy", () => {
  it("counts rows whose largest probability is the class index", () => {
    const data = dataOf([
      [[3, 1, 2], [0]],
      [[1, 5, 2], [2]],
      [[0, 0, 1], [2]],
    ]);
    expect(evaluate(through(3, "cross_entropy"), data).metrics).toEqual({ accuracy: 2 / 3 });
  });

  it("takes the first among equally large probabilities", () => {
    const data = dataOf([
      [[1, 1, 0], [0]],
      [[0, 1, 1], [1]],
    ]);
    expect(evaluate(through(3, "cross_entropy"), data).metrics).toEqual({ accuracy: 1 });
  });

  it("counts a single sigmoid as yes from one half on, which is a logit of 0", () => {
    const data = dataOf([
      [[0], [1]],
      [[-0.1], [1]],
      [[-0.1], [0]],
      [[4], [0]],
    ]);
    expect(evaluate(through(1, "binary_cross_entropy"), data).metrics).toEqual({ accuracy: 0.5 });
  });

  it("counts a row of several sigmoids only when all are right", () => {
    const data = dataOf([
      [
        [1, -1],
        [1, 0],
      ],
      [
        [1, 1],
        [1, 0],
      ],
    ]);
    expect(evaluate(through(2, "binary_cross_entropy"), data).metrics).toEqual({ accuracy: 0.5 });
  });

  it("compares the largest values when a softmax is trained on one-hot values", () => {
    const softmax: LayerSpec[] = [{ type: "activation", activation: "softmax" }];
    const data = dataOf([
      [
        [2, 1],
        [1, 0],
      ],
      [
        [2, 1],
        [0, 1],
      ],
      [
        [0, 1],
        [0, 1],
      ],
    ]);
    expect(evaluate(through(2, "mean_squared_error", softmax), data).metrics).toEqual({ accuracy: 2 / 3 });
  });

  it("can be asked of a linear unit with 0/1 targets, as in the delta rule", () => {
    const data = dataOf([
      [[0.7], [1]],
      [[0.2], [0]],
      [[0.6], [0]],
    ]);
    const { metrics } = evaluate(through(1, "half_squared_error"), data, { metric: "accuracy" });
    expect(metrics).toEqual({ accuracy: 2 / 3 });
  });
});

describe("regression metrics", () => {
  // Errors 1, −1, 0, 2; targets 1, 3, 5, 7 have mean 4 and Σ(t − 4)² = 20.
  const data = dataOf([
    [[2], [1]],
    [[2], [3]],
    [[5], [5]],
    [[9], [7]],
  ]);

  it("are the mean absolute error and the share of variance explained", () => {
    const { metrics, loss } = evaluate(through(1, "mean_squared_error"), data);
    expect(loss).toBe(6 / 4);
    expect(metrics).toEqual({ mae: 1, r2: expect.closeTo(1 - 6 / 20, 14) });
  });

  it("report the mean absolute error in the unit of the target when given its scale", () => {
    expect(evaluate(through(1, "mean_squared_error"), data, { targetScales: [10] }).metrics).toMatchObject({ mae: 10 });
  });

  it("average over outputs, each scaled by its own", () => {
    const two = dataOf([
      [
        [1, 0],
        [0, 0],
      ],
      [
        [1, 4],
        [1, 2],
      ],
    ]);
    // mae: column 1 (1 + 0)/2 · 2 = 1, column 2 (0 + 2)/2 · 3 = 3. r2: 1 − 1/½ = −1 and 1 − 4/2 = −1.
    const { metrics } = evaluate(through(2, "mean_squared_error"), two, { targetScales: [2, 3] });
    expect(metrics).toEqual({ mae: 2, r2: expect.closeTo(-1, 14) });
  });

  it("have no r2 when the target never varies", () => {
    expect(
      evaluate(
        through(1, "mean_squared_error"),
        dataOf([
          [[1], [2]],
          [[2], [2]],
        ]),
      ).metrics,
    ).toEqual({ mae: 0.5, r2: null });
  });

  it("keep their digits for targets far from zero", () => {
    const far = 1e8;
    const shifted = dataOf([
      [[far + 2], [far + 1]],
      [[far + 2], [far + 3]],
      [[far + 5], [far + 5]],
      [[far + 9], [far + 7]],
    ]);
    expect(evaluate(through(1, "mean_squared_error"), shifted).metrics).toEqual({ mae: 1, r2: expect.closeTo(0.7, 9) });
  });
});
