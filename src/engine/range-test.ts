// The learning rate range test. Smith, "Cyclical learning rates for training neural networks", 2017; with rates that grow
// exponentially: Howard & Gugger, 2020.
// Steps of training with rates η_i = lowest·(highest/lowest)^{i/(steps − 1)}; their losses, averaged over their past, fall
// while the rate is right and rise when it is too large. A tenth of the rate with the least loss still trains safely.
import { addBatch, clearTally, isFiniteSoFar, SUMS } from "./metrics.ts";
import { loadBatch } from "./data.ts";
import type { Network } from "./network.ts";
import { arrangeRows } from "./row-order.ts";
import { begin } from "./run.ts";
import type { RunData, TrainOptions } from "./train.ts";
import { captureWeights, restoreWeights } from "./training-state.ts";

/** Where the rates begin and end, and in how many steps. */
const [LOWEST, HIGHEST, STEPS] = [1e-6, 10, 100];
/** Share of the past in the averaged loss. */
const MEMORY = 0.9;
/** The loss has left the valley when it is so many times the least, … */
const LEFT_AT = 4;
/** … and the rate to train with is the one with the least loss divided by this. */
const SAFETY = 10;

export interface RangeTest {
  /** The rate to train with, rounded to two digits. */
  readonly learningRate: number;
  /** The rates that were tried, ascending, and the averaged loss after each of their steps. */
  readonly rates: readonly number[];
  readonly losses: readonly number[];
}

/** Tests rates on the training rows. Leaves the parameters as they were; the same network, rows and options give the same
 * rate. Throws as `train`. */
export function testRange(network: Network, data: RunData, options: Omit<TrainOptions, "learningRate">): RangeTest {
  const weights = captureWeights(network);
  const run = begin(network, data, { ...options, learningRate: LOWEST });
  const { order, tally, generator, arrangement, augmentBatch, mixBatch } = run;
  const [rates, losses]: [number[], number[]] = [[], []];
  let [average, least, first] = [0, Infinity, 0];
  network.step.seed = options.seed;
  for (let step = 0; step < STEPS; step++) {
    // Epoch 0 and before: orders that the training itself has not.
    if (first === 0 && order !== null) arrangeRows(order, generator, 0, arrangement);
    const count = Math.min(options.batchSize, run.data.rows - first);
    loadBatch(network, run.data, order, first, count);
    augmentBatch?.(0, order, first, count);
    mixBatch?.(0, order, first, count);
    network.step.number = step + 1;
    network.step.learningRate = LOWEST * (HIGHEST / LOWEST) ** (step / (STEPS - 1));
    clearTally(tally);
    network.trainStep(count);
    addBatch(tally, network, count);
    if (!isFiniteSoFar(tally)) break;
    average = MEMORY * average + ((1 - MEMORY) * tally.sums[SUMS.LOSS]) / count;
    // Without what the average has of its beginning at 0.
    const loss = average / (1 - MEMORY ** (step + 1));
    rates.push(network.step.learningRate);
    losses.push(loss);
    least = Math.min(least, loss);
    if (loss > LEFT_AT * least) break;
    first = first + count < run.data.rows ? first + count : 0;
  }
  restoreWeights(network, { precision: network.plan.precision, weights });
  return { learningRate: chosenOf(rates, losses), rates, losses };
}

function chosenOf(rates: readonly number[], losses: readonly number[]): number {
  const lowest = losses.indexOf(Math.min(...losses));
  // Nothing finite was seen: the network cannot be trained, and whatever is chosen shows it.
  const rate = lowest === -1 ? LOWEST : rates[lowest] / SAFETY;
  return Number(rate.toPrecision(2));
}
