// Layer normalisation of vectors of n numbers; formulas in operations/normalisation.ts. Loop: vector; all its sums have the
// order of row-sums.ts, those of dgamma and dbeta run over ascending vectors.
import { activeCount } from "../../tensor.ts";
import type { Family, Round } from "./family.ts";
import { rowSums } from "./row-sums.ts";

export function layerNormKernels(round: Round): Family<"layer_norm" | "layer_norm_backward"> {
  const sum = rowSums(round);

  return {
    layer_norm: (operation, memory) => {
      const [x, y, gamma, beta] = [operation.x, operation.y, operation.gamma, operation.beta].map(memory.view);
      const [mean, inverse] = [memory.view(operation.mean), memory.view(operation.inverse)];
      const epsilon = round(operation.epsilon);
      const n = gamma.length;
      const squares = new Float64Array(n);
      return (step) => {
        const vectors = activeCount(operation.x, step.rows) / n;
        for (let v = 0, start = 0; v < vectors; v++, start += n) {
          mean[v] = round(sum(x, start, n) / n);
          for (let i = 0; i < n; i++) squares[i] = square(round(x[start + i] - mean[v]));
          inverse[v] = round(1 / round(Math.sqrt(round(round(sum(squares, 0, n) / n) + epsilon))));
          for (let i = 0; i < n; i++) {
            const normalised = round(round(x[start + i] - mean[v]) * inverse[v]);
            y[start + i] = round(round(normalised * gamma[i]) + beta[i]);
          }
        }
      };
    },

    layer_norm_backward: (operation, memory) => {
      const [x, dy, dx, gamma] = [operation.x, operation.dy, operation.dx, operation.gamma].map(memory.view);
      const [mean, inverse] = [memory.view(operation.mean), memory.view(operation.inverse)];
      const [dgamma, dbeta] = [memory.view(operation.dgamma), memory.view(operation.dbeta)];
      const n = gamma.length;
      const [normalised, slopes, products] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
      return (step) => {
        const vectors = activeCount(operation.x, step.rows) / n;
        for (let v = 0, start = 0; v < vectors; v++, start += n) {
          for (let i = 0; i < n; i++) {
            normalised[i] = round(round(x[start + i] - mean[v]) * inverse[v]);
            slopes[i] = round(dy[start + i] * gamma[i]);
            products[i] = round(slopes[i] * normalised[i]);
          }
          const average = round(sum(slopes, 0, n) / n);
          const along = round(sum(products, 0, n) / n);
          for (let i = 0; i < n; i++) {
            dbeta[i] = round(dbeta[i] + dy[start + i]);
            dgamma[i] = round(dgamma[i] + round(dy[start + i] * normalised[i]));
            const centred = round(slopes[i] - average);
            dx[start + i] = round(inverse[v] * round(centred - round(normalised[i] * along)));
          }
        }
      };
    },
  };

  function square(value: number): number {
    return round(value * value);
  }
}
