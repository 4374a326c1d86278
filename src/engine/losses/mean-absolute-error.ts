// Mean absolute error over rows and outputs.      p, t (B,n)
// value     L = (1/(B·n))·Σ |p − t|
// gradient  dp = sign(p − t) / (B·n), 0 where p = t
import type { LossDefinition } from "./loss.ts";

export const meanAbsoluteError: LossDefinition = {
  targets: "values",
  fuses: null,
  reduction: "mean",
  value: ({ p, t, loss }) => [{ kind: "error_loss", function: "absolute", mean: true, y: p, t, loss }],
  gradient: ({ p, t }, dp) => [{ kind: "error_loss_backward", function: "absolute", mean: true, y: p, t, dy: dp }],
};
