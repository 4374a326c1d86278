import { describe, expect, it } from "vitest";
import { EngineError } from "../../src/engine/engine-error.ts";
import { evaluate, predict } from "../../src/engine/evaluate.ts";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import type { EncoderDecoderSpec } from "../../src/engine/layers/encoder-decoder.ts";
import type { Network } from "../../src/engine/network.ts";
import type { OptimizerSpec } from "../../src/engine/optimizers/catalogue.ts";
import { train } from "../../src/engine/train.ts";
import type { EpochReport } from "../../src/engine/epoch-reports.ts";
import { TOLERANCE, worstError } from "./central-differences.ts";
import { build, golden, scattered } from "./construction.ts";

const KINDS = ["simple_rnn", "lstm", "gru"] as const;
const recurrent = (kind: (typeof KINDS)[number], units: number, all = false): LayerSpec => {
  return { type: kind, units, return_sequences: all };
};

interface Golden {
  readonly rows: number;
  readonly steps: number;
  readonly inputs: number;
  readonly units: number;
  readonly cases: readonly {
    readonly kind: (typeof KINDS)[number];
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly parameters: Readonly<Record<string, readonly number[]>>;
    readonly gradients: Readonly<Record<string, readonly number[]>>;
  }[];
}

describe("a recurrent layer is PyTorch's", () => {
  const { rows, steps, inputs, units, cases } = golden<Golden>("recurrent-layers.json");
  it.each(cases)("$kind: outputs of all steps and gradients", ({ kind, x, y, parameters, gradients }) => {
    const network = build({
      input: [steps, inputs],
      layers: [recurrent(kind, units, true), { type: "flatten" }],
      loss: "mean_squared_error",
      capacity: rows + 1,
    });
    network.inputs.set(x);
    network.targets.fill(0);
    const trained = network.plan.training!.parameters;
    for (const { name, value } of trained) network.memory.view(value).set(parameters[name]);
    network.differentiate(rows);
    const close = (got: number, wanted: number): void => expect(got).toBeCloseTo(wanted, 8);
    y.forEach((wanted, i) => close(network.outputs[i], wanted));
    expect(trained.map(({ name }) => name).toSorted()).toEqual(Object.keys(gradients).toSorted());
    for (const { name, gradient } of trained) {
      const got = network.memory.view(gradient);
      gradients[name].forEach((wanted, i) => close(got[i], wanted));
    }
  });
});

describe("the gradient equals central differences", () => {
  const tokens = [3, 0, 1, 1, 2, 3, 3, 0, 1, 2, 2, 0, 1, 3, 0];
  const networks: [string, LayerSpec[]][] = KINDS.flatMap((kind): [string, LayerSpec[]][] => [
    [`${kind}, last state`, [recurrent(kind, 3)]],
    [`two layers of ${kind}`, [recurrent(kind, 2, true), recurrent(kind, 3)]],
    [`${kind}, all states, a dense layer for each step`, [recurrent(kind, 3, true), { type: "dense", units: 2 }]],
  ]);
  it.each(networks)("through an embedding and %s", (_name, middle) => {
    const network = build({
      input: [5],
      layers: [
        { type: "embedding", vocabulary: 4, units: 2 },
        ...middle,
        { type: "flatten" },
        { type: "dense", units: 3 },
      ],
      loss: "cross_entropy",
      capacity: 5,
      seed: 3,
    });
    for (const { value, name } of network.plan.parameters) {
      if (name.endsWith("bias")) network.memory.view(value).set(scattered(value.rowSize, 5));
    }
    network.inputs.set(tokens);
    network.targets.set([2, 0, 1]);
    expect(worstError(network, 3)).toBeLessThan(TOLERANCE);
  });
});

describe("an encoder and a decoder with attention", () => {
  const translator = (capacity: number, optimizer: OptimizerSpec = { type: "sgd" }): Network =>
    build({
      input: [7],
      layers: [
        { type: "encoder_decoder", source_vocabulary: 4, target_vocabulary: 3, source_length: 4, units: 6 },
        { type: "dense", units: 3 },
      ],
      loss: "cross_entropy",
      optimizer,
      capacity,
      seed: 4,
    });

  it("have the gradient of central differences", () => {
    const network = translator(3);
    network.inputs.set([3, 0, 1, 1, 2, 0, 1, 0, 2, 3, 3, 1, 1, 0]);
    network.targets.set([2, 0, 1, 1, 0, 2]);
    expect(worstError(network, 2)).toBeLessThan(TOLERANCE);
  });

  it.each<[string, Partial<EncoderDecoderSpec>]>([
    ["a GRU", {}],
    ["two LSTM layers with dropout between them", { cell: "lstm", layers: 2, embedding: 3, dropout: 0.3 }],
    ["two GRU layers without attention", { layers: 2, attention: "none" }],
    ["a GRU with additive attention", { attention: "additive" }],
  ])("have it with padding too, which neither attention nor the loss sees: %s", (_name, more) => {
    const network = build({
      input: [7],
      layers: [
        {
          type: "encoder_decoder",
          source_vocabulary: 4,
          target_vocabulary: 3,
          source_length: 4,
          units: 5,
          padded: true,
          ...more,
        },
        { type: "dense", units: 3 },
      ],
      loss: "cross_entropy",
      capacity: 4,
      seed: 4,
    });
    // The last row is padding alone, and none of its steps counts.
    network.inputs.set([0, 0, 1, 3, 2, 0, 0, 0, 2, 3, 3, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    network.targets.set([2, 0, -1, 1, -1, 2, -1, -1, -1]);
    network.step.seed = 3;
    expect(worstError(network, 3)).toBeLessThan(TOLERANCE);
    network.evaluate(3);
    expect([network.losses[2], network.correct[2]]).toEqual([0, 0]);
  });

  it("learn to write the source backwards", () => {
    const network = translator(16, { type: "adam" });
    const rows = 81;
    // Every source of three tokens below 3, ended by a 3; the decoder sees what it should have written before.
    const sources = Array.from({ length: rows }, (_, row) => [
      row % 3,
      Math.floor(row / 3) % 3,
      Math.floor(row / 9) % 3,
    ]);
    const inputs = Float64Array.from(sources.flatMap(([a, b, c]) => [a, b, c, 3, 0, c, b]));
    const targets = Float64Array.from(sources.flatMap(([a, b, c]) => [c, b, a]));
    const reports: EpochReport[] = [];
    const options = { epochs: 60, batchSize: 16, shuffle: true, seed: 1, learningRate: 0.02 };
    train(network, { train: { inputs, targets, rows } }, options, {
      afterEpoch: (report) => void reports.push(report),
    });
    expect(reports.at(-1)!.train_metrics).toEqual({ accuracy: 1 });
    // Predictions are the probabilities of each step.
    const outputs = predict(network, inputs.subarray(7 * 5, 7 * 6), 1);
    const written = [0, 1, 2].map((step) => {
      const probabilities = [...outputs.subarray(3 * step, 3 * step + 3)];
      return probabilities.indexOf(Math.max(...probabilities));
    });
    expect(written).toEqual(sources[5].toReversed());
  });

  it("count the steps they got right", () => {
    const network = translator(4);
    network.inputs.set([3, 0, 1, 1, 2, 0, 1]);
    network.forward(1);
    const best = [0, 1, 2].map((step) => {
      const z = [...network.outputs.subarray(3 * step, 3 * step + 3)];
      return z.indexOf(Math.max(...z));
    });
    const data = { inputs: network.inputs.slice(0, 7), targets: Float64Array.from(best), rows: 1 };
    expect(evaluate(network, data).metrics).toEqual({ accuracy: 1 });
    data.targets[1] = (best[1] + 1) % 3;
    const { accuracy } = evaluate(network, data).metrics as { accuracy: number };
    expect(accuracy).toBeCloseTo(2 / 3, 12);
  });
});

describe("a network of tokens", () => {
  const layers: LayerSpec[] = [
    { type: "embedding", vocabulary: 4, units: 6 },
    { type: "gru", units: 8 },
    { type: "dense", units: 2 },
  ];

  it("learns whether the first token came again, which only a memory can tell", () => {
    const network = build({ input: [6], layers, loss: "cross_entropy", optimizer: { type: "adam" }, capacity: 16 });
    const inputs = Float64Array.from({ length: 64 * 6 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 9) % 4);
    const targets = Float64Array.from({ length: 64 }, (_, row) =>
      Number(inputs.subarray(row * 6 + 1, row * 6 + 6).includes(inputs[row * 6])),
    );
    const options = { epochs: 120, batchSize: 16, shuffle: true, seed: 1, learningRate: 0.02 };
    let accuracy: unknown;
    train(network, { train: { inputs, targets, rows: 64 } }, options, {
      afterEpoch: ({ train_metrics }) => void (accuracy = train_metrics),
    });
    expect(accuracy).toEqual({ accuracy: 1 });
  });

  it.each([4, -1, 1.5, NaN])("refuses the token %d before it is looked up", (token) => {
    const network = build({ input: [6], layers, loss: "cross_entropy" });
    const inputs = Float64Array.of(0, 1, 2, 3, 0, 1, 0, 1, token, 3, 0, 1);
    const message = `expected a token from 0 to 3 in row 1, position 2, got ${token}.`;
    expect(() => predict(network, inputs, 2)).toThrow(`predict: ${message}`);
    const options = { epochs: 1, batchSize: 2, shuffle: true, seed: 1, learningRate: 0.1 };
    const data = { inputs, targets: Float64Array.of(0, 1), rows: 2 };
    expect(() => train(network, { train: data }, options)).toThrow(new RegExp(`^training data: ${message}`));
  });
});

describe("a specification that cannot be", () => {
  it.each<[string, readonly number[], LayerSpec[], string]>([
    [
      "a recurrent layer on vectors",
      [3],
      [recurrent("lstm", 2)],
      "expected a sequence [steps,in] for each row, got [3].",
    ],
    ["an embedding of sequences", [3, 2], [{ type: "embedding", vocabulary: 4, units: 2 }], "got [3,2]."],
    [
      "a decoder without tokens",
      [4],
      [{ type: "encoder_decoder", source_vocabulary: 4, target_vocabulary: 3, source_length: 4, units: 6 }],
      "more than 4 tokens for each row: the source, then those of the decoder, got [4].",
    ],
    ["no units", [3, 2], [recurrent("gru", 0)], "expected units an integer ≥ 1, got 0."],
  ])("is refused: %s", (_name, input, layers, message) => {
    const planning = () => build({ input, layers });
    expect(planning).toThrow(EngineError);
    expect(planning).toThrow(message);
  });
});
