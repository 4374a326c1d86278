// What a workload of the benchmark is, and the synthetic rows that networks train on in it.
import type { TrainingData } from "../src/engine/data.ts";
import type { Kernels } from "../src/engine/kernels/kernels.ts";
import type { LayerSpec } from "../src/engine/layers/catalogue.ts";
import type { LossName } from "../src/engine/losses/catalogue.ts";
import type { OptimizerSpec } from "../src/engine/optimizers/catalogue.ts";
import { createGenerator, nextInteger, normal } from "../src/engine/random.ts";

interface NetworkWorkload {
  readonly input: readonly number[];
  readonly layers: readonly LayerSpec[];
  readonly loss: LossName;
  readonly unit: string;
}

/** Trains through the real path: planned network, shuffling, metrics of every epoch. */
export interface TrainingWorkload extends NetworkWorkload {
  readonly kind: "training";
  readonly optimizer: OptimizerSpec;
  readonly learningRate: number;
  readonly batch: number;
  readonly epochs: number;
  readonly data: () => TrainingData;
  /** From the seconds of a run to the figure in `unit`. */
  readonly figure: (seconds: number, run: { readonly rows: number; readonly epochs: number }) => number;
}

/** Predicts `rows` rows at a time, `calls` times. */
export interface PredictionWorkload extends NetworkWorkload {
  readonly kind: "prediction";
  readonly rows: number;
  readonly calls: number;
  readonly figure: (seconds: number, run: { readonly rows: number; readonly calls: number }) => number;
}

/** Calls bound operations, such as a matrix product, `calls` times. */
export interface OperationsWorkload {
  readonly kind: "operations";
  readonly bind: (kernels: Kernels) => () => void;
  readonly calls: number;
  readonly figure: (seconds: number) => number;
  readonly unit: string;
}

export type Workload = TrainingWorkload | PredictionWorkload | OperationsWorkload;

/** Distinct rows of the larger workloads; longer trainings pass over them several times. */
export const POOL = 12_800;

export const samplesPerSecond: TrainingWorkload["figure"] = (seconds, { rows, epochs }) => (rows * epochs) / seconds;

/** (rows, width) numbers about one random prototype per class, so that the loss can really fall, and each row's class. */
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
