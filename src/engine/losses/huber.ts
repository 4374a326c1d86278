// Huber loss with δ = 1. Huber, 1964.      e = p − t      p, t (B,n)
// value     L = (1/(B·n))·Σ ½e² where |e| ≤ 1, else |e| − ½
// gradient  dp = e cut to [−1,1] / (B·n)
import type { LossDefinition } from "./loss.ts";

export const huber: LossDefinition = {
  targets: "values",
  fuses: null,
  reduction: "mean",
  value: ({ p, t, loss }) => [{ kind: "error_loss", function: "huber", mean: true, y: p, t, loss }],
  gradient: ({ p, t }, dp) => [{ kind: "error_loss_backward", function: "huber", mean: true, y: p, t, dy: dp }],
};
