// Sequences: (B,T,n) holds T steps of n numbers for each row of the batch.
import type { Tensor } from "../tensor.ts";

export type SequenceOperation =
  /** y_t = E[i_t], i the T indices of each row from column `first` on     indices (B,…)  E (V,n)  y (B,T,n) */
  | {
      readonly kind: "embed";
      readonly indices: Tensor;
      readonly first: number;
      readonly E: Tensor;
      readonly y: Tensor;
    }
  /** dE[i_t] += dy_t, over ascending rows and steps */
  | {
      readonly kind: "embed_backward";
      readonly indices: Tensor;
      readonly first: number;
      readonly dy: Tensor;
      readonly dE: Tensor;
    }
  /** y = [a b] in each step     a (B,T,m)  b (B,T,n)  y (B,T,m+n) */
  | { readonly kind: "concatenate"; readonly a: Tensor; readonly b: Tensor; readonly y: Tensor }
  /** [a b] = y in each step: the other way round */
  | { readonly kind: "split"; readonly y: Tensor; readonly a: Tensor; readonly b: Tensor };
