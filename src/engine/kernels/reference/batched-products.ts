// A product for each row of the batch, over ascending k, rounded after every multiply and every add.
// batched_nn   c = a·b      a (B,m,k)  b (B,k,n)  c (B,m,n)
// batched_tn   c = aᵀ·b     a (B,k,m)  b (B,k,n)  c (B,m,n)
// batched_nt   c = a·bᵀ     a (B,m,k)  b (B,n,k)  c (B,m,n)
import type { Memory } from "../../memory.ts";
import type { OperationOf } from "../../operations.ts";
import type { Call } from "../kernels.ts";
import type { Family, Round } from "./family.ts";

type Kind = "batched_nn" | "batched_tn" | "batched_nt";

/** From an element of a matrix to the one below it, and to the one beside it. */
type Strides = readonly [number, number];

export function batchedProductKernels(round: Round): Family<Kind> {
  const bind = (operation: OperationOf<Kind>, memory: Memory, depth: number, aBy: Strides, bBy: Strides): Call => {
    const { accumulate } = operation;
    const [a, b, c] = [memory.view(operation.a), memory.view(operation.b), memory.view(operation.c)];
    const [m, n] = operation.c.shape;
    return ({ rows }) => {
      for (let row = 0; row < rows; row++) {
        const [aAt, bAt, cAt] = [operation.a, operation.b, operation.c].map(({ rowSize }) => row * rowSize);
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let sum = accumulate ? c[cAt + i * n + j] : 0;
            for (let k = 0; k < depth; k++) {
              const product = round(a[aAt + i * aBy[0] + k * aBy[1]] * b[bAt + k * bBy[0] + j * bBy[1]]);
              sum = round(sum + product);
            }
            c[cAt + i * n + j] = sum;
          }
        }
      }
    };
  };
  return {
    batched_nn: (operation, memory) => {
      const [depth, n] = operation.b.shape;
      return bind(operation, memory, depth, [depth, 1], [n, 1]);
    },
    batched_tn: (operation, memory) => {
      const [[depth, m], [, n]] = [operation.a.shape, operation.b.shape];
      return bind(operation, memory, depth, [1, m], [n, 1]);
    },
    batched_nt: (operation, memory) => {
      const [, depth] = operation.b.shape;
      return bind(operation, memory, depth, [depth, 1], [1, depth]);
    },
  };
}
