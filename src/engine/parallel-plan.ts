// What each thread of a data-parallel training does beside its part of the batch (Dean et al., 2012, without servers):
// sum      its slice of every gradient, over all threads in ascending order: g₀ ← g₀ + g₁ + g₂ + …
// update   its slice of every parameter and of the optimizer's state, with the sum in the gradient of the first thread
// So the result depends on the number of threads, but never on which of them comes first. Slices are cut into blocks that
// stay in the cache between sum and update.
import type { Layout, Place } from "./memory.ts";
import { isTensor } from "./operations.ts";
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
  /** Both, block by block: the same numbers, where nothing comes between. */
  readonly sumAndUpdate: readonly Operation[];
}

/** The elements of a tensor from `start` to before `end`. */
interface Block {
  readonly start: number;
  readonly end: number;
}

/** A cache line of float32: no two threads write to the same one. */
const LINE = 16;
/** Gradients, parameter and state of so many elements are together in L2. */
const BLOCK = 16_384;

/** The lists of thread number `thread` of the plan's. */
export function planThread({ layout, threads }: Plan, training: TrainingPlan, thread: number): ThreadLists {
  const gradients = training.parameters.map(({ gradient }) => gradient);
  const places = new Map<Tensor, Place>(layout.places);
  const blocks = gradients.flatMap((gradient, index) => {
    const { offset, stride } = layout.places.get(gradient.storage)!;
    const others = Array.from({ length: threads - 1 }, (_, position) => {
      const other = fixedTensor(`${gradient.name} of thread ${position + 1}`, gradient.shape);
      places.set(other, { offset: offset + (position + 1) * stride, stride: 0 });
      return other;
    });
    return blocksOf(gradient, thread, threads).map((block) => {
      const total = partOf(gradient, block);
      return {
        sum: others.map((other) => add(total, partOf(other, block), total)),
        update: training.update[index].map((operation) => partOfUpdate(operation, block)),
      };
    });
  });
  // Those of the first thread are the network's.
  const statistics = thread === 0 ? training.averageStatistics : [];
  return {
    layout: { ...layout, places },
    clear: [{ kind: "clear", tensors: gradients }],
    sum: blocks.flatMap(({ sum }) => sum),
    update: [...blocks.flatMap(({ update }) => update), ...statistics],
    sumAndUpdate: [...blocks.flatMap(({ sum, update }) => [...sum, ...update]), ...statistics],
  };
}

/** The thread's slice of the tensor, an equal part of its cache lines. */
function blocksOf({ rowSize }: Tensor, thread: number, threads: number): Block[] {
  const begin = (part: number): number => LINE * Math.floor((rowSize * part) / threads / LINE);
  const [first, last] = [begin(thread), thread === threads - 1 ? rowSize : begin(thread + 1)];
  return Array.from({ length: Math.ceil((last - first) / BLOCK) }, (_, index) => {
    const start = first + index * BLOCK;
    return { start, end: Math.min(start + BLOCK, last) };
  });
}

function partOf(tensor: Tensor, { start, end }: Block): Tensor {
  return slice(tensor, start, [end - start]);
}

/** The update of a part of the parameter: parameter, gradient, state and average have the same shape. */
function partOfUpdate(update: Operation, block: Block): Operation {
  const fields = Object.entries(update).map(([field, value]: [string, unknown]) => [
    field,
    isTensor(value) ? partOf(value, block) : value,
  ]);
  return Object.fromEntries(fields) as Operation;
}
