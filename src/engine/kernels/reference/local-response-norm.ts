// Local response normalisation; formulas in layers/local-response-norm.ts. Each sum begins at 0 and runs over ascending
// channels, the power is e^{−β·ln s}.
import { activeCount } from "../../tensor.ts";
import type { Elements } from "../../tensor.ts";
import type { Family, Round } from "./family.ts";
import { transcendental } from "./transcendental.ts";

export function localResponseNormKernels(round: Round): Family<"local_response_norm" | "local_response_norm_backward"> {
  const { exp, log } = transcendental(round);

  return {
    local_response_norm: (operation, memory) => {
      const [x, s, y] = [memory.view(operation.x), memory.view(operation.s), memory.view(operation.y)];
      const [alpha, k, exponent] = [operation.alpha, operation.k, -operation.beta].map(round);
      const channels = operation.x.shape.at(-1)!;
      const { before, after } = neighbours(operation.size);
      const squares = x.slice(0, channels);
      return (step) => {
        const count = activeCount(operation.x, step.rows);
        for (let start = 0; start < count; start += channels) {
          for (let c = 0; c < channels; c++) squares[c] = round(x[start + c] * x[start + c]);
          for (let c = 0; c < channels; c++) {
            s[start + c] = round(round(sumOf(squares, c - before, c + after) * alpha) + k);
            y[start + c] = round(x[start + c] * power(s[start + c], exponent));
          }
        }
      };
    },

    local_response_norm_backward: (operation, memory) => {
      const [x, s, y] = [memory.view(operation.x), memory.view(operation.s), memory.view(operation.y)];
      const [dy, dx] = [memory.view(operation.dy), memory.view(operation.dx)];
      const [slope, exponent] = [2 * operation.alpha * operation.beta, -operation.beta].map(round);
      const channels = operation.x.shape.at(-1)!;
      const { before, after } = neighbours(operation.size);
      const shares = x.slice(0, channels);
      return (step) => {
        const count = activeCount(operation.x, step.rows);
        for (let start = 0; start < count; start += channels) {
          for (let c = 0; c < channels; c++) {
            shares[c] = round(round(dy[start + c] * y[start + c]) / s[start + c]);
          }
          for (let c = 0; c < channels; c++) {
            const at = start + c;
            // c is in the sums of those it has in its own, mirrored.
            const others = round(round(sumOf(shares, c - after, c + before) * slope) * x[at]);
            dx[at] = round(round(dy[at] * power(s[at], exponent)) - others);
          }
        }
      };
    },
  };

  function sumOf(values: Elements, first: number, last: number): number {
    let sum = 0;
    for (let j = Math.max(0, first); j <= Math.min(values.length - 1, last); j++) sum = round(sum + values[j]);
    return sum;
  }

  /** s^exponent for s > 0 */
  function power(s: number, exponent: number): number {
    return exp(round(log(s) * exponent));
  }
}

/** Channels before and after the one that is normalised. */
export function neighbours(size: number): { readonly before: number; readonly after: number } {
  return { before: Math.floor(size / 2), after: Math.floor((size - 1) / 2) };
}
