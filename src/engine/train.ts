// Training: epochs of batches, watched by an observer, stopped and resumed at any step with the same bits.
import type { Augment } from "./augment.ts";
import { loadBatch } from "./data.ts";
import type { TrainingData } from "./data.ts";
import type { EarlyStopping } from "./early-stopping.ts";
import { tellOf } from "./epoch-reports.ts";
import type { EpochReport, EpochReports } from "./epoch-reports.ts";
import type { MetricOptions } from "./evaluate.ts";
import { addBatch, isFiniteSoFar } from "./metrics.ts";
import type { Mixup } from "./mixup.ts";
import type { Network } from "./network.ts";
import { arrangeRows } from "./row-order.ts";
import { begin, beginEpoch, closeEpoch, hasConverged, isOver, rateAt, reportEpoch, settleWeights } from "./run.ts";
import type { Run } from "./run.ts";
import type { ScheduleSpec } from "./schedules.ts";
import { trainSpan } from "./spans.ts";
import type { Elements } from "./tensor.ts";
import { finishedState } from "./training-state.ts";
import type { TrainingState } from "./training-state.ts";

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
  /** What is done to training rows as they are loaded; never to those that are evaluated. Default nothing. */
  readonly augment?: Augment | undefined;
  /** Training rows are mixed with others, after that. Default not. */
  readonly mixup?: Mixup | undefined;
  /** Needs validation rows. Default none. */
  readonly earlyStopping?: EarlyStopping | undefined;
  /** Stop after an epoch that predicted every row right as it came: the perceptron has converged. */
  readonly stopWhenErrorless?: boolean | undefined;
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
  /** Called after every batch, so it must be cheap; tiny networks run batches for about a millisecond before it is called,
   * and not at the end of an epoch. `capture` copies the state as it is now. */
  afterStep?(position: Readonly<StepPosition>, capture: Capture): Decision;
  /** Called when an epoch is over, in their order; the state it may capture is that after this epoch. What the network
   * itself holds may already be later epochs. */
  afterEpoch?(report: EpochReport, capture: Capture): Decision | void;
  /** Instead of `afterEpoch`, for who need not capture or stop after each single epoch: called with all epochs since the
   * last call, those of about a millisecond with a tiny network. They can be read during the call; the state it may
   * capture is that after the last one. */
  afterEpochs?(epochs: EpochReports, capture: Capture): Decision | void;
}

export interface Outcome {
  /** completed: all epochs · converged: an epoch without error · stopped_early: the validation loss no longer fell ·
   * stopped: by the observer · diverged: a loss or a weight stopped being finite; the network and `state` then hold the
   * weights of the last epoch that was. */
  readonly kind: "completed" | "converged" | "stopped_early" | "stopped" | "diverged";
  /** Whole epochs done (with divergence: the last finite one; 0 is the beginning). */
  readonly epoch: number;
  /** Where the training could go on. Once it is over, the network itself holds the weights to publish: those of the best
   * epoch or the averages, where they are asked for. */
  readonly state: TrainingState;
}

export interface RunData {
  readonly train: TrainingData;
  readonly validation?: TrainingData | undefined;
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
    const span = run.loop === null ? "not finite" : trainSpan(run, run.loop, observer);
    if (span === "stop") return end("stopped");
    if (span === "continue") continue;
    if (trainEpoch(run, observer) === "stop") return end("stopped");
    const report = reportEpoch(run, run.tally, rateAt(run, progress.stepsDone - 1));
    if (hasDiverged(run)) return abandonEpoch(run, report, observer);
    closeEpoch(run, report, run.tally);
    beginEpoch(run);
    const decision = tellOf(report, observer, run.capture);
    if (decision === "stop" && !isOver(run)) return end("stopped");
  }
  const outcome = end(endOf(run));
  settleWeights(run);
  return outcome;
}

/** Why a training is over that nothing interrupted. */
function endOf(run: Run): Outcome["kind"] {
  if (hasConverged(run)) return "converged";
  return run.progress.epochsDone < run.options.epochs ? "stopped_early" : "completed";
}

/** Trains on what is left of the epoch; "stop" when the observer wants it, "continue" at the end or on divergence. */
function trainEpoch(run: Run, observer: Observer): Decision {
  const { network, data, options, progress, tally, stepsPerEpoch: steps } = run;
  const position: StepPosition = { epoch: progress.epochsDone + 1, step: 0, steps };
  if (run.order !== null) arrangeRows(run.order, run.generator, position.epoch, run.arrangement);
  network.step.seed = options.seed;
  while (progress.rowsSeen < data.rows) {
    const count = Math.min(options.batchSize, data.rows - progress.rowsSeen);
    loadBatch(network, data, run.order, progress.rowsSeen, count);
    run.augmentBatch?.(position.epoch, run.order, progress.rowsSeen, count);
    run.mixBatch?.(position.epoch, run.order, progress.rowsSeen, count);
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

/** Puts the weights of the last finite epoch back. There is no optimizer state to go on with. */
function abandonEpoch(run: Run, report: EpochReport, observer: Observer): Outcome {
  const { network, progress, weights, lastGood } = run;
  weights.forEach((values, index) => values.set(lastGood[index]));
  progress.rowsSeen = 0;
  const state = finishedState(network, progress);
  tellOf(report, observer, () => state);
  return { kind: "diverged", epoch: progress.epochsDone, state };
}

/** A loss was not finite, or a weight is not: losses can be finite while the step after the last of them overflowed. */
function hasDiverged({ tally, weights }: Run): boolean {
  return !isFiniteSoFar(tally) || !weights.every(areFinite);
}

/** x − x is 0 for every number but NaN and ±∞. Four sums, so that no addition waits for the one before: of large networks
 * this looks at millions of weights. */
function areFinite(values: Elements): boolean {
  const whole = values.length - (values.length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    a += values[i] - values[i];
    b += values[i + 1] - values[i + 1];
    c += values[i + 2] - values[i + 2];
    d += values[i + 3] - values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += values[i] - values[i];
  return a + b + c + d === 0;
}
