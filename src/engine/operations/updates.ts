// What happens to the gradients: clipping over all parameters at once, then the optimizer's update of one parameter θ with
// gradient g. Formulas stand in optimizers/.
import type { Tensor } from "../tensor.ts";

export type UpdateOperation =
  /** average ← average + r·(parameter − average), r = (1 − decay)/(1 − decayᵗ) in step t */
  | { readonly kind: "average"; readonly parameter: Tensor; readonly average: Tensor; readonly decay: number }
  /** g ← g · maximum/‖g‖ when the norm over all gradients exceeds maximum */
  | { readonly kind: "clip_norm"; readonly gradients: readonly Tensor[]; readonly maximum: number }
  /** every element of g into [−maximum, maximum] */
  | { readonly kind: "clip_value"; readonly gradients: readonly Tensor[]; readonly maximum: number }
  | {
      readonly kind: "sgd";
      readonly parameter: Tensor;
      readonly gradient: Tensor;
      readonly velocity: Tensor | null;
      readonly momentum: number;
      readonly nesterov: boolean;
      readonly weightDecay: number;
    }
  | {
      readonly kind: "adam";
      readonly parameter: Tensor;
      readonly gradient: Tensor;
      readonly m: Tensor;
      readonly v: Tensor;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
      readonly decoupled: boolean;
    }
  | {
      readonly kind: "rmsprop";
      readonly parameter: Tensor;
      readonly gradient: Tensor;
      readonly v: Tensor;
      readonly velocity: Tensor | null;
      readonly alpha: number;
      readonly epsilon: number;
      readonly momentum: number;
      readonly weightDecay: number;
    }
  | {
      readonly kind: "adagrad";
      readonly parameter: Tensor;
      readonly gradient: Tensor;
      readonly sum: Tensor;
      readonly epsilon: number;
      readonly weightDecay: number;
    };
