// Additive attention: a small network says how well each step of a memory fits each query. Bahdanau, Cho & Bengio, 2015.
// forward   s_tj = Σ_a v_a·tanh(q + k)_tja    q = h·W  k = M·U    w = softmax(s) in each row of s    y = w·M
//           h (B,T,n)  M (B,S,n)  W, U (n,A)  v (A)  s, w (B,T,S)  y (B,T,n), with A = n
//           where s is hidden first that stands at padding of the memory: its w is 0, and so is its ds
// backward  dw = dy·Mᵀ    dM = wᵀ·dy    ds = w ⊙ (dw − Σ_S dw·w)    dq, dk, dv of the scores
//           dW += hᵀ·dq   dh += dq·Wᵀ   dU += Mᵀ·dk   dM += dk·Uᵀ
import type { Operation } from "../operations.ts";
import { add } from "../operations/elements.ts";
import { addTransposedTimes, matrixMultiply, timesTransposed } from "../operations/products.ts";
import type { PlannedAttention } from "./dot-attention.ts";
import { hidePadding } from "./dot-attention.ts";
import type { MemoryTokens } from "./dot-attention.ts";
import type { Scope, Signal } from "./layer.ts";

/** Gradients as in `planDotAttention`. */
export function planAdditiveAttention(
  scope: Scope,
  h: Signal,
  M: Signal,
  padded: MemoryTokens | null,
): PlannedAttention {
  const [[steps, units], [memorySteps]] = [h.value.shape, M.value.shape];
  const W = scope.parameter("query_weights", [units, units], "glorot_uniform", units, units);
  const U = scope.parameter("key_weights", [units, units], "glorot_uniform", units, units);
  const v = scope.parameter("score_weights", [units], "glorot_uniform", units, 1);
  const [q, dq, dhere] = ["q", "dq", "dh of q"].map((name) => scope.buffer(name, [steps, units]));
  const [k, dk, dthere] = ["k", "dk", "dM of k"].map((name) => scope.buffer(name, [memorySteps, units]));
  const [scores, dscores] = ["scores", "dscores"].map((name) => scope.buffer(name, [steps, memorySteps]));
  const [weights, dweights] = ["attention", "dattention"].map((name) => scope.buffer(name, [steps, memorySteps]));
  const y = scope.signal([steps, units], true);
  const [dy, dh, dM] = [y.gradient!, h.gradient!, M.gradient!];
  const backward: Operation[] = [
    { kind: "batched_nt", a: dy, b: M.value, c: dweights, accumulate: false },
    { kind: "batched_tn", a: weights, b: dy, c: dM, accumulate: false },
    { kind: "softmax_backward", y: weights, dy: dweights, dx: dscores },
    { kind: "additive_scores_backward", q, k, v: v.value, ds: dscores, dq, dk, dv: v.gradient },
    addTransposedTimes(h.value, dq, W.gradient),
    timesTransposed(dq, W.value, dhere),
    add(dh, dhere, dh),
    addTransposedTimes(M.value, dk, U.gradient),
    timesTransposed(dk, U.value, dthere),
    add(dM, dthere, dM),
  ];

  return {
    output: y,
    parameters: [W, U, v],
    prepare: [matrixMultiply(M.value, U.value, k)],
    forward: [
      matrixMultiply(h.value, W.value, q),
      { kind: "additive_scores", q, k, v: v.value, s: scores },
      ...hidePadding(padded, scores),
      { kind: "softmax", x: scores, y: weights },
      { kind: "batched_nn", a: weights, b: M.value, c: y.value, accumulate: false },
    ],
    backward,
  };
}
