// The order in which an epoch trains on the rows: at random, and sequences of like length in a batch, which is then short as
// a whole (shorter-steps.ts). It depends on seed, epoch, lengths and batch size alone.
import { restart, shuffle } from "./random.ts";
import type { Generator } from "./random.ts";

/** So many batches are sorted together: enough for like lengths, few enough for other neighbours in every epoch. */
const STRETCH = 64;

export interface RowOrder {
  readonly seed: number;
  readonly batchSize: number;
  /** Of each row; null where all are equally long. */
  readonly lengths: Uint32Array | null;
}

/** Writes the order of the rows in one epoch. */
export function arrangeRows(
  order: Uint32Array,
  generator: Generator,
  epoch: number,
  { seed, batchSize, lengths }: RowOrder,
): void {
  for (let i = 0; i < order.length; i++) order[i] = i;
  restart(generator, seed, "shuffle", epoch, 0);
  shuffle(generator, order);
  if (lengths === null) return;
  for (let start = 0; start < order.length; start += STRETCH * batchSize) {
    gatherLengths(order.subarray(start, start + STRETCH * batchSize), lengths, batchSize, generator);
  }
}

/** Rows of like length beside each other, in whole batches whose own order is random; what is left over comes last. */
function gatherLengths(rows: Uint32Array, lengths: Uint32Array, batchSize: number, generator: Generator): void {
  const sorted = Array.from(rows).sort((a, b) => lengths[a] - lengths[b]);
  const batches = Uint32Array.from({ length: Math.floor(rows.length / batchSize) }, (_, batch) => batch);
  shuffle(generator, batches);
  batches.forEach((batch, place) => {
    rows.set(sorted.slice(batch * batchSize, (batch + 1) * batchSize), place * batchSize);
  });
  const whole = batches.length * batchSize;
  rows.set(sorted.slice(whole), whole);
}
