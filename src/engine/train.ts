// Training: epochs of batches, watched by an observer, stopped and resumed at any step with the same bits.
import { checkData, copyElements, loadBatch } from "./data.ts";
import type { TrainingData } from "./data.ts";
import { EngineError } from "./engine-error.ts";
import { evaluate } from "./evaluate.ts";
import type { MetricOptions } from "./evaluate.ts";
import { addBatch, clearTally, createTally, isErrorless, isFiniteSoFar, lossOf, metricsOf } from "./metrics.ts";
import type { Metrics, Tally } from "./metrics.ts";
import type { Network } from "./network.ts";
import { createGenerator, restart, shuffle } from "./random.ts";
import type { Generator } from "./random.ts";
import { requireInteger, requireWithin } from "./requirements.ts";
import { checkSchedule, learningRateAt } from "./schedules.ts";
import type { ScheduleSpec } from "./schedules.ts";
import type { Elements } from "./tensor.ts";
import { captureOptimizer, captureWeights, finishedState, restoreOptimizer, restoreWeights } from "./training-state.ts";
import type { Progress, TrainingState } from "./training-state.ts";

export interface TrainOptions extends MetricOptions {
  readonly epochs: number;
  /** At most the network's batch capacity; the last batch of an epoch may be smaller. */
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** Integer in [0, 2⁵³): the order of the rows and the dropout masks. */
  readonly seed: number;
  readonly learningRate: number;
  /** Default constant. */
  readonly schedule?: ScheduleSpec | undefined;
  /** Stop after an epoch that predicted every row right as it came: the perceptron has converged. */
  readonly stopWhenErrorless?: boolean | undefined;
}

export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  /** Over the rows as they were trained on, before the step of their batch. */
  readonly train_loss: number;
  readonly train_metrics: Metrics;
  readonly validation_loss: number | null;
  readonly validation_metrics: Metrics | null;
  /** Of the epoch's last step. */
  readonly learning_rate: number;
  readonly rows: number;
}

/** Where a training stands; one record, reused for every step. */
export interface StepPosition {
  /** From 1. */
  epoch: number;
  /** Steps done in this epoch. */
  step: number;
  readonly steps: number;
}

export type Decision = "continue" | "stop";
export type Capture = () => TrainingState;

export interface Observer {
  /** Called after every batch, so it must be cheap. `capture` copies the state as it is now. */
  afterStep?(position: Readonly<StepPosition>, capture: Capture): Decision;
  /** Called when an epoch is over; the state it may capture is that between the epochs. */
  afterEpoch?(report: EpochReport, capture: Capture): Decision | void;
}

export interface Outcome {
  /** completed: all epochs · converged: an epoch without error · stopped: by the observer · diverged: a loss or a weight
   * stopped being finite; the network and `state` then hold the weights of the last epoch that was. */
  readonly kind: "completed" | "converged" | "stopped" | "diverged";
  /** Whole epochs done (with divergence: the last finite one; 0 is the beginning). */
  readonly epoch: number;
  readonly state: TrainingState;
}

export interface RunData {
  readonly train: TrainingData;
  readonly validation?: TrainingData | undefined;
}

interface Run {
  readonly network: Network;
  readonly data: TrainingData;
  readonly options: TrainOptions;
  readonly schedule: ScheduleSpec;
  readonly stepsPerEpoch: number;
  readonly progress: Progress;
  readonly tally: Tally;
  readonly order: Uint32Array | null;
  /** Reused in every epoch, because making one costs more than a step of a tiny network. */
  readonly generator: Generator;
  readonly weights: readonly Elements[];
  readonly lastGood: readonly Elements[];
  readonly capture: Capture;
}

/**
 * Trains the network, whose parameters are initialised, or goes on from a captured state. The same network, data,
 * options and state give the same bits, however often the run is stopped and resumed.
 * Throws EngineError invalid_data, invalid_parameter or state_mismatch before the first step.
 */
export function train(
  network: Network,
  data: RunData,
  options: TrainOptions,
  observer: Observer = {},
  resumeFrom?: TrainingState,
): Outcome {
  const run = begin(network, data, options, resumeFrom);
  const { progress } = run;
  const end = (kind: Outcome["kind"]): Outcome => ({ kind, epoch: progress.epochsDone, state: run.capture() });
  while (!isOver(run)) {
    if (trainEpoch(run, observer) === "stop") return end("stopped");
    const report = reportEpoch(run, data.validation);
    if (hasDiverged(run)) return abandonEpoch(run, report, observer);
    closeEpoch(run);
    const decision = observer.afterEpoch?.(report, run.capture);
    if (decision === "stop" && !isOver(run)) return end("stopped");
  }
  return end(hasConverged(run) ? "converged" : "completed");
}

function begin(network: Network, data: RunData, options: TrainOptions, resumeFrom?: TrainingState): Run {
  const { plan, memory } = network;
  requireInteger("train", "epochs", options.epochs, 1);
  requireInteger("train", "batch size", options.batchSize, 1);
  requireWithin("train", "batch size", options.batchSize, 1, plan.batchCapacity + 1);
  requireInteger("train", "seed", options.seed, 0);
  requireWithin("train", "learning rate", options.learningRate, 0);
  const schedule = options.schedule ?? { type: "constant" };
  checkSchedule(schedule, options.epochs);
  checkData(network, data.train, "training");
  if (data.validation !== undefined) checkData(network, data.validation, "validation");

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
  const order = options.shuffle ? new Uint32Array(data.train.rows) : null;
  const stepsPerEpoch = Math.ceil(data.train.rows / options.batchSize);
  const capture = (): TrainingState => captureState(network, progress, tally, lastGood);
  return {
    network,
    data: data.train,
    options,
    schedule,
    stepsPerEpoch,
    progress,
    tally,
    order,
    generator: createGenerator(options.seed, "shuffle"),
    weights,
    lastGood,
    capture,
  };
}

function isOver(run: Run): boolean {
  return run.progress.epochsDone >= run.options.epochs || hasConverged(run);
}

function hasConverged({ options, progress }: Run): boolean {
  return options.stopWhenErrorless === true && progress.errorless === true;
}

/** Trains on what is left of the epoch; "stop" when the observer wants it, "continue" at the end or on divergence. */
function trainEpoch(run: Run, observer: Observer): Decision {
  const { network, data, options, progress, tally, stepsPerEpoch: steps } = run;
  const position: StepPosition = { epoch: progress.epochsDone + 1, step: 0, steps };
  arrange(run, position.epoch);
  network.step.seed = options.seed;
  while (progress.rowsSeen < data.rows) {
    const count = Math.min(options.batchSize, data.rows - progress.rowsSeen);
    loadBatch(network, data, run.order, progress.rowsSeen, count);
    network.step.learningRate = rateAt(run, progress.stepsDone);
    network.step.number = progress.stepsDone + 1;
    network.trainStep(count);
    addBatch(tally, network, count);
    progress.rowsSeen += count;
    progress.stepsDone += 1;
    if (!isFiniteSoFar(tally)) return "continue";
    position.step = Math.ceil(progress.rowsSeen / options.batchSize);
    if (observer.afterStep?.(position, run.capture) === "stop") return "stop";
  }
  return "continue";
}

/** The order of the rows in one epoch depends on seed and epoch alone. */
function arrange({ order, generator, options }: Run, epoch: number): void {
  if (order === null) return;
  for (let i = 0; i < order.length; i++) order[i] = i;
  restart(generator, options.seed, "shuffle", epoch, 0);
  shuffle(generator, order);
}

function reportEpoch(run: Run, validation: TrainingData | undefined): EpochReport {
  const { network, options, progress, tally } = run;
  const result = validation === undefined ? null : evaluate(network, validation, options);
  return {
    epoch: progress.epochsDone + 1,
    train_loss: lossOf(tally, network.plan),
    train_metrics: metricsOf(tally),
    validation_loss: result?.loss ?? null,
    validation_metrics: result?.metrics ?? null,
    learning_rate: rateAt(run, progress.stepsDone - 1),
    rows: progress.rowsSeen,
  };
}

function closeEpoch({ progress, tally, weights, lastGood }: Run): void {
  progress.epochsDone += 1;
  progress.rowsSeen = 0;
  progress.errorless = isErrorless(tally);
  clearTally(tally);
  for (let index = 0; index < weights.length; index++) copyElements(weights[index], lastGood[index]);
}

/** Puts the weights of the last finite epoch back. There is no optimizer state to go on with. */
function abandonEpoch(run: Run, report: EpochReport, observer: Observer): Outcome {
  const { network, progress, weights, lastGood } = run;
  weights.forEach((values, index) => values.set(lastGood[index]));
  progress.rowsSeen = 0;
  const state = finishedState(network, progress);
  observer.afterEpoch?.(report, () => state);
  return { kind: "diverged", epoch: progress.epochsDone, state };
}

/** A loss was not finite, or a weight is not: losses can be finite while the step after the last of them overflowed. */
function hasDiverged({ tally, weights }: Run): boolean {
  return !isFiniteSoFar(tally) || !weights.every(areFinite);
}

/** A loop: a callback for every weight would cost more than the rest of an epoch's report. */
function areFinite(values: Elements): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

function captureState(
  network: Network,
  progress: Progress,
  tally: Tally,
  lastGood: readonly Elements[],
): TrainingState {
  const weights = captureWeights(network);
  const within = progress.rowsSeen > 0;
  return {
    precision: network.plan.precision,
    kernels: network.kernels.name,
    weights,
    optimizer: captureOptimizer(network),
    lastGood: within ? weights.map((tensor, index) => ({ ...tensor, values: lastGood[index].slice() })) : [],
    progress: { ...progress },
    sums: within ? tally.sums.slice() : new Float64Array(0),
  };
}

function clearOptimizer({ plan, memory }: Network): void {
  for (const tensor of plan.training?.state ?? []) memory.view(tensor).fill(0);
}

function rateAt({ schedule, options, stepsPerEpoch }: Run, stepsDone: number): number {
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
