// Augmentation: training rows are changed by chance on their way into the network, anew in every epoch. What happens to a
// row depends on seed, epoch and row alone: not on its batch, its place in the order, or where a training was resumed.
import type { Network } from "./network.ts";
import { createGenerator, restart } from "./random.ts";
import type { Generator } from "./random.ts";
import type { Elements } from "./tensor.ts";

/** Changes the copy of a row, in place. All chance comes from the generator, which is at the start of the row's own stream. */
export type Augment = (row: Elements, generator: Generator) => void;

/** Changes the batch that has just been loaded: row i of it is row `source(i)` of the data. */
export type AugmentBatch = (epoch: number, order: Uint32Array | null, start: number, count: number) => void;

export function batchAugmentation({ plan, inputs }: Network, augment: Augment, seed: number): AugmentBatch {
  const width = plan.input.rowSize;
  // One view for each row of a batch, made once.
  const rows = Array.from({ length: plan.batchCapacity }, (_, row) => inputs.subarray(row * width, (row + 1) * width));
  const generator = createGenerator(seed, "augmentation");
  return (epoch, order, start, count) => {
    for (let row = 0; row < count; row++) {
      restart(generator, seed, "augmentation", epoch, order === null ? start + row : order[start + row]);
      augment(rows[row], generator);
    }
  };
}
