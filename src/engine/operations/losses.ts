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
   * do not count. p is written nowhere. dz may be the memory of z */
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
  /** Label smoothing, after value and gradient of softmax_cross_entropy: they become those of the targets
   * (1 − ε)·onehot(t) + ε/n, ε = amount     z, dz (B,n)  t (B,1); of sequences (B,T,n) and (B,T) */
  | {
      readonly kind: "smooth_classes";
      readonly z: Tensor;
      readonly t: Tensor;
      readonly loss: Tensor;
      readonly dz: Tensor;
      readonly amount: number;
    }
  /** The same after sigmoid_cross_entropy: the targets become (1 − ε)·t + ε/2     z, t, dz (B,n) */
  | {
      readonly kind: "smooth_values";
      readonly z: Tensor;
      readonly t: Tensor;
      readonly loss: Tensor;
      readonly dz: Tensor;
      readonly amount: number;
    }
  /** Mixup, after value and gradient of softmax_cross_entropy: of each row's target a part, share·amount, goes to the class of
   * its partner     z, dz (B,n)  t, partners, shares (B,1) */
  | {
      readonly kind: "mix_classes";
      readonly z: Tensor;
      readonly t: Tensor;
      readonly partners: Tensor;
      readonly shares: Tensor;
      readonly loss: Tensor;
      readonly dz: Tensor;
      readonly amount: number;
    }
  /** loss and gradient of each row, times its weight     weights, loss (B,1)  dz (B,…) */
  | { readonly kind: "weight_rows"; readonly weights: Tensor; readonly loss: Tensor; readonly dz: Tensor }
  /** loss = 1 for a row in which any y differs from t, else 0 */
  | { readonly kind: "misclassification"; readonly y: Tensor; readonly t: Tensor; readonly loss: Tensor };
