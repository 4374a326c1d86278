// What a training adds to a loss that is written already, to value and gradient alike; B rows, s = 1/(B·N).
// smooth_classes   L += ε·(1/N)·Σ_N (z_t − mean z)      dz −= s·ε/n, and dz_t += s·ε      N steps that count, n classes
// smooth_values    L += (ε/n)·Σ_j z_j·(t_j − ½)         dz += (ε/(B·n))·(t − ½)
// mix_classes      L += s·(z_t − z_p)                   dz_t += s/B   dz_p −= s/B      p the partner's class, s its share·amount
// weight_rows      L ← w·L                              dz ← w·dz
import type { Family, Round } from "./family.ts";
import { rowSums } from "./row-sums.ts";
import { stepsThatCount } from "./softmax.ts";

export function lossAdjustmentKernels(
  round: Round,
): Family<"smooth_classes" | "smooth_values" | "mix_classes" | "weight_rows"> {
  const rowSum = rowSums(round);
  return {
    smooth_classes: (operation, memory) => {
      const [z, t] = [memory.view(operation.z), memory.view(operation.t)];
      const [loss, dz] = [memory.view(operation.loss), memory.view(operation.dz)];
      const steps = operation.t.rowSize;
      const width = operation.z.rowSize / steps;
      const [amount, share, mean] = [operation.amount, operation.amount / width, 1 / width].map(round);
      return ({ rows, batchRows }) => {
        for (let row = 0; row < rows; row++) {
          let sum = 0;
          const counted = stepsThatCount(t, row * steps, steps);
          const scale = round(1 / (batchRows * counted));
          const [others, target] = [round(share * scale), round(amount * scale)];
          for (let step = row * steps; step < (row + 1) * steps; step++) {
            if (t[step] < 0) continue;
            const start = step * width;
            sum = round(sum + round(z[start + t[step]] - round(rowSum(z, start, width) * mean)));
            for (let i = start; i < start + width; i++) dz[i] = round(dz[i] - others);
            dz[start + t[step]] = round(dz[start + t[step]] + target);
          }
          loss[row] = round(loss[row] + round(amount * round(sum * round(1 / counted))));
        }
      };
    },
    smooth_values: (operation, memory) => {
      const [z, t] = [memory.view(operation.z), memory.view(operation.t)];
      const [loss, dz] = [memory.view(operation.loss), memory.view(operation.dz)];
      const width = operation.z.rowSize;
      const [amount, share] = [operation.amount, operation.amount / width].map(round);
      const terms = z.slice(0, width);
      return ({ rows, batchRows }) => {
        const scale = round(amount * round(1 / (batchRows * width)));
        for (let row = 0; row < rows; row++) {
          for (let j = 0; j < width; j++) {
            const i = row * width + j;
            const side = round(t[i] - 0.5);
            terms[j] = round(z[i] * side);
            dz[i] = round(dz[i] + round(side * scale));
          }
          loss[row] = round(loss[row] + round(share * rowSum(terms, 0, width)));
        }
      };
    },
    mix_classes: (operation, memory) => {
      const [z, t, partners] = [operation.z, operation.t, operation.partners].map((tensor) => memory.view(tensor));
      const [shares, loss, dz] = [operation.shares, operation.loss, operation.dz].map((tensor) => memory.view(tensor));
      const width = operation.z.rowSize;
      const amount = round(operation.amount);
      return ({ rows, batchRows }) => {
        for (let row = 0; row < rows; row++) {
          const [own, other] = [row * width + t[row], row * width + partners[row]];
          const share = round(shares[row] * amount);
          const moved = round(share * round(1 / batchRows));
          loss[row] = round(loss[row] + round(share * round(z[own] - z[other])));
          dz[own] = round(dz[own] + moved);
          dz[other] = round(dz[other] - moved);
        }
      };
    },
    weight_rows: (operation, memory) => {
      const [weights, loss, dz] = [operation.weights, operation.loss, operation.dz].map((tensor) =>
        memory.view(tensor),
      );
      const width = operation.dz.rowSize;
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) {
          const weight = weights[row];
          loss[row] = round(loss[row] * weight);
          for (let i = row * width; i < (row + 1) * width; i++) dz[i] = round(dz[i] * weight);
        }
      };
    },
  };
}
