// Matrix products. Every sum runs over ascending k, whatever the batch size.
import type { Tensor } from "../tensor.ts";

export type ProductOperation =
  /** c = a·b        a (B,k)  b (k,n)  c (B,n); with a bias (n), each sum begins with it */
  | {
      readonly kind: "gemm_nn";
      readonly a: Tensor;
      readonly b: Tensor;
      readonly c: Tensor;
      readonly bias?: Tensor | null;
    }
  /** c += aᵀ·b      a (B,m)  b (B,n)  c (m,n): the sum runs over the batch; with it, where wanted, sum += Σ_B b, (n) */
  | {
      readonly kind: "gemm_tn";
      readonly a: Tensor;
      readonly b: Tensor;
      readonly c: Tensor;
      readonly sum?: Tensor | null;
    }
  /** c = a·bᵀ       a (B,n)  b (k,n)  c (B,k) */
  | { readonly kind: "gemm_nt"; readonly a: Tensor; readonly b: Tensor; readonly c: Tensor }
  // A product for each row of the batch; c += instead of c = where it says `accumulate`.
  /** c = a·b        a (B,m,k)  b (B,k,n)  c (B,m,n) */
  | BatchedProduct<"batched_nn">
  /** c = aᵀ·b       a (B,k,m)  b (B,k,n)  c (B,m,n) */
  | BatchedProduct<"batched_tn">
  /** c = a·bᵀ       a (B,m,k)  b (B,n,k)  c (B,m,n) */
  | BatchedProduct<"batched_nt">;

interface BatchedProduct<Kind> {
  readonly kind: Kind;
  readonly a: Tensor;
  readonly b: Tensor;
  readonly c: Tensor;
  readonly accumulate: boolean;
}

/** y = x·W + b. x (B,k) W (k,n) b (n) y (B,n) */
export function matrixMultiply(x: Tensor, W: Tensor, y: Tensor, b: Tensor | null = null): ProductOperation {
  return { kind: "gemm_nn", a: x, b: W, c: y, bias: b };
}

/** dW += xᵀ·dy, db += Σ_B dy. x (B,m) dy (B,n) dW (m,n) db (n) */
export function addTransposedTimes(x: Tensor, dy: Tensor, dW: Tensor, db: Tensor | null = null): ProductOperation {
  return { kind: "gemm_tn", a: x, b: dy, c: dW, sum: db };
}

/** dx = dy·Wᵀ. dy (B,n) W (k,n) dx (B,k) */
export function timesTransposed(dy: Tensor, W: Tensor, dx: Tensor): ProductOperation {
  return { kind: "gemm_nt", a: dy, b: W, c: dx };
}
