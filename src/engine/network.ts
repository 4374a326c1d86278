// A network: a plan with memory and kernels. Rows go into `inputs`, a call runs, predictions are in `outputs`.
import { EngineError } from "./engine-error.ts";
import type { Call, Kernels, Step } from "./kernels/kernels.ts";
import { allocateMemory, claimMemory, elementsAt, memoryBytes, memoryIn } from "./memory.ts";
import type { Memory } from "./memory.ts";
import type { Operation } from "./operations.ts";
import { createTeam, lead } from "./parallel.ts";
import type { Command, Team } from "./parallel.ts";
import type { Plan } from "./plan.ts";
import { withFewerSteps } from "./shorter-steps.ts";
import type { Elements, Tensor } from "./tensor.ts";

export interface Network {
  readonly plan: Plan;
  readonly kernels: Kernels;
  readonly memory: Memory;
  /** What the plan's other threads need to `follow`, null where there are none. They must, before anything is called. */
  readonly team: Team | null;
  /** What the next call is told; the caller sets learning rate, number and seed before a training step. */
  readonly step: Step;
  /** (capacity, …input shape), row-major. */
  readonly inputs: Elements;
  /** (capacity, …output shape), row-major. Of sequences, not written in training. */
  readonly outputs: Elements;
  /** (capacity, 1) class indices or (capacity, n) values; empty without a loss. */
  readonly targets: Elements;
  /** The weight of each row in training, (capacity); empty where all count alike. */
  readonly weights: Elements;
  /** The class of the row that each is mixed with in training, and its share, (capacity); empty without mixup of classes. */
  readonly partners: Elements;
  readonly shares: Elements;
  /** The loss of each row, (capacity); empty without a loss. */
  readonly losses: Elements;
  /** The share of each row's steps that is predicted right, (capacity); empty unless the network predicts sequences. */
  readonly correct: Elements;
  /** inputs → outputs, for the first `rows` rows. */
  forward(rows: number): void;
  /** inputs, targets → outputs, losses, without training noise. */
  evaluate(rows: number): void;
  /** inputs, targets → outputs, losses and the gradient of every parameter. */
  differentiate(rows: number): void;
  /** One training step. */
  trainStep(rows: number): void;
}

/** Allocates the plan's memory, zeroed: parameters are zero until `initialise` or a training state fills them. Where the plan
 * has several threads, this one leads them. */
export function instantiate(plan: Plan, kernels: Kernels): Network {
  if (kernels.precision !== plan.precision) {
    throw new EngineError("invalid_combination", {
      op: "instantiate",
      expected: `${plan.precision} kernels`,
      got: kernels.name,
    });
  }
  const memory = allocateMemory(plan.layout, kernels, plan.lists);
  if (plan.training !== null) claimMemory(memory);
  const team = plan.threads > 1 ? createTeam(memory.block) : null;
  const network = networkIn(plan, kernels, memory, team, 0);
  if (plan.shorter.length === 0) return network;
  const room = networkBytes(plan, kernels);
  return withFewerSteps(network, (shorter, number) => {
    if (networkBytes(shorter, kernels) > room) return null;
    const same = memoryIn(memory.block, shorter.layout, kernels, shorter.lists);
    return networkIn(shorter, kernels, same, team, number);
  });
}

/** The network of a plan whose memory and threads are there; `number` is that of the plan for them. */
function networkIn(plan: Plan, kernels: Kernels, memory: Memory, team: Team | null, number: number): Network {
  const step: Step = { rows: 0, batchRows: 0, firstRow: 0, learningRate: 0, number: 0, seed: 0 };
  const callFor = team === null ? workAlone(plan, kernels, memory) : lead(plan, kernels, team, number);
  const runner = (command: Command): ((rows: number) => void) => {
    const call = callFor(command);
    return (rows) => {
      step.rows = rows;
      step.batchRows = rows;
      call(step);
    };
  };
  // The rows of a batch lie one after another, whichever thread computes them.
  const batchOf = (tensor: Tensor | undefined): Elements =>
    tensor === undefined
      ? new Float64Array(0)
      : elementsAt(plan.precision, memory.buffer, memory.offset(tensor), plan.batchCapacity * tensor.rowSize);

  return {
    plan,
    kernels,
    memory,
    team,
    step,
    inputs: batchOf(plan.input),
    outputs: batchOf(plan.output),
    targets: batchOf(plan.objective?.t),
    weights: batchOf(plan.objective?.weights ?? undefined),
    partners: batchOf(plan.objective?.mixed?.partners),
    shares: batchOf(plan.objective?.mixed?.shares),
    losses: batchOf(plan.objective?.loss),
    correct: batchOf(plan.objective?.correct ?? undefined),
    forward: runner("predict"),
    evaluate: runner("evaluate"),
    differentiate: runner("differentiate"),
    trainStep: runner("train"),
  };
}

function workAlone(plan: Plan, kernels: Kernels, memory: Memory): (command: Command) => Call {
  const lists: Record<Command, readonly Operation[] | undefined> = {
    predict: plan.predict,
    evaluate: plan.objective === null ? undefined : plan.evaluate,
    differentiate: plan.training?.differentiate,
    train: plan.training?.step,
  };
  return (command) => {
    const operations = lists[command];
    // Bound at first use: a server that only predicts never pays for the training step.
    let call: Call | undefined;
    return (step) => {
      if (operations === undefined) throw new Error(`this network was not planned to ${command}`);
      call ??= kernels.bind(operations, memory);
      call(step);
    };
  };
}

/** Bytes that `instantiate` allocates, known without doing it. */
export function networkBytes(plan: Plan, kernels: Kernels): number {
  return memoryBytes(plan.layout, kernels, plan.lists);
}
