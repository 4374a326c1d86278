import { describe, expect, it } from "vitest";
import { EngineError } from "../../src/engine/engine-error.ts";
import type { LayerParameters } from "../../src/engine/parameters.ts";
import { checkInitialParameters, readParameters } from "../../src/engine/parameters.ts";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import { build } from "./construction.ts";

const layers: LayerSpec[] = [
  { type: "dense", units: 3, activation: "relu" },
  { type: "dropout", rate: 0.1 },
  { type: "dense", units: 1, use_bias: false },
];
const given: LayerParameters[] = [
  {
    weights: [
      [0.1, -2, 3],
      [4, 1 / 3, 6],
    ],
    bias: [7, 8, -9],
  },
  { weights: [[1], [2], [-0.3]] },
];

describe("initial parameters", () => {
  it("are read back exactly as given, one entry per trainable layer", () => {
    expect(readParameters(build({ input: [2], layers, given }))).toEqual(given);
  });

  it("are rounded to float32 in a float32 network, and the numbers in use are read back", () => {
    const [{ weights }] = readParameters(build({ input: [2], layers, given, precision: "float32" }));
    expect(weights).toEqual([[0.1, -2, 3].map(Math.fround), [4, 1 / 3, 6].map(Math.fround)]);
  });

  const ragged = "rows of different lengths, or something that is not a finite number";
  const refusals: [string, LayerParameters[], string][] = [
    ["a missing layer", given.slice(1), "initial_parameters: expected 2 entries, one for each trainable layer, got 1."],
    [
      "a transposed matrix",
      [
        {
          weights: [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
          bias: [0, 0, 0],
        },
        given[1],
      ],
      "layer 0 (dense): initial_parameters[0].weights: expected [2,3], got [3,2].",
    ],
    [
      "a missing bias",
      [{ weights: given[0].weights }, given[1]],
      "initial_parameters[0].bias: expected [3], got nothing.",
    ],
    [
      "a bias where the layer has none",
      [given[0], { ...given[1], bias: [1] }],
      "layer 2 (dense): initial_parameters[1]: expected only weights, got bias.",
    ],
    [
      "ragged rows",
      [
        {
          weights: [
            [1, 2, 3],
            [4, 5],
          ],
          bias: [0, 0, 0],
        },
        given[1],
      ],
      `expected [2,3], got ${ragged}.`,
    ],
    [
      "a number that is not finite",
      [given[0], { weights: [[1], [Number.NaN], [3]] }],
      `expected [3,1], got ${ragged}.`,
    ],
    ["text", [given[0], { weights: "no" as unknown as number }], "expected [3,1], got"],
  ];
  it.each(refusals)("with %s are refused with layer, expected and got", (_name, parameters, message) => {
    const attempt = () => build({ input: [2], layers, given: parameters });
    expect(attempt).toThrow(EngineError);
    expect(attempt).toThrow(message);
  });
});

describe("initial parameters for data that is not known yet", () => {
  const planOf = (inputs: number) => build({ input: [inputs], layers }).plan;
  const wider = planOf(5);

  it("may have any extent that depends on it", () => {
    for (const inputs of [1, 2, 9]) {
      const weights = Array.from({ length: inputs }, () => [1, 2, 3]);
      expect(() => checkInitialParameters(planOf(2), [{ ...given[0], weights }, given[1]], wider)).not.toThrow();
    }
  });

  it("are refused where all other extents are not those of the network", () => {
    const attempt = (first: LayerParameters) => () => checkInitialParameters(planOf(2), [first, given[1]], wider);
    expect(attempt({ ...given[0], weights: [[1, 2]] })).toThrow("weights: expected [any,3], got [1,2].");
    expect(attempt({ ...given[0], weights: [1, 2, 3] })).toThrow("weights: expected [any,3], got [3].");
    expect(attempt({ ...given[0], bias: [1] })).toThrow("bias: expected [3], got [1].");
  });
});

describe("drawn parameters", () => {
  const weightsOf = (initializer: "glorot_uniform" | "he_uniform" | "he_normal", seed = 1) =>
    (
      readParameters(build({ input: [300], layers: [{ type: "dense", units: 100, initializer }], seed }))[0]
        .weights as number[][]
    ).flat();
  const deviation = (values: number[]) =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

  // 30,000 draws: the standard error of the deviation is σ/√60,000 ≈ 0.4 %, so 2 % is five of them.
  it.each([
    ["glorot_uniform", Math.sqrt(6 / 400)],
    ["he_uniform", Math.sqrt(6 / 300)],
  ] as const)("%s lie within their limit and fill it evenly", (initializer, limit) => {
    const values = weightsOf(initializer);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(deviation(values) / (limit / Math.sqrt(3))).toBeCloseTo(1, 1);
    expect(Math.abs(deviation(values) / (limit / Math.sqrt(3)) - 1)).toBeLessThan(0.02);
  });

  it("he_normal have variance 2/fan_in and reach beyond two deviations", () => {
    const values = weightsOf("he_normal");
    const expected = Math.sqrt(2 / 300);
    expect(Math.abs(deviation(values) / expected - 1)).toBeLessThan(0.02);
    const beyond = values.filter((value) => Math.abs(value) > 2 * expected).length / values.length;
    expect(beyond).toBeCloseTo(0.0455, 2);
  });

  it("are the same for the same seed, differ between seeds and between layers", () => {
    expect(weightsOf("he_normal", 5)).toEqual(weightsOf("he_normal", 5));
    expect(weightsOf("he_normal", 5)).not.toEqual(weightsOf("he_normal", 6));
    const square: LayerSpec = { type: "dense", units: 3 };
    const [first, second] = readParameters(build({ input: [3], layers: [square, square] }));
    expect(first.weights).not.toEqual(second.weights);
  });

  it("start biases at zero", () => {
    const [{ bias }] = readParameters(build({ input: [3], layers: [{ type: "dense", units: 4 }] }));
    expect(bias).toEqual([0, 0, 0, 0]);
  });
});
