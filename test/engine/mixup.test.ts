// Mixup: gradients against central differences and the formula, shares against the Beta distribution, and chance by row.
import { describe, expect, it } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/engine/checkpoint.ts";
import { batchMixing } from "../../src/engine/mixup.ts";
import { train } from "../../src/engine/train.ts";
import type { TrainOptions } from "../../src/engine/train.ts";
import { TOLERANCE, worstError } from "./central-differences.ts";
import { build, scattered } from "./construction.ts";

const ROWS = 6;
const classes = {
  inputs: scattered(ROWS * 3, 1),
  targets: Float64Array.from({ length: ROWS }, (_, row) => row % 3),
  rows: ROWS,
};
const classifier = (labelSmoothing = 0, seed = 1, mixup = true) =>
  build({
    input: [3],
    layers: [{ type: "dense", units: 3 }],
    loss: "cross_entropy",
    training: { mixup, labelSmoothing },
    capacity: ROWS,
    seed,
  });
const options: TrainOptions = {
  epochs: 3,
  batchSize: 4,
  shuffle: true,
  seed: 5,
  learningRate: 0.3,
  mixup: { alpha: 1 },
};

describe("the loss of a row that is mixed of two classes", () => {
  it.each([0, 0.1])("has the gradient of central differences, label smoothing %d", (labelSmoothing) => {
    const network = classifier(labelSmoothing);
    network.inputs.set(classes.inputs);
    network.targets.set(classes.targets);
    network.partners.set([2, 1, 2, 1, 0, 0]);
    network.shares.set([0.5, 0.3, 0.1, 0, 0.45, 0.2]);
    expect(worstError(network, ROWS)).toBeLessThan(TOLERANCE);
  });

  // −Σ_c t_c·log p_c, with t = (1 − ε)·((1 − s)·onehot(own) + s·onehot(partner)) + ε/3.
  it.each([0, 0.1])("is the cross-entropy of the mixed target, label smoothing %d", (smoothing) => {
    const network = classifier(smoothing);
    network.inputs.set(classes.inputs);
    network.targets.set(classes.targets);
    network.partners.set([2, 2, 2, 0, 0, 0]);
    network.shares.fill(0.3);
    network.differentiate(ROWS);
    for (let row = 0; row < ROWS; row++) {
      const p = network.outputs.subarray(3 * row, 3 * row + 3);
      const target = [0, 1, 2].map((c) => {
        const mixed = 0.7 * Number(c === classes.targets[row]) + 0.3 * Number(c === network.partners[row]);
        return (1 - smoothing) * mixed + smoothing / 3;
      });
      const loss = -target.reduce((sum, share, c) => sum + share * Math.log(p[c]), 0);
      expect(network.losses[row]).toBeCloseTo(loss, 12);
    }
  });
});

it("rows and values are mixed in the same share, at most one half, with rows of the data", () => {
  const values = { inputs: Float64Array.from([1, 2, 4, 8]), targets: Float64Array.from([10, 20, 40, 80]), rows: 4 };
  const network = build({ input: [1], layers: [{ type: "dense", units: 1 }], loss: "binary_cross_entropy" });
  const mix = batchMixing(network, values, { alpha: 1 }, 7, undefined);
  const shares = new Set<number>();
  for (let epoch = 1; epoch <= 50; epoch++) {
    network.inputs.set(values.inputs);
    network.targets.set(values.targets);
    mix(epoch, null, 0, 4);
    network.inputs.forEach((x, row) => {
      expect(network.targets[row]).toBeCloseTo(10 * x, 9);
      const ends = [...values.inputs].map((other) => (values.inputs[row] + other) / 2);
      expect(x).toBeGreaterThanOrEqual(Math.min(...ends));
      expect(x).toBeLessThanOrEqual(Math.max(...ends));
      shares.add(x);
    });
  }
  expect(shares.size).toBeGreaterThan(100);
});

// E min(λ, 1 − λ) under Beta(α, α): 1/4 for α = 1 (λ uniform), 5/16 for α = 2 (∫ 2λ·6λ(1 − λ) dλ to ½), 1/2 − 1/π for α = ½
// (arcsine law).
it.each([
  [0.5, 0.5 - 1 / Math.PI],
  [1, 1 / 4],
  [2, 5 / 16],
])("shares are those of Beta(α, α), α = %d", (alpha, mean) => {
  const rows = 20_000;
  const data = { inputs: new Float64Array(rows), targets: new Float64Array(rows), rows };
  const network = build({
    input: [1],
    layers: [{ type: "dense", units: 2 }],
    loss: "cross_entropy",
    training: { mixup: true },
    capacity: rows,
  });
  batchMixing(network, data, { alpha }, 3, undefined)(1, null, 0, rows);
  let sum = 0;
  network.shares.forEach((share) => (sum += share));
  expect(sum / rows).toBeCloseTo(mean, 2);
});

describe("a training with mixup", () => {
  it("depends on seed, epoch and row alone: not on the batch or the order", () => {
    const mixed = (start: number, order: Uint32Array | null, epoch = 1, seed = 5) => {
      const network = classifier();
      network.inputs.set(classes.inputs.subarray(3 * 4, 3 * 5));
      batchMixing(network, classes, { alpha: 1 }, seed, undefined)(epoch, order, start, 1);
      return [...network.inputs.subarray(0, 3), network.partners[0], network.shares[0]];
    };
    expect(mixed(0, Uint32Array.from([4]))).toEqual(mixed(4, null));
    expect(mixed(4, null, 2)).not.toEqual(mixed(4, null));
    expect(mixed(4, null, 1, 6)).not.toEqual(mixed(4, null));
  });

  it("is another one than without, and gives the same bits when it is stopped at any step and resumed", () => {
    const uninterrupted = train(classifier(), { train: classes }, options);
    expect(uninterrupted.state.weights).not.toEqual(
      train(classifier(0, 1, false), { train: classes }, { ...options, mixup: undefined }).state.weights,
    );
    for (let stopAt = 1; stopAt < 6; stopAt++) {
      let steps = 0;
      const stopped = train(classifier(), { train: classes }, options, {
        afterStep: () => (++steps === stopAt ? "stop" : "continue"),
      });
      const state = decodeCheckpoint(encodeCheckpoint(stopped.state));
      expect(train(classifier(0, 9), { train: classes }, options, {}, state).state).toEqual(uninterrupted.state);
    }
  });

  it("augments partners by the chance of the row they are mixed into", () => {
    const seen: string[] = [];
    const augment: TrainOptions["augment"] = (row) => void seen.push([...row].join());
    train(classifier(), { train: classes }, { ...options, epochs: 1, augment });
    expect(seen).toHaveLength(2 * ROWS);
  });

  it("is refused where nothing can be mixed", () => {
    expect(() => train(classifier(0, 1, false), { train: classes }, options)).toThrow(
      "mixup: expected a network planned with mixup, got none",
    );
    const steps = { input: [4, 3], layers: [{ type: "dense", units: 2 }], loss: "cross_entropy" } as const;
    expect(() => build({ ...steps, training: { mixup: true } })).toThrow(
      "mixup: expected one class for each row, or values, got cross_entropy of [4,2]",
    );
  });
});
