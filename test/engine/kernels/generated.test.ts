import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Arithmetic } from "../../../src/engine/kernels/generated/emission.ts";
import { createGeneratedKernels, REFERENCE_KINDS } from "../../../src/engine/kernels/generated/generated.ts";
import type { Kernels } from "../../../src/engine/kernels/kernels.ts";
import { createReferenceKernels } from "../../../src/engine/kernels/reference/reference.ts";
import { allocateMemory, layout } from "../../../src/engine/memory.ts";
import { tensorsOf } from "../../../src/engine/operations.ts";
import type { Elements, Tensor } from "../../../src/engine/tensor.ts";
import { fixedTensor } from "../../../src/engine/tensor.ts";
import { scattered, stepOf } from "../construction.ts";
import { OPERATION_CASES } from "./operation-cases.ts";
import type { Extents, OperationCase } from "./operation-cases.ts";

const ARITHMETIC: Record<string, Arithmetic> = {
  "mul+add 4x8": { fused: false, tile: { rows: 4, columns: 8 } },
  "mul+add 4x16": { fused: false, tile: { rows: 4, columns: 16 } },
  "fused 6x16": { fused: true, tile: { rows: 6, columns: 16 } },
};

const REFERENCE = createReferenceKernels("float32");
const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1e-40, 1e-30];

/** Stands in every word that is no tensor's: at least 16 of them before and after each. */
const GUARD = 0.125;

/** The contents of every tensor after one operation, which began with scattered numbers, some of them special. */
function run(
  kernels: Kernels,
  { make, indices, nonNegative, bounded }: OperationCase,
  extents: Extents,
  special: number,
): Map<Tensor["name"], Elements> {
  const operation = make(extents);
  const tensors = tensorsOf(operation);
  const guard = (): Tensor => fixedTensor("guard", [16]);
  const guarded = [guard(), ...tensors.flatMap((tensor) => [tensor, guard()])];
  const memory = allocateMemory(layout(guarded, "float32"), kernels, [[operation]]);
  const words = new Float32Array(memory.buffer, 0, memory.working / 4).fill(GUARD);
  tensors.forEach((tensor, index) => {
    const view = memory.view(tensor);
    // Beyond ±1, so that every branch of every function is taken.
    const scale = bounded?.includes(tensor.name) ? 1 / 4 : 3;
    const values = scattered(view.length, index + 1).map((value) => scale * value);
    if (special > 0)
      for (let i = special % 7; i < values.length; i += 11) values[i] = SPECIAL[(i + special) % SPECIAL.length];
    if (indices?.includes(tensor.name)) values.forEach((_, i) => (values[i] = (i * 7) % extents.n));
    if (nonNegative?.includes(tensor.name)) values.forEach((value, i) => (values[i] = Math.abs(value)));
    view.set(values);
  });
  // Part of a batch, as one of several threads has it.
  const [batchRows, firstRow] = [extents.capacity + extents.m, 4 * (extents.n % 3)];
  kernels.bind(
    [operation],
    memory,
  )(stepOf({ rows: extents.rows, batchRows, firstRow, learningRate: 0.05, number: 3, seed: 2 ** 40 + 17 }));
  const contents = new Map(tensors.map((tensor) => [tensor.name, memory.view(tensor).slice()]));
  for (const tensor of tensors) memory.view(tensor).fill(GUARD);
  expect(words.findIndex((word) => word !== GUARD)).toBe(-1);
  return contents;
}

/** Shapes around the edges of vectors, tiles and blocks. */
const extentsOf = (most: number): fc.Arbitrary<Extents> =>
  fc
    .record({
      rows: fc.integer({ min: 1, max: most }),
      spare: fc.integer({ min: 0, max: 5 }),
      m: fc.integer({ min: 1, max: most }),
      n: fc.integer({ min: 1, max: most }),
    })
    .map(({ rows, spare, m, n }) => ({ rows, capacity: rows + spare, m, n }));

/** The first number that the kernels and the reference do not agree on, in words. */
function disagreement(
  kernels: Kernels,
  fused: boolean,
  operation: OperationCase,
  extents: Extents,
  special: number,
): string | undefined {
  const expected = run(REFERENCE, operation, extents, special);
  const exact = operation.agreement === "exact" || (operation.agreement === "sums" && !fused);
  for (const [name, values] of run(kernels, operation, extents, special)) {
    const wanted = expected.get(name)!;
    const agrees = exact ? Object.is : isClose(extents);
    const wrong = values.findIndex((value, i) => !agrees(value, wanted[i]));
    if (wrong !== -1) return `${name}[${wrong}] is ${values[wrong]}, not ${wanted[wrong]}`;
  }
  return undefined;
}

/** NaN and infinities in the same places; otherwise within a few roundings of each of the terms of a sum. */
function isClose({ rows, m, n }: Extents): (value: number, wanted: number) => boolean {
  const terms = Math.max(rows, m, n);
  return (value, wanted) =>
    Object.is(value, wanted) || Math.abs(value - wanted) <= 2 ** -24 * 12 * (terms + Math.abs(wanted));
}

describe.each(Object.entries(ARITHMETIC))("generated kernels, %s", (tier, arithmetic) => {
  const kernels = createGeneratedKernels(tier, arithmetic);

  it.each(OPERATION_CASES)("$name agrees with the reference on random shapes", (operation) => {
    fc.assert(
      fc.property(extentsOf(40), (extents) => {
        expect(disagreement(kernels, arithmetic.fused, operation, extents, 0)).toBeUndefined();
      }),
      { numRuns: 12 },
    );
  });

  it.each(OPERATION_CASES)("$name gives NaN, infinities and denormals the reference's way", (operation) => {
    fc.assert(
      fc.property(extentsOf(20), fc.integer({ min: 1, max: 50 }), (extents, special) => {
        expect(disagreement(kernels, arithmetic.fused, operation, extents, special)).toBeUndefined();
      }),
      { numRuns: 6 },
    );
  });

  // Products: beyond one block of columns (1,024), of k (320) and of rows (72), packed and in place, in turn. Softmax:
  // beyond 64 rows, and beyond the 2,048 numbers that are worked on together.
  it.each([
    { rows: 75, capacity: 75, m: 650, n: 130 },
    { rows: 3, capacity: 80, m: 330, n: 1030 },
    { rows: 1, capacity: 80, m: 515, n: 200 },
    { rows: 330, capacity: 330, m: 40, n: 1100 },
    { rows: 17, capacity: 17, m: 1100, n: 257 },
    { rows: 130, capacity: 131, m: 5, n: 3 },
    { rows: 2, capacity: 3, m: 5, n: 2500 },
  ])("products and softmax agree with the reference beyond one block: %j", (extents) => {
    for (const operation of OPERATION_CASES.filter(({ name }) => /^(gemm|softmax)/.test(name))) {
      expect(disagreement(kernels, arithmetic.fused, operation, extents, 0)).toBeUndefined();
    }
  });
});

describe.each(Object.entries(ARITHMETIC))("recurrent kernels, %s", (tier, arithmetic) => {
  // Beyond one block of rows (72), and of k (320).
  it.each([
    { rows: 75, capacity: 76, m: 2, n: 9 },
    { rows: 3, capacity: 3, m: 1, n: 326 },
  ])("agree with the reference beyond one block: %j", (extents) => {
    const kernels = createGeneratedKernels(tier, arithmetic);
    for (const operation of OPERATION_CASES.filter(({ name }) => /^(lstm|gru|simple_rnn).*sequences$/.test(name))) {
      expect(disagreement(kernels, arithmetic.fused, operation, extents, 0)).toBeUndefined();
    }
  });
});

describe("a row longer than a block of a product", () => {
  const kernels = createGeneratedKernels("separate", ARITHMETIC["mul+add 4x8"]);
  it.each(["error_loss squared mean", "sigmoid_cross_entropy", "softmax_backward"])(
    "has all the scratch memory it needs: %s",
    (kind) => {
      const operation = OPERATION_CASES.find(({ name }) => name === kind)!;
      const extents = { rows: 2, capacity: 2, m: 1, n: 90_000 };
      expect(disagreement(kernels, false, operation, extents, 0)).toBeUndefined();
    },
  );
});

describe("the list of what is generated", () => {
  it("leaves only the named kinds to the reference, and the cases above cover all of it", () => {
    const kinds = new Set(OPERATION_CASES.map(({ make }) => make({ rows: 1, capacity: 1, m: 1, n: 1 }).kind));
    expect(kinds.size).toBe(41);
    expect(REFERENCE_KINDS.filter((kind) => !kinds.has(kind))).toEqual([]);
  });
});
