// Mixup: training rows are mixed with others, and so are their targets. Zhang, Cissé, Dauphin & Lopez-Paz, 2018.
//   x ← (1 − s)·x_i + s·x_j      t ← (1 − s)·t_i + s·t_j      s = min(λ, 1 − λ), λ ~ Beta(α, α)
// The smaller share is the partner's, so that a row stays the most of what it is. Partner and share depend on seed, epoch and
// row alone: not on the batch, the order, or where a training was resumed. Classes are not numbers: the loss takes both, and
// the share (losses/cross-entropy.ts).
import type { Augment } from "./augment.ts";
import type { TrainingData } from "./data.ts";
import { EngineError } from "./engine-error.ts";
import type { Network } from "./network.ts";
import { createGenerator, restart, uniform } from "./random.ts";
import type { Generator } from "./random.ts";
import { requireWithin } from "./requirements.ts";

export interface Mixup {
  /** Of the distribution of shares, in [0.05, 2]: the larger, the more is mixed. 1: any share as likely. */
  readonly alpha: number;
}

/** Mixes the batch that has just been loaded: row i of it is row `source(i)` of the data. */
export type MixBatch = (epoch: number, order: Uint32Array | null, start: number, count: number) => void;

/** @param augment is done to partners too, by their row's own chance
 * Throws `invalid_combination` when the network has no place for the partner's class. */
export function batchMixing(
  network: Network,
  data: TrainingData,
  { alpha }: Mixup,
  seed: number,
  augment: Augment | undefined,
): MixBatch {
  requireWithin("mixup", "alpha", alpha, 0.05, 2.01);
  const { plan, inputs, targets, partners, shares } = network;
  const { definition, mixed, t } = plan.objective!;
  if (definition.targets !== "values" && mixed === null) {
    throw new EngineError("invalid_combination", {
      op: "mixup",
      expected: "a network planned with mixup",
      got: "none",
    });
  }
  const [width, targetWidth] = [plan.input.rowSize, t.rowSize];
  const partner = data.inputs.slice(0, width);
  const generator = createGenerator(seed, "mixup");
  return (epoch, order, start, count) => {
    for (let row = 0; row < count; row++) {
      restart(generator, seed, "mixup", epoch, order === null ? start + row : order[start + row]);
      const share = drawShare(generator, alpha);
      const other = Math.floor(uniform(generator) * data.rows);
      for (let i = 0; i < width; i++) partner[i] = data.inputs[other * width + i];
      augment?.(partner, generator);
      for (let i = 0, at = row * width; i < width; i++, at++) inputs[at] += share * (partner[i] - inputs[at]);
      if (mixed === null) {
        for (let j = 0, at = row * targetWidth; j < targetWidth; j++, at++) {
          targets[at] += share * (data.targets[other * targetWidth + j] - targets[at]);
        }
      } else {
        partners[row] = data.targets[other];
        shares[row] = share;
      }
    }
  };
}

/** min(λ, 1 − λ) of λ ~ Beta(α, α), by Jöhnk (1964): U^{1/α} and V^{1/α} where they add up to at most 1. */
function drawShare(generator: Generator, alpha: number): number {
  for (;;) {
    // 1 − u: never 0.
    const x = (1 - uniform(generator)) ** (1 / alpha);
    const y = (1 - uniform(generator)) ** (1 / alpha);
    if (x + y <= 1) return Math.min(x, y) / (x + y);
  }
}
