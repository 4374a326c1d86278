// Trainings of tiny networks at random, and everything that one of them says and ends with.
import fc from "fast-check";
import type { TrainingData } from "../../../src/engine/data.ts";
import type { Kernels } from "../../../src/engine/kernels/kernels.ts";
import type { ActivationName } from "../../../src/engine/layers/activation.ts";
import type { LayerSpec } from "../../../src/engine/layers/catalogue.ts";
import type { LossName } from "../../../src/engine/losses/catalogue.ts";
import type { Network } from "../../../src/engine/network.ts";
import type { OptimizerSpec } from "../../../src/engine/optimizers/catalogue.ts";
import type { ScheduleSpec } from "../../../src/engine/schedules.ts";
import type { EpochReport } from "../../../src/engine/epoch-reports.ts";
import type { Observer, TrainOptions } from "../../../src/engine/train.ts";
import { train } from "../../../src/engine/train.ts";
import type { GradientClip } from "../../../src/engine/training-plan.ts";
import type { TrainingState } from "../../../src/engine/training-state.ts";
import { build, scattered } from "../construction.ts";
import type { Construction } from "../construction.ts";

/** The last layer's activation that goes with a loss. */
const HEADS: readonly { readonly loss: LossName; readonly last: ActivationName }[] = [
  { loss: "cross_entropy", last: "identity" },
  { loss: "cross_entropy", last: "softmax" },
  { loss: "binary_cross_entropy", last: "sigmoid" },
  { loss: "mean_squared_error", last: "sigmoid" },
  { loss: "mean_squared_error", last: "identity" },
  { loss: "mean_squared_error", last: "softmax" },
  { loss: "half_squared_error", last: "tanh" },
  { loss: "mean_absolute_error", last: "identity" },
  { loss: "huber", last: "identity" },
  { loss: "perceptron", last: "threshold" },
];
const HIDDEN: readonly ActivationName[] = ["identity", "relu", "leaky_relu", "tanh", "sigmoid", "gelu", "softmax"];
const OPTIMIZERS: readonly OptimizerSpec[] = [
  { type: "sgd" },
  { type: "sgd", momentum: 0.9, nesterov: true, weight_decay: 1e-3 },
  { type: "adam" },
  { type: "adam", weight_decay: 0.01 },
  { type: "adamw", weight_decay: 0.01 },
  { type: "rmsprop", momentum: 0.5 },
  { type: "rmsprop" },
  { type: "adagrad" },
];
const SCHEDULES: readonly ScheduleSpec[] = [
  { type: "constant" },
  { type: "constant", warmup_epochs: 1.5 },
  { type: "cosine" },
];

export interface Training {
  readonly construction: Construction;
  readonly rows: number;
  readonly options: TrainOptions;
}

const layer = fc.record({
  units: fc.integer({ min: 1, max: 9 }),
  activation: fc.constantFrom(...HIDDEN),
  use_bias: fc.boolean(),
});

export const TRAININGS: fc.Arbitrary<Training> = fc
  .record({
    inputs: fc.integer({ min: 1, max: 6 }),
    hidden: fc.array(layer, { maxLength: 2 }),
    outputs: fc.integer({ min: 2, max: 5 }),
    single: fc.boolean(),
    head: fc.constantFrom(...HEADS),
    optimizer: fc.constantFrom(...OPTIMIZERS),
    schedule: fc.constantFrom(...SCHEDULES),
    gradientClip: fc.constantFrom<GradientClip | undefined>(undefined, { norm: 0.05 }, { value: 0.01 }),
    rows: fc.integer({ min: 1, max: 23 }),
    batchSize: fc.integer({ min: 1, max: 9 }),
    shuffle: fc.boolean(),
    metric: fc.constantFrom("accuracy" as const, "regression" as const),
  })
  .map(({ inputs, hidden, outputs, single, head, optimizer, schedule, gradientClip, rows, batchSize, ...rest }) => {
    const indexed = head.loss === "cross_entropy";
    const units = single && !indexed && head.last !== "softmax" ? 1 : outputs;
    const layers: LayerSpec[] = [...hidden, { units, activation: head.last, use_bias: true }].map((spec) => ({
      type: "dense",
      ...spec,
    }));
    const construction = {
      input: [inputs],
      layers,
      loss: head.loss,
      optimizer,
      ...(gradientClip && { gradientClip }),
      capacity: batchSize,
    };
    // Class indices have no errors to add up.
    const metric = indexed ? "accuracy" : rest.metric;
    const options = {
      epochs: 5,
      batchSize,
      shuffle: rest.shuffle,
      seed: 2 ** 40 + 3,
      learningRate: 0.05,
      schedule,
      metric,
    };
    return { construction, rows, options };
  });

/** The same kernels without the loop. */
export function stepByStep(kernels: Kernels): Kernels {
  return { ...kernels, bindEpochs: () => null };
}

export function dataFor({ plan }: Network, rows: number): TrainingData {
  const { t, definition } = plan.objective!;
  const targets = scattered(rows * t.rowSize, 2).map((value, i) => {
    if (definition.targets === "index") return (i * 3) % plan.output.rowSize;
    return plan.outputActivation === "identity" || plan.outputActivation === "tanh" ? value : i % 2;
  });
  return { inputs: scattered(rows * plan.input.rowSize, 1), targets, rows };
}

/** Everything a training says and ends with. */
export function outcomeOf(
  { construction, rows, options }: Training,
  kernels: Kernels,
  observer: Observer = {},
  resumeFrom?: TrainingState,
) {
  const network = build({ ...construction, kernels });
  const reports: EpochReport[] = [];
  const outcome = train(
    network,
    { train: dataFor(network, rows) },
    options,
    {
      ...observer,
      afterEpoch(report, capture) {
        reports.push(report);
        return observer.afterEpoch?.(report, capture);
      },
    },
    resumeFrom,
  );
  return { reports, outcome };
}

/** Whether the kernels have a loop for this training. */
export function isLooped(training: Training, kernels: Kernels): boolean {
  let looped = false;
  outcomeOf(training, {
    ...kernels,
    bindEpochs(task) {
      const loop = kernels.bindEpochs!(task);
      looped = loop !== null;
      return loop;
    },
  });
  return looped;
}
