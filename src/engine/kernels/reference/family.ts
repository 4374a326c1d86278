// How the reference kernels are written: one table per family, from the kind of an operation to the code that binds it.
import type { Memory } from "../../memory.ts";
import type { OperationKind, OperationOf } from "../../operations.ts";
import type { Precision } from "../../tensor.ts";
import type { Call } from "../kernels.ts";

export type Round = (value: number) => number;

export type Family<Kind extends OperationKind> = {
  readonly [K in Kind]: (operation: OperationOf<K>, memory: Memory) => Call;
};

/** Rounds a float64 result to `precision`. Applied after every multiply, add, divide and square root it yields exactly
 * IEEE single-precision arithmetic: 53 bits ≥ 2·24 + 2 make the double rounding harmless (Figueroa, 1995). Both
 * precisions come from one function with a flag: V8 inlines a call only while every caller meets the same code, and
 * two functions (Math.fround and an identity) in one process made the matrix products 15 times slower. */
export function roundTo(precision: Precision): Round {
  const single = precision === "float32";
  return (value) => (single ? Math.fround(value) : value);
}
