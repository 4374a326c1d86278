// What is written down about a training beside what it computes.
import type { Tensor } from "../tensor.ts";

export type DiagnosticOperation =
  /** norm (1) = √Σ g² over all gradients */
  | { readonly kind: "gradient_norm"; readonly gradients: readonly Tensor[]; readonly norm: Tensor }
  /** active_j = 1 where any y_j > 0, else unchanged     y (B,…,n)  active (n) */
  | { readonly kind: "mark_active"; readonly y: Tensor; readonly active: Tensor };
