// The reporter alone, with a clock of its own: what it posts, when, and in which order.
import { expect, test } from "vitest";
import type { ResolvedJobRequest } from "../../src/contract/job.ts";
import type { EpochReports } from "../../src/engine/epoch-reports.ts";
import type { Capture } from "../../src/engine/train.ts";
import { Reporter } from "../../src/trainer/reporter.ts";
import { controlWords, type ThreadMessage } from "../../src/trainer/thread-protocol.ts";

/** Two batches of 5 rows an epoch; `at` sets the clock (ms), `stored` says that the checkpoint posted last is stored. */
function setUp() {
  let time = 0;
  const posted: ThreadMessage[] = [];
  const words = new Int32Array(2);
  const request = { hyperparameters: { epochs: 100, batch_size: 5 } } as ResolvedJobRequest;
  const post = (message: ThreadMessage) => void posted.push(message);
  const reporter = new Reporter({ request, rows: 10, words, post, now: () => time });
  const at = (ms: number) => {
    time = ms;
    return reporter;
  };
  const stored = () => void Atomics.store(words, controlWords.checkpointPending, 0);
  const kinds = () => posted.map(({ kind }) => kind);
  return { at, posted, kinds, stored };
}

function report(epoch: number, train_loss: number, validation_loss: number | null = null): EpochReports {
  const nothing = { train_metrics: { accuracy: 0.5 }, validation_metrics: null };
  const only = { epoch, train_loss, validation_loss, ...nothing, learning_rate: 0.1, rows: 10 };
  return { count: 1, trainLoss: () => train_loss, at: () => only };
}

const stateAfter =
  (epochsDone: number): Capture =>
  () => ({
    precision: "float32",
    kernels: "reference-float32",
    weights: [],
    optimizer: [],
    lastGood: [],
    best: [],
    progress: { epochsDone, rowsSeen: 0, stepsDone: 2 * epochsDone },
    sums: new Float64Array(0),
  });

test("epochs are posted before the checkpoint that covers them, at the end of an epoch and inside one", () => {
  const { at, posted, kinds, stored } = setUp();
  at(1).afterEpochs(report(1, 0.9), stateAfter(1));
  at(2_100).afterEpochs(report(2, 0.8), stateAfter(2));
  expect(kinds()).toEqual(["epochs", "checkpoint"]);
  stored();
  at(2_110).afterEpochs(report(3, 0.7), stateAfter(3));
  at(7_200).afterStep({ epoch: 4, step: 1, steps: 2 }, stateAfter(3));
  expect(kinds()).toEqual(["epochs", "checkpoint", "epochs", "checkpoint"]);
  expect(posted.at(-2)).toMatchObject({ epochs: [{ epoch: 3 }] });
  expect(posted.at(-1)).toMatchObject({ epoch: 3, step: 7 });
});

test("a validation loss that is not finite is reported as such and does not end the checkpoints", () => {
  const { at, posted, kinds, stored } = setUp();
  at(2_000).afterEpochs(report(1, 0.9, Infinity), stateAfter(1));
  stored();
  at(4_000).afterEpochs(report(2, 0.8, 0.5), stateAfter(2));
  expect(kinds()).toEqual(["epochs", "checkpoint", "epochs", "checkpoint"]);
  expect(posted[0]).toMatchObject({ epochs: [{ validation_loss: null, nonfinite: "inf" }] });
});

test("an epoch that the engine took back leaves no checkpoint, whether its loss shows it or not", () => {
  const { at, kinds } = setUp();
  at(2_000).afterEpochs(report(1, NaN), stateAfter(0));
  at(4_000).afterEpochs(report(1, 0.9), stateAfter(0)); // only a weight overflowed
  expect(kinds()).toEqual(["epochs", "epochs"]);
});

test("while a checkpoint is being stored no other is posted", () => {
  const { at, kinds, stored } = setUp();
  at(2_000).afterEpochs(report(1, 0.9), stateAfter(1));
  at(4_000).afterEpochs(report(2, 0.8), stateAfter(2));
  expect(kinds()).toEqual(["epochs", "checkpoint", "epochs"]);
  stored();
  at(6_000).afterEpochs(report(3, 0.7), stateAfter(3));
  expect(kinds().slice(3)).toEqual(["epochs", "checkpoint"]);
});
