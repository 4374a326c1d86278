// Measures one run of a workload on this engine, in seconds of the processor's time: on a busy machine the clock on the
// wall would measure the neighbours. It counts all threads of the process, V8's compiler included.
import type { TrainingData } from "../src/engine/data.ts";
import { predict } from "../src/engine/evaluate.ts";
import { createKernels } from "../src/engine/kernels/tiers.ts";
import type { Tier } from "../src/engine/kernels/tiers.ts";
import { instantiate } from "../src/engine/network.ts";
import type { Network } from "../src/engine/network.ts";
import { initialise } from "../src/engine/parameters.ts";
import { planNetwork } from "../src/engine/plan.ts";
import { train } from "../src/engine/train.ts";
import { classRows } from "./workloads.ts";
import type { PredictionWorkload, TrainingWorkload, Workload } from "./workloads.ts";

/** Time for V8's compilers to finish with the loops around the kernels; the peers' machine code is ready at once. */
const WARM_UP_SECONDS = 1;

/** The figures of `runs` runs, each with a new network, after runs that are not counted. */
export function measure(workload: Workload, tier: Tier, runs: number): number[] {
  const run = workload.kind === "training" ? trainingRun(workload, tier) : predictionRun(workload, tier);
  const end = process.cpuUsage().user + WARM_UP_SECONDS * 1e6;
  do run();
  while (process.cpuUsage().user < end);
  return Array.from({ length: runs }, run);
}

function trainingRun(workload: TrainingWorkload, tier: Tier): () => number {
  const data = workload.data();
  return () => {
    const network = networkFor(workload, workload.batch, tier, workload.optimizer);
    const losses: number[] = [];
    const seconds = processorSeconds(() => trainAll(network, data, workload, losses));
    const last = losses[losses.length - 1];
    if (!(last < (losses.length === 1 ? Infinity : losses[0]))) throw new Error("the loss did not fall");
    return workload.figure(seconds, { rows: data.rows, epochs: workload.epochs });
  };
}

function trainAll(network: Network, data: TrainingData, workload: TrainingWorkload, losses: number[]): void {
  const { epochs, batch: batchSize, learningRate } = workload;
  const options = { epochs, batchSize, shuffle: true, seed: 1, learningRate };
  train(network, { train: data }, options, { afterEpoch: ({ train_loss }) => void losses.push(train_loss) });
}

function predictionRun(workload: PredictionWorkload, tier: Tier): () => number {
  const network = networkFor(workload, workload.rows, tier);
  // The rows stand where an encoder puts them, in the network's own inputs; the peers' stand in their own arrays.
  network.inputs.set(classRows(workload.rows, network.plan.input.rowSize, 10).inputs);
  return () => {
    const seconds = processorSeconds(() => {
      for (let call = 0; call < workload.calls; call++) predict(network, network.inputs, workload.rows);
    });
    return workload.figure(seconds);
  };
}

function networkFor(
  { input, layers, loss }: Workload,
  batchCapacity: number,
  tier: Tier,
  optimizer?: TrainingWorkload["optimizer"],
): Network {
  const training = optimizer === undefined ? undefined : { optimizer };
  const plan = planNetwork({ input_shape: input, layers }, { batchCapacity, precision: "float32", loss, training });
  const network = instantiate(plan, createKernels(tier, "float32"));
  initialise(network, 1);
  return network;
}

function processorSeconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
