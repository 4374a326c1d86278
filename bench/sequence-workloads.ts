// W7: a classifier of token sequences with a long short-term memory. W8: sequence to sequence with attention.
import type { TrainingData } from "../src/engine/data.ts";
import { createGenerator, nextInteger, uniform } from "../src/engine/random.ts";
import { samplesPerSecond } from "./workload.ts";
import type { Workload } from "./workload.ts";

const VOCABULARY = 5_000;
/** Of the source and of the target of W8. */
const STEPS = 20;

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
  W8: {
    kind: "training",
    input: [2 * STEPS],
    layers: [
      {
        type: "encoder_decoder",
        source_vocabulary: VOCABULARY,
        target_vocabulary: VOCABULARY,
        source_length: STEPS,
        units: 256,
      },
      { type: "dense", units: VOCABULARY },
    ],
    loss: "cross_entropy",
    optimizer: { type: "adam" },
    learningRate: 1e-3,
    batch: 64,
    epochs: 4,
    data: () => translationRows(640),
    figure: (seconds, { rows, epochs }) => (rows * epochs * STEPS) / seconds,
    unit: "target tokens/s",
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

/** Random tokens to be learnt by heart; the decoder is given those of the source, as in the peers' script. */
function translationRows(rows: number): TrainingData {
  const generator = createGenerator(3, "initialisation");
  const token = (): number => nextInteger(generator) % VOCABULARY;
  const inputs = new Float32Array(rows * 2 * STEPS);
  for (let row = 0; row < rows; row++) {
    const source = Float32Array.from({ length: STEPS }, token);
    inputs.set(source, row * 2 * STEPS);
    inputs.set(source, row * 2 * STEPS + STEPS);
  }
  return { inputs, targets: Float32Array.from({ length: rows * STEPS }, token), rows };
}
