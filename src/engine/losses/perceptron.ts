// The perceptron's error count. Rosenblatt, 1958.      p, t (B,n) of zeros and ones
// value     L = number of rows in which any output is wrong
// gradient  dz = p − t at the unit's input: the step passes it through, so with batches of one row and plain gradient
//           descent the update is Rosenblatt's rule, w ← w + η·(t − p)·x. It is not the derivative of the value.
import type { LossDefinition } from "./loss.ts";

export const perceptron: LossDefinition = {
  targets: "values",
  fuses: null,
  requires: "threshold",
  reduction: "sum",
  value: ({ p, t, loss }) => [{ kind: "misclassification", y: p, t, loss }],
  gradient: ({ p, t }, dz) => [{ kind: "error_loss_backward", function: "half_squared", mean: false, y: p, t, dy: dz }],
};
