// Several threads against one on the same workload, by the clock on the wall: steps of both in turns, each the best of many,
// because a neighbour on one core holds up all threads. Beside it the bound that follows from the processor's time of one
// thread's part, on cores that nobody else uses.
import { Worker } from "node:worker_threads";
import { loadBatch } from "../src/engine/data.ts";
import { createKernels } from "../src/engine/kernels/tiers.ts";
import type { Tier } from "../src/engine/kernels/tiers.ts";
import { memoryIn } from "../src/engine/memory.ts";
import { instantiate } from "../src/engine/network.ts";
import type { Network } from "../src/engine/network.ts";
import { initialise } from "../src/engine/parameters.ts";
import { planThread } from "../src/engine/parallel-plan.ts";
import { planNetwork } from "../src/engine/plan.ts";
import type { PlanOptions } from "../src/engine/plan.ts";
import type { FollowerInput } from "./following-thread.ts";
import type { TrainingWorkload } from "./workload.ts";

export interface Comparison {
  /** Samples per second. */
  readonly one: number;
  readonly together: number;
  /** How many times as fast the threads are, measured. */
  readonly ratio: number;
  /** The same, computed: at most. */
  readonly bound: number;
}

/** Milliseconds in which as many steps are done as fit. */
const [WARM_UP_MS, MEASURE_MS] = [2_000, 10_000];
/** Shorter pieces of work are repeated: the clock has its grain. */
const SHORTEST_MS = 5;

export async function compareThreads(workload: TrainingWorkload, tier: Tier, threads: number): Promise<Comparison> {
  const alone = stepOf(networkOf(workload, tier, 1), workload);
  const network = networkOf(workload, tier, threads);
  const shared = stepOf(network, workload);
  const followers = followersOf(network, workload, tier);
  try {
    const [one, together] = bestInTurns([alone, shared], wallMs, stepsWorthMeasuring(alone));
    const speed = (ms: number): number => (workload.batch / ms) * 1000;
    return {
      one: speed(one),
      together: speed(together),
      ratio: one / together,
      bound: boundOf(workload, tier, threads),
    };
  } finally {
    await Promise.all(followers.map((follower) => follower.terminate()));
  }
}

/** A step of one thread / what one of several does of it, in the processor's time: its rows, its sums, its updates. */
function boundOf(workload: TrainingWorkload, tier: Tier, threads: number): number {
  const whole = stepOf(networkOf(workload, tier, 1), workload);
  const part = partOfStep(networkOf(workload, tier, threads), workload);
  const [alone, shared] = bestInTurns([whole, part], processorMs, stepsWorthMeasuring(part));
  return alone / shared;
}

/** What the leader does between its barriers, on its rows of one batch. */
function partOfStep({ plan, kernels, memory, step }: Network, { batch, learningRate }: TrainingWorkload): () => void {
  const training = plan.training!;
  const { layout, sumAndUpdate } = planThread(plan, training, 0);
  const differentiate = kernels.bind(training.differentiate, memory);
  const update = kernels.bind(sumAndUpdate, memoryIn(memory.block, layout, kernels, plan.lists));
  Object.assign(step, { learningRate, number: 1, rows: plan.rowsPerThread, batchRows: batch });
  return () => {
    differentiate(step);
    update(step);
  };
}

/** The least time that each of the functions took, in as many turns as fit; the first turns do not count. */
function bestInTurns(functions: readonly (() => void)[], measure: typeof wallMs, times: number): number[] {
  const best = functions.map(() => Infinity);
  const start = performance.now();
  for (let passed = 0; passed < WARM_UP_MS + MEASURE_MS; passed = performance.now() - start) {
    functions.forEach((work, index) => {
      const took = measure(work, times);
      if (passed >= WARM_UP_MS) best[index] = Math.min(best[index], took);
    });
  }
  return best;
}

function stepsWorthMeasuring(work: () => void): number {
  work();
  return Math.max(1, Math.round(SHORTEST_MS / processorMs(work, 3)));
}

function optionsOf({ batch, loss, optimizer }: TrainingWorkload, threads: number): PlanOptions {
  return { batchCapacity: batch, precision: "float32", loss, training: { optimizer }, threads };
}

function networkOf(workload: TrainingWorkload, tier: Tier, threads: number): Network {
  const plan = planNetwork({ input_shape: workload.input, layers: workload.layers }, optionsOf(workload, threads));
  const network = instantiate(plan, createKernels(tier, "float32"));
  initialise(network, 1);
  return network;
}

function followersOf({ plan, kernels, team }: Network, workload: TrainingWorkload, tier: Tier): Worker[] {
  const spec = { input_shape: workload.input, layers: workload.layers };
  const input = { spec, options: optionsOf(workload, plan.threads), tier, kernelsName: kernels.name, team: team! };
  return Array.from(
    { length: plan.threads - 1 },
    (_, index) =>
      new Worker(new URL("./following-thread.ts", import.meta.url), {
        workerData: { ...input, thread: index + 1 } satisfies FollowerInput,
      }),
  );
}

/** One step after another over the workload's rows: the batch is copied, computed and learned from. */
function stepOf(network: Network, { batch, learningRate, data: make }: TrainingWorkload): () => void {
  const data = make();
  const batches = Math.floor(data.rows / batch);
  network.step.learningRate = learningRate;
  network.step.number = 0;
  return () => {
    loadBatch(network, data, null, (network.step.number % batches) * batch, batch);
    network.step.number++;
    network.trainStep(batch);
  };
}

function wallMs(work: () => void, times: number): number {
  const start = performance.now();
  for (let time = 0; time < times; time++) work();
  return (performance.now() - start) / times;
}

function processorMs(work: () => void, times: number): number {
  const start = process.cpuUsage();
  for (let time = 0; time < times; time++) work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / times;
}
