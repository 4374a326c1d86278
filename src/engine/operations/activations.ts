// Activations and their derivatives, and dropout.
import type { Tensor } from "../tensor.ts";

export type ElementFunction = "relu" | "leaky_relu" | "tanh" | "sigmoid" | "gelu" | "threshold";

export type ActivationOperation =
  /** y = f(x), element by element */
  | { readonly kind: "activate"; readonly function: ElementFunction; readonly x: Tensor; readonly y: Tensor }
  /** dx = dy ⊙ f′, f′ expressed by x and y = f(x) */
  | {
      readonly kind: "activate_backward";
      readonly function: ElementFunction;
      readonly x: Tensor;
      readonly y: Tensor;
      readonly dy: Tensor;
      readonly dx: Tensor;
    }
  /** y_i = e^{x_i} / Σ_j e^{x_j} in each row */
  | { readonly kind: "softmax"; readonly x: Tensor; readonly y: Tensor }
  /** dx_i = y_i · (dy_i − Σ_j dy_j·y_j) in each row: the Jacobian of softmax times dy */
  | { readonly kind: "softmax_backward"; readonly y: Tensor; readonly dy: Tensor; readonly dx: Tensor }
  /** mask = 0 with probability rate, else 1/(1−rate), drawn from stream (seed; dropout, stream, step) of random.ts */
  | { readonly kind: "draw_mask"; readonly mask: Tensor; readonly rate: number; readonly stream: number }
  /** The same, and y = x ⊙ mask */
  | {
      readonly kind: "dropout";
      readonly x: Tensor;
      readonly mask: Tensor;
      readonly y: Tensor;
      readonly rate: number;
      readonly stream: number;
    };
