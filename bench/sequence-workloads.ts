// W7: a classifier of token sequences with a long short-term memory.
import type { TrainingData } from "../src/engine/data.ts";
import { createGenerator, nextInteger, uniform } from "../src/engine/random.ts";
import { samplesPerSecond } from "./workload.ts";
import type { Workload } from "./workload.ts";

const VOCABULARY = 5_000;

export const SEQUENCE_WORKLOADS: Readonly<Record<string, Workload>> = {
  W7: {
    kind: "training",
    input: [100],
    layers: [
      { type: "embedding", vocabulary: VOCABULARY, units: 64 },
      { type: "lstm", units: 128 },
      { type: "dense", units: 2 },
    ],
    loss: "cross_entropy",
    optimizer: { type: "adam" },
    learningRate: 1e-3,
    batch: 32,
    epochs: 2,
    data: () => tokenRows(640, 100),
    figure: samplesPerSecond,
    unit: "sequences/s",
  },
};

/** Rows of tokens; the class is the half of the vocabulary that two thirds of them are from. */
function tokenRows(rows: number, steps: number): TrainingData {
  const generator = createGenerator(2, "initialisation");
  const half = VOCABULARY / 2;
  const targets = Float32Array.from({ length: rows }, () => nextInteger(generator) % 2);
  const inputs = Float32Array.from({ length: rows * steps }, (_, i) => {
    const first = uniform(generator) < 0.35 + 0.3 * targets[Math.floor(i / steps)];
    return (nextInteger(generator) % half) + (first ? 0 : half);
  });
  return { inputs, targets, rows };
}
