// Epochs of tiny networks in one call: against the same kernels step by step, to the last bit.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Arithmetic } from "../../../src/engine/kernels/generated/emission.ts";
import { createGeneratedKernels } from "../../../src/engine/kernels/generated/generated.ts";
import type { Kernels } from "../../../src/engine/kernels/kernels.ts";
import type { LayerSpec } from "../../../src/engine/layers/catalogue.ts";
import type { EpochReport } from "../../../src/engine/epoch-reports.ts";
import type { Observer } from "../../../src/engine/train.ts";
import { train } from "../../../src/engine/train.ts";
import type { TrainingState } from "../../../src/engine/training-state.ts";
import { epochBytes } from "../../../src/engine/whole-epochs.ts";
import { build, truthTable } from "../construction.ts";
import type { Construction } from "../construction.ts";
import { dataFor, isLooped, outcomeOf, stepByStep, TRAININGS } from "./tiny-trainings.ts";
import type { Training } from "./tiny-trainings.ts";

const ARITHMETIC: Record<string, Arithmetic> = {
  "mul+add": { fused: false, tile: { rows: 4, columns: 8 } },
  fused: { fused: true, tile: { rows: 6, columns: 16 } },
};

describe.each(Object.entries(ARITHMETIC))("epochs in one call, %s", (tier, arithmetic) => {
  const kernels = createGeneratedKernels(tier, arithmetic);

  it("have the bits of single steps: every report, the weights and the optimizer's state", () => {
    fc.assert(
      fc.property(TRAININGS, (training) => {
        expect(isLooped(training, kernels)).toBe(true);
        expect(outcomeOf(training, kernels)).toEqual(outcomeOf(training, stepByStep(kernels)));
      }),
      { numRuns: 50 },
    );
  });

  it("have them with parameters in memory too, and beyond the four rows of a vector", () => {
    const layers: LayerSpec[] = [
      { type: "dense", units: 16, activation: "tanh" },
      { type: "dense", units: 7 },
    ];
    const construction: Construction = { input: [9], layers, loss: "cross_entropy", optimizer: { type: "adam" } };
    const options = { epochs: 6, batchSize: 13, shuffle: true, seed: 5, learningRate: 0.01 };
    const training = { construction: { ...construction, capacity: 13 }, rows: 60, options };
    expect(isLooped(training, kernels)).toBe(true);
    expect(outcomeOf(training, kernels)).toEqual(outcomeOf(training, stepByStep(kernels)));
  });
});

const kernels = createGeneratedKernels("fused", ARITHMETIC["fused"]);
const STEPWISE = stepByStep(kernels);

/** Sixty rows in batches of eight: many epochs are one span. */
const SHORT: Training = {
  construction: {
    input: [3],
    layers: [
      { type: "dense", units: 4, activation: "sigmoid" },
      { type: "dense", units: 2, activation: "sigmoid" },
    ],
    loss: "mean_squared_error",
    optimizer: { type: "sgd", momentum: 0.9 },
    capacity: 8,
  },
  rows: 60,
  options: { epochs: 40, batchSize: 8, shuffle: true, seed: 9, learningRate: 0.1 },
};

/** More steps in an epoch than a span has. */
const LONG: Training = {
  ...SHORT,
  construction: { ...SHORT.construction, capacity: 1 },
  rows: 10_000,
  options: { ...SHORT.options, epochs: 2, batchSize: 1 },
};

/** More epochs than a span has. */
const LARGE: Training = { ...SHORT, options: { ...SHORT.options, epochs: 900 } };

/** As `outcomeOf`, with an observer of many epochs at once. */
function togetherOf({ construction, rows, options }: Training, afterEpochs?: Observer["afterEpochs"]) {
  const network = build({ ...construction, kernels });
  const reports: EpochReport[] = [];
  const outcome = train(network, { train: dataFor(network, rows) }, options, {
    afterEpochs(epochs, capture) {
      for (let index = 0; index < epochs.count; index++) reports.push(epochs.at(index));
      return afterEpochs?.(epochs, capture);
    },
  });
  return { reports, outcome };
}

describe("an observer of epochs in one call", () => {
  it("captures the state after any epoch, and what follows has the same bits", () => {
    const states = (used: Kernels) => {
      const captured: TrainingState[] = [];
      const observer: Observer = {
        afterEpoch({ epoch }, capture) {
          if (epoch % 7 === 3) captured.push(capture());
        },
      };
      return { ...outcomeOf(SHORT, used, observer), captured };
    };
    expect(states(kernels)).toEqual(states(STEPWISE));
    expect(states(kernels).captured).toHaveLength(6);
  });

  it("stops after any epoch, and a resumed training ends as one that was not stopped", () => {
    const observer: Observer = { afterEpoch: ({ epoch }) => (epoch === 17 ? "stop" : "continue") };
    const stopped = outcomeOf(SHORT, kernels, observer);
    expect(stopped).toEqual(outcomeOf(SHORT, STEPWISE, observer));
    expect(stopped.outcome).toMatchObject({ kind: "stopped", epoch: 17 });
    const resumed = outcomeOf(SHORT, kernels, {}, stopped.outcome.state);
    expect(resumed.outcome).toEqual(outcomeOf(SHORT, STEPWISE).outcome);
  });

  it("is asked within a long epoch, where the training stops and goes on, also step by step", () => {
    const whole = outcomeOf(LONG, STEPWISE);
    expect(outcomeOf(LONG, kernels)).toEqual(whole);
    let asked = 0;
    const stopped = outcomeOf(LONG, kernels, { afterStep: () => (++asked === 4 ? "stop" : "continue") });
    expect(stopped.outcome).toMatchObject({ kind: "stopped", epoch: 1 });
    expect(stopped.outcome.state.progress.rowsSeen).toBeGreaterThan(0);
    for (const goingOn of [kernels, STEPWISE]) {
      const resumed = outcomeOf(LONG, goingOn, {}, stopped.outcome.state);
      expect(resumed.outcome).toEqual(whole.outcome);
      expect(resumed.reports).toEqual(whole.reports.slice(1));
    }
  });

  it("hears of many epochs together what it hears of each alone, and captures the state after the last of them", () => {
    const counts: number[] = [];
    const together = togetherOf(SHORT, (epochs, capture) => {
      counts.push(epochs.count);
      const { progress } = capture();
      expect(progress).toMatchObject({ epochsDone: epochs.at(epochs.count - 1).epoch, rowsSeen: 0 });
      expect(epochs.trainLoss(epochs.count - 1)).toBe(epochs.at(epochs.count - 1).train_loss);
    });
    expect(together).toEqual(outcomeOf(SHORT, STEPWISE));
    expect(Math.max(...counts)).toBeGreaterThan(4);
    const scheduled = { ...SHORT, options: { ...SHORT.options, schedule: { type: "cosine" } as const } };
    expect(togetherOf(scheduled)).toEqual(outcomeOf(scheduled, STEPWISE));
  });

  it("stops after what it heard of together, and the training goes on as if it had not", () => {
    const stopped = togetherOf(LARGE, () => "stop");
    expect(stopped.outcome.kind).toBe("stopped");
    expect(stopped.outcome.epoch).toBe(stopped.reports.length);
    expect(outcomeOf(LARGE, kernels, {}, stopped.outcome.state).outcome).toEqual(outcomeOf(LARGE, kernels).outcome);
  });

  it("hears of validation rows after every epoch", () => {
    const reportsOf = (used: Kernels): EpochReport[] => {
      const network = build({ ...SHORT.construction, kernels: used });
      const reports: EpochReport[] = [];
      const data = { train: dataFor(network, SHORT.rows), validation: dataFor(network, 11) };
      train(network, data, SHORT.options, { afterEpoch: (report) => void reports.push(report) });
      return reports;
    };
    expect(reportsOf(kernels)).toEqual(reportsOf(STEPWISE));
  });
});

describe("epochs in one call", () => {
  it("end with the epoch that diverges, and with the weights of the one before", () => {
    const layers: LayerSpec[] = [{ type: "dense", units: 1 }];
    const construction: Construction = { input: [1], layers, loss: "half_squared_error", capacity: 3 };
    const options = { epochs: 100, batchSize: 3, shuffle: true, seed: 1, learningRate: 100 };
    const exploding = outcomeOf({ construction, rows: 7, options }, kernels);
    expect(exploding.outcome.kind).toBe("diverged");
    expect(exploding.outcome.epoch).toBeGreaterThan(2);
    expect(exploding).toEqual(outcomeOf({ construction, rows: 7, options }, STEPWISE));
    expect(togetherOf({ construction, rows: 7, options })).toEqual(exploding);
    // The losses are finite, but the step after the last of them overflows.
    const once = { construction, rows: 3, options: { ...options, epochs: 1, learningRate: 1e39 } };
    expect(outcomeOf(once, kernels).outcome).toMatchObject({ kind: "diverged", epoch: 0 });
    expect(outcomeOf(once, kernels)).toEqual(outcomeOf(once, STEPWISE));
  });

  it("end where a perceptron makes no error any more", () => {
    const layers: LayerSpec[] = [{ type: "dense", units: 1, activation: "threshold", initializer: "zeros" }];
    const construction: Construction = { input: [2], layers, loss: "perceptron", capacity: 1 };
    const options = { epochs: 50, batchSize: 1, shuffle: true, seed: 1, learningRate: 1, stopWhenErrorless: true };
    const outcomes = [kernels, STEPWISE].map((used) => {
      const network = build({ ...construction, kernels: used });
      return train(network, { train: truthTable([0, 0, 0, 1]) }, options);
    });
    expect(outcomes[0].kind).toBe("converged");
    expect(outcomes[0]).toEqual(outcomes[1]);
  });

  it("share their code between trainings, whose data and seeds are their own", () => {
    const other = { ...SHORT, options: { ...SHORT.options, seed: 2 ** 52 + 1, learningRate: 0.3 } };
    for (const training of [SHORT, other, SHORT]) {
      expect(outcomeOf(training, kernels)).toEqual(outcomeOf(training, STEPWISE));
    }
  });

  it("allocate nothing per step: long parts of an epoch leave the heap as it was", () => {
    const optimizer = { type: "adam" } as const;
    const network = build({ ...LONG.construction, optimizer, kernels });
    const [grownBy, steps]: [number[], number[]] = [[], []];
    let [used, seen] = [Infinity, 0];
    const options = { ...LONG.options, epochs: 3 };
    train(network, { train: dataFor(network, 100_000) }, options, {
      afterStep({ step }) {
        grownBy.push(Math.abs(process.memoryUsage().heapUsed - used));
        steps.push(step - seen);
        [used, seen] = [process.memoryUsage().heapUsed, step];
        return "continue";
      },
    });
    expect(steps[1]).toBeGreaterThan(1_000);
    // One number per step in a heap object would be 16 bytes; V8 compiles what writes the scalars during the first parts.
    expect(Math.min(...grownBy)).toBeLessThan(8 * steps[1]);
  });

  it("take the memory that was known before, the copy of the rows included", () => {
    for (const { construction, rows, options } of [SHORT, LONG]) {
      let loopBytes = 0;
      const watched: Kernels = {
        ...kernels,
        bindEpochs(task) {
          const loop = kernels.bindEpochs!(task)!;
          loopBytes = loop.tallies.buffer.byteLength;
          return loop;
        },
      };
      const { plan } = build({ ...construction, kernels });
      outcomeOf({ construction, rows, options }, watched);
      // At least the rows: inputs and targets in whole vectors.
      expect(loopBytes).toBeGreaterThan(32 * rows);
      expect(epochBytes(plan, kernels, { ...options, rows })).toBe(loopBytes);
    }
    const wide = build({ ...SHORT.construction, input: [300], kernels }).plan;
    expect(epochBytes(wide, kernels, { ...SHORT.options, rows: 60 })).toBe(0);
  });

  it("are for dense networks of at most 1,000 parameters, without dropout", () => {
    const dropout: LayerSpec[] = [{ type: "dropout", rate: 0.5 }, ...SHORT.construction.layers];
    const large: LayerSpec[] = [{ type: "dense", units: 250 }, ...SHORT.construction.layers];
    for (const layers of [dropout, large]) {
      const training = { ...SHORT, construction: { ...SHORT.construction, layers } };
      expect(isLooped({ ...training, options: { ...training.options, epochs: 1 } }, kernels)).toBe(false);
    }
    expect(isLooped(SHORT, kernels)).toBe(true);
  });
});
