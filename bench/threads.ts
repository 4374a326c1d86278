// Several threads against one on the same workload, by the clock on the wall: steps of both in turns, each the best of many,
// because a neighbour on one core holds up all threads. Beside it the bound that follows from the processor's time
// of the parts: a share of the rows, a share of the update, on cores that nobody else uses and that share no memory.
import { Worker } from "node:worker_threads";
import { loadBatch } from "../src/engine/data.ts";
import { createKernels } from "../src/engine/kernels/tiers.ts";
import type { Tier } from "../src/engine/kernels/tiers.ts";
import { instantiate } from "../src/engine/network.ts";
import type { Network } from "../src/engine/network.ts";
import { initialise } from "../src/engine/parameters.ts";
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
    const steps = stepsWorthMeasuring(alone);
    let [one, together] = [Infinity, Infinity];
    const start = performance.now();
    for (let passed = 0; passed < WARM_UP_MS + MEASURE_MS; passed = performance.now() - start) {
      const [single, joint] = [wallMs(alone, steps), wallMs(shared, steps)];
      if (passed >= WARM_UP_MS) [one, together] = [Math.min(one, single), Math.min(together, joint)];
    }
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

/** step / (its gradient for a share of the rows + a share of the rest), each the best of many. */
function boundOf(workload: TrainingWorkload, tier: Tier, threads: number): number {
  const network = networkOf(workload, tier, 1);
  const step = stepOf(network, workload);
  const rows = 4 * Math.ceil(workload.batch / threads / 4);
  const whole = best(step);
  const gradient = best(() => network.differentiate(workload.batch));
  return whole / (best(() => network.differentiate(rows)) + (whole - gradient) / threads);
}

function best(work: () => void): number {
  const steps = stepsWorthMeasuring(work);
  return Math.min(...Array.from({ length: 50 }, () => processorMs(work, steps)));
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
