import { describe, expect, it } from "vitest";
import { predict } from "../../src/engine/evaluate.ts";
import { readParameters } from "../../src/engine/parameters.ts";
import type { LayerParameters } from "../../src/engine/parameters.ts";
import { train } from "../../src/engine/train.ts";
import { XOR, build, golden } from "./construction.ts";

// The textbook's example: a 2-2-1 sigmoid network learns XOR from given weights in 10,000 epochs of the full batch with
// η = 0.1 and E = ½·Σ(y − t)². Two oracles: worked-example.py (numpy matrices), and the plain loops below.
interface Oracle {
  initial: LayerParameters[];
  final: LayerParameters[];
  losses: Record<string, number>;
  predictions: number[];
}

const oracle = golden<Oracle>("worked-example.json");

/** All numbers of nested parameters in order: W1, b1, W2, b2. */
const numbers = (parameters: LayerParameters[]): number[] =>
  parameters.flatMap(({ weights, bias }) => [weights, bias].flat(3) as number[]);

describe("the worked example", () => {
  const network = build({
    input: [2],
    layers: [
      { type: "dense", units: 2, activation: "sigmoid" },
      { type: "dense", units: 1, activation: "sigmoid" },
    ],
    loss: "half_squared_error",
    given: oracle.initial,
  });
  const losses: number[] = [];
  train(
    network,
    { train: XOR },
    { epochs: 10_000, batchSize: 4, shuffle: false, seed: 0, learningRate: 0.1 },
    { afterEpoch: ({ train_loss }) => void losses.push(train_loss) },
  );
  const weights = numbers(readParameters(network));

  it("ends with every weight of the numpy oracle to 1e-9", () => {
    expect(weights).toHaveLength(9);
    weights.forEach((value, i) => expect(Math.abs(value - numbers(oracle.final)[i])).toBeLessThan(1e-9));
  });

  it("has the oracle's loss on the way", () => {
    for (const [epoch, loss] of Object.entries(oracle.losses)) {
      expect(Math.abs(losses[Number(epoch) - 1] - loss)).toBeLessThan(1e-9);
    }
  });

  it("predicts XOR as the oracle does", () => {
    const predictions = [...predict(network, XOR.inputs, 4)];
    predictions.forEach((value, i) => expect(Math.abs(value - oracle.predictions[i])).toBeLessThan(1e-9));
    expect(predictions.map(Math.round)).toEqual([0, 1, 1, 0]);
  });

  it("ends with every weight of hand-written loops over plain arrays to 1e-9", () => {
    const expected = plainLoops(numbers(oracle.initial));
    weights.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-9));
  });
});

/** The same training one weight at a time. Order of the nine weights: w11 w12 w21 w22 b1 b2 v1 v2 c. */
function plainLoops(initial: number[]): number[] {
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
  let [w11, w12, w21, w22, b1, b2, v1, v2, c] = initial;
  const rows = [
    [0, 0, 0],
    [0, 1, 1],
    [1, 0, 1],
    [1, 1, 0],
  ];
  for (let epoch = 0; epoch < 10_000; epoch++) {
    const d = Array.from({ length: 9 }, () => 0);
    for (const [x1, x2, t] of rows) {
      const a1 = sigmoid(w11 * x1 + w21 * x2 + b1);
      const a2 = sigmoid(w12 * x1 + w22 * x2 + b2);
      const y = sigmoid(v1 * a1 + v2 * a2 + c);
      const out = (y - t) * y * (1 - y);
      const hidden1 = out * v1 * a1 * (1 - a1);
      const hidden2 = out * v2 * a2 * (1 - a2);
      const row = [x1 * hidden1, x1 * hidden2, x2 * hidden1, x2 * hidden2, hidden1, hidden2, a1 * out, a2 * out, out];
      row.forEach((gradient, i) => (d[i] += gradient));
    }
    w11 -= 0.1 * d[0];
    w12 -= 0.1 * d[1];
    w21 -= 0.1 * d[2];
    w22 -= 0.1 * d[3];
    b1 -= 0.1 * d[4];
    b2 -= 0.1 * d[5];
    v1 -= 0.1 * d[6];
    v2 -= 0.1 * d[7];
    c -= 0.1 * d[8];
  }
  return [w11, w12, w21, w22, b1, b2, v1, v2, c];
}
