import { describe, expect, it } from "vitest";
import { evaluate, evaluateRows, predict } from "../../src/engine/evaluate.ts";
import type { Network } from "../../src/engine/network.ts";
import { readParameters } from "../../src/engine/parameters.ts";
import { build, dataOf, identityMatrix, scattered } from "./construction.ts";

const gradients = (network: Network) =>
  network.plan.training!.parameters.map(({ gradient }) => [...network.memory.view(gradient)]);

describe("a 3-2-1 sigmoid network worked by hand", () => {
  // x = (1,0,1), t = 1, E = ½(y − t)². Weights are chosen so that every activation is a fraction: σ(0) = ½, σ(ln 3) = ¾.
  // z1 = x·W1 + b1 = (2 − 3 + 1, ln 3 − 1 + 1) = (0, ln 3)        a = (½, ¾)
  // z2 = 2·½ − 4·¾ + 2 = 0                                        y = ½        E = ½·¼ = 1/8
  // dy = y − t = −½        dz2 = dy·y(1 − y) = −1/8
  // dW2 = aᵀ·dz2 = (−1/16, −3/32)        db2 = −1/8
  // da = dz2·W2ᵀ = (−1/4, ½)             dz1 = da·a(1 − a) = (−1/4·1/4, ½·3/16) = (−1/16, 3/32)
  // dW1 = xᵀ·dz1: rows 1 and 3 are dz1, row 2 is 0        db1 = dz1
  const network = build({
    input: [3],
    layers: [
      { type: "dense", units: 2, activation: "sigmoid" },
      { type: "dense", units: 1, activation: "sigmoid" },
    ],
    loss: "half_squared_error",
    given: [
      {
        weights: [
          [2, Math.log(3)],
          [5, -7],
          [-3, -1],
        ],
        bias: [1, 1],
      },
      { weights: [[2], [-4]], bias: [2] },
    ],
  });
  network.inputs.set([1, 0, 1]);
  network.targets.set([1]);
  network.differentiate(1);

  it("predicts ½ with loss 1/8", () => {
    expect(network.outputs[0]).toBeCloseTo(1 / 2, 14);
    expect(network.losses[0]).toBeCloseTo(1 / 8, 14);
  });

  it("has the gradients of the chain rule in every weight and bias", () => {
    const expected = [[-1 / 16, 3 / 32, 0, 0, -1 / 16, 3 / 32], [-1 / 16, 3 / 32], [-1 / 16, -3 / 32], [-1 / 8]];
    gradients(network).forEach((gradient, index) => {
      gradient.forEach((value, i) => expect(value).toBeCloseTo(expected[index][i], 14));
    });
  });

  it("moves every weight by −η·gradient in one step of gradient descent", () => {
    network.step.learningRate = 16;
    network.trainStep(1);
    const [first, second] = readParameters(network);
    expect(second.weights).toEqual([[expect.closeTo(3, 12)], [expect.closeTo(-2.5, 12)]]);
    expect(second.bias).toEqual([expect.closeTo(4, 12)]);
    expect(first.bias).toEqual([expect.closeTo(2, 12), expect.closeTo(-0.5, 12)]);
  });
});

describe("a network", () => {
  const layers = [
    { type: "dense", units: 19, activation: "gelu" },
    { type: "dropout", rate: 0.5 },
    { type: "dense", units: 5, activation: "softmax" },
  ] as const;

  it.each(["float32", "float64"] as const)(
    "predicts equal bits for a row whatever batch it is in, in %s",
    (precision) => {
      const inputs = scattered(23 * 13);
      const results = [1, 4, 7, 64].map((capacity) =>
        predict(build({ input: [13], layers, capacity, precision }), inputs, 23),
      );
      for (const result of results) expect(result).toEqual(results[0]);
    },
  );

  it("gives the same bits when it predicts, when it evaluates, and without a fused loss", () => {
    const data = { inputs: scattered(9 * 13), targets: new Float64Array(9).fill(2), rows: 9 };
    const network = build({ input: [13], layers, loss: "cross_entropy", precision: "float32" });
    const plain = build({ input: [13], layers, precision: "float32" });
    expect(evaluateRows(network, data).outputs).toEqual(predict(network, data.inputs, 9));
    expect(predict(plain, data.inputs, 9)).toEqual(predict(network, data.inputs, 9));
  });

  it("drops units in training only, scaled so that the expectation stays", () => {
    const network = build({
      input: [1000],
      layers: [
        { type: "dense", units: 1000, use_bias: false },
        { type: "dropout", rate: 0.25 },
      ],
      loss: "mean_squared_error",
      capacity: 1,
      given: [{ weights: identityMatrix(1000) }],
    });
    network.inputs.fill(3);
    network.differentiate(1);
    const kept = network.outputs.filter((value) => value !== 0);
    // 1000 draws with probability ¾: standard deviation 13.7, so five of them on both sides.
    expect(Math.abs(kept.length - 750)).toBeLessThan(69);
    expect(new Set(kept)).toEqual(new Set([3 * (1 / 0.75)]));
    network.forward(1);
    expect(new Set(network.outputs)).toEqual(new Set([3]));
  });

  it("draws another dropout mask for every step and every layer, and the same one for the same step", () => {
    const network = build({
      input: [64],
      layers: [
        { type: "dense", units: 64 },
        { type: "dropout", rate: 0.5 },
        { type: "dropout", rate: 0.5 },
      ],
      loss: "mean_squared_error",
      apart: true,
    });
    const masks = (step: number) => {
      network.step.number = step;
      network.differentiate(1);
      return network.plan
        .training!.differentiate.filter((operation) => operation.kind === "dropout")
        .map(({ mask }) => network.memory.view(mask).slice(0, 64).join());
    };
    expect(new Set([...masks(1), ...masks(2)]).size).toBe(4);
    expect(masks(1)).toEqual(masks(1));
  });

  it("computes a finite cross-entropy for logits that overflow a naive softmax", () => {
    const network = build({
      input: [2],
      layers: [{ type: "dense", units: 2 }],
      loss: "cross_entropy",
      precision: "float32",
      given: [
        {
          weights: [
            [1, 0],
            [0, 1],
          ],
          bias: [0, 0],
        },
      ],
    });
    const { loss } = evaluate(network, dataOf([[[1000, -1000], [1]]]));
    expect(loss).toBe(2000);
  });

  it("computes a finite binary cross-entropy far from zero, and ln 2 at zero", () => {
    const network = build({
      input: [1],
      layers: [{ type: "dense", units: 1 }],
      loss: "binary_cross_entropy",
      given: [{ weights: [[1]], bias: [0] }],
    });
    expect(evaluate(network, dataOf([[[800], [0]]])).loss).toBe(800);
    expect(evaluate(network, dataOf([[[-800], [0]]])).loss).toBe(0);
    expect(evaluate(network, dataOf([[[0], [1]]])).loss).toBeCloseTo(Math.LN2, 15);
  });
});
