// Measures runs of a workload on this engine, in seconds of the processor's time: on a busy machine the clock on the wall
// would measure the neighbours. It counts all threads of the process, V8's compiler included.
import type { TrainingData } from "../src/engine/data.ts";
import { predict } from "../src/engine/evaluate.ts";
import type { Kernels } from "../src/engine/kernels/kernels.ts";
import { instantiate } from "../src/engine/network.ts";
import type { Network } from "../src/engine/network.ts";
import { initialise } from "../src/engine/parameters.ts";
import { planNetwork } from "../src/engine/plan.ts";
import { train } from "../src/engine/train.ts";
import { classRows } from "./workload.ts";
import type { OperationsWorkload, PredictionWorkload, TrainingWorkload, Workload } from "./workload.ts";

/** Measures one run, of a new network where it trains one, and gives its figure. */
export type Run = () => number;

/** Time for V8's compilers to finish with the loops around the kernels; the peers' machine code is ready at once. */
const WARM_UP_SECONDS = { training: 1, prediction: 1, operations: 0.1 } as const;

/** Prepares the runs of a workload and warms them up: `warmUpSeconds` are spent on runs that are not counted. */
export function prepare(
  workload: Workload,
  kernels: Kernels,
  warmUpSeconds: number = WARM_UP_SECONDS[workload.kind],
): Run {
  const runOf = RUNS[workload.kind] as (workload: Workload, kernels: Kernels) => Run;
  const run = runOf(workload, kernels);
  const end = process.cpuUsage().user + warmUpSeconds * 1e6;
  do run();
  while (process.cpuUsage().user < end);
  return run;
}

type RunOf<Kind extends Workload["kind"]> = (workload: Extract<Workload, { kind: Kind }>, kernels: Kernels) => Run;

const RUNS: { readonly [Kind in Workload["kind"]]: RunOf<Kind> } = {
  training: trainingRun,
  prediction: predictionRun,
  operations: operationsRun,
};

function trainingRun(workload: TrainingWorkload, kernels: Kernels): Run {
  const data = workload.data();
  return () => {
    const network = networkFor(workload, workload.batch, kernels, workload.optimizer);
    const losses = new Float64Array(workload.epochs);
    const seconds = processorSeconds(() => trainAll(network, data, workload, losses));
    const last = losses[losses.length - 1];
    if (!(last < (losses.length === 1 ? Infinity : losses[0]))) throw new Error("the loss did not fall");
    return workload.figure(seconds, { rows: data.rows, epochs: workload.epochs });
  };
}

function trainAll(network: Network, data: TrainingData, workload: TrainingWorkload, losses: Float64Array): void {
  const { epochs, batch: batchSize, learningRate } = workload;
  const options = { epochs, batchSize, shuffle: true, seed: 1, learningRate };
  let reported = 0;
  train(network, { train: data }, options, {
    afterEpochs(reports) {
      for (let index = 0; index < reports.count; index++) losses[reported++] = reports.trainLoss(index);
    },
  });
}

function predictionRun(workload: PredictionWorkload, kernels: Kernels): Run {
  const network = networkFor(workload, workload.rows, kernels);
  // The rows stand where an encoder puts them, in the network's own inputs; the peers' stand in their own arrays.
  network.inputs.set(classRows(workload.rows, network.plan.input.rowSize, 10).inputs);
  return () => {
    const seconds = processorSeconds(() => {
      for (let call = 0; call < workload.calls; call++) predict(network, network.inputs, workload.rows);
    });
    return workload.figure(seconds, workload);
  };
}

function operationsRun(workload: OperationsWorkload, kernels: Kernels): Run {
  const call = workload.bind(kernels);
  return () => {
    const seconds = processorSeconds(() => {
      for (let count = 0; count < workload.calls; count++) call();
    });
    return workload.figure(seconds);
  };
}

function networkFor(
  { input, layers, loss }: TrainingWorkload | PredictionWorkload,
  batchCapacity: number,
  kernels: Kernels,
  optimizer?: TrainingWorkload["optimizer"],
): Network {
  const training = optimizer === undefined ? undefined : { optimizer };
  const { precision } = kernels;
  const plan = planNetwork({ input_shape: input, layers }, { batchCapacity, precision, loss, training });
  const network = instantiate(plan, kernels);
  initialise(network, 1);
  return network;
}

function processorSeconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
