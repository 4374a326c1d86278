// Mean squared error over rows and outputs.      p, t (B,n)
// value     L = (1/(B·n))·Σ (p − t)²
// gradient  dp = 2·(p − t) / (B·n)
import type { LossDefinition } from "./loss.ts";

export const meanSquaredError: LossDefinition = {
  targets: "values",
  fuses: null,
  reduction: "mean",
  value: ({ p, t, loss }) => [{ kind: "error_loss", function: "squared", mean: true, y: p, t, loss }],
  gradient: ({ p, t }, dp) => [{ kind: "error_loss_backward", function: "squared", mean: true, y: p, t, dy: dp }],
};
