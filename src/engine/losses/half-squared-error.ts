// Half squared error, summed: the E of Rumelhart, Hinton & Williams, 1986.      p, t (B,n)
// value     L = ½·Σ (p − t)²      over rows and outputs, divided by nothing
// gradient  dp = p − t            divided by nothing: with a full batch, one step per epoch is the textbook's
import type { LossDefinition } from "./loss.ts";

export const halfSquaredError: LossDefinition = {
  targets: "values",
  fuses: null,
  reduction: "sum",
  value: ({ p, t, loss }) => [{ kind: "error_loss", function: "half_squared", mean: false, y: p, t, loss }],
  gradient: ({ p, t }, dp) => [{ kind: "error_loss_backward", function: "half_squared", mean: false, y: p, t, dy: dp }],
};
