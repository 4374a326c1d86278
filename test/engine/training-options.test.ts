// Label smoothing, row weights, averaged weights and the one-cycle schedule equal PyTorch's (training-options.py).
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/engine/evaluate.ts";
import { learningRateAt } from "../../src/engine/schedules.ts";
import type { ScheduleSpec } from "../../src/engine/schedules.ts";
import { train } from "../../src/engine/train.ts";
import type { TrainingSpec } from "../../src/engine/training-plan.ts";
import { build, dataOf, golden } from "./construction.ts";

interface Path {
  losses: number[];
  weights: number[];
  bias: number[];
}
const oracle = golden<
  Record<"smoothed_classes" | "smoothed_yes" | "weighted" | "both" | "averaged", Path> &
    Record<"inputs" | "classes" | "yes" | "row_weights" | "one_cycle" | "one_cycle_with_options", number[]>
>("training-options.json");

const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));
const linspace = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, i) => (count === 1 ? from : from + (i * (to - from)) / (count - 1)));

/** The linear network of the script, trained as it is there. */
function trained(outputs: 1 | 3, spec: Omit<TrainingSpec, "optimizer">) {
  const weights = linspace(-0.6, 0.9, 3 * outputs);
  const network = build({
    input: [3],
    layers: [{ type: "dense", units: outputs }],
    loss: outputs === 3 ? "cross_entropy" : "binary_cross_entropy",
    capacity: 6,
    training: spec,
    given: [
      {
        weights: [0, 1, 2].map((row) => weights.slice(row * outputs, (row + 1) * outputs)),
        bias: linspace(0.1, -0.2, outputs),
      },
    ],
  });
  const data = {
    inputs: Float64Array.from(oracle.inputs),
    targets: Float64Array.from(outputs === 3 ? oracle.classes : oracle.yes),
    rows: 6,
    weights: Float64Array.from(oracle.row_weights),
  };
  const losses: number[] = [];
  const options = { epochs: 5, batchSize: 6, shuffle: false, seed: 1, learningRate: 0.5 };
  train(network, { train: data }, options, { afterEpoch: ({ train_loss }) => void losses.push(train_loss) });
  const [W, b] = network.plan.parameters.map(({ value }) => [...network.memory.view(value)]);
  return { path: { losses, weights: W, bias: b }, network, data };
}

describe("equal to PyTorch", () => {
  it.each([
    ["label smoothing of classes", 3, { labelSmoothing: 0.1 }, oracle.smoothed_classes],
    ["label smoothing of a yes or no", 1, { labelSmoothing: 0.1 }, oracle.smoothed_yes],
    ["row weights", 3, { rowWeights: true }, oracle.weighted],
    ["row weights with label smoothing", 3, { rowWeights: true, labelSmoothing: 0.1 }, oracle.both],
    ["averaged weights, with which the training ends", 3, { weightAverage: { decay: 0.8 } }, oracle.averaged],
  ] as const)("%s", (_name, outputs, spec, { losses, weights, bias }) => {
    expect(trained(outputs, spec).path).toEqual({ losses: near(losses), weights: near(weights), bias: near(bias) });
  });

  it.each([
    ["by default", {}, oracle.one_cycle],
    ["with options", { pct_start: 0.5, div_factor: 10, final_div_factor: 100 }, oracle.one_cycle_with_options],
  ])("one cycle of the learning rate %s", (_name, options, rates) => {
    const spec: ScheduleSpec = { type: "one_cycle", ...options };
    // Twelve steps, four for each of three epochs.
    expect(rates.map((_, step) => learningRateAt(spec, 0.8, step, 4, 3))).toEqual(near(rates));
  });
});

it("evaluation knows neither smoothing nor weights: its losses can be compared", () => {
  const { network, data } = trained(3, { rowWeights: true, labelSmoothing: 0.1 });
  const plain = trained(3, {});
  plain.network.plan.parameters.forEach(({ value }, index) => {
    const trainedValue = network.memory.view(network.plan.parameters[index].value);
    plain.network.memory.view(value).set(trainedValue);
  });
  expect(evaluate(network, data)).toEqual(evaluate(plain.network, data));
});

describe("refused", () => {
  const mean = { input: [3], layers: [{ type: "dense", units: 2 }], loss: "mean_squared_error" } as const;
  it("label smoothing of a loss that has no classes", () => {
    expect(() => build({ ...mean, training: { labelSmoothing: 0.1 } })).toThrow(
      "expected cross_entropy or binary_cross_entropy, got mean_squared_error",
    );
  });
  it("a smoothing of everything, and an average that never moves", () => {
    expect(() => build({ ...mean, training: { labelSmoothing: 1 } })).toThrow("in [0, 1), got 1");
    expect(() => build({ ...mean, training: { weightAverage: { decay: 1 } } })).toThrow("decay in [0, 1), got 1");
  });
  it("data without the weights that were planned for", () => {
    const network = build({ ...mean, training: { rowWeights: true } });
    const data = dataOf([
      [
        [1, 2, 3],
        [0, 1],
      ],
    ]);
    const options = { epochs: 1, batchSize: 1, shuffle: false, seed: 1, learningRate: 0.1 };
    expect(() => train(network, { train: data }, options)).toThrow("expected 1 row weights, got none");
  });
});
