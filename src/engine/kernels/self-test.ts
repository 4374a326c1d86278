// The self-test of generated kernels: a chain of operations as a training step has them, products that take every road
// through the blocking, and every other kind of operation (self-test-benches.ts), all of odd shapes, against the reference.
import { layout, memoryIn } from "../memory.ts";
import type { Memory } from "../memory.ts";
import { tensorsOf } from "../operations.ts";
import { addTransposedTimes, matrixMultiply, timesTransposed } from "../operations/products.ts";
import type { Operation } from "../operations.ts";
import { fixedTensor, rowTensor } from "../tensor.ts";
import type { Call, Kernels, Step } from "./kernels.ts";
import { OTHER_PRODUCTS, OTHERS } from "./self-test-benches.ts";

export interface Workload {
  readonly operations: readonly Operation[];
  readonly rows: number;
}

export interface Bench extends Workload {
  /** What it is tested with: the tier's own arithmetic; separate multiplies and adds, for what has the same code on every
   * tier; or both, for the products that all others are made of. Every process that starts waits for the self-test. */
  readonly arithmetic: "own" | "separate" | "both";
}

export interface Trial {
  readonly memory: Memory;
  readonly call: Call;
  readonly step: Step;
}

/** More than one block of k, of rows and of panels, none of them whole; a and b packed and in place. */
export const PRODUCTS: Bench = products(17);

/** Products, transcendental functions, row sums and an optimizer, as one step of a training. */
export const CHAIN: Bench = chain(13, 37, 21, 5);

export const BENCHES: readonly Bench[] = [
  PRODUCTS,
  CHAIN,
  { ...OTHER_PRODUCTS, arithmetic: "own" },
  { ...OTHERS, arithmetic: "separate" },
];

/** More than the kernels of any bench need beside its tensors; one that reached beyond would trap. */
const AMPLE_WORKING_BYTES = 2 ** 21;

/** Binds the operations over scattered numbers in (−1, 1) and runs nothing yet. */
export function prepare({ operations, rows }: Workload, kernels: Kernels): Trial {
  const tensors = operations.flatMap(tensorsOf);
  const arena = layout(tensors, kernels.precision);
  // Asking the kernels what working memory they need takes as long as writing their code.
  const memory = memoryIn(kernels.allocate(arena.bytes + AMPLE_WORKING_BYTES), arena, kernels, []);
  let position = 0;
  for (const tensor of arena.places.keys()) {
    const view = memory.view(tensor);
    for (let i = 0; i < view.length; i++) view[i] = scattered(position++);
    if (tensor.name === "class") view.forEach((_value, row) => (view[row] = row % 5));
    if (tensor.name === "square") view.forEach((value, i) => (view[i] = Math.abs(value)));
  }
  const step = { rows, batchRows: rows, firstRow: 0, learningRate: 0.01, number: 1, seed: 1 };
  return { memory, call: kernels.bind(operations, memory), step };
}

/** The first element that is not what the reference has, in words; undefined when all are. `exact`: to the last bit. */
export function difference(bench: Workload, trial: Trial, reference: Trial, exact: boolean): string | undefined {
  for (const tensor of new Set(bench.operations.flatMap(tensorsOf))) {
    const [got, wanted] = [trial.memory.view(tensor), reference.memory.view(tensor)];
    const tolerance = exact ? 0 : 1e-4;
    for (let i = 0; i < got.length; i++) {
      // Also true of a NaN.
      if (!(Math.abs(got[i] - wanted[i]) <= tolerance * (1 + Math.abs(wanted[i])))) {
        return `${tensor.name}[${i}] is ${got[i]}, not ${wanted[i]}`;
      }
    }
  }
  return undefined;
}

/** Number i of a sequence that fills (−1, 1) evenly (Weyl, 1916): the engine's own generator takes 50 ms to warm up. */
function scattered(i: number): number {
  const place = i * 0.6180339887498949;
  return 2 * (place - Math.floor(place)) - 1;
}

function products(rows: number): Bench {
  const values = (name: string, ...shape: number[]) => rowTensor(name, shape, rows);
  const weights = (name: string, depth: number, columns: number) => fixedTensor(name, [depth, columns]);
  const dW = weights("dW", 515, 131);
  const operations: Operation[] = [
    // Two blocks of k, b packed.
    matrixMultiply(values("x", 325), weights("W", 325, 131), values("z", 131)),
    // 85 rows are two blocks; b in place.
    matrixMultiply(values("x5", 5, 9), weights("W5", 9, 37), values("z5", 5, 37)),
    // Both packed, the transposed a in blocks of rows.
    { kind: "clear", tensors: [dW] },
    addTransposedTimes(values("x515", 515), values("dz", 131), dW, fixedTensor("sum", [131])),
    // b transposed.
    timesTransposed(values("dy", 21), weights("W21", 37, 21), values("dx", 37)),
  ];
  return { operations, rows, arithmetic: "both" };
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
    matrixMultiply(a, W2, logits, b),
    { kind: "softmax_cross_entropy", z: logits, t, p, loss },
    { kind: "softmax_cross_entropy_backward", p, t, dz: dlogits },
    addTransposedTimes(a, dlogits, dW2, db),
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
  return { operations, rows, arithmetic: "separate" };
}
