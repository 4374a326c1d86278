// Sequences of unlike lengths: batches of like lengths, and no more steps than the longest of a batch has.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Kernels } from "../../src/engine/kernels/kernels.ts";
import { createReferenceKernels } from "../../src/engine/kernels/reference/reference.ts";
import { createKernels } from "../../src/engine/kernels/tiers.ts";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import { instantiate } from "../../src/engine/network.ts";
import type { Network } from "../../src/engine/network.ts";
import type { Operation } from "../../src/engine/operations.ts";
import { initialise } from "../../src/engine/parameters.ts";
import type { Plan } from "../../src/engine/plan.ts";
import { createGenerator } from "../../src/engine/random.ts";
import { arrangeRows } from "../../src/engine/row-order.ts";
import { train } from "../../src/engine/train.ts";
import type { TrainingState } from "../../src/engine/training-state.ts";
import { build } from "./construction.ts";

const TILE = { rows: 4, columns: 8 };
const [SOURCE, STEPS, TOKENS] = [3, 16, 6];
const SIMD = createKernels({ name: "simd128", tile: TILE, separateTile: TILE }, "float32");

function translator(dropout: number, kernels: Kernels): Network {
  const vocabularies = { source_vocabulary: TOKENS, target_vocabulary: TOKENS };
  return build({
    input: [SOURCE + STEPS],
    layers: [
      { type: "encoder_decoder", ...vocabularies, source_length: SOURCE, units: 5, padded: true, dropout },
      { type: "dense", units: TOKENS },
    ],
    loss: "cross_entropy",
    optimizer: { type: "adam" },
    training: { labelSmoothing: 0.1, weightAverage: { decay: 0.9 } },
    capacity: 4,
    kernels,
  });
}

/** Rows that write so many tokens each. */
function rowsOf(lengths: readonly number[]) {
  const token = (row: number, step: number): number => 1 + ((3 * row + 5 * step) % (TOKENS - 1));
  const steps = Array.from({ length: STEPS }, (_, step) => step);
  return {
    inputs: Float32Array.from(
      lengths.flatMap((length, row) => [
        0,
        token(row, 1),
        token(row, 2),
        ...steps.map((step) => (step < length ? token(row, step + 3) : 0)),
      ]),
    ),
    targets: Float32Array.from(
      lengths.flatMap((length, row) => steps.map((step) => (step < length ? token(row, step + 4) : -1))),
    ),
    rows: lengths.length,
  };
}

function weightsOf({ plan, memory }: Network): number[] {
  return plan.parameters.flatMap(({ value }) => [...memory.view(value)]);
}

describe("a network for sequences of unlike lengths", () => {
  it.each([
    ["simd128", SIMD],
    ["reference", createReferenceKernels("float32")],
  ])("trains with the bits of all steps on just those that count: %s", (_name, kernels) => {
    const bound: (readonly Operation[])[] = [];
    const watched: Kernels = {
      ...kernels,
      bind: (operations, memory) => {
        bound.push(operations);
        return kernels.bind(operations, memory);
      },
    };
    const network = translator(0, watched);
    const whole = instantiate({ ...network.plan, shorter: [] }, kernels);
    initialise(whole, 1);
    expect(weightsOf(whole)).toEqual(weightsOf(network));
    [
      [3, 1, 4, 2],
      [5, 6, 2, 6],
      [16, 1, 1, 1],
      [2, 1],
    ].forEach((lengths, index) => {
      const { inputs, targets, rows } = rowsOf(lengths);
      for (const one of [network, whole]) {
        one.inputs.set(inputs);
        one.targets.set(targets);
        one.step.learningRate = 0.1;
        one.step.number = index + 1;
        one.trainStep(rows);
      }
      expect([...network.losses.subarray(0, rows)]).toEqual([...whole.losses.subarray(0, rows)]);
      expect([...network.correct.subarray(0, rows)]).toEqual([...whole.correct.subarray(0, rows)]);
      expect(weightsOf(network)).toEqual(weightsOf(whole));
    });
    const stepsOf = ({ training, objective }: Plan) => [training!.step, objective!.t.rowSize] as const;
    const plans = new Map([network.plan, ...network.plan.shorter].map(stepsOf));
    expect(bound.map((operations) => plans.get(operations))).toEqual([4, 6, 16]);
  });

  it("reports losses and hits of a shorter plan, whose places reach into those of the whole one", () => {
    const first = { type: "encoder_decoder", source_vocabulary: 2, target_vocabulary: 2, source_length: 3 } as const;
    const { plan } = build({
      input: [3 + STEPS],
      layers: [
        { ...first, units: 1 },
        { type: "dense", units: 2 },
      ],
      loss: "cross_entropy",
      kernels: SIMD,
    });
    const fourteen = plan.shorter.find(({ objective }) => objective!.t.rowSize === 14)!;
    const places = [
      plan.layout.places.get(plan.objective!.loss),
      fourteen.layout.places.get(fourteen.objective!.correct!),
    ];
    expect(places[0]).toEqual(places[1]);
    const [network, whole] = [plan, { ...plan, shorter: [] }].map((one) => {
      const trained = instantiate(one, SIMD);
      initialise(trained, 1);
      trained.targets.forEach((_, i) => (trained.targets[i] = i % STEPS < 14 ? (i >> 2) % 2 : -1));
      trained.trainStep(4);
      return [...trained.correct, ...trained.losses];
    });
    expect(network).toEqual(whole);
  });

  it.each<LayerSpec>([
    { type: "bidirectional", layer: { type: "gru", units: 2, return_sequences: true } },
    { type: "conv1d", filters: 2, kernel_size: 3, padding: "same" },
    { type: "flatten" },
  ])("has all steps where a step depends on those behind it: $type", (layer) => {
    const first = { type: "encoder_decoder", source_vocabulary: 3, target_vocabulary: 3, source_length: 1 } as const;
    const layers: LayerSpec[] = [{ ...first, units: 2 }, layer, { type: "dense", units: 3 }];
    expect(build({ input: [1 + STEPS], layers, loss: "cross_entropy" }).plan.shorter).toEqual([]);
  });

  it("goes on after an interruption with the same bits, dropout included", () => {
    const data = rowsOf(Array.from({ length: 22 }, (_, row) => 1 + ((7 * row) % STEPS)));
    const options = { epochs: 3, batchSize: 4, shuffle: true, seed: 5, learningRate: 0.01 };
    const once = translator(0.3, SIMD);
    train(once, { train: data }, options);
    const again = translator(0.3, SIMD);
    let state: TrainingState | undefined;
    train(again, { train: data }, options, {
      afterStep({ epoch, step }, capture) {
        if (epoch !== 2 || step !== 3) return "continue";
        state = capture();
        return "stop";
      },
    });
    const resumed = translator(0.3, SIMD);
    expect(train(resumed, { train: data }, options, {}, state).kind).toBe("completed");
    expect(weightsOf(resumed)).toEqual(weightsOf(once));
  });
});

describe("the order of rows of unlike lengths", () => {
  const order = (lengths: Uint32Array, batchSize: number, epoch: number): Uint32Array => {
    const rows = new Uint32Array(lengths.length);
    arrangeRows(rows, createGenerator(7, "shuffle"), epoch, { seed: 7, batchSize, lengths });
    return rows;
  };

  it("has every row once, whatever lengths and batches are", () => {
    const lengths = fc.uint32Array({ minLength: 1, maxLength: 400, max: 9 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 5 }), (some, batchSize) => {
        expect([...order(some, batchSize, 1)].sort((a, b) => a - b)).toEqual([...some.keys()]);
      }),
      { numRuns: 20 },
    );
  });

  it("brings like lengths together, in other batches and another order of them in every epoch", () => {
    const lengths = Uint32Array.from({ length: 512 }, (_, row) => (row * 37) % 64);
    const [first, second] = [order(lengths, 8, 1), order(lengths, 8, 2)];
    const lengthsIn = (rows: Uint32Array) =>
      Array.from({ length: 64 }, (_, batch) => [...rows.subarray(8 * batch, 8 * batch + 8)].map((row) => lengths[row]));
    const spreads = lengthsIn(first).map((batch) => Math.max(...batch) - Math.min(...batch));
    expect(Math.max(...spreads)).toBe(0);
    const means = lengthsIn(first).map(([length]) => length);
    expect(means).not.toEqual(means.toSorted((a, b) => a - b));
    expect([...second]).not.toEqual([...first]);
    expect([...order(lengths, 8, 1)]).toEqual([...first]);
  });
});
