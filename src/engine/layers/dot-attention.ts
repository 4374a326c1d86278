// Dot-product attention: what a memory holds that is like each query. Luong, Pham & Manning, 2015.
// forward   s = h·Mᵀ    w = softmax(s) in each row of s    y = w·M        h (B,T,n)  M (B,S,n)  s, w (B,T,S)  y (B,T,n)
//           where s is hidden first that stands at padding of the memory: its w is 0, and so is its ds
// backward  dw = dy·Mᵀ    dM = wᵀ·dy    ds = w ⊙ (dw − Σ_S dw·w)    dh += ds·M    dM += dsᵀ·h
import type { Operation } from "../operations.ts";
import type { Tensor } from "../tensor.ts";
import type { PlannedLayer, Scope, Signal } from "./layer.ts";

/** The tokens that the steps of a memory come from, from column `first` on. */
export interface MemoryTokens {
  readonly tokens: Tensor;
  readonly first: number;
}

export interface PlannedAttention extends PlannedLayer {
  /** What depends on the memory alone: once, however many queries follow one after another. */
  readonly prepare: readonly Operation[];
}

/** The queries h are read elsewhere too: their gradient is written before and added to here, that of M is written here.
 * With `padded`, steps of M whose token is padding get no share. */
export function planDotAttention(scope: Scope, h: Signal, M: Signal, padded: MemoryTokens | null): PlannedAttention {
  const [[steps, units], [memorySteps]] = [h.value.shape, M.value.shape];
  const [scores, dscores] = ["scores", "dscores"].map((name) => scope.buffer(name, [steps, memorySteps]));
  const [weights, dweights] = ["attention", "dattention"].map((name) => scope.buffer(name, [steps, memorySteps]));
  const y = scope.signal([steps, units], true);
  const [dy, dh, dM] = [y.gradient!, h.gradient!, M.gradient!];

  return {
    output: y,
    parameters: [],
    prepare: [],
    forward: [
      { kind: "batched_nt", a: h.value, b: M.value, c: scores, accumulate: false },
      ...hidePadding(padded, scores),
      { kind: "softmax", x: scores, y: weights },
      { kind: "batched_nn", a: weights, b: M.value, c: y.value, accumulate: false },
    ],
    backward: [
      { kind: "batched_nt", a: dy, b: M.value, c: dweights, accumulate: false },
      { kind: "batched_tn", a: weights, b: dy, c: dM, accumulate: false },
      { kind: "softmax_backward", y: weights, dy: dweights, dx: dscores },
      { kind: "batched_nn", a: dscores, b: M.value, c: dh, accumulate: true },
      { kind: "batched_tn", a: dscores, b: h.value, c: dM, accumulate: true },
    ],
  };
}

/** Hides the scores of padding, if there is any to hide. */
export function hidePadding(padded: MemoryTokens | null, scores: Tensor): Operation[] {
  return padded === null ? [] : [{ kind: "mask_padding", ...padded, x: scores }];
}
