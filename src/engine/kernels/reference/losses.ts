// Losses on values, one number per row in `loss` (B). y, z, t, p (B,n); e = y − t.
// squared       f(e) = e²        f′ = 2e
// half_squared  f(e) = ½e²       f′ = e
// absolute      f(e) = |e|       f′ = sign e, 0 at 0
// huber (δ=1)   f(e) = ½e² where |e| ≤ 1, else |e| − ½       f′ = e cut to [−1,1]        Huber, 1964
// error_loss             L = Σ_j f(e_j), divided by n when `mean`
// error_loss_backward    dy = f′(e), divided by B·n when `mean`
// sigmoid_cross_entropy  L = (1/n)·Σ_j max(z,0) − z·t + log(1 + e^{−|z|}),  p = sigmoid(z);  dz = (p − t)/(B·n)
// misclassification      L = 1 where any y differs from t, else 0
import type { ErrorFunction } from "../../operations/losses.ts";
import { activeCount } from "../../tensor.ts";
import type { Family, Round } from "./family.ts";
import { transcendental } from "./transcendental.ts";

interface ErrorTerm {
  readonly value: (e: number) => number;
  readonly derivative: (e: number) => number;
}

export function lossKernels(
  round: Round,
): Family<
  | "error_loss"
  | "error_loss_backward"
  | "sigmoid_cross_entropy"
  | "sigmoid_cross_entropy_backward"
  | "misclassification"
> {
  const { exp, log1p, sigmoid } = transcendental(round);
  const half = (e: number): number => round(0.5 * round(e * e));
  const terms: Readonly<Record<ErrorFunction, ErrorTerm>> = {
    squared: { value: (e) => round(e * e), derivative: (e) => round(2 * e) },
    half_squared: { value: half, derivative: (e) => e },
    absolute: { value: (e) => Math.abs(e), derivative: (e) => Math.sign(e) },
    huber: {
      value: (e) => (Math.abs(e) <= 1 ? half(e) : round(Math.abs(e) - 0.5)),
      derivative: (e) => Math.min(1, Math.max(-1, e)),
    },
  };

  return {
    error_loss: (operation, memory) => {
      const { value } = terms[operation.function];
      const [y, t, loss] = [memory.view(operation.y), memory.view(operation.t), memory.view(operation.loss)];
      const width = operation.y.rowSize;
      const scale = operation.mean ? round(1 / width) : 1;
      return (step) => {
        for (let row = 0; row < step.rows; row++) {
          let sum = 0;
          for (let i = row * width; i < (row + 1) * width; i++) sum = round(sum + value(round(y[i] - t[i])));
          loss[row] = round(sum * scale);
        }
      };
    },
    error_loss_backward: (operation, memory) => {
      const { derivative } = terms[operation.function];
      const [y, t, dy] = [memory.view(operation.y), memory.view(operation.t), memory.view(operation.dy)];
      return (step) => {
        const count = activeCount(operation.y, step.rows);
        const scale = operation.mean ? round(1 / activeCount(operation.y, step.batchRows)) : 1;
        for (let i = 0; i < count; i++) dy[i] = round(derivative(round(y[i] - t[i])) * scale);
      };
    },
    sigmoid_cross_entropy: (operation, memory) => {
      const [z, t] = [memory.view(operation.z), memory.view(operation.t)];
      const [p, loss] = [memory.view(operation.p), memory.view(operation.loss)];
      const width = operation.z.rowSize;
      const scale = round(1 / width);
      return (step) => {
        for (let row = 0; row < step.rows; row++) {
          let sum = 0;
          for (let i = row * width; i < (row + 1) * width; i++) {
            p[i] = sigmoid(z[i]);
            const linear = round(Math.max(z[i], 0) - round(z[i] * t[i]));
            sum = round(sum + round(linear + log1p(exp(-Math.abs(z[i])))));
          }
          loss[row] = round(sum * scale);
        }
      };
    },
    sigmoid_cross_entropy_backward: (operation, memory) => {
      const [p, t, dz] = [memory.view(operation.p), memory.view(operation.t), memory.view(operation.dz)];
      return (step) => {
        const count = activeCount(operation.p, step.rows);
        const scale = round(1 / activeCount(operation.p, step.batchRows));
        for (let i = 0; i < count; i++) dz[i] = round(round(p[i] - t[i]) * scale);
      };
    },
    misclassification: (operation, memory) => {
      const [y, t, loss] = [memory.view(operation.y), memory.view(operation.t), memory.view(operation.loss)];
      const width = operation.y.rowSize;
      return (step) => {
        for (let row = 0; row < step.rows; row++) {
          let wrong = 0;
          for (let i = row * width; i < (row + 1) * width; i++) if (y[i] !== t[i]) wrong = 1;
          loss[row] = wrong;
        }
      };
    },
  };
}
