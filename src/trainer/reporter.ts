// Watches a training and reports it: epochs in groups, progress inside long epochs, checkpoints in time.
import type { JobProgress, ResolvedJobRequest } from "../contract/job.ts";
import type { EpochMetrics } from "../contract/metrics.ts";
import { encodeCheckpoint } from "../engine/checkpoint.ts";
import type { EpochReport, EpochReports } from "../engine/epoch-reports.ts";
import type { Capture, Decision, Observer, StepPosition } from "../engine/train.ts";
import type { Progress } from "../engine/training-state.ts";
import { controlWords, type Post } from "./thread-protocol.ts";

/** Fast epochs are committed together, at most this far apart. */
const groupMs = 80;
const progressMs = 250;
/** At epoch ends at most one checkpoint in this time … */
const checkpointMs = 2_000;
/** … and one inside an epoch that lasts longer than this. */
const checkpointWithinEpochMs = 5_000;

interface ReporterOptions {
  request: ResolvedJobRequest;
  /** Training rows. */
  rows: number;
  words: Int32Array;
  post: Post;
  now: () => number;
}

/**
 * The observer of one training, in its thread: it turns steps and epochs into messages, decides by the clock when to group
 * them and when to take a checkpoint, and stops the training when the shared control word says so. Epochs are always
 * posted before a checkpoint that covers them.
 */
export class Reporter implements Observer {
  readonly #options: ReporterOptions;
  readonly #stepsPerEpoch: number;
  #group: EpochMetrics[] = [];
  #epochsDone = 0;
  #stepInEpoch = 0;
  #resumedSteps = 0;
  readonly #startedAt: number;
  #epochStartedAt: number;
  #reportedAt: number;
  #checkpointedAt: number;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#stepsPerEpoch = Math.ceil(options.rows / (options.request.hyperparameters.batch_size as number));
    this.#startedAt = this.#epochStartedAt = this.#reportedAt = this.#checkpointedAt = options.now();
  }

  /** The training goes on from a checkpoint: its steps were done before this clock started. */
  resumeAt({ epochsDone, stepsDone }: Readonly<Progress>): void {
    this.#epochsDone = epochsDone;
    this.#resumedSteps = stepsDone;
    this.#stepInEpoch = stepsDone - epochsDone * this.#stepsPerEpoch;
  }

  afterStep = ({ step }: Readonly<StepPosition>, capture: Capture): Decision => {
    const { words, now, post } = this.#options;
    if (Atomics.load(words, controlWords.stop) === 1) return "stop";
    this.#stepInEpoch = step;
    const time = now();
    if (time - this.#checkpointedAt >= checkpointWithinEpochMs) this.#checkpoint(capture, time);
    if (time - this.#reportedAt >= progressMs) {
      if (this.#group.length > 0) this.flush();
      else post({ kind: "progress", progress: this.#progress(time) });
      this.#reportedAt = time;
    }
    return "continue";
  };

  afterEpochs = (epochs: EpochReports, capture: Capture): Decision => {
    const { words, now } = this.#options;
    const time = now();
    const durationMs = (time - this.#epochStartedAt) / epochs.count;
    for (let index = 0; index < epochs.count; index++) this.#group.push(toMetrics(epochs.at(index), durationMs));
    const last = epochs.at(epochs.count - 1);
    this.#epochsDone = last.epoch;
    this.#stepInEpoch = 0;
    this.#epochStartedAt = time;
    // A validation loss that is not finite does not end the training: such epochs are worth keeping too.
    if (Number.isFinite(last.train_loss) && time - this.#checkpointedAt >= checkpointMs) {
      this.#checkpoint(capture, time);
    }
    if (time - this.#reportedAt >= groupMs) this.flush();
    return Atomics.load(words, controlWords.stop) === 1 ? "stop" : "continue";
  };

  /** Posts the epochs that wait for their group. */
  flush(): void {
    if (this.#group.length === 0) return;
    const time = this.#options.now();
    this.#options.post({ kind: "epochs", epochs: this.#group, progress: this.#progress(time) });
    this.#group = [];
    this.#reportedAt = time;
  }

  #checkpoint(capture: Capture, time: number): void {
    const { words, post } = this.#options;
    // The one before is still being written: a slow disk must not pile up copies of the weights.
    if (Atomics.load(words, controlWords.checkpointPending) === 1) return;
    const state = capture();
    // The engine took the epoch back, because a weight overflowed in its last step: there is nothing to go on with.
    if (state.progress.epochsDone < this.#epochsDone) return;
    Atomics.store(words, controlWords.checkpointPending, 1);
    this.flush();
    const bytes = encodeCheckpoint(state);
    const step = this.#epochsDone * this.#stepsPerEpoch + this.#stepInEpoch;
    post({ kind: "checkpoint", epoch: this.#epochsDone, step, bytes }, [bytes.buffer as ArrayBuffer]);
    this.#checkpointedAt = time;
  }

  #progress(time: number): JobProgress {
    const { epochs } = this.#options.request.hyperparameters;
    const step = this.#epochsDone * this.#stepsPerEpoch + this.#stepInEpoch;
    const steps = epochs * this.#stepsPerEpoch;
    const seconds = (time - this.#startedAt) / 1000;
    const stepsPerSecond = seconds > 0 ? (step - this.#resumedSteps) / seconds : 0;
    return {
      epoch: this.#epochsDone,
      epochs,
      step,
      steps,
      percent: Math.round((1000 * step) / steps) / 10,
      eta_seconds: this.#etaSeconds(steps - step, stepsPerSecond, seconds),
      samples_per_second:
        stepsPerSecond > 0 ? Math.round((stepsPerSecond * this.#options.rows) / this.#stepsPerEpoch) : null,
    };
  }

  #etaSeconds(stepsLeft: number, stepsPerSecond: number, seconds: number): number | null {
    if (stepsLeft === 0) return 0;
    // The first moments say more about the compiler than about the job.
    return stepsPerSecond > 0 && seconds > 0.5 ? Math.round((10 * stepsLeft) / stepsPerSecond) / 10 : null;
  }
}

function toMetrics(report: EpochReport, durationMs: number): EpochMetrics {
  const measured: Record<string, number | null> = {
    train_loss: report.train_loss,
    validation_loss: report.validation_loss,
  };
  for (const [name, value] of Object.entries(report.train_metrics)) measured[`train_${name}`] = value;
  for (const [name, value] of Object.entries(report.validation_metrics ?? {})) measured[`validation_${name}`] = value;
  Object.assign(measured, report.diagnostics);
  const broken = Object.values(measured).find((value) => value !== null && !Number.isFinite(value));
  const values = Object.fromEntries(
    Object.entries(measured).map(([name, value]) => [name, value !== null && Number.isFinite(value) ? value : null]),
  );
  return {
    epoch: report.epoch,
    ...(values as Pick<EpochMetrics, "train_loss" | "validation_loss">),
    learning_rate: report.learning_rate,
    duration_ms: Math.round(durationMs * 1000) / 1000,
    samples_per_second: durationMs > 0 ? Math.round((1000 * report.rows) / durationMs) : 0,
    ...(broken === undefined ? {} : { nonfinite: Number.isNaN(broken) ? ("nan" as const) : ("inf" as const) }),
  };
}
