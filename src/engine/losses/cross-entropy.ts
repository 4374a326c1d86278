// Cross-entropy of a class, fused with softmax. Bridle, 1990.
// p = softmax(z)      z, p (B,n)   t (B,1) class index
// value     L = (1/B)·Σ_B log Σ_j e^{z_j} − z_t        finite for every finite z
// gradient  dz = (p − onehot(t)) / B
// Of sequences, z (B,T,n) and t (B,T): the mean over the steps of each row, then over the rows. Steps with t = −1, behind
// the end of a sequence that is shorter than T, do not count: a row's loss depends on no other row's length.
// Label smoothing ε (Szegedy et al., 2016): against the targets (1 − ε)·onehot(t) + ε/n
//           L += ε·(z_t − mean z)      dz += ε·(onehot(t) − 1/n) / B
import type { LossDefinition } from "./loss.ts";

export const crossEntropy: LossDefinition = {
  targets: "index",
  fuses: "softmax",
  reduction: "mean",
  value: ({ z, t, p, loss, correct }) => [{ kind: "softmax_cross_entropy", z, t, p, loss, correct }],
  both: ({ z, t, loss, correct }, dz) => [{ kind: "softmax_cross_entropy_gradient", z, t, dz, loss, correct }],
  gradient: ({ p, t }, dz) => [{ kind: "softmax_cross_entropy_backward", p, t, dz }],
  smooth: ({ z, t, loss }, dz, amount) => ({ kind: "smooth_classes", z, t, loss, dz, amount }),
};
