// The workloads of the benchmark, as the peers' scripts define them: same shapes, sizes and hyperparameters, synthetic rows
// scattered about one random prototype per class, so that the loss can really fall.
import type { TrainingData } from "../src/engine/data.ts";
import type { LayerSpec } from "../src/engine/layers/catalogue.ts";
import type { LossName } from "../src/engine/losses/catalogue.ts";
import type { OptimizerSpec } from "../src/engine/optimizers/catalogue.ts";
import { createGenerator, nextInteger, normal } from "../src/engine/random.ts";

/** Trains through the real path: planned network, shuffling, metrics of every epoch. */
export interface TrainingWorkload {
  readonly kind: "training";
  readonly input: readonly number[];
  readonly layers: readonly LayerSpec[];
  readonly loss: LossName;
  readonly optimizer: OptimizerSpec;
  readonly learningRate: number;
  readonly batch: number;
  readonly epochs: number;
  readonly data: () => TrainingData;
  /** From the seconds of a run to the figure in `unit`. */
  readonly figure: (seconds: number, workload: { readonly rows: number; readonly epochs: number }) => number;
  readonly unit: string;
}

/** Predicts `rows` rows at a time, `calls` times. */
export interface PredictionWorkload {
  readonly kind: "prediction";
  readonly input: readonly number[];
  readonly layers: readonly LayerSpec[];
  readonly loss: LossName;
  readonly rows: number;
  readonly calls: number;
  readonly figure: (seconds: number) => number;
  readonly unit: string;
}

export type Workload = TrainingWorkload | PredictionWorkload;

/** Distinct rows of the larger workloads; longer trainings pass over them several times. */
const POOL = 12_800;

const relu = (units: number): LayerSpec => ({ type: "dense", units, activation: "relu" });
const MLP: Pick<TrainingWorkload, "input" | "layers" | "loss"> = {
  input: [784],
  layers: [relu(128), { type: "dense", units: 10 }],
  loss: "cross_entropy",
};
const samplesPerSecond: TrainingWorkload["figure"] = (seconds, { rows, epochs }) => (rows * epochs) / seconds;

export const WORKLOADS: Readonly<Record<string, Workload>> = {
  W1: {
    kind: "training",
    input: [2],
    layers: [
      { type: "dense", units: 2, activation: "sigmoid" },
      { type: "dense", units: 1, activation: "sigmoid" },
    ],
    loss: "mean_squared_error",
    optimizer: { type: "sgd" },
    learningRate: 0.5,
    batch: 4,
    epochs: 10_000,
    data: () => ({
      inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1),
      targets: Float32Array.of(0, 1, 1, 0),
      rows: 4,
    }),
    figure: (seconds, { epochs }) => (seconds / epochs) * 1e6,
    unit: "us/step",
  },
  W2: {
    kind: "training",
    input: [4],
    layers: [relu(16), { type: "dense", units: 3 }],
    loss: "cross_entropy",
    optimizer: { type: "adam" },
    learningRate: 0.01,
    batch: 16,
    epochs: 200,
    data: () => classRows(150, 4, 3),
    figure: (seconds) => seconds,
    unit: "s/200 epochs",
  },
  W3: {
    kind: "training",
    ...MLP,
    optimizer: { type: "sgd", momentum: 0.9 },
    learningRate: 0.01,
    batch: 64,
    epochs: 5,
    data: () => classRows(POOL, 784, 10),
    figure: samplesPerSecond,
    unit: "samples/s",
  },
  W4: {
    kind: "training",
    input: [784],
    layers: [relu(1024), relu(1024), { type: "dense", units: 10 }],
    loss: "cross_entropy",
    optimizer: { type: "adam" },
    learningRate: 1e-3,
    batch: 128,
    epochs: 1,
    data: () => classRows(POOL, 784, 10),
    figure: samplesPerSecond,
    unit: "samples/s",
  },
  "W9-predict1": {
    kind: "prediction",
    ...MLP,
    rows: 1,
    calls: 2_000,
    figure: (seconds) => (seconds / 2_000) * 1e6,
    unit: "us/call",
  },
  "W9-predict1024": {
    kind: "prediction",
    ...MLP,
    rows: 1_024,
    calls: 50,
    figure: (seconds) => (50 * 1_024) / seconds,
    unit: "rows/s",
  },
};

/** (rows, width) numbers about one prototype per class, and the class of each row. */
export function classRows(rows: number, width: number, classes: number): TrainingData {
  const generator = createGenerator(1, "initialisation");
  const prototypes = Float32Array.from({ length: classes * width }, () => normal(generator));
  const targets = Float32Array.from({ length: rows }, () => nextInteger(generator) % classes);
  const inputs = Float32Array.from(
    { length: rows * width },
    (_, i) => 0.5 * prototypes[targets[Math.floor(i / width)] * width + (i % width)] + normal(generator),
  );
  return { inputs, targets, rows };
}
