// Cross-entropy of a class, fused with softmax. Bridle, 1990.
// p = softmax(z)      z, p (B,n)   t (B,1) class index
// value     L = (1/B)·Σ_B log Σ_j e^{z_j} − z_t        finite for every finite z
// gradient  dz = (p − onehot(t)) / B
// Of sequences, z (B,T,n) and t (B,T): the mean over the steps of each row, then over the rows. Steps with t = −1, behind
// the end of a sequence that is shorter than T, do not count: a row's loss depends on no other row's length.
// Label smoothing ε (Szegedy et al., 2016): against the targets (1 − ε)·onehot(t) + ε/n
//           L += ε·(z_t − mean z)      dz += ε·(onehot(t) − 1/n) / B
// Mixup: against (1 − s)·onehot(t) + s·onehot(p), p the class of the row that this one is mixed with
//           L += s·(z_t − z_p)      dz += s·(onehot(t) − onehot(p)) / B      with label smoothing (1 − ε)·s in the place of s
import type { LossDefinition } from "./loss.ts";

export const crossEntropy: LossDefinition = {
  targets: "index",
  fuses: "softmax",
  reduction: "mean",
  value: ({ z, t, p, loss, correct }) => [{ kind: "softmax_cross_entropy", z, t, p, loss, correct }],
  both: ({ z, t, loss, correct }, dz) => [{ kind: "softmax_cross_entropy_gradient", z, t, dz, loss, correct }],
  gradient: ({ p, t }, dz) => [{ kind: "softmax_cross_entropy_backward", p, t, dz }],
  mix: ({ z, t, loss }, dz, mixed, amount) => ({ kind: "mix_classes", z, t, ...mixed, loss, dz, amount }),
  smooth: ({ z, t, loss }, dz, amount) => ({ kind: "smooth_classes", z, t, loss, dz, amount }),
};
