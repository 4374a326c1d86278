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
  /** s[t,j] = Σ_a v[a]·tanh(q[t,a] + k[j,a]) in each row     q (B,T,A)  k (B,S,A)  v (A)  s (B,T,S) */
  | {
      readonly kind: "additive_scores";
      readonly q: Tensor;
      readonly k: Tensor;
      readonly v: Tensor;
      readonly s: Tensor;
    }
  /** g = ds·v ⊙ (1 − tanh²(q + k))    dq = Σ_j g    dk = Σ_t g    dv += Σ ds·tanh(q + k) */
  | {
      readonly kind: "additive_scores_backward";
      readonly q: Tensor;
      readonly k: Tensor;
      readonly v: Tensor;
      readonly ds: Tensor;
      readonly dq: Tensor;
      readonly dk: Tensor;
      readonly dv: Tensor;
    }
  /** x[t,j] = −10³⁰ in every step t where token j of the row is padding, 0: a softmax then gives it no share at all
   * tokens (B,…), S of them from column `first` on     x (B,T,S) */
  | { readonly kind: "mask_padding"; readonly tokens: Tensor; readonly first: number; readonly x: Tensor }
  /** y = [p_1 p_2 …] in the last dimension     p_i (B,…,n_i)  y (B,…,Σ n_i): vectors, steps of sequences or pixels */
  | { readonly kind: "concatenate"; readonly parts: readonly Tensor[]; readonly y: Tensor }
  /** [p_1 p_2 …] = y: the other way round */
  | { readonly kind: "split"; readonly y: Tensor; readonly parts: readonly Tensor[] }
  /** y_t = x_{T−1−t}     x, y (B,T,n) */
  | { readonly kind: "reverse_steps"; readonly x: Tensor; readonly y: Tensor };
