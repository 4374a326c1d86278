import { describe, expect, it } from "vitest";
import type { Diagnostics } from "../../src/engine/diagnostics.ts";
import { createGeneratedKernels } from "../../src/engine/kernels/generated/generated.ts";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import { train } from "../../src/engine/train.ts";
import type { TrainOptions } from "../../src/engine/train.ts";
import type { TrainingState } from "../../src/engine/training-state.ts";
import { build, dataOf, scattered } from "./construction.ts";

const options: TrainOptions = { epochs: 1, batchSize: 2, shuffle: false, seed: 1, learningRate: 0 };

/** The figures of one epoch with a rate of 0, which changes nothing. */
function diagnosed(network: Parameters<typeof build>[0], data: ReturnType<typeof dataOf>): Diagnostics | undefined {
  const seen: (Diagnostics | undefined)[] = [];
  train(build({ ...network, training: { diagnostics: true } }), { train: data }, options, {
    afterEpoch: ({ diagnostics }) => void seen.push(diagnostics),
  });
  return seen[0];
}

describe("diagnostics of an epoch", () => {
  // y = 3·x₀ + 4·x₁ + 0 and t = y − 1: the gradient of ½(y − t)² is x for the weights and 1 for the bias.
  const linear = {
    input: [2],
    layers: [{ type: "dense", units: 1 } satisfies LayerSpec],
    loss: "half_squared_error" as const,
    given: [{ weights: [[3], [4]], bias: [0] }],
  };
  const one = dataOf([[[2, 2], [13]]]);

  it("are the norms of gradients and weights, worked by hand", () => {
    expect(diagnosed(linear, one)).toEqual({ gradient_norm: 3, weight_norm: 5, dead_relus: null });
  });

  it("have the gradient before it is clipped", () => {
    expect(diagnosed({ ...linear, gradientClip: { norm: 0.1 } }, one)!.gradient_norm).toBe(3);
  });

  it("count the relu units that no row makes active", () => {
    // Units x, −x and −1 over the rows x = 1 and x = 2: only the first is ever above 0.
    const layers: LayerSpec[] = [
      { type: "dense", units: 3, activation: "relu" },
      { type: "dense", units: 1 },
    ];
    const given = [
      { weights: [[1, -1, 0]], bias: [0, 0, -1] },
      { weights: [[1], [1], [1]], bias: [0] },
    ];
    const data = dataOf([
      [[1], [0]],
      [[2], [0]],
      [[1], [0]],
    ]);
    expect(diagnosed({ input: [1], layers, loss: "mean_squared_error", given }, data)!.dead_relus).toBe(2 / 3);
  });

  it("change nothing of a training, images and statistics included, and are the same after a resume", () => {
    const kernels = createGeneratedKernels("separate", { fused: false, tile: { rows: 4, columns: 8 } });
    const layers: LayerSpec[] = [
      { type: "conv2d", filters: 5, kernel_size: 3, padding: 1, activation: "relu" },
      {
        type: "residual",
        layers: [{ type: "conv2d", filters: 5, kernel_size: 1 }, { type: "batch_norm" }],
        activation: "relu",
      },
      { type: "flatten" },
      { type: "dense", units: 3 },
    ];
    const network = (diagnostics: boolean) =>
      build({ input: [4, 4, 1], layers, loss: "cross_entropy", kernels, training: { diagnostics } });
    const data = {
      train: {
        inputs: Float32Array.from(scattered(7 * 16)),
        targets: Float32Array.from({ length: 7 }, (_, row) => row % 3),
        rows: 7,
      },
    };
    const some = { ...options, epochs: 3, learningRate: 0.1 };
    const figures: (Diagnostics | undefined)[] = [];
    const states: TrainingState[] = [];
    const watched = train(network(true), data, some, {
      // The state after the last step of the second epoch, before the epoch is reported.
      afterStep: ({ epoch, step, steps }, capture) => {
        if (epoch === 2 && step === steps) states.push(capture());
        return "continue";
      },
      afterEpoch: ({ diagnostics }) => void figures.push(diagnostics),
    });
    expect(watched.state.weights).toEqual(train(network(false), data, some).state.weights);
    const resumed: (Diagnostics | undefined)[] = [];
    train(network(true), data, some, { afterEpoch: ({ diagnostics }) => void resumed.push(diagnostics) }, states[0]);
    expect(resumed).toEqual(figures.slice(1));
    expect(figures[0]!.dead_relus).toBeLessThan(1);
  });
});
