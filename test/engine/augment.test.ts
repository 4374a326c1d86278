import { describe, expect, it } from "vitest";
import type { Augment } from "../../src/engine/augment.ts";
import type { EpochReport } from "../../src/engine/epoch-reports.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/engine/checkpoint.ts";
import { createGeneratedKernels } from "../../src/engine/kernels/generated/generated.ts";
import { uniform } from "../../src/engine/random.ts";
import { train } from "../../src/engine/train.ts";
import type { TrainOptions } from "../../src/engine/train.ts";
import { build, scattered } from "./construction.ts";

const data = { inputs: scattered(7 * 3, 1), targets: scattered(7, 2), rows: 7 };
const jitter: Augment = (row, generator) => row.forEach((value, i) => (row[i] = value + uniform(generator)));
const network = (seed = 1) =>
  build({ input: [3], layers: [{ type: "dense", units: 1 }], loss: "mean_squared_error", precision: "float32", seed });
const options: TrainOptions = { epochs: 2, batchSize: 3, shuffle: true, seed: 5, learningRate: 0.1, augment: jitter };

/** What the augmentation makes of each row, in the order of the calls. */
function seenBy(given: Partial<TrainOptions>) {
  const seen = new Map<string, string>();
  const calls: string[] = [];
  const augment: Augment = (row, generator) => {
    const before = [...row].join();
    jitter(row, generator);
    calls.push(before);
    seen.set(`${calls.filter((call) => call === before).length} ${before}`, [...row].join());
  };
  train(network(), { train: data, validation: data }, { ...options, augment, ...given });
  return { seen, calls };
}

describe("augmentation", () => {
  it("is done to every training row once an epoch, and to no other", () => {
    expect(seenBy({}).calls).toHaveLength(2 * 7);
  });

  it("depends on seed, epoch and row alone: not on the batch or the order", () => {
    const { seen } = seenBy({});
    const inOrder = seenBy({ batchSize: 1, shuffle: false }).seen;
    expect(inOrder).toEqual(seen);
    expect(seenBy({ seed: 6 }).seen).not.toEqual(seen);
    // Another epoch, other changes.
    const epoch = (number: number) => [...seen].filter(([key]) => key.startsWith(String(number)));
    expect(new Set([...epoch(1), ...epoch(2)].map(([, changed]) => changed)).size).toBe(14);
  });

  it("gives the same bits when a training is stopped at any step and resumed", () => {
    const reports: EpochReport[] = [];
    const afterEpoch = (report: EpochReport) => void reports.push(report);
    const uninterrupted = train(network(), { train: data }, options, { afterEpoch });
    for (let stopAt = 1; stopAt < 6; stopAt++) {
      let steps = 0;
      const stopped = train(network(), { train: data }, options, {
        afterStep: () => (++steps === stopAt ? "stop" : "continue"),
      });
      const state = decodeCheckpoint(encodeCheckpoint(stopped.state));
      expect(train(network(9), { train: data }, options, {}, state).state).toEqual(uninterrupted.state);
    }
  });

  it("is done to a network that would train whole epochs in one call, too", () => {
    const tile = { rows: 4, columns: 8 } as const;
    const tiny = (augment: Augment | undefined) => {
      const kernels = createGeneratedKernels("separate", { fused: false, tile });
      const built = build({ input: [3], layers: [{ type: "dense", units: 1 }], loss: "mean_squared_error", kernels });
      return train(built, { train: data }, { ...options, augment }).state.weights;
    };
    expect(tiny(jitter)).not.toEqual(tiny(undefined));
  });
});
