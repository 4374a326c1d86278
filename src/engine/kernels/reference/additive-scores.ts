// Scores of additive attention: how well each query fits each key. q (B,T,A)  k (B,S,A)  v (A)  s (B,T,S)
// forward    s_tj = Σ_a v_a·tanh(q_ta + k_ja)
// backward   g_tja = ds_tj·v_a·(1 − tanh²)    dq_t = Σ_j g_tj    dk_j = Σ_t g_tj    dv_a += Σ ds_tj·tanh(q_ta + k_ja)
// tanh is computed again backward: kept it would take T·S·A numbers a row.
import { activationTable } from "./activations.ts";
import type { Family, Round } from "./family.ts";
import { rowSums } from "./row-sums.ts";

export function additiveScoreKernels(round: Round): Family<"additive_scores" | "additive_scores_backward"> {
  const { tanh } = activationTable(round);
  const rowSum = rowSums(round);
  return {
    additive_scores: (operation, memory) => {
      const [q, k, v, s] = [operation.q, operation.k, operation.v, operation.s].map((tensor) => memory.view(tensor));
      const [[steps, keys], width] = [operation.s.shape, operation.v.rowSize];
      const terms = v.slice();
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) {
          for (let t = row * steps; t < (row + 1) * steps; t++) {
            for (let j = 0; j < keys; j++) {
              const key = (row * keys + j) * width;
              for (let a = 0; a < width; a++) {
                terms[a] = round(v[a] * tanh.value(round(q[t * width + a] + k[key + a])));
              }
              s[t * keys + j] = rowSum(terms, 0, width);
            }
          }
        }
      };
    },

    additive_scores_backward: (operation, memory) => {
      const [q, k, v, ds] = [operation.q, operation.k, operation.v, operation.ds].map((tensor) => memory.view(tensor));
      const [dq, dk, dv] = [operation.dq, operation.dk, operation.dv].map((tensor) => memory.view(tensor));
      const [[steps, keys], width] = [operation.ds.shape, operation.v.rowSize];
      return ({ rows }) => {
        dq.fill(0, 0, rows * operation.dq.rowSize);
        dk.fill(0, 0, rows * operation.dk.rowSize);
        for (let row = 0; row < rows; row++) {
          for (let t = row * steps; t < (row + 1) * steps; t++) {
            for (let j = 0; j < keys; j++) {
              const [query, key, gradient] = [t * width, (row * keys + j) * width, ds[t * keys + j]];
              for (let a = 0; a < width; a++) {
                const y = tanh.value(round(q[query + a] + k[key + a]));
                const g = round(round(gradient * v[a]) * tanh.derivative(0, y));
                dq[query + a] = round(dq[query + a] + g);
                dk[key + a] = round(dk[key + a] + g);
                dv[a] = round(dv[a] + round(gradient * y));
              }
            }
          }
        }
      };
    },
  };
}
