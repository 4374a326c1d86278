import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Arithmetic } from "../../../src/engine/kernels/generated/emission.ts";
import { createGeneratedKernels, REFERENCE_KINDS } from "../../../src/engine/kernels/generated/generated.ts";
import type { Kernels } from "../../../src/engine/kernels/kernels.ts";
import { disagreement as firstDisagreement } from "./agreement.ts";
import { OPERATION_CASES } from "./operation-cases.ts";
import type { Extents, OperationCase } from "./operation-cases.ts";

const ARITHMETIC: Record<string, Arithmetic> = {
  "mul+add 4x8": { fused: false, tile: { rows: 4, columns: 8 } },
  "mul+add 4x16": { fused: false, tile: { rows: 4, columns: 16 } },
  "fused 6x16": { fused: true, tile: { rows: 6, columns: 16 } },
};

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
  { make, agreement, ...contents }: OperationCase,
  extents: Extents,
  special: number,
): string | undefined {
  const { rows, capacity, m, n } = extents;
  // Part of a batch, as one of several threads has it.
  const step = { batchRows: capacity + m, firstRow: 4 * (n % 3) };
  const trial = { operation: make(extents), rows, special, indexLimit: n, step, ...contents };
  const exact = agreement === "exact" || (agreement === "sums" && !fused);
  return firstDisagreement(kernels, trial, exact ? Object.is : isClose(extents));
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
      { numRuns: 8 },
    );
  });

  it.each(OPERATION_CASES)("$name gives NaN, infinities and denormals the reference's way", (operation) => {
    fc.assert(
      fc.property(extentsOf(20), fc.integer({ min: 1, max: 50 }), (extents, special) => {
        expect(disagreement(kernels, arithmetic.fused, operation, extents, special)).toBeUndefined();
      }),
      { numRuns: 4 },
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

  // Blocks of 512 columns and 252 rows, which only a transposed operand with more than 160 steps of k has.
  it.each(OPERATION_CASES.filter(({ name }) => name.startsWith("gemm_tn")))(
    "$name agrees with the reference beyond one deep block",
    (operation) => {
      const extents = { rows: 330, capacity: 331, m: 259, n: 533 };
      expect(disagreement(kernels, arithmetic.fused, operation, extents, 0)).toBeUndefined();
    },
  );
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
    expect(kinds.size).toBe(61);
    expect(REFERENCE_KINDS.filter((kind) => !kinds.has(kind))).toEqual([]);
  });
});
