// What a loss is: how it wants its targets, which output activation it replaces, and its value and gradient.
import type { Operation } from "../operations.ts";
import type { Tensor } from "../tensor.ts";

export interface LossTensors {
  /** What the last layer gives: logits when the loss fuses an activation, else the prediction itself. (B,n) */
  readonly z: Tensor;
  /** The prediction; the same tensor as z when nothing is fused. (B,n) */
  readonly p: Tensor;
  /** Targets: (B,1) class indices, (B,n) values, or (B,1+S) steps that count and labels. */
  readonly t: Tensor;
  /** One value per row. (B) */
  readonly loss: Tensor;
  /** Of sequences, the share of a row's steps that are predicted right; of labels, 1 where all of them are. (B) */
  readonly correct: Tensor | null;
  /** Working memory of the paths through one row's labels, (T,2S+1); null where there are none. */
  readonly alpha: Tensor | null;
}

/** What each row of a training is mixed with. */
export interface MixedClasses {
  /** The class of the partner. (B) */
  readonly partners: Tensor;
  /** Its share in the row. (B) */
  readonly shares: Tensor;
}

export interface LossDefinition {
  /** `index`: one column with the class number; `values`: one column per output; `labels`: the number of steps that count,
   * then labels in their order, fewer than steps. */
  readonly targets: "index" | "values" | "labels";
  /** The output activation computed together with the loss, on the logits; null when the loss takes predictions. */
  readonly fuses: "softmax" | "sigmoid" | null;
  /** The only output activation the loss makes sense for, when it is not fused. */
  readonly requires?: "threshold";
  /** How row values become the loss of a batch or an epoch. */
  readonly reduction: "mean" | "sum";
  /** Writes one value per row into `loss`, and p when the activation is fused. */
  value(tensors: LossTensors): readonly Operation[];
  /** Writes dz, the gradient of the batch's reduced loss; runs after `value`. */
  gradient(tensors: LossTensors, dz: Tensor): readonly Operation[];
  /** Label smoothing: turns loss and gradient, both written, into those of smoothed targets; absent where a loss has none. */
  readonly smooth?: (tensors: LossTensors, dz: Tensor, amount: number) => Operation;
  /** Mixup of class indices: moves a part of each target to its partner's class in loss and gradient, both written. Losses of
   * values need none: their targets are mixed themselves. */
  readonly mix?: (tensors: LossTensors, dz: Tensor, mixed: MixedClasses, amount: number) => Operation;
  /** `value` and `gradient` at once, but for p: for training on outputs too large to be written twice. */
  readonly both?: (tensors: LossTensors & { readonly correct: Tensor }, dz: Tensor) => readonly Operation[];
}
