// Losses. `loss` (B) gets one value per row; gradients are of the batch's reduced loss.
import type { Tensor } from "../tensor.ts";

export type ErrorFunction = "squared" | "half_squared" | "absolute" | "huber";

export type LossOperation =
  /** p = softmax(z), loss = log Σ_j e^{z_j} − z_t     z (B,n)  t (B,1) class index  p (B,n)
   * Of sequences z (B,T,n), t (B,T): loss is the mean over the row's N steps that count, those with t ≥ 0, correct the
   * share of them whose largest z is z_t. */
  | {
      readonly kind: "softmax_cross_entropy";
      readonly z: Tensor;
      readonly t: Tensor;
      readonly p: Tensor;
      readonly loss: Tensor;
      /** (B,1); of sequences only. */
      readonly correct?: Tensor | null;
    }
  /** dz = (p − onehot(t)) / B; of sequences divided by T too: every step counts here. May be the memory of p */
  | {
      readonly kind: "softmax_cross_entropy_backward";
      readonly p: Tensor;
      readonly t: Tensor;
      readonly dz: Tensor;
    }
  /** Both at once, of sequences: loss and correct of the first, dz of the second, divided by N and not by T, 0 in steps that
   * do not count. p is written nowhere. */
  | {
      readonly kind: "softmax_cross_entropy_gradient";
      readonly z: Tensor;
      readonly t: Tensor;
      readonly dz: Tensor;
      readonly loss: Tensor;
      readonly correct: Tensor;
    }
  /** p = sigmoid(z), loss = mean_j max(z,0) − z·t + log(1 + e^{−|z|})     z, t, p (B,n) */
  | {
      readonly kind: "sigmoid_cross_entropy";
      readonly z: Tensor;
      readonly t: Tensor;
      readonly p: Tensor;
      readonly loss: Tensor;
    }
  /** dz = (p − t) / (B·n) */
  | {
      readonly kind: "sigmoid_cross_entropy_backward";
      readonly p: Tensor;
      readonly t: Tensor;
      readonly dz: Tensor;
    }
  /** loss = Σ_j f(y_j − t_j), divided by n when `mean`     y, t (B,n) */
  | {
      readonly kind: "error_loss";
      readonly function: ErrorFunction;
      readonly mean: boolean;
      readonly y: Tensor;
      readonly t: Tensor;
      readonly loss: Tensor;
    }
  /** dy = f′(y − t), divided by B·n when `mean` */
  | {
      readonly kind: "error_loss_backward";
      readonly function: ErrorFunction;
      readonly mean: boolean;
      readonly y: Tensor;
      readonly t: Tensor;
      readonly dy: Tensor;
    }
  /** loss = 1 for a row in which any y differs from t, else 0 */
  | { readonly kind: "misclassification"; readonly y: Tensor; readonly t: Tensor; readonly loss: Tensor };
