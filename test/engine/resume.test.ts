import { describe, expect, it } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/engine/checkpoint.ts";
import type { OptimizerSpec } from "../../src/engine/optimizers/catalogue.ts";
import type { EpochReport } from "../../src/engine/epoch-reports.ts";
import type { Observer, Outcome, TrainOptions } from "../../src/engine/train.ts";
import { train } from "../../src/engine/train.ts";
import { finishedState } from "../../src/engine/training-state.ts";
import type { TrainingState } from "../../src/engine/training-state.ts";
import { build, scattered } from "./construction.ts";

// 11 rows in batches of 4 are 3 steps an epoch, the last with 3 rows; 4 epochs are 12 steps.
const [ROWS, STEPS] = [11, 12];
const data = {
  train: { inputs: scattered(ROWS * 5, 1), targets: scattered(ROWS * 2, 2), rows: ROWS },
  validation: { inputs: scattered(6 * 5, 3), targets: scattered(6 * 2, 4), rows: 6 },
};

const OPTIMIZERS: OptimizerSpec[] = [
  { type: "sgd", weight_decay: 0.01 },
  { type: "sgd", momentum: 0.9, nesterov: true },
  { type: "adam" },
  { type: "adamw" },
  { type: "rmsprop" },
  { type: "rmsprop", momentum: 0.5 },
  { type: "adagrad" },
];

function cases() {
  return OPTIMIZERS.flatMap((optimizer) =>
    [0, 0.3].flatMap((rate) => [true, false].map((shuffle) => ({ optimizer, rate, shuffle }))),
  );
}

/** A network as a new process would build it: with other initial weights, so that nothing but the state carries over. */
function freshNetwork(optimizer: OptimizerSpec, rate: number, seed: number) {
  return build({
    input: [5],
    layers: [
      { type: "dense", units: 7, activation: "tanh" },
      { type: "dropout", rate },
      { type: "dense", units: 2 },
    ],
    loss: "mean_squared_error",
    precision: "float32",
    gradientClip: { norm: 0.5 },
    optimizer,
    seed,
  });
}

const bytesOf = (state: TrainingState) => Buffer.from(encodeCheckpoint(state)).toString("base64");

describe.each(cases())("with $optimizer, dropout $rate and shuffle $shuffle", ({ optimizer, rate, shuffle }) => {
  const options: TrainOptions = {
    epochs: 4,
    batchSize: 4,
    shuffle,
    seed: 5,
    learningRate: 0.05,
    schedule: { type: "cosine", warmup_epochs: 1 },
  };
  const start = (observer: Observer) => train(freshNetwork(optimizer, rate, 1), data, options, observer);
  /** Goes on in a new network with a state that has been through bytes. */
  const goOn = (state: TrainingState, observer: Observer) =>
    train(freshNetwork(optimizer, rate, 99), data, options, observer, decodeCheckpoint(encodeCheckpoint(state)));

  const reports: EpochReport[] = [];
  const uninterrupted = start({ afterEpoch: (report) => void reports.push(report) });

  it("stopped after any one step and resumed, it ends with identical bits and reports", () => {
    for (let stopAt = 1; stopAt <= STEPS; stopAt++) {
      const seen: EpochReport[] = [];
      let steps = 0;
      const afterEpoch = (report: EpochReport) => void seen.push(report);
      const stopped = start({ afterStep: () => (++steps === stopAt ? "stop" : "continue"), afterEpoch });
      expect(stopped.kind).toBe("stopped");
      const resumed = goOn(stopped.state, { afterEpoch });
      expect(resumed.kind).toBe("completed");
      expect(bytesOf(resumed.state)).toBe(bytesOf(uninterrupted.state));
      expect(seen).toEqual(reports);
    }
  });

  it("stopped after every step, it ends with identical bits and reports", () => {
    const seen: EpochReport[] = [];
    const observer: Observer = { afterStep: () => "stop", afterEpoch: (report) => void seen.push(report) };
    let outcome: Outcome = start(observer);
    for (let restarts = 0; restarts < STEPS && outcome.kind === "stopped"; restarts++) {
      outcome = goOn(outcome.state, observer);
    }
    expect(outcome.kind).toBe("completed");
    expect(bytesOf(outcome.state)).toBe(bytesOf(uninterrupted.state));
    expect(seen).toEqual(reports);
  });

  it("captured between two epochs while it runs, it goes on to identical bits", () => {
    const captured: TrainingState[] = [];
    start({ afterEpoch: (_report, capture) => void captured.push(capture()) });
    expect(captured.map(({ progress }) => progress.epochsDone)).toEqual([1, 2, 3, 4]);
    const resumed = goOn(captured[1], {});
    expect(bytesOf(resumed.state)).toBe(bytesOf(uninterrupted.state));
  });
});

describe("with everything else that a training may keep", () => {
  // Batch normalisation has statistics; the average, the best weights and the best loss are state of the training.
  const network = (seed: number) =>
    build({
      input: [5],
      layers: [{ type: "dense", units: 6 }, { type: "batch_norm" }, { type: "dense", units: 3 }],
      loss: "cross_entropy",
      precision: "float32",
      optimizer: { type: "adam" },
      training: { labelSmoothing: 0.1, rowWeights: true, weightAverage: { decay: 0.9 } },
      seed,
    });
  const classes = (rows: number) => Float64Array.from({ length: rows }, (_, row) => (row * 7) % 3);
  const weighted = {
    train: { ...data.train, targets: classes(ROWS), weights: scattered(ROWS, 5).map(Math.abs) },
    validation: { ...data.validation, targets: classes(6) },
  };
  const options: TrainOptions = {
    epochs: 20,
    batchSize: 4,
    shuffle: true,
    seed: 5,
    learningRate: 0.2,
    schedule: { type: "one_cycle" },
    earlyStopping: { patience: 2, minDelta: 0, restoreBest: true },
  };
  /** The bits of what the network is left with, too: it is published. */
  const run = (seed: number, observer: Observer, from?: TrainingState) => {
    const trained = network(seed);
    const outcome = train(trained, weighted, options, observer, from);
    return { outcome, left: bytesOf(finishedState(trained, outcome.state.progress)) };
  };

  it("stopped after any one step and resumed, it ends with identical bits and reports", () => {
    const reports: EpochReport[] = [];
    const uninterrupted = run(1, { afterEpoch: (report) => void reports.push(report) });
    expect(uninterrupted.outcome.kind).toBe("stopped_early");
    expect(uninterrupted.left).not.toBe(bytesOf({ ...uninterrupted.outcome.state, optimizer: [], best: [] }));
    for (let stopAt = 1; stopAt < 3 * reports.length; stopAt++) {
      const seen: EpochReport[] = [];
      let steps = 0;
      const afterEpoch = (report: EpochReport) => void seen.push(report);
      const { outcome } = run(1, { afterStep: () => (++steps === stopAt ? "stop" : "continue"), afterEpoch });
      const resumed = run(99, { afterEpoch }, decodeCheckpoint(encodeCheckpoint(outcome.state)));
      expect(resumed.left).toBe(uninterrupted.left);
      expect(bytesOf(resumed.outcome.state)).toBe(bytesOf(uninterrupted.outcome.state));
      expect(seen).toEqual(reports);
    }
  });

  it("goes on from the state it ended with to the same published weights", () => {
    const uninterrupted = run(1, {});
    expect(run(99, {}, uninterrupted.outcome.state).left).toBe(uninterrupted.left);
  });
});

describe("a resumed training that diverges", () => {
  // Each step multiplies the error by some −10⁸: the losses of steps 1 and 2 are finite in float32, that of step 3 is not.
  const options = { epochs: 3, batchSize: 2, shuffle: false, seed: 1, learningRate: 1e8 };
  const network = (seed: number) =>
    build({
      input: [5],
      layers: [{ type: "dense", units: 2 }],
      loss: "half_squared_error",
      precision: "float32",
      seed,
    });

  it("gives back the weights of the last finite epoch, as the uninterrupted one does", () => {
    const uninterrupted = train(network(1), data, options);
    expect(uninterrupted).toMatchObject({ kind: "diverged", epoch: 0 });
    let steps = 0;
    const stopped = train(network(1), data, options, { afterStep: () => (++steps === 2 ? "stop" : "continue") });
    expect(stopped.kind).toBe("stopped");
    expect(stopped.state.lastGood).not.toEqual(stopped.state.weights);
    const resumed = train(network(2), data, options, {}, decodeCheckpoint(encodeCheckpoint(stopped.state)));
    expect(resumed.kind).toBe("diverged");
    expect(bytesOf(resumed.state)).toBe(bytesOf(uninterrupted.state));
  });
});

describe("a state of another network", () => {
  const { state } = train(freshNetwork({ type: "adam" }, 0, 1), data, {
    epochs: 1,
    batchSize: 4,
    shuffle: false,
    seed: 1,
    learningRate: 0.1,
  });
  const resume = (optimizer: OptimizerSpec, changed: Partial<TrainingState> = {}) =>
    train(
      freshNetwork(optimizer, 0, 1),
      data,
      { epochs: 2, batchSize: 4, shuffle: false, seed: 1, learningRate: 0.1 },
      {},
      { ...state, ...changed },
    );

  it("is refused when the optimizer differs", () => {
    expect(() => resume({ type: "rmsprop" })).toThrow(/optimizer state: expected 0\.weights\.v /);
  });
  it("is refused when a shape differs", () => {
    const weights = state.weights.map((tensor) => ({ ...tensor, shape: [1, 1] }));
    expect(() => resume({ type: "adam" }, { weights })).toThrow(/expected 0\.weights \[5,7\].*got 0\.weights \[1,1\]/);
  });
  it("is refused when the precision differs", () => {
    expect(() => resume({ type: "adam" }, { precision: "float64" })).toThrow("expected float32, got float64");
  });
});
