// A training under way: what it works on, how far it is, and what is said and kept when an epoch is over.
import { batchAugmentation } from "./augment.ts";
import type { AugmentBatch } from "./augment.ts";
import { checkData, checkWeights, copyElements } from "./data.ts";
import type { TrainingData } from "./data.ts";
import { diagnosisOf } from "./diagnostics.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { checkEarlyStopping, hasStalled, noteEpoch, roomForBest } from "./early-stopping.ts";
import { EngineError } from "./engine-error.ts";
import type { EpochReport } from "./epoch-reports.ts";
import { evaluate } from "./evaluate.ts";
import type { EpochLoop } from "./kernels/kernels.ts";
import { clearTally, createTally, isErrorless, lossOf, metricsOf } from "./metrics.ts";
import type { Tally } from "./metrics.ts";
import { batchMixing } from "./mixup.ts";
import type { MixBatch } from "./mixup.ts";
import type { Network } from "./network.ts";
import { publishedWeights, putWeights } from "./published-weights.ts";
import type { PublishedWeights } from "./published-weights.ts";
import { createGenerator } from "./random.ts";
import type { Generator } from "./random.ts";
import { requireInteger, requireWithin } from "./requirements.ts";
import type { RowOrder } from "./row-order.ts";
import { checkSchedule, learningRateAt } from "./schedules.ts";
import type { ScheduleSpec } from "./schedules.ts";
import { lengthsOf } from "./shorter-steps.ts";
import type { Elements } from "./tensor.ts";
import type { Capture, RunData, TrainOptions } from "./train.ts";
import { captureOptimizer, captureWeights, restoreOptimizer, restoreWeights } from "./training-state.ts";
import type { Progress, TrainingState } from "./training-state.ts";
import { bindEpochs } from "./whole-epochs.ts";

export interface Run {
  readonly network: Network;
  readonly data: TrainingData;
  readonly validation: TrainingData | undefined;
  readonly options: TrainOptions;
  readonly schedule: ScheduleSpec;
  readonly stepsPerEpoch: number;
  readonly progress: Progress;
  readonly tally: Tally;
  readonly order: Uint32Array | null;
  readonly arrangement: RowOrder;
  /** Reused in every epoch, because making one costs more than a step of a tiny network. */
  readonly generator: Generator;
  readonly weights: readonly Elements[];
  readonly lastGood: readonly Elements[];
  readonly published: PublishedWeights;
  /** The published weights of the best epoch, where early stopping may put them back; else empty. */
  readonly best: readonly Elements[];
  readonly capture: Capture;
  /** Null where nobody asked for them. */
  readonly diagnose: (() => Diagnostics) | null;
  /** Null where rows are trained on as they are. */
  readonly augmentBatch: AugmentBatch | null;
  /** Null where they are not mixed. */
  readonly mixBatch: MixBatch | null;
  /** Trains whole epochs of a tiny network in one call; null for the others, which train step by step. */
  readonly loop: EpochLoop | null;
}

/** Checks everything, and brings the network to where the training starts or goes on. */
export function begin(network: Network, data: RunData, options: TrainOptions, resumeFrom?: TrainingState): Run {
  const { plan, memory } = network;
  requireInteger("train", "epochs", options.epochs, 1);
  requireInteger("train", "batch size", options.batchSize, 1);
  requireWithin("train", "batch size", options.batchSize, 1, plan.batchCapacity + 1);
  requireInteger("train", "seed", options.seed, 0);
  requireWithin("train", "learning rate", options.learningRate, 0);
  const { schedule = { type: "constant" }, mixup } = options;
  checkSchedule(schedule, options.epochs);
  checkData(network, data.train, "training");
  checkWeights(network, data.train);
  if (data.validation !== undefined) checkData(network, data.validation, "validation");
  checkEarlyStopping(options.earlyStopping, data.validation !== undefined);

  const progress: Progress = { ...(resumeFrom?.progress ?? { epochsDone: 0, rowsSeen: 0, stepsDone: 0 }) };
  const tally = createTally(plan, options.metric, options.targetScales);
  if (resumeFrom === undefined) clearOptimizer(network);
  else {
    restoreWeights(network, resumeFrom);
    restoreOptimizer(network, resumeFrom);
    requireSums(tally, resumeFrom);
    tally.sums.set(resumeFrom.sums);
  }
  const weights = plan.parameters.map(({ value }) => memory.view(value));
  // Between epochs there is no separate copy: the weights themselves are the last good ones.
  const good =
    resumeFrom === undefined || resumeFrom.lastGood.length === 0
      ? weights
      : resumeFrom.lastGood.map(({ values }) => values);
  const lastGood = good.map((values) => values.slice());
  const best = roomForBest(options.earlyStopping, plan.precision, weights);
  resumeFrom?.best.forEach(({ values }, index) => best[index]?.set(values));
  const order = options.shuffle ? new Uint32Array(data.train.rows) : null;
  const lengths =
    plan.shorter.length === 0 ? null : lengthsOf(data.train.targets, data.train.rows, plan.objective!.t.rowSize);
  const stepsPerEpoch = Math.ceil(data.train.rows / options.batchSize);
  const capture = (): TrainingState => captureState(network, progress, tally, lastGood, best);
  return {
    network,
    data: data.train,
    validation: data.validation,
    options,
    schedule,
    stepsPerEpoch,
    progress,
    tally,
    order,
    arrangement: { seed: options.seed, batchSize: options.batchSize, lengths },
    generator: createGenerator(options.seed, "shuffle"),
    weights,
    lastGood,
    published: publishedWeights(network),
    best,
    capture,
    diagnose: diagnosisOf(network, data.train),
    augmentBatch: options.augment === undefined ? null : batchAugmentation(network, options.augment, options.seed),
    mixBatch: mixup === undefined ? null : batchMixing(network, data.train, mixup, options.seed, options.augment),
    loop:
      options.augment === undefined && mixup === undefined
        ? bindEpochs(network, data.train, { ...options, schedule }, tally)
        : null,
  };
}

export function isOver(run: Run): boolean {
  const { progress, options } = run;
  return progress.epochsDone >= options.epochs || hasConverged(run) || hasStalled(options.earlyStopping, progress);
}

export function hasConverged({ options, progress }: Run): boolean {
  return options.stopWhenErrorless === true && progress.errorless === true;
}

/** Loss and metrics of the epoch whose sums begin at `at` of the tally; with validation rows, of them too. The rate is that
 * of the epoch's last step. */
export function reportEpoch(run: Run, tally: Tally, learningRate: number, at = 0): EpochReport {
  const { network, validation, options, progress, published } = run;
  const result = validation === undefined ? null : published.during(() => evaluate(network, validation, options));
  return {
    epoch: progress.epochsDone + 1,
    train_loss: lossOf(tally, network.plan, at),
    train_metrics: metricsOf(tally, at),
    validation_loss: result === null ? null : result.loss,
    validation_metrics: result === null ? null : result.metrics,
    learning_rate: learningRate,
    rows: progress.rowsSeen,
    ...(run.diagnose !== null && { diagnostics: run.diagnose() }),
  };
}

/** The epoch counts, and the next one begins with its first row. */
export function closeEpoch(
  run: Run,
  { validation_loss }: Pick<EpochReport, "validation_loss">,
  tally: Tally,
  at = 0,
): void {
  const { progress, options, published, best } = run;
  progress.epochsDone += 1;
  progress.rowsSeen = 0;
  progress.errorless = isErrorless(tally, at);
  if (options.earlyStopping !== undefined && validation_loss !== null)
    noteEpoch(options.earlyStopping, progress, validation_loss, published.values, best);
}

/** The training is over: the network is left with the weights that it is published with. */
export function settleWeights({ network, progress, published, best }: Run): void {
  putWeights(network, best.length > 0 && progress.best !== undefined ? best : published.values);
}

/** Between two epochs: nothing is tallied yet, and the weights as they are now are the last good ones. */
export function beginEpoch({ tally, weights, lastGood }: Run): void {
  clearTally(tally);
  for (let index = 0; index < weights.length; index++) copyElements(weights[index], lastGood[index]);
}

function captureState(
  network: Network,
  progress: Progress,
  tally: Tally,
  lastGood: readonly Elements[],
  best: readonly Elements[],
): TrainingState {
  const weights = captureWeights(network);
  const within = progress.rowsSeen > 0;
  return {
    precision: network.plan.precision,
    kernels: network.kernels.name,
    weights,
    optimizer: captureOptimizer(network),
    lastGood: within ? weights.map((tensor, index) => ({ ...tensor, values: lastGood[index].slice() })) : [],
    best:
      progress.best === undefined ? [] : best.map((values, index) => ({ ...weights[index], values: values.slice() })),
    progress: { ...progress },
    sums: within ? tally.sums.slice() : new Float64Array(0),
  };
}

function clearOptimizer({ plan, memory }: Network): void {
  for (const tensor of plan.training?.state ?? []) memory.view(tensor).fill(0);
}

/** η of the step after `stepsDone` others. */
export function rateAt({ schedule, options, stepsPerEpoch }: Run, stepsDone: number): number {
  return learningRateAt(schedule, options.learningRate, stepsDone, stepsPerEpoch, options.epochs);
}

function requireSums(tally: Tally, { progress, sums }: TrainingState): void {
  const expected = progress.rowsSeen > 0 ? tally.sums.length : 0;
  if (sums.length === expected) return;
  throw new EngineError("state_mismatch", {
    op: "training state, sums",
    expected: `${expected} numbers`,
    got: String(sums.length),
  });
}
