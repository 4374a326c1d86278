// The self-test of generated kernels: a chain of operations as a training step has them, and products large enough that
// V8 runs its optimised code, all of odd shapes, against the reference. The products also measure a tile.
import { allocateMemory, layout } from "../memory.ts";
import type { Memory } from "../memory.ts";
import { tensorsOf } from "../operations.ts";
import { addRow, sumRows } from "../operations/elements.ts";
import { addTransposedTimes, matrixMultiply, timesTransposed } from "../operations/products.ts";
import type { Operation } from "../operations.ts";
import { createGenerator, uniform } from "../random.ts";
import { fixedTensor, rowTensor } from "../tensor.ts";
import type { Call, Kernels, Step } from "./kernels.ts";

interface Bench {
  readonly operations: readonly Operation[];
  readonly rows: number;
}

export interface Trial {
  readonly memory: Memory;
  readonly call: Call;
  readonly step: Step;
}

/** More than one block of k, of rows and of panels, none of them whole. */
export const PRODUCTS: Bench = products(75, 259, 83);

/** Each kind of kernel once: products, transcendental functions, row sums, an optimizer. */
export const CHAIN: Bench = chain(13, 37, 21, 5);

/** Binds the operations over seeded numbers in (−1, 1) and runs nothing yet. */
export function prepare({ operations, rows }: Bench, kernels: Kernels): Trial {
  const tensors = operations.flatMap(tensorsOf);
  const arena = layout(tensors, kernels.precision);
  const memory = allocateMemory(arena, kernels, [operations]);
  const generator = createGenerator(7, "initialisation");
  for (const tensor of arena.places.keys()) {
    const view = memory.view(tensor);
    for (let i = 0; i < view.length; i++) view[i] = 2 * uniform(generator) - 1;
    if (tensor.name === "class") view.forEach((_value, row) => (view[row] = row % 5));
    if (tensor.name === "square") view.forEach((value, i) => (view[i] = Math.abs(value)));
  }
  const step = { rows, batchRows: rows, firstRow: 0, learningRate: 0.01, number: 1, seed: 1 };
  return { memory, call: kernels.bind(operations, memory), step };
}

/** The first element that is not what the reference has, in words; undefined when all are. `exact`: to the last bit. */
export function difference(bench: Bench, trial: Trial, reference: Trial, exact: boolean): string | undefined {
  for (const tensor of new Set(bench.operations.flatMap(tensorsOf))) {
    const [got, wanted] = [trial.memory.view(tensor), reference.memory.view(tensor)];
    const tolerance = exact ? 0 : 1e-4;
    const wrong = got.findIndex((value, i) => !(Math.abs(value - wanted[i]) <= tolerance * (1 + Math.abs(wanted[i]))));
    if (wrong !== -1) return `${tensor.name}[${wrong}] is ${got[wrong]}, not ${wanted[wrong]}`;
  }
  return undefined;
}

function products(rows: number, inner: number, outer: number): Bench {
  const [x, y] = [rowTensor("x", [inner], rows), rowTensor("y", [outer], rows)];
  const [W, dW] = [fixedTensor("W", [inner, outer]), fixedTensor("dW", [inner, outer])];
  const [z, dx] = [rowTensor("z", [outer], rows), rowTensor("dx", [inner], rows)];
  const operations: Operation[] = [
    { kind: "clear", tensors: [dW] },
    matrixMultiply(x, W, z),
    addTransposedTimes(x, y, dW),
    timesTransposed(y, W, dx),
  ];
  return { operations, rows };
}

function chain(rows: number, inputs: number, hidden: number, classes: number): Bench {
  const values = (name: string, width: number) => rowTensor(name, [width], rows);
  const [x, z, a, dz, da] = [values("x", inputs), ...["z", "a", "dz", "da"].map((name) => values(name, hidden))];
  const [W1, dW1] = [fixedTensor("W1", [inputs, hidden]), fixedTensor("dW1", [inputs, hidden])];
  const [W2, dW2] = [fixedTensor("W2", [hidden, classes]), fixedTensor("dW2", [hidden, classes])];
  const [b, db] = [fixedTensor("b", [classes]), fixedTensor("db", [classes])];
  const [logits, p, dlogits] = ["logits", "p", "dlogits"].map((name) => values(name, classes));
  const [t, loss] = [values("class", 1), values("loss", 1)];
  const [m, v] = [fixedTensor("m", [classes]), fixedTensor("square", [classes])];
  const operations: Operation[] = [
    { kind: "clear", tensors: [dW1, dW2, db] },
    matrixMultiply(x, W1, z),
    { kind: "activate", function: "tanh", x: z, y: a },
    matrixMultiply(a, W2, logits),
    addRow(b, logits),
    { kind: "softmax_cross_entropy", z: logits, t, p, loss },
    { kind: "softmax_cross_entropy_backward", p, t, dz: dlogits },
    addTransposedTimes(a, dlogits, dW2),
    sumRows(dlogits, db),
    timesTransposed(dlogits, W2, da),
    { kind: "activate_backward", function: "tanh", x: z, y: a, dy: da, dx: dz },
    addTransposedTimes(x, dz, dW1),
    {
      kind: "adam",
      parameter: b,
      gradient: db,
      m,
      v,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0.01,
      decoupled: false,
    },
  ];
  return { operations, rows };
}
