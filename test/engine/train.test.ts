import { describe, expect, it } from "vitest";
import { evaluate, predict } from "../../src/engine/evaluate.ts";
import { initialise, readParameters } from "../../src/engine/parameters.ts";
import type { EpochReport } from "../../src/engine/epoch-reports.ts";
import type { TrainOptions } from "../../src/engine/train.ts";
import { train } from "../../src/engine/train.ts";
import { XOR, build, dataOf, scattered, truthTable } from "./construction.ts";

const options: TrainOptions = { epochs: 5, batchSize: 4, shuffle: true, seed: 3, learningRate: 0.1 };

const collect = () => {
  const reports: EpochReport[] = [];
  return { reports, afterEpoch: (report: EpochReport) => void reports.push(report) };
};

const hiddenLayer = (precision: "float32" | "float64" = "float32", seed = 1) =>
  build({
    input: [2],
    layers: [
      { type: "dense", units: 8, activation: "tanh" },
      { type: "dense", units: 1, activation: "sigmoid" },
    ],
    loss: "binary_cross_entropy",
    optimizer: { type: "adam" },
    precision,
    seed,
  });

describe("training", () => {
  it.each([1, 2, 3, 4, 5])("learns XOR with a hidden layer, from seed %i", (seed) => {
    const network = hiddenLayer("float32", seed);
    const result = train(network, { train: XOR }, { ...options, epochs: 600, batchSize: 2, seed });
    expect(result).toMatchObject({ kind: "completed", epoch: 600 });
    expect([...predict(network, XOR.inputs, 4)].map(Math.round)).toEqual([0, 1, 1, 0]);
    expect(evaluate(network, XOR)).toMatchObject({ metrics: { accuracy: 1 } });
  });

  it("learns three classes from class indices", () => {
    const rows = Array.from({ length: 30 }, (_, i) => {
      const angle = ((i % 3) * 2 * Math.PI) / 3 + 0.3 * Math.sin(i);
      return [[Math.cos(angle), Math.sin(angle)], [i % 3]] as const;
    });
    const network = build({ input: [2], layers: [{ type: "dense", units: 3 }], loss: "cross_entropy", capacity: 8 });
    train(network, { train: dataOf(rows) }, { ...options, epochs: 40, batchSize: 8, learningRate: 0.5 });
    expect(evaluate(network, dataOf(rows)).metrics).toEqual({ accuracy: 1 });
  });

  it("recovers the line y = 3x − 1 by least squares", () => {
    const rows = [-2, -1, 0, 1, 2].map((x) => [[x], [3 * x - 1]] as const);
    const network = build({
      input: [1],
      layers: [{ type: "dense", units: 1 }],
      loss: "mean_squared_error",
      capacity: 5,
    });
    train(network, { train: dataOf(rows) }, { ...options, epochs: 300, batchSize: 5 });
    const [{ weights, bias }] = readParameters(network);
    expect(weights).toEqual([[expect.closeTo(3, 8)]]);
    expect(bias).toEqual([expect.closeTo(-1, 8)]);
  });

  it("gives identical bits for identical seeds and others for another seed", () => {
    const final = (seed: number) =>
      train(hiddenLayer(), { train: XOR }, { ...options, batchSize: 1, seed }).state.weights;
    expect(final(3)).toEqual(final(3));
    expect(final(3)).not.toEqual(final(4));
  });

  it("starts with empty optimizer state, also in a network that was trained before", () => {
    const network = hiddenLayer();
    const first = train(network, { train: XOR }, options).state;
    initialise(network, 1);
    expect(train(network, { train: XOR }, options).state).toEqual(first);
  });

  it("sees every row once an epoch, in another order each time, the last batch being smaller", () => {
    // The input of each row is its number, so the network's input tensor shows which rows were loaded.
    const data = dataOf(Array.from({ length: 10 }, (_, i) => [[i], [0]] as const));
    const network = build({ input: [1], layers: [{ type: "dense", units: 1 }], loss: "mean_squared_error" });
    const epochs: number[][] = [[], [], []];
    const sizes: number[] = [];
    train(
      network,
      { train: data },
      { ...options, epochs: 3, batchSize: 4, learningRate: 0 },
      {
        afterStep: ({ epoch }) => {
          sizes.push(network.step.rows);
          epochs[epoch - 1].push(...network.inputs.subarray(0, network.step.rows));
          return "continue";
        },
      },
    );
    expect(sizes).toEqual([4, 4, 2, 4, 4, 2, 4, 4, 2]);
    for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(epochs.map(String)).size).toBe(3);
  });

  it("reports the mean loss over rows, not over batches, and the sum where the loss is a sum", () => {
    // Weights stay zero with learning rate 0, so y = 0: the errors are the targets 1, 2, 3 in batches of 2 and 1.
    const data = dataOf([
      [[1], [1]],
      [[1], [2]],
      [[1], [3]],
    ]);
    const lossWith = (loss: "mean_squared_error" | "half_squared_error") => {
      const network = build({ input: [1], layers: [{ type: "dense", units: 1, initializer: "zeros" }], loss });
      const { reports, afterEpoch } = collect();
      train(network, { train: data }, { ...options, epochs: 1, batchSize: 2, learningRate: 0 }, { afterEpoch });
      return reports[0].train_loss;
    };
    expect(lossWith("mean_squared_error")).toBeCloseTo((1 + 4 + 9) / 3, 14);
    expect(lossWith("half_squared_error")).toBeCloseTo((1 + 4 + 9) / 2, 14);
  });

  it("reports validation figures, learning rate and rows of every epoch", () => {
    const { reports, afterEpoch } = collect();
    const network = hiddenLayer();
    const schedule = { type: "step", every_epochs: 2, gamma: 0.5 } as const;
    train(network, { train: XOR, validation: truthTable([1, 0, 0, 1]) }, { ...options, schedule }, { afterEpoch });
    expect(reports.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
    expect(reports.map(({ learning_rate }) => learning_rate)).toEqual([0.1, 0.1, 0.05, 0.05, 0.025]);
    expect(reports.every(({ rows }) => rows === 4)).toBe(true);
    const { loss, metrics } = evaluate(network, truthTable([1, 0, 0, 1]));
    expect(reports.at(-1)).toMatchObject({ validation_loss: loss, validation_metrics: metrics });
  });

  it("has no validation figures without validation rows", () => {
    const { reports, afterEpoch } = collect();
    train(hiddenLayer(), { train: XOR }, { ...options, epochs: 1 }, { afterEpoch });
    expect(reports[0]).toMatchObject({ validation_loss: null, validation_metrics: null });
  });

  it("stops after the epoch when the observer says so", () => {
    const outcome = train(hiddenLayer(), { train: XOR }, options, {
      afterEpoch: ({ epoch }) => (epoch === 2 ? "stop" : "continue"),
    });
    expect(outcome).toMatchObject({ kind: "stopped", epoch: 2 });
  });

  it("is completed, not stopped, when the observer stops it after the last epoch", () => {
    const outcome = train(hiddenLayer(), { train: XOR }, options, {
      afterEpoch: ({ epoch }) => (epoch === 5 ? "stop" : "continue"),
    });
    expect(outcome).toMatchObject({ kind: "completed", epoch: 5 });
  });

  it("tells the observer the position of every step", () => {
    const positions: string[] = [];
    train(
      hiddenLayer(),
      { train: XOR },
      { ...options, epochs: 2, batchSize: 3 },
      {
        afterStep: ({ epoch, step, steps }) => {
          positions.push(`${epoch}: ${step}/${steps}`);
          return "continue";
        },
      },
    );
    expect(positions).toEqual(["1: 1/2", "1: 2/2", "2: 1/2", "2: 2/2"]);
  });
});

describe("a training that diverges", () => {
  const exploding = () =>
    build({ input: [1], layers: [{ type: "dense", units: 1 }], loss: "half_squared_error", precision: "float32" });
  // Each epoch multiplies the error by 1 − η·Σx² ≈ −300, so float32 squares overflow after some epochs, not at once.
  const data = {
    train: dataOf([
      [[1], [1]],
      [[1], [0]],
      [[1], [2]],
    ]),
  };
  const rate = { ...options, epochs: 100, shuffle: false, learningRate: 100 };

  it("says so, reports the epoch in which it happened, and keeps the weights of the last finite epoch", () => {
    const network = exploding();
    const { reports, afterEpoch } = collect();
    const good: unknown[] = [JSON.stringify(readParameters(network))];
    const outcome = train(network, data, rate, {
      afterEpoch(report) {
        afterEpoch(report);
        good.push(JSON.stringify(readParameters(network)));
      },
    });
    expect(outcome.kind).toBe("diverged");
    expect(outcome.epoch).toBeGreaterThan(2);
    expect(reports).toHaveLength(outcome.epoch + 1);
    expect(Number.isFinite(reports.at(-1)!.train_loss)).toBe(false);
    expect(reports.slice(0, -1).every(({ train_loss }) => Number.isFinite(train_loss))).toBe(true);
    expect(JSON.stringify(readParameters(network))).toBe(good[outcome.epoch]);
    expect([...outcome.state.weights[0].values].every(Number.isFinite)).toBe(true);
    expect(outcome.state.optimizer).toEqual([]);
  });

  it("is not taken for completed when only the last step overflowed", () => {
    const network = exploding();
    const outcome = train(network, data, { ...rate, epochs: 1, learningRate: 3e38 });
    expect(outcome).toMatchObject({ kind: "diverged", epoch: 0 });
    expect([...outcome.state.weights[0].values].every(Number.isFinite)).toBe(true);
  });
});

describe("training refuses", () => {
  const cases: [string, Partial<TrainOptions>, RegExp][] = [
    ["a batch larger than the capacity", { batchSize: 5 }, /batch size in \[1, 5\), got 5/],
    ["zero epochs", { epochs: 0 }, /epochs an integer ≥ 1, got 0/],
    ["a negative learning rate", { learningRate: -1 }, /learning rate a number ≥ 0, got -1/],
    ["half a seed", { seed: 0.5 }, /seed an integer ≥ 0, got 0.5/],
    ["a warm-up longer than the training", { schedule: { type: "constant", warmup_epochs: 9 } }, /warmup_epochs/],
  ];
  it.each(cases)("%s", (_name, changed, message) => {
    expect(() => train(hiddenLayer(), { train: XOR }, { ...options, ...changed })).toThrow(message);
  });

  it("data of another width, without rows, or with a class index that has no output", () => {
    const classifier = build({ input: [2], layers: [{ type: "dense", units: 3 }], loss: "cross_entropy" });
    const refuse = (data: ReturnType<typeof dataOf>, message: string) =>
      expect(() => train(classifier, { train: data }, options)).toThrow(message);
    refuse(dataOf([[[1, 2, 3], [0]]]), "training data: expected 1 × 2 inputs, got 3 numbers");
    refuse(
      dataOf([
        [
          [1, 2],
          [0, 1],
        ],
      ]),
      "expected 1 × 1 targets, got 2 numbers",
    );
    refuse(dataOf([]), "expected at least one row, got 0");
    refuse(
      dataOf([
        [[1, 2], [0]],
        [[1, 2], [3]],
      ]),
      "expected a class index from 0 to 2 in row 1, got 3",
    );
    refuse({ ...dataOf([[[1, 2], [0]]]), targets: scattered(1) }, "in row 0");
  });

  it("validation data that does not fit, before the first step", () => {
    let steps = 0;
    const observer = { afterStep: () => (++steps > 0 ? ("continue" as const) : ("stop" as const)) };
    const data = { train: XOR, validation: dataOf([[[1], [0]]]) };
    expect(() => train(hiddenLayer(), data, options, observer)).toThrow("validation data: expected 1 × 2 inputs");
    expect(steps).toBe(0);
  });
});
