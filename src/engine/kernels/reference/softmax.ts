// Softmax and the cross-entropy that is fused with it. One row is one sample; z (B,n), p (B,n), t (B,1) a class index.
// softmax    p_i = e^{z_i − m} / s,  s = Σ_j e^{z_j − m},  m = max_j z_j
// backward   dz_i = p_i · (dp_i − Σ_j dp_j·p_j)
// cross-entropy          L = m + log s − z_t
// its gradient           dz = (p − onehot(t)) / B
import { activeCount } from "../../tensor.ts";
import type { Elements } from "../../tensor.ts";
import type { Family, Round } from "./family.ts";
import { transcendental } from "./transcendental.ts";

export function softmaxKernels(
  round: Round,
): Family<"softmax" | "softmax_backward" | "softmax_cross_entropy" | "softmax_cross_entropy_backward"> {
  const { exp, log } = transcendental(round);

  return {
    softmax: (operation, memory) => {
      const [x, y] = [memory.view(operation.x), memory.view(operation.y)];
      const width = lastExtent(operation.x.shape);
      return (step) => {
        const count = activeCount(operation.x, step.rows);
        for (let start = 0; start < count; start += width) softmaxRow(x, y, start, width);
      };
    },
    softmax_backward: (operation, memory) => {
      const [y, dy, dx] = [memory.view(operation.y), memory.view(operation.dy), memory.view(operation.dx)];
      const width = lastExtent(operation.y.shape);
      return (step) => {
        const count = activeCount(operation.y, step.rows);
        for (let start = 0; start < count; start += width) {
          let dot = 0;
          for (let i = start; i < start + width; i++) dot = round(dot + round(dy[i] * y[i]));
          for (let i = start; i < start + width; i++) dx[i] = round(y[i] * round(dy[i] - dot));
        }
      };
    },
    softmax_cross_entropy: (operation, memory) => {
      const [z, t] = [memory.view(operation.z), memory.view(operation.t)];
      const [p, loss] = [memory.view(operation.p), memory.view(operation.loss)];
      const width = operation.z.rowSize;
      return (step) => {
        for (let row = 0; row < step.rows; row++) {
          const logSum = softmaxRow(z, p, row * width, width);
          loss[row] = round(logSum - z[row * width + t[row]]);
        }
      };
    },
    softmax_cross_entropy_backward: (operation, memory) => {
      const [p, t, dz] = [memory.view(operation.p), memory.view(operation.t), memory.view(operation.dz)];
      const width = operation.p.rowSize;
      return (step) => {
        const scale = round(1 / step.batchRows);
        for (let row = 0; row < step.rows; row++) {
          const start = row * width;
          const target = start + t[row];
          for (let i = start; i < start + width; i++) {
            dz[i] = round((i === target ? round(p[i] - 1) : p[i]) * scale);
          }
        }
      };
    },
  };

  /** Writes the softmax of one row and returns log Σ_j e^{x_j}. */
  function softmaxRow(x: Elements, y: Elements, start: number, width: number): number {
    let maximum = x[start];
    for (let i = start + 1; i < start + width; i++) if (x[i] > maximum) maximum = x[i];
    let sum = 0;
    for (let i = start; i < start + width; i++) {
      const power = exp(round(x[i] - maximum));
      y[i] = power;
      sum = round(sum + power);
    }
    for (let i = start; i < start + width; i++) y[i] = round(y[i] / sum);
    return round(maximum + log(sum));
  }
}

function lastExtent(shape: readonly number[]): number {
  return shape[shape.length - 1];
}
