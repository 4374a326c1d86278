import { expect, it } from "vitest";
import { readParameters } from "../../src/engine/parameters.ts";
import { train } from "../../src/engine/train.ts";
import { build, dataOf, golden } from "./construction.ts";

// golden-losses.py computes the same chain from the seed with numpy: generator, initialisation, shuffles, masks, training.
it("a training from a seed has the losses of an independent oracle, epoch by epoch", () => {
  const oracle = golden<{ losses: number[]; final_bias: number[] }>("golden-losses.json");
  const network = build({
    input: [3],
    layers: [
      { type: "dense", units: 6, activation: "relu" },
      { type: "dropout", rate: 0.25 },
      { type: "dense", units: 3, activation: "softmax" },
    ],
    loss: "cross_entropy",
    optimizer: { type: "sgd", momentum: 0.9 },
    seed: 7,
  });
  const data = dataOf(
    Array.from(
      { length: 10 },
      (_, row) => [[Math.sin(row + 1), Math.cos(2 * row), row / 10 - 0.5], [row % 3]] as const,
    ),
  );
  const losses: number[] = [];
  train(
    network,
    { train: data },
    { epochs: 30, batchSize: 4, shuffle: true, seed: 7, learningRate: 0.1 },
    { afterEpoch: ({ train_loss }) => void losses.push(train_loss) },
  );
  expect(losses).toEqual(oracle.losses.map((loss) => expect.closeTo(loss, 9)));
  expect(readParameters(network)[1].bias).toEqual(oracle.final_bias.map((value) => expect.closeTo(value, 9)));
});
