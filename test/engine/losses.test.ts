import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/engine/evaluate.ts";
import type { LossName } from "../../src/engine/losses/catalogue.ts";
import { build, dataOf, identityMatrix } from "./construction.ts";

// The network passes its inputs through. Two rows of two outputs: errors (0.5, −3) and (0, 1), targets all zero.
describe("the value of a loss, worked by hand", () => {
  const data = dataOf([
    [
      [0.5, -3],
      [0, 0],
    ],
    [
      [0, 1],
      [0, 0],
    ],
  ]);
  const known: [LossName, string, number][] = [
    ["mean_squared_error", "(0.25 + 9 + 0 + 1)/4", 10.25 / 4],
    ["half_squared_error", "½·(0.25 + 9 + 0 + 1), divided by nothing", 10.25 / 2],
    ["mean_absolute_error", "(0.5 + 3 + 0 + 1)/4", 4.5 / 4],
    ["huber", "(½·0.25 + (3 − ½) + 0 + ½)/4", 3.125 / 4],
  ];
  it.each(known)("%s is %s", (loss, _derivation, expected) => {
    const layers = [{ type: "dense", units: 2, use_bias: false }] as const;
    const network = build({ input: [2], layers, loss, given: [{ weights: identityMatrix(2) }] });
    expect(evaluate(network, data).loss).toBeCloseTo(expected, 14);
  });

  it("cross_entropy is −ln p of the class, averaged over rows", () => {
    const layers = [{ type: "dense", units: 3, use_bias: false }] as const;
    const network = build({ input: [3], layers, loss: "cross_entropy", given: [{ weights: identityMatrix(3) }] });
    // Softmax of (0, ln 2, ln 5) is (1, 2, 5)/8.
    const logits = [0, Math.log(2), Math.log(5)];
    const { loss } = evaluate(
      network,
      dataOf([
        [logits, [0]],
        [logits, [2]],
      ]),
    );
    expect(loss).toBeCloseTo((Math.log(8) + Math.log(8 / 5)) / 2, 14);
  });

  it("binary_cross_entropy is −ln of the probability given to the truth, averaged over rows and outputs", () => {
    const layers = [{ type: "dense", units: 2, use_bias: false }] as const;
    const network = build({
      input: [2],
      layers,
      loss: "binary_cross_entropy",
      given: [{ weights: identityMatrix(2) }],
    });
    // Sigmoid of ln 3 is ¾ and of −ln 4 is 1/5.
    const { loss } = evaluate(
      network,
      dataOf([
        [
          [Math.log(3), -Math.log(4)],
          [1, 1],
        ],
      ]),
    );
    expect(loss).toBeCloseTo((Math.log(4 / 3) + Math.log(5)) / 2, 14);
  });

  it("perceptron counts rows, not outputs", () => {
    const network = build({
      input: [2],
      layers: [{ type: "dense", units: 2, use_bias: false }, { type: "threshold" }],
      loss: "perceptron",
      given: [{ weights: identityMatrix(2) }],
    });
    const rows = dataOf([
      [
        [1, 1],
        [0, 0],
      ],
      [
        [1, -1],
        [1, 0],
      ],
      [
        [-1, -1],
        [0, 1],
      ],
    ]);
    expect(evaluate(network, rows).loss).toBe(2);
  });
});
