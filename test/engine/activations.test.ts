import { describe, expect, it } from "vitest";
import { predict } from "../../src/engine/evaluate.ts";
import type { ActivationName } from "../../src/engine/layers/activation.ts";
import { ACTIVATION_NAMES } from "../../src/engine/layers/activation.ts";
import { build } from "./construction.ts";

const valuesOf = (activation: ActivationName, inputs: number[]) => [
  ...predict(
    build({ input: [inputs.length], layers: [{ type: "activation", activation }] }),
    Float64Array.from(inputs),
    1,
  ),
];

describe("an activation", () => {
  // gelu: ½x(1 + tanh(√(2/π)(x + 0.044715x³))) with Python's math module.
  const known: [ActivationName, number[], number[]][] = [
    ["identity", [-2, 0, 3], [-2, 0, 3]],
    ["relu", [-2, 0, 3], [0, 0, 3]],
    ["leaky_relu", [-2, 0, 3], [-0.02, 0, 3]],
    ["tanh", [0, Math.atanh(0.6), -Math.atanh(0.8)], [0, 0.6, -0.8]],
    ["sigmoid", [0, Math.log(3), -Math.log(4)], [1 / 2, 3 / 4, 1 / 5]],
    [
      "gelu",
      [-2, -1, 0, 0.5, 1, 3],
      [-0.04540230591222494, -0.15880800939172324, 0.0, 0.34571400982514394, 0.8411919906082768, 2.996362607918227],
    ],
    ["threshold", [-0.001, 0, 5], [0, 1, 1]],
    ["softmax", [0, Math.log(2), Math.log(5)], [1 / 8, 2 / 8, 5 / 8]],
  ];
  it.each(known)("%s of %j is %j", (activation, inputs, expected) => {
    expect(valuesOf(activation, inputs)).toEqual(expected.map((value) => expect.closeTo(value, 14)));
  });

  it.each(ACTIVATION_NAMES)("%s lets a NaN through, so that a divergence is seen", (activation) => {
    expect(valuesOf(activation, [Number.NaN, 1])[0]).toBeNaN();
  });

  it("softmax does not overflow", () => {
    expect(valuesOf("softmax", [1000, 1000, -1000])).toEqual([0.5, 0.5, 0]);
  });
});
