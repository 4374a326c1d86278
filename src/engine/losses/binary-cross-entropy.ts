// Cross-entropy of yes/no outputs, fused with the sigmoid. Targets in [0,1].
// p = sigmoid(z)      z, p, t (B,n)
// value     L = (1/(B·n))·Σ max(z,0) − z·t + log(1 + e^{−|z|})        finite for every finite z
// gradient  dz = (p − t) / (B·n)
// Label smoothing ε: against the targets (1 − ε)·t + ε/2
//           L += (ε/n)·Σ z·(t − ½)      dz += ε·(t − ½) / (B·n)
import type { LossDefinition } from "./loss.ts";

export const binaryCrossEntropy: LossDefinition = {
  targets: "values",
  fuses: "sigmoid",
  reduction: "mean",
  value: ({ z, t, p, loss }) => [{ kind: "sigmoid_cross_entropy", z, t, p, loss }],
  gradient: ({ p, t }, dz) => [{ kind: "sigmoid_cross_entropy_backward", p, t, dz }],
  smooth: ({ z, t, loss }, dz, amount) => ({ kind: "smooth_values", z, t, loss, dz, amount }),
};
