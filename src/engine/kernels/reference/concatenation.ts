// Two sequences beside each other, step by step.
// concatenate   y = [a b]      a (B,T,m)  b (B,T,n)  y (B,T,m+n)
// split         [a b] = y
import type { Memory } from "../../memory.ts";
import type { OperationOf } from "../../operations.ts";
import type { Elements } from "../../tensor.ts";
import type { Call } from "../kernels.ts";
import type { Family } from "./family.ts";

export function concatenationKernels(): Family<"concatenate" | "split"> {
  return {
    concatenate: (operation, memory) =>
      eachPart(operation, memory, (y, at, part, from, width) => {
        for (let j = 0; j < width; j++) y[at + j] = part[from + j];
      }),
    split: (operation, memory) =>
      eachPart(operation, memory, (y, at, part, to, width) => {
        for (let j = 0; j < width; j++) part[to + j] = y[at + j];
      }),
  };
}

/** A part of a step: `width` numbers, in y from `at` on, in a or b from `start` on. */
type Visit = (y: Elements, at: number, part: Elements, start: number, width: number) => void;

function eachPart(operation: OperationOf<"concatenate" | "split">, memory: Memory, visit: Visit): Call {
  const [y, a, b] = [memory.view(operation.y), memory.view(operation.a), memory.view(operation.b)];
  const [steps, m] = operation.a.shape;
  const [, n] = operation.b.shape;
  return ({ rows }) => {
    for (let step = 0; step < rows * steps; step++) {
      visit(y, step * (m + n), a, step * m, m);
      visit(y, step * (m + n) + m, b, step * n, n);
    }
  };
}
