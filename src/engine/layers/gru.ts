// Gated recurrent unit. Cho et al., 2014; reset after the recurrent product, as in PyTorch and cuDNN.
// forward   at each step, from state h (B,H), zero before the first unless it is given; in order r, z, n:
//           a = x·W + b    s = h·U + bU      x (B,T,in)  W (in,3H)  U (H,3H)  b, bU (3H)
//           r, z = σ(a + s)    n = tanh(a + r ⊙ s)    h ← n + z ⊙ (h − n)
// backward  from the last step, with dh of the state after it, where y is h:
//           dh += dy    dn = dh ⊙ (1 − z) ⊙ (1 − n²)    dz = dh ⊙ (h − n) ⊙ z(1 − z)    dr = dn ⊙ s_n ⊙ r(1 − r)
//           da = (dr, dz, dn)    ds = (dr, dz, dn ⊙ r)    dh ← dh ⊙ z + ds·Uᵀ
//           then dW += xᵀ·da   dU += hᵀ·ds   db += Σ da   dbU += Σ ds   dx = da·Wᵀ over all steps at once
import type { LayerDefinition } from "./layer.ts";
import { planLastState, planRecurrentWeights, planStateMask } from "./recurrent.ts";
import type { PlannedRecurrence, RecurrentSpec, StatefulInput } from "./recurrent.ts";

export interface GruSpec extends RecurrentSpec {
  readonly type: "gru";
}

export const gru: LayerDefinition<GruSpec> = {
  plan({ units, return_sequences: all = false, recurrent_dropout: recurrentDropout }, scope, x) {
    const { y, last, ...planned } = planGru({ scope, x, units, recurrentDropout, sequence: all, initial: null });
    const [h] = last;
    if (y === null) return { ...planned, output: h };
    // Nothing but y depends on the last state.
    return { ...planned, output: y, backward: [{ kind: "clear", tensors: [h.gradient!] }, ...planned.backward] };
  },
};

export function planGru(input: StatefulInput): PlannedRecurrence {
  const { scope, prefix = "", units, sequence, initial } = input;
  const part = planRecurrentWeights(input, 3);
  const { steps, W, U, gates, h } = part;
  const b = scope.parameter(`${prefix}bias`, [3 * units], "zeros", units, units);
  const bU = scope.parameter(`${prefix}recurrent_bias`, [3 * units], "zeros", units, units);
  const recurrent = scope.buffer(`${prefix}recurrent`, [steps, 3 * units]);
  const y = sequence ? scope.signal([steps, units], true) : null;
  const last = planLastState(input, 1);
  const [{ value: hLast, gradient: dh }] = last;
  // The memory of the gates and of the recurrent sums holds their gradients afterwards: nothing reads them again.
  const [dgates, drecurrent] = [gates, recurrent];
  const { mask, draw } = planStateMask(input);
  const masked = mask && scope.buffer(`${prefix}masked`, [steps, units]);
  const dmasked = mask && scope.buffer(`${prefix}dmasked`, [units]);
  const tensors = { gates, recurrent, U: U.value, h };
  const [h0 = null] = (initial ?? []).map(({ value }) => value);
  const run = { kind: "gru", ...tensors, b: b.value, bU: bU.value, h0, y: y?.value ?? null, hLast } as const;

  return {
    y,
    last,
    parameters: [W, U, b, bU],
    forward: [...draw, part.project, { ...run, mask, masked }],
    inference: [part.project, { ...run, mask: null, masked: null }],
    backward: [
      { kind: "gru_backward", ...tensors, mask, dmasked, dy: y?.gradient ?? null, dh: dh!, dgates, drecurrent },
      ...part.gradients(dgates, drecurrent, b, bU, masked),
    ],
  };
}
