import { describe, expect, it } from "vitest";
import { createReferenceKernels } from "../../src/engine/kernels/reference/reference.ts";
import { allocateMemory, layout } from "../../src/engine/memory.ts";
import type { Operation } from "../../src/engine/operations.ts";
import { tensorsOf } from "../../src/engine/operations.ts";
import { sumRows } from "../../src/engine/operations/elements.ts";
import { addTransposedTimes, matrixMultiply, timesTransposed } from "../../src/engine/operations/products.ts";
import { createGenerator, nextInteger } from "../../src/engine/random.ts";
import type { Elements, Precision, Tensor } from "../../src/engine/tensor.ts";
import { fixedTensor, rowTensor } from "../../src/engine/tensor.ts";
import { scattered, stepOf } from "./construction.ts";

/** Runs one operation on `rows` rows; every tensor starts with scattered numbers. Gives the tensor `wanted` back. */
function run(operation: Operation, wanted: Tensor, rows: number, precision: Precision): Elements {
  const tensors = tensorsOf(operation);
  const kernels = createReferenceKernels(precision);
  const memory = allocateMemory(layout(tensors, precision), kernels, [[operation]]);
  tensors.forEach((tensor, index) => memory.view(tensor).set(scattered(memory.view(tensor).length, index + 1)));
  kernels.bind([operation], memory)(stepOf({ rows }));
  return memory.view(wanted);
}

// Random shapes from 1 to 20, so most are no multiple of 4, 8 or 16.
const generator = createGenerator(11, "initialisation");
const extent = () => 1 + (nextInteger(generator) % 20);
const SHAPES = Array.from({ length: 24 }, () => [extent(), extent(), extent()] as const);

type Products = (rows: number, k: number, n: number) => { operation: Operation; wanted: Tensor; naive: Naive };
type Naive = (at: (tensor: number, index: number) => number, i: number, j: number, sum: Sum) => number;
type Sum = (start: number, count: number, term: (k: number) => [number, number]) => number;

const PRODUCTS: Record<string, Products> = {
  gemm_nn: (rows, k, n) => {
    const [a, b, c] = [rowTensor("a", [k], rows), fixedTensor("b", [k, n]), rowTensor("c", [n], rows)];
    const naive: Naive = (at, i, j, sum) => sum(0, k, (p) => [at(1, i * k + p), at(2, p * n + j)]);
    return { operation: matrixMultiply(a, b, c), wanted: c, naive };
  },
  gemm_tn: (rows, k, n) => {
    const [a, b, c] = [rowTensor("a", [k], rows), rowTensor("b", [n], rows), fixedTensor("c", [k, n])];
    const naive: Naive = (at, i, j, sum) => sum(at(3, i * n + j), rows, (p) => [at(1, p * k + i), at(2, p * n + j)]);
    return { operation: addTransposedTimes(a, b, c), wanted: c, naive };
  },
  gemm_nt: (rows, k, n) => {
    const [a, b, c] = [rowTensor("a", [n], rows), fixedTensor("b", [k, n]), rowTensor("c", [k], rows)];
    const naive: Naive = (at, i, j, sum) => sum(0, n, (p) => [at(1, i * n + p), at(2, j * n + p)]);
    return { operation: timesTransposed(a, b, c), wanted: c, naive };
  },
};

/** The operation's result by the plain definition, rounding as told after every multiply and add. */
function plain(
  products: Products,
  shape: readonly [number, number, number],
  round: (value: number) => number,
): number[] {
  const { wanted, naive } = products(...shape);
  const width = wanted.shape.at(-1)!;
  const height = wanted.perRow ? shape[0] : wanted.shape[0];
  const inputs = [1, 2, 3].map((seed) => scattered(20 * 20, seed).map(round));
  const at = (tensor: number, index: number) => inputs[tensor - 1][index];
  const sum: Sum = (start, count, term) => {
    let total = start;
    for (let k = 0; k < count; k++) {
      const [left, right] = term(k);
      total = round(total + round(left * right));
    }
    return total;
  };
  return Array.from({ length: height * width }, (_, e) => naive(at, Math.floor(e / width), e % width, sum));
}

describe.each(Object.keys(PRODUCTS))("%s on random shapes", (name) => {
  it.each(SHAPES)("(%i, %i, %i): float32 has the bits of multiply-then-add, in ascending k", (...shape) => {
    const { operation, wanted } = PRODUCTS[name](...shape);
    expect([...run(operation, wanted, shape[0], "float32")]).toEqual(plain(PRODUCTS[name], shape, Math.fround));
  });

  it.each(SHAPES)("(%i, %i, %i): float64 has the bits of the plain loop, float32 is close to them", (...shape) => {
    const { operation, wanted } = PRODUCTS[name](...shape);
    const exact = plain(PRODUCTS[name], shape, (value) => value);
    expect([...run(operation, wanted, shape[0], "float64")]).toEqual(exact);
    const single = run(operation, wanted, shape[0], "float32");
    // At most 21 terms below 1 in size, each rounded twice with error 2⁻²⁴ of at most 20.
    single.forEach((value, i) => expect(Math.abs(value - exact[i])).toBeLessThan(21 * 2 * 20 * 2 ** -24));
  });
});

describe("the reference kernels", () => {
  it("touch only the rows of the batch", () => {
    const [a, b, c] = [rowTensor("a", [3], 8), fixedTensor("b", [3, 5]), rowTensor("c", [5], 8)];
    const before = scattered(40, 3);
    const after = run(matrixMultiply(a, b, c), c, 2, "float64");
    expect([...after.subarray(10)]).toEqual([...before.subarray(10)]);
    expect([...after.subarray(0, 10)]).not.toEqual([...before.subarray(0, 10)]);
  });

  it("add the rows of the batch in ascending order to what the sum already holds", () => {
    const [x, sum] = [rowTensor("x", [3], 8), fixedTensor("sum", [3])];
    const [given, start] = [scattered(24, 1), scattered(3, 2)];
    const expected = [0, 1, 2].map((j) => start[j] + given[j] + given[3 + j] + given[6 + j]);
    expect([...run(sumRows(x, sum), sum, 3, "float64")]).toEqual(expected);
  });

  it("do every float32 division and root in single precision", () => {
    const parameter = fixedTensor("theta", [1]);
    const [gradient, sum] = [fixedTensor("g", [1]), fixedTensor("s", [1])];
    const [f, [theta], [g], [s]] = [Math.fround, scattered(1, 1), scattered(1, 2), scattered(1, 3)];
    const operation: Operation = { kind: "adagrad", parameter, gradient, sum, epsilon: 1e-3, weightDecay: 0 };
    const kernels = createReferenceKernels("float32");
    const memory = allocateMemory(layout([parameter, gradient, sum], "float32"), kernels, [[operation]]);
    memory.view(parameter)[0] = theta;
    memory.view(gradient)[0] = g;
    memory.view(sum)[0] = Math.abs(s);
    kernels.bind([operation], memory)(stepOf({ rows: 1, learningRate: 0.3 }));
    const total = f(f(Math.abs(s)) + f(f(g) * f(g)));
    const change = f(f(g) / f(f(Math.sqrt(total)) + f(1e-3)));
    expect(memory.view(parameter)[0]).toBe(f(f(theta) - f(f(0.3) * change)));
  });

  it("lay tensors at multiples of 64 bytes and give the size before anything is allocated", () => {
    const tensors = [fixedTensor("a", [3]), rowTensor("b", [5], 7), fixedTensor("c", [1])];
    const arena = layout(tensors, "float32");
    expect(tensors.map((tensor) => arena.places.get(tensor)?.offset)).toEqual([0, 64, 64 + 192]);
    expect(arena.bytes).toBe(64 + 192 + 64);
  });
});
