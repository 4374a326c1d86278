// What each thread of a data-parallel training does beside its part of the batch (Dean et al., 2012, without servers):
// sum      its slice of every gradient, over all threads in ascending order: g₀ ← g₀ + g₁ + g₂ + …
// update   its slice of every parameter and of the optimizer's state, with the sum in the gradient of the first thread
// So the result depends on the number of threads, but never on which of them comes first.
import type { Layout, Place } from "./memory.ts";
import type { Operation } from "./operations.ts";
import { add } from "./operations/elements.ts";
import type { Plan } from "./plan.ts";
import { fixedTensor, slice } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";
import type { TrainingPlan } from "./training-plan.ts";

export interface ThreadLists {
  /** The plan's layout, in which the gradients of the other threads have names too. */
  readonly layout: Layout;
  /** Instead of `differentiate` for a thread that has no rows of this batch. */
  readonly clear: readonly Operation[];
  readonly sum: readonly Operation[];
  readonly update: readonly Operation[];
}

/** The lists of thread number `thread` of the plan's. */
export function planThread({ layout, threads }: Plan, training: TrainingPlan, thread: number): ThreadLists {
  const gradients = training.parameters.map(({ gradient }) => gradient);
  const places = new Map<Tensor, Place>(layout.places);
  const sum = gradients.flatMap((gradient) => {
    const { offset, stride } = layout.places.get(gradient)!;
    const total = partOf(gradient, thread, threads);
    return Array.from({ length: threads - 1 }, (_, index) => {
      const other = fixedTensor(`${gradient.name} of thread ${index + 1}`, gradient.shape);
      places.set(other, { offset: offset + (index + 1) * stride, stride: 0 });
      return add(total, partOf(other, thread, threads), total);
    });
  });
  return {
    layout: { ...layout, places },
    clear: [{ kind: "clear", tensors: gradients }],
    sum: sum.filter(isNotEmpty),
    update: training.update.map((operation) => slicedUpdate(operation, thread, threads)).filter(isNotEmpty),
  };
}

/** The update of a part of the parameter: parameter, gradient and state have the same shape. */
function slicedUpdate(update: Operation, thread: number, threads: number): Operation {
  const fields = Object.entries(update).map(([field, value]: [string, unknown]) => [
    field,
    isTensor(value) ? partOf(value, thread, threads) : value,
  ]);
  return Object.fromEntries(fields) as Operation;
}

/** Parts as equal as whole cache lines of float32 allow, so that no two threads write to the same one. */
function partOf(tensor: Tensor, thread: number, threads: number): Tensor {
  const begin = (part: number): number => LINE * Math.floor((tensor.rowSize * part) / threads / LINE);
  const end = thread === threads - 1 ? tensor.rowSize : begin(thread + 1);
  return slice(tensor, begin(thread), [end - begin(thread)]);
}

const LINE = 16;

function isNotEmpty(operation: Operation): boolean {
  return Object.values(operation).every((value: unknown) => !isTensor(value) || value.rowSize > 0);
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "storage" in value;
}
