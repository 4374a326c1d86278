// The order of numbers in rows: tensors beside each other, and steps backwards.
// concatenate     y = [p_1 p_2 …] in the last dimension      p_i (B,…,n_i)  y (B,…,Σ n_i)
// split           [p_1 p_2 …] = y
// reverse_steps   y_t = x_{T−1−t}                            x, y (B,T,n)
import type { Memory } from "../../memory.ts";
import type { OperationOf } from "../../operations.ts";
import type { Elements } from "../../tensor.ts";
import type { Call } from "../kernels.ts";
import type { Family } from "./family.ts";

export function concatenationKernels(): Family<"concatenate" | "split" | "reverse_steps"> {
  return {
    concatenate: (operation, memory) =>
      eachPart(operation, memory, (y, at, part, from, width) => {
        for (let j = 0; j < width; j++) y[at + j] = part[from + j];
      }),
    split: (operation, memory) =>
      eachPart(operation, memory, (y, at, part, to, width) => {
        for (let j = 0; j < width; j++) part[to + j] = y[at + j];
      }),
    reverse_steps: (operation, memory) => {
      const [x, y] = [memory.view(operation.x), memory.view(operation.y)];
      const [steps, width] = operation.x.shape;
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) {
          for (let t = 0; t < steps; t++) {
            const [from, to] = [row * steps + steps - 1 - t, row * steps + t];
            for (let j = 0; j < width; j++) y[to * width + j] = x[from * width + j];
          }
        }
      };
    },
  };
}

/** A part of a vector: `width` numbers, in y from `at` on, in the part from `start` on. */
type Visit = (y: Elements, at: number, part: Elements, start: number, width: number) => void;

function eachPart({ y, parts }: OperationOf<"concatenate" | "split">, memory: Memory, visit: Visit): Call {
  const whole = memory.view(y);
  const total = y.shape.at(-1)!;
  const vectors = y.rowSize / total;
  const views = parts.map((part) => ({ values: memory.view(part), width: part.shape.at(-1)! }));
  return ({ rows }) => {
    for (let vector = 0; vector < rows * vectors; vector++) {
      let at = vector * total;
      for (const { values, width } of views) {
        visit(whole, at, values, vector * width, width);
        at += width;
      }
    }
  };
}
