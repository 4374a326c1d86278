// Connectionist temporal classification: labels for the steps of a sequence, without saying which step is which label.
// z, dz (B,T,n), class 0 the blank · t (B,1+S): steps that count (0: all T), then up to S labels, −1 behind them
import type { Tensor } from "../tensor.ts";

/** The class of a step in which no label is. */
export const BLANK = 0;

export type TranscriptionOperation =
  /** loss = −ln p(labels | z) / number of labels · correct = 1 where the likeliest path gives the labels, else 0 */
  | {
      readonly kind: "ctc";
      readonly z: Tensor;
      readonly t: Tensor;
      readonly loss: Tensor;
      /** (B,1) */
      readonly correct: Tensor;
    }
  /** The same, and dz, which holds softmax(z) before: the gradient of the batch's mean loss afterwards. */
  | {
      readonly kind: "ctc_gradient";
      readonly z: Tensor;
      readonly t: Tensor;
      readonly dz: Tensor;
      readonly loss: Tensor;
      readonly correct: Tensor;
      /** ln α of one row, (T,2S+1). */
      readonly alpha: Tensor;
    };
