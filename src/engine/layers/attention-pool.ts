// Attention over all steps as the summary of a sequence: a trained question, asked of each step. Additive scores: Bahdanau,
// Cho & Bengio, 2015; for texts: Yang et al., 2016.
// forward   u = tanh(x·W + b)    s = u·v    a = softmax(s) over the steps    y = Σ_t a_t·x_t
//           x (B,T,n)  W (n,units)  b (units)  u (B,T,units)  v (units,1)  s, a (B,T)  y (B,n)
// backward  da_t = dy·x_t    ds = a ⊙ (da − Σ da·a)    dv += uᵀ·ds    du = ds·vᵀ    dz = du ⊙ (1 − u²)
//           dW += xᵀ·dz    db += Σ dz    dx_t = dz_t·Wᵀ + a_t·dy
import { addTransposedTimes, matrixMultiply, timesTransposed } from "../operations/products.ts";
import { requireInteger } from "../requirements.ts";
import { reshaped } from "../tensor.ts";
import { viewAs } from "./layer.ts";
import type { LayerDefinition } from "./layer.ts";
import { sequenceShape } from "./recurrent.ts";

export interface AttentionPoolSpec {
  readonly type: "attention_pool";
  /** Of the question. */
  readonly units: number;
}

export const attentionPool: LayerDefinition<AttentionPoolSpec> = {
  plan({ units }, scope, x) {
    requireInteger(scope.layerName, "units", units, 1);
    const [steps, n] = sequenceShape("attention_pool", x.value.shape, scope.layerName);
    const W = scope.parameter("weights", [n, units], "glorot_uniform", n, units);
    const b = scope.parameter("bias", [units], "zeros", n, units);
    const v = scope.parameter("question", [units, 1], "glorot_uniform", units, 1);
    const [z, u] = [scope.signal([steps, units], true), scope.signal([steps, units], true)];
    const [s, a] = [scope.signal([steps, 1], true), scope.signal([1, steps], true)];
    const y = scope.signal([1, n], true);
    const [dy, dz, du, ds] = [y.gradient!, z.gradient!, u.gradient!, s.gradient!];
    // The scores of all steps beside each other, for the softmax over them.
    const [line, dline] = [s.value, ds].map((tensor) => reshaped(tensor, [1, steps]));

    return {
      output: viewAs(y, [n]),
      parameters: [W, b, v],
      forward: [
        matrixMultiply(x.value, W.value, z.value, b.value),
        { kind: "activate", function: "tanh", x: z.value, y: u.value },
        matrixMultiply(u.value, v.value, s.value),
        { kind: "softmax", x: line, y: a.value },
        { kind: "batched_nn", a: a.value, b: x.value, c: y.value, accumulate: false },
      ],
      backward: [
        { kind: "batched_nt", a: dy, b: x.value, c: a.gradient!, accumulate: false },
        { kind: "softmax_backward", y: a.value, dy: a.gradient!, dx: dline },
        addTransposedTimes(u.value, ds, v.gradient),
        timesTransposed(ds, v.value, du),
        { kind: "activate_backward", function: "tanh", x: z.value, y: u.value, dy: du, dx: dz },
        addTransposedTimes(x.value, dz, W.gradient, b.gradient),
        ...(x.gradient === null
          ? []
          : [
              timesTransposed(dz, W.value, x.gradient),
              { kind: "batched_tn", a: a.value, b: dy, c: x.gradient, accumulate: true } as const,
            ]),
      ],
    };
  },
};
