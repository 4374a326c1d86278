// Whole epochs in one call of the kernels: for which trainings they are asked, and the memory that takes.
import type { TrainingData } from "./data.ts";
import type { EpochLoop, EpochShape, Kernels } from "./kernels/kernels.ts";
import { correctnessOf } from "./metrics.ts";
import type { Tally } from "./metrics.ts";
import type { Network } from "./network.ts";
import type { Plan } from "./plan.ts";
import { learningRateAt } from "./schedules.ts";
import type { ScheduleSpec } from "./schedules.ts";
import type { TrainOptions } from "./train.ts";

/** The loop of this training; null where the kernels have none for it. */
export function bindEpochs(
  { plan, memory, kernels }: Network,
  data: TrainingData,
  options: TrainOptions & { readonly schedule: ScheduleSpec },
  tally: Tally,
): EpochLoop | null {
  const shape = shapeOf(plan, { ...options, rows: data.rows });
  if (shape === null) return null;
  const { batchSize, seed, schedule, learningRate, epochs } = options;
  const stepsPerEpoch = Math.ceil(data.rows / batchSize);
  const training = {
    ...shape,
    memory,
    inputs: data.inputs,
    targets: data.targets,
    seed,
    rule: tally.kind === "accuracy" ? correctnessOf(plan) : null,
    learningRate: (stepsDone: number) => learningRateAt(schedule, learningRate, stepsDone, stepsPerEpoch, epochs),
  };
  return kernels.bindEpochs?.(training) ?? null;
}

interface Rows {
  readonly rows: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
}

/** Bytes that training on so many rows allocates beside the network for a loop over whole epochs; 0 without one. */
export function epochBytes(plan: Plan, kernels: Kernels, rows: Rows): number {
  const shape = shapeOf(plan, rows);
  return shape === null ? 0 : (kernels.epochBytes?.(shape) ?? 0);
}

/** Null for what only single steps do: several threads, and a loss that says itself what was right (of sequences). */
function shapeOf(plan: Plan, { rows, batchSize, shuffle }: Rows): EpochShape | null {
  const { training, objective, threads, parameters, input, output } = plan;
  if (training === null || objective === null || threads > 1 || objective.correct !== null) return null;
  const { t, loss } = objective;
  return { step: training.step, parameters, input, output, t, loss, rows, batchSize, shuffle };
}
