// A network: a plan with memory and kernels. Rows go into `inputs`, a call runs, predictions are in `outputs`.
import { EngineError } from "./engine-error.ts";
import type { Call, Kernels, Step } from "./kernels/kernels.ts";
import { allocateMemory, memoryBytes } from "./memory.ts";
import type { Memory } from "./memory.ts";
import type { Operation } from "./operations.ts";
import type { Plan } from "./plan.ts";
import type { Elements } from "./tensor.ts";

export interface Network {
  readonly plan: Plan;
  readonly kernels: Kernels;
  readonly memory: Memory;
  /** What the next call is told; the caller sets learning rate, number and seed before a training step. */
  readonly step: Step;
  /** (capacity, …input shape), row-major. */
  readonly inputs: Elements;
  /** (capacity, …output shape), row-major. */
  readonly outputs: Elements;
  /** (capacity, 1) class indices or (capacity, n) values; empty without a loss. */
  readonly targets: Elements;
  /** The loss of each row, (capacity); empty without a loss. */
  readonly losses: Elements;
  /** inputs → outputs, for the first `rows` rows. */
  forward(rows: number): void;
  /** inputs, targets → outputs, losses, without training noise. */
  evaluate(rows: number): void;
  /** inputs, targets → outputs, losses and the gradient of every parameter. */
  differentiate(rows: number): void;
  /** One training step. */
  trainStep(rows: number): void;
}

/** Allocates the plan's memory, zeroed. Parameters are zero until `initialise` or a training state fills them. */
export function instantiate(plan: Plan, kernels: Kernels): Network {
  if (kernels.precision !== plan.precision) {
    throw new EngineError("invalid_combination", {
      op: "instantiate",
      expected: `${plan.precision} kernels`,
      got: kernels.name,
    });
  }
  const memory = allocateMemory(plan.layout, kernels, plan.lists);
  const step: Step = { rows: 0, batchRows: 0, firstRow: 0, learningRate: 0, number: 0, seed: 0 };
  const empty = new Float64Array(0);
  const runner = (name: string, operations: readonly Operation[] | undefined): ((rows: number) => void) => {
    // Bound at first use: a server that only predicts never pays for the training step.
    let call: Call | undefined;
    return (rows) => {
      if (operations === undefined) throw new Error(`this network was not planned to ${name}`);
      step.rows = rows;
      step.batchRows = rows;
      call ??= kernels.bind(operations, memory);
      call(step);
    };
  };

  return {
    plan,
    kernels,
    memory,
    step,
    inputs: memory.view(plan.input),
    outputs: memory.view(plan.output),
    targets: plan.objective === null ? empty : memory.view(plan.objective.t),
    losses: plan.objective === null ? empty : memory.view(plan.objective.loss),
    forward: runner("predict", plan.predict),
    evaluate: runner("evaluate", plan.objective === null ? undefined : plan.evaluate),
    differentiate: runner("differentiate", plan.training?.differentiate),
    trainStep: runner("train", plan.training?.step),
  };
}

/** Bytes that `instantiate` allocates, known without doing it. */
export function networkBytes(plan: Plan, kernels: Kernels): number {
  return memoryBytes(plan.layout, kernels, plan.lists);
}
