import { expect, it } from "vitest";
import { testRange } from "../../src/engine/range-test.ts";
import { readParameters } from "../../src/engine/parameters.ts";
import { train } from "../../src/engine/train.ts";
import { build, scattered } from "./construction.ts";

const ROWS = 40;
const options = { epochs: 30, batchSize: 8, shuffle: true, seed: 3 };

/** Two classes by the sign of a sum, from inputs times `scale`. */
function dataOf(scale: number) {
  const inputs = scattered(ROWS * 3, 1).map((value) => scale * value);
  const targets = Float64Array.from({ length: ROWS }, (_, row) =>
    Number(inputs[3 * row] + inputs[3 * row + 1] > inputs[3 * row + 2]),
  );
  return { train: { inputs, targets, rows: ROWS } };
}

const network = () =>
  build({
    input: [3],
    layers: [
      { type: "dense", units: 8, activation: "tanh" },
      { type: "dropout", rate: 0.1 },
      { type: "batch_norm" },
      { type: "dense", units: 2 },
    ],
    loss: "cross_entropy",
    optimizer: { type: "adam" },
    training: { weightAverage: { decay: 0.9 } },
    capacity: 8,
  });

/** A line through inputs of ±scale, whose squared error has the curvature λ = 2·scale². */
function lineOf(scale: number) {
  const line = build({
    input: [1],
    layers: [{ type: "dense", units: 1, use_bias: false }],
    loss: "mean_squared_error",
  });
  const inputs = Float64Array.from({ length: 8 }, (_, row) => (row % 2 === 0 ? scale : -scale));
  return { line, data: { train: { inputs, targets: inputs.map((x) => 5 * x), rows: 8 } } };
}

it("chooses a rate of gradient descent below 2/λ, where it begins to diverge, and above a hundredth of it", () => {
  for (const scale of [0.5, 1, 10]) {
    const { line, data } = lineOf(scale);
    const limit = 1 / scale ** 2;
    const { learningRate } = testRange(line, data, { ...options, batchSize: 4 });
    expect(learningRate).toBeLessThan(limit);
    expect(learningRate).toBeGreaterThan(limit / 100);
  }
});

it("tries rates that grow by the same factor, and ends once the loss has left its valley", () => {
  const { line, data } = lineOf(10);
  const { rates, losses } = testRange(line, data, { ...options, batchSize: 4 });
  expect(rates.length).toBe(losses.length);
  expect(rates.length).toBeLessThan(100);
  expect(rates[0]).toBe(1e-6);
  expect(rates[2] / rates[1]).toBeCloseTo(rates[1] / rates[0], 9);
  expect(losses.at(-1)).toBeGreaterThan(4 * Math.min(...losses));
});

it("finds the same rate again, and leaves a network that trains as if nothing had been tested", () => {
  const [tested, plain, data] = [network(), network(), dataOf(1)];
  const found = testRange(tested, data, options);
  expect(testRange(network(), data, options)).toEqual(found);
  expect(readParameters(tested)).toEqual(readParameters(plain));
  const outcomes = [tested, plain].map((one) => train(one, data, { ...options, learningRate: found.learningRate }));
  expect(outcomes[0]).toEqual(outcomes[1]);
  expect(readParameters(tested)).toEqual(readParameters(plain));
});

it("asks for a smaller rate where nothing finite is to be had", () => {
  const data = dataOf(1);
  data.train.inputs[0] = NaN;
  expect(testRange(network(), data, { ...options, batchSize: 8, shuffle: false }).learningRate).toBe(1e-6);
});
