// Softmax and the cross-entropy that is fused with it. One row is one sample; z (B,n), p (B,n), t (B,1) a class index.
// Of sequences z, p (B,T,n), t (B,T) the same in each step. A step with t < 0 does not count; of the N steps of a row that
// do, L is the mean, and their gradient is divided by N too, that of the others is 0.
// softmax    p_i = e^{z_i − m} / s,  s = Σ_j e^{z_j − m},  m = max_j z_j
// backward   dz_i = p_i · (dp_i − Σ_j dp_j·p_j)
// cross-entropy          L = m + log s − z_t
// its gradient           dz = (p − onehot(t)) / B
import type { Memory } from "../../memory.ts";
import type { OperationOf } from "../../operations.ts";
import { activeCount } from "../../tensor.ts";
import type { Elements, Tensor } from "../../tensor.ts";
import type { Family, Round } from "./family.ts";
import { rowSums } from "./row-sums.ts";
import { transcendental } from "./transcendental.ts";

export function softmaxKernels(
  round: Round,
): Family<
  | "softmax"
  | "softmax_backward"
  | "softmax_cross_entropy"
  | "softmax_cross_entropy_backward"
  | "softmax_cross_entropy_gradient"
> {
  const { exp, log } = transcendental(round);
  const rowSum = rowSums(round);

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
      const write = lossWriter(operation, operation.p, memory);
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) write(row);
      };
    },
    softmax_cross_entropy_backward: ({ p, t, dz }, memory) => {
      const write = gradientWriter(p, t, dz, memory);
      return ({ rows, batchRows }) => {
        for (let row = 0; row < rows; row++) write(row, batchRows);
      };
    },
    softmax_cross_entropy_gradient: (operation, memory) => {
      const { t, dz } = operation;
      const [writeLoss, writeGradient] = [lossWriter(operation, dz, memory), gradientWriter(dz, t, dz, memory)];
      return ({ rows, batchRows }) => {
        for (let row = 0; row < rows; row++) {
          writeLoss(row);
          writeGradient(row, batchRows);
        }
      };
    },
  };

  /** Writes the loss of a row, the share of its steps that are right, and its probabilities into p. */
  function lossWriter(
    operation: OperationOf<"softmax_cross_entropy" | "softmax_cross_entropy_gradient">,
    pTensor: Tensor,
    memory: Memory,
  ): (row: number) => void {
    const [z, t] = [memory.view(operation.z), memory.view(operation.t)];
    const [p, loss] = [memory.view(pTensor), memory.view(operation.loss)];
    const correct = operation.correct ? memory.view(operation.correct) : null;
    const [width, steps] = [lastExtent(operation.z.shape), operation.t.rowSize];
    return (row) => {
      let [sum, right] = [0, 0];
      const counted = stepsThatCount(t, row * steps, steps);
      for (let step = row * steps; step < (row + 1) * steps; step++) {
        const start = step * width;
        // p may be z: what is asked of z comes first.
        const chosen = z[start + t[step]];
        const isRight = isFirstLargest(z, start, width, t[step]);
        const logSum = softmaxRow(z, p, start, width);
        if (t[step] < 0) continue;
        const stepLoss = round(logSum - chosen);
        sum = steps === 1 ? stepLoss : round(sum + stepLoss);
        if (isRight) right++;
      }
      loss[row] = steps === 1 ? sum : round(sum * round(1 / counted));
      if (correct !== null) correct[row] = round(right / counted);
    };
  }

  /** Writes the gradient of a row from its probabilities. */
  function gradientWriter(
    pTensor: Tensor,
    tTensor: Tensor,
    dzTensor: Tensor,
    memory: Memory,
  ): (row: number, batchRows: number) => void {
    const [p, t, dz] = [memory.view(pTensor), memory.view(tTensor), memory.view(dzTensor)];
    const [width, steps] = [lastExtent(pTensor.shape), tTensor.rowSize];
    return (row, batchRows) => {
      const scale = round(1 / (batchRows * stepsThatCount(t, row * steps, steps)));
      for (let step = row * steps; step < (row + 1) * steps; step++) {
        const start = step * width;
        const target = start + t[step];
        for (let i = start; i < start + width; i++) {
          dz[i] = t[step] < 0 ? 0 : round((i === target ? round(p[i] - 1) : p[i]) * scale);
        }
      }
    };
  }

  /** Writes the softmax of one row and returns log Σ_j e^{x_j}. */
  function softmaxRow(x: Elements, y: Elements, start: number, width: number): number {
    let maximum = x[start];
    for (let i = start + 1; i < start + width; i++) if (x[i] > maximum) maximum = x[i];
    for (let i = start; i < start + width; i++) y[i] = exp(round(x[i] - maximum));
    const sum = rowSum(y, start, width);
    for (let i = start; i < start + width; i++) y[i] = round(y[i] / sum);
    return round(maximum + log(sum));
  }
}

/** Steps of a row whose target is a class; 1 where there is none, to be divided by. */
export function stepsThatCount(t: Elements, start: number, steps: number): number {
  let count = 0;
  for (let step = start; step < start + steps; step++) if (t[step] >= 0) count++;
  return Math.max(1, count);
}

/** Whether the element at `target` is the largest of a row, and the first among equals. */
function isFirstLargest(x: Elements, start: number, width: number, target: number): boolean {
  for (let i = 0; i < target; i++) if (!(x[start + i] < x[start + target])) return false;
  for (let i = target + 1; i < width; i++) if (!(x[start + i] <= x[start + target])) return false;
  return true;
}

function lastExtent(shape: readonly number[]): number {
  return shape[shape.length - 1];
}
