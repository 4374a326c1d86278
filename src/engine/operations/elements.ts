// Operations on rows and elements.
import type { Tensor } from "../tensor.ts";

export type ElementOperation =
  /** sum += Σ_B x     x (B,n)  sum (n) */
  | { readonly kind: "sum_rows"; readonly x: Tensor; readonly sum: Tensor }
  /** every element of every tensor = 0 */
  | { readonly kind: "clear"; readonly tensors: readonly Tensor[] }
  /** y = x */
  | { readonly kind: "copy"; readonly x: Tensor; readonly y: Tensor }
  /** c = a + b, element by element */
  | { readonly kind: "add"; readonly a: Tensor; readonly b: Tensor; readonly c: Tensor }
  /** c = a ⊙ b, element by element */
  | { readonly kind: "multiply"; readonly a: Tensor; readonly b: Tensor; readonly c: Tensor }
  /** y = x ⊙ factors in every pixel or step     x, y (B,…,C)  factors (B,C) */
  | { readonly kind: "multiply_channels"; readonly x: Tensor; readonly factors: Tensor; readonly y: Tensor }
  /** y = x + row in every batch row     x, y (B,n)  row (n) */
  | { readonly kind: "add_row"; readonly x: Tensor; readonly row: Tensor; readonly y: Tensor }
  /** x ← factor·x */
  | { readonly kind: "scale"; readonly x: Tensor; readonly factor: number };

/** db += Σ_B dy. dy (B,n) db (n) */
export function sumRows(dy: Tensor, db: Tensor): ElementOperation {
  return { kind: "sum_rows", x: dy, sum: db };
}

/** y = x */
export function copy(x: Tensor, y: Tensor): ElementOperation {
  return { kind: "copy", x, y };
}

/** c = a + b */
export function add(a: Tensor, b: Tensor, c: Tensor): ElementOperation {
  return { kind: "add", a, b, c };
}

/** c = a ⊙ b */
export function multiply(a: Tensor, b: Tensor, c: Tensor): ElementOperation {
  return { kind: "multiply", a, b, c };
}
