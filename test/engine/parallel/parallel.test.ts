import { afterEach, describe, expect, it } from "vitest";
import type { TrainingData } from "../../../src/engine/data.ts";
import type { Tier } from "../../../src/engine/kernels/tiers.ts";
import type { LayerSpec } from "../../../src/engine/layers/catalogue.ts";
import type { EpochReport } from "../../../src/engine/epoch-reports.ts";
import { networkBytes } from "../../../src/engine/network.ts";
import type { Network } from "../../../src/engine/network.ts";
import { initialise } from "../../../src/engine/parameters.ts";
import type { NetworkSpec, PlanOptions } from "../../../src/engine/plan.ts";
import { train } from "../../../src/engine/train.ts";
import type { Observer, Outcome } from "../../../src/engine/train.ts";
import type { TrainingState } from "../../../src/engine/training-state.ts";
import { scattered } from "../construction.ts";
import { fill, SAMPLES } from "../sample-networks.ts";
import { crewOf } from "./crew.ts";
import type { Crew } from "./crew.ts";

const TILE = { rows: 4, columns: 8 };
const GENERATED: Tier = { name: "simd128", tile: TILE, separateTile: TILE };
const REFERENCE: Tier = { ...GENERATED, name: "reference" };

const LAYERS: readonly LayerSpec[] = [
  { type: "dense", units: 37, activation: "tanh" },
  { type: "dropout", rate: 0.3 },
  { type: "dense", units: 19, activation: "relu" },
  { type: "dense", units: 3 },
];
const SPEC: NetworkSpec = { input_shape: [5], layers: LAYERS };
const OPTIONS: PlanOptions = {
  batchCapacity: 22,
  precision: "float32",
  loss: "cross_entropy",
  training: {
    optimizer: { type: "adam" },
    gradientClip: { norm: 0.5 },
    labelSmoothing: 0.1,
    rowWeights: true,
    weightAverage: { decay: 0.9 },
  },
};

/** 47 rows: the last batch of an epoch has 3, all of them the leader's. */
const DATA: TrainingData = {
  inputs: Float32Array.from(scattered(47 * 5)),
  targets: Float32Array.from({ length: 47 }, (_, row) => row % 3),
  rows: 47,
  weights: Float32Array.from(scattered(47, 3).map(Math.abs)),
};
const TRAINING = { epochs: 4, batchSize: 22, shuffle: true, seed: 5, learningRate: 0.01 };

let crews: Crew[] = [];
afterEach(async () => {
  await Promise.all(crews.map((crew) => crew.end()));
  crews = [];
});

function networkOf(threads: number, tier = GENERATED, options: Partial<PlanOptions> = {}, spec = SPEC): Network {
  const crew = crewOf(spec, { ...OPTIONS, ...options, threads }, tier);
  crews.push(crew);
  initialise(crew.network, 11);
  return crew.network;
}

const trainAll = (network: Network, observer?: Observer, from?: TrainingState): Outcome =>
  train(network, { train: DATA, validation: DATA }, TRAINING, observer, from);

const weightsOf = ({ state }: Outcome): number[] => state.weights.flatMap(({ values }) => [...values]);

describe("a network of several threads", () => {
  it("gives the same bytes in every run, whoever comes first", () => {
    const [one, two] = [networkOf(2), networkOf(2)].map((network) => weightsOf(trainAll(network)));
    expect(two).toEqual(one);
  });

  it("sums and updates in one pass without clipping, with the bits of two", () => {
    // A limit that nothing reaches clips nothing.
    const [apart, together] = [{ gradientClip: { norm: 1e9 } }, {}].map((clipping) =>
      networkOf(2, GENERATED, { training: { optimizer: { type: "adam" }, ...clipping } }),
    );
    expect(weightsOf(trainAll(together))).toEqual(weightsOf(trainAll(apart)));
  });

  it.each([2, 3])("trains as one thread does, up to the rounding of the sums: %i threads", (threads) => {
    const reports = [1, threads].map((count) => {
      const losses: number[] = [];
      const outcome = trainAll(networkOf(count), {
        afterEpoch: ({ train_loss, validation_loss }) => void losses.push(train_loss, validation_loss!),
      });
      return [...losses, ...weightsOf(outcome)];
    });
    reports[1].forEach((value, i) => expect(value).toBeCloseTo(reports[0][i], 3));
    expect(reports[1]).not.toEqual(reports[0]);
  });

  it("shares batches of short sequences too, by the plan that just fits them", () => {
    const [source, steps, tokens] = [3, 16, 5];
    const vocabularies = { source_vocabulary: tokens, target_vocabulary: tokens, source_length: source };
    const spec: NetworkSpec = {
      input_shape: [source + steps],
      layers: [
        { type: "encoder_decoder", ...vocabularies, units: 6, dropout: 0.2 },
        { type: "dense", units: tokens },
      ],
    };
    const rows = 30;
    const data = {
      inputs: Float32Array.from({ length: rows * (source + steps) }, (_, i) => (i * 7) % tokens),
      // Row r writes 1 + r mod 16 tokens.
      targets: Float32Array.from({ length: rows * steps }, (_, i) => {
        const [row, step] = [Math.floor(i / steps), i % steps];
        return step <= row % steps ? (3 * i) % tokens : -1;
      }),
      rows,
    };
    const training = { optimizer: { type: "adam" } } as const;
    const [alone, together] = [1, 2].map((count) => {
      const network = networkOf(count, GENERATED, { batchCapacity: 9, training }, spec);
      expect(network.plan.shorter).toHaveLength(6);
      return weightsOf(train(network, { train: data }, { ...TRAINING, epochs: 2, batchSize: 9 }));
    });
    together.forEach((value, i) => expect(value).toBeCloseTo(alone[i], 4));
  });

  it.each(SAMPLES)("has the gradient of the whole batch, whatever its size: $name", (sample) => {
    const [alone, together] = [1, 3].map((count) => networkOf(count, REFERENCE, { precision: "float64" }, sample.spec));
    for (const rows of [22, 17, 9, 8, 1]) {
      const [expected, got] = [alone, together].map((network) => {
        fill(network, sample, rows);
        network.step.number = rows;
        network.differentiate(rows);
        const { plan, memory, losses, outputs } = network;
        const gradients = plan.training!.parameters.flatMap(({ gradient }) => [...memory.view(gradient)]);
        return [...gradients, ...losses.subarray(0, rows), ...outputs.subarray(0, rows * plan.output.rowSize)];
      });
      got.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 12));
    }
  });

  it("has the losses and the gradient of labels without steps", () => {
    const spec: NetworkSpec = {
      input_shape: [6, 3],
      layers: [{ type: "gru", units: 5, return_sequences: true }, ...LAYERS],
    };
    const options = { precision: "float64", loss: "ctc", labels: 2, training: { optimizer: { type: "sgd" } } } as const;
    const [expected, got] = [1, 3].map((count) => {
      const network = networkOf(count, REFERENCE, options, spec);
      network.inputs.set(scattered(17 * 18));
      network.targets.set(Array.from({ length: 17 }, (_, row) => [0, 1 + (row % 2), row % 3 === 0 ? -1 : 2]).flat());
      network.step.number = 1;
      network.differentiate(17);
      const gradients = network.plan.training!.parameters.flatMap(({ gradient }) => [...network.memory.view(gradient)]);
      return [...gradients, ...network.losses.subarray(0, 17), ...network.correct.subarray(0, 17)];
    });
    got.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 12));
  });

  it("predicts and evaluates every row with the bits it has alone", () => {
    const [alone, together] = [1, 2].map((count) => networkOf(count));
    const results = [alone, together].map((network) => {
      network.inputs.set(DATA.inputs.subarray(0, 22 * 5));
      network.targets.set(DATA.targets.subarray(0, 22));
      network.evaluate(22);
      const evaluated = [...network.losses, ...network.outputs];
      network.forward(13);
      return [...evaluated, ...network.outputs.subarray(0, 13 * 3)];
    });
    expect(results[1]).toEqual(results[0]);
  });

  it("finds the dead relus that one thread finds, in batches of fewer rows than a thread has room for", () => {
    const training = { optimizer: { type: "sgd" }, diagnostics: true } as const;
    const three = { inputs: DATA.inputs.subarray(0, 3 * 5), targets: DATA.targets.subarray(0, 3), rows: 3 };
    const [alone, together] = [1, 2].map((count) => {
      const network = networkOf(count, GENERATED, { batchCapacity: 1, training });
      const reports: EpochReport[] = [];
      const options = { epochs: 1, batchSize: 1, shuffle: false, seed: 5, learningRate: 1e-9 };
      train(network, { train: three }, options, { afterEpoch: (report) => void reports.push(report) });
      return reports[0].diagnostics!.dead_relus;
    });
    expect(together).toBe(alone);
  });

  it("goes on from a state of an epoch half done with the same bytes, in other threads", () => {
    const whole = trainAll(networkOf(2));
    let state: TrainingState | undefined;
    trainAll(networkOf(2), {
      afterStep({ epoch, step }, capture) {
        if (epoch !== 2 || step !== 2) return "continue";
        state = structuredClone(capture());
        return "stop";
      },
    });
    expect(weightsOf(trainAll(networkOf(2), {}, state))).toEqual(weightsOf(whole));
  });

  it("allocates the bytes it was planned to, for all threads", () => {
    for (const tier of [GENERATED, REFERENCE]) {
      const { plan, kernels, memory } = networkOf(3, tier);
      expect(memory.buffer.byteLength).toBe(networkBytes(plan, kernels));
    }
  });

  it("lets threads that wait be ended", async () => {
    trainAll(networkOf(2));
    const codes = await Promise.all(crews.flatMap(({ workers }) => workers.map((worker) => worker.terminate())));
    expect(codes).toEqual([1]);
  });
});
