// Batch normalisation; formulas in operations/normalisation.ts. Sums run over blocks of 64 pixels, each read from the
// nearest cache: twice for the mean and the squared distances from it, which are then joined to those of the blocks before
//   mean ← mean + δ·n/N    M ← M + M_block + δ²·n·N_before/N    δ = mean_block − mean   (Chan, Golub & LeVeque, 1983)
// so that neither a large mean nor a large batch costs precision.
import { activeCount } from "../../tensor.ts";
import type { Elements } from "../../tensor.ts";
import type { Family, Round } from "./family.ts";

export const BLOCK_PIXELS = 64;

export function normalisationKernels(
  round: Round,
): Family<"batch_norm" | "batch_norm_inference" | "batch_norm_backward"> {
  /** Sets mean and M, the sum of squared distances from it, for each of the channels. */
  function measure(x: Elements, count: number, mean: Elements, M: Elements): void {
    const channels = mean.length;
    mean.fill(0);
    M.fill(0);
    eachBlock(count, channels, (start, end) => {
      const [before, n] = [start / channels, (end - start) / channels];
      const share = round(n / (before + n));
      const weight = round(before * share);
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let i = start + c; i < end; i += channels) sum = round(sum + x[i]);
        const own = round(sum / n);
        let squares = 0;
        for (let i = start + c; i < end; i += channels) {
          const distance = round(x[i] - own);
          squares = round(squares + round(distance * distance));
        }
        const delta = round(own - mean[c]);
        mean[c] = round(mean[c] + round(delta * share));
        M[c] = round(M[c] + round(squares + round(round(delta * delta) * weight)));
      }
    });
  }

  function normalise(
    { x, residual, y }: { readonly x: Elements; readonly residual: Elements | null; readonly y: Elements },
    [mean, inverse, gamma, beta]: readonly Elements[],
    relu: boolean,
    count: number,
  ): void {
    const channels = mean.length;
    for (let i = 0; i < count; i++) {
      const c = i % channels;
      const scaled = round(round(round(x[i] - mean[c]) * round(gamma[c] * inverse[c])) + beta[c]);
      const sum = residual === null ? scaled : round(scaled + residual[i]);
      y[i] = relu && sum <= 0 ? 0 : sum;
    }
  }

  return {
    batch_norm: (operation, memory) => {
      const [x, y, gamma, beta] = [operation.x, operation.y, operation.gamma, operation.beta].map(memory.view);
      const [mean, inverse] = [memory.view(operation.mean), memory.view(operation.inverse)];
      const [runningMean, runningVariance] = [operation.runningMean, operation.runningVariance].map(memory.view);
      const residual = operation.residual === null ? null : memory.view(operation.residual);
      const momentum = round(operation.momentum);
      const kept = round(1 - operation.momentum);
      const epsilon = round(operation.epsilon);
      return (step) => {
        const count = activeCount(operation.x, step.rows);
        measure(x, count, mean, inverse);
        const pixels = count / mean.length;
        for (let c = 0; c < mean.length; c++) {
          const variance = round(inverse[c] / pixels);
          const unbiased = round(inverse[c] / Math.max(1, pixels - 1));
          runningMean[c] = round(round(kept * runningMean[c]) + round(momentum * mean[c]));
          runningVariance[c] = round(round(kept * runningVariance[c]) + round(momentum * unbiased));
          inverse[c] = round(1 / round(Math.sqrt(round(variance + epsilon))));
        }
        normalise({ x, residual, y }, [mean, inverse, gamma, beta], operation.relu, count);
      };
    },

    batch_norm_inference: (operation, memory) => {
      const [x, y, gamma, beta] = [operation.x, operation.y, operation.gamma, operation.beta].map(memory.view);
      const [mean, variance] = [memory.view(operation.runningMean), memory.view(operation.runningVariance)];
      const residual = operation.residual === null ? null : memory.view(operation.residual);
      const epsilon = round(operation.epsilon);
      const inverse = variance.slice();
      return (step) => {
        for (let c = 0; c < mean.length; c++) inverse[c] = round(1 / round(Math.sqrt(round(variance[c] + epsilon))));
        normalise(
          { x, residual, y },
          [mean, inverse, gamma, beta],
          operation.relu,
          activeCount(operation.x, step.rows),
        );
      };
    },

    batch_norm_backward: (operation, memory) => {
      const [x, dy, dx, gamma] = [operation.x, operation.dy, operation.dx, operation.gamma].map(memory.view);
      const [mean, inverse] = [memory.view(operation.mean), memory.view(operation.inverse)];
      const [dgamma, dbeta] = [memory.view(operation.dgamma), memory.view(operation.dbeta)];
      const y = operation.y === null ? null : memory.view(operation.y);
      const channels = mean.length;
      const given = (i: number): number => (y === null || y[i] > 0 ? dy[i] : 0);
      return (step) => {
        const count = activeCount(operation.x, step.rows);
        const pixels = count / channels;
        for (let c = 0; c < channels; c++) {
          let [sum, product] = [0, 0];
          eachBlock(count, channels, (start, end) => {
            let [blockSum, blockProduct] = [0, 0];
            for (let i = start + c; i < end; i += channels) {
              blockSum = round(blockSum + given(i));
              blockProduct = round(blockProduct + round(given(i) * round(x[i] - mean[c])));
            }
            sum = round(sum + blockSum);
            product = round(product + blockProduct);
          });
          dbeta[c] = round(dbeta[c] + sum);
          dgamma[c] = round(dgamma[c] + round(product * inverse[c]));
          const average = round(sum / pixels);
          const slope = round(round(product / pixels) * round(inverse[c] * inverse[c]));
          const scale = round(gamma[c] * inverse[c]);
          for (let i = c; i < count; i += channels) {
            dx[i] = round(scale * round(round(given(i) - average) - round(round(x[i] - mean[c]) * slope)));
          }
        }
      };
    },
  };
}

/** Blocks of pixels, given as the places of the first number and of that after the last. */
function eachBlock(count: number, channels: number, visit: (start: number, end: number) => void): void {
  for (let start = 0; start < count; start += BLOCK_PIXELS * channels) {
    visit(start, Math.min(count, start + BLOCK_PIXELS * channels));
  }
}
