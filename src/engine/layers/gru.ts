// Gated recurrent unit. Cho et al., 2014; reset after the recurrent product, as in PyTorch and cuDNN.
// forward   at each step, from state h (B,H), zero before the first unless it is given; in order r, z, n:
//           a = x·W + b    s = h·U + bU      x (B,T,in)  W (in,3H)  U (H,3H)  b, bU (3H)
//           r, z = σ(a + s)    n = tanh(a + r ⊙ s)    h ← n + z ⊙ (h − n)
// backward  from the last step, with dh of the state after it, where y is h:
//           dh += dy    dn = dh ⊙ (1 − z) ⊙ (1 − n²)    dz = dh ⊙ (h − n) ⊙ z(1 − z)    dr = dn ⊙ s_n ⊙ r(1 − r)
//           da = (dr, dz, dn)    ds = (dr, dz, dn ⊙ r)    dh ← dh ⊙ z + ds·Uᵀ
//           then dW += xᵀ·da   dU += hᵀ·ds   db += Σ da   dbU += Σ ds   dx = da·Wᵀ over all steps at once
import { sumRows } from "../operations/elements.ts";
import type { LayerDefinition, PlannedLayer, Signal } from "./layer.ts";
import { planRecurrentWeights } from "./recurrent.ts";
import type { RecurrentInput, RecurrentSpec } from "./recurrent.ts";

export interface GruSpec extends RecurrentSpec {
  readonly type: "gru";
}

export const gru: LayerDefinition<GruSpec> = {
  plan({ units, return_sequences: all = false }, scope, x) {
    const { y, last, ...planned } = planGru({ scope, x, units, sequence: all, initial: null });
    if (y === null) return { ...planned, output: last };
    // Nothing but y depends on the last state.
    return { ...planned, output: y, backward: [{ kind: "clear", tensors: [last.gradient!] }, ...planned.backward] };
  },
};

export interface GruInput extends RecurrentInput {
  /** Whether the state after every step is wanted. */
  readonly sequence: boolean;
  /** The state before the first step, (B,H); zero when null. */
  readonly initial: Signal | null;
}

export interface PlannedGru extends Omit<PlannedLayer, "output"> {
  /** (B,T,H) */
  readonly y: Signal | null;
  /** (B,H). Its gradient must be written, if only with zeros, before `backward`, which leaves the gradient of the initial
   * state in its place: where there is one, the two gradients are one tensor. */
  readonly last: Signal;
}

export function planGru(input: GruInput): PlannedGru {
  const { scope, prefix = "", units, sequence, initial } = input;
  const part = planRecurrentWeights(input, 3);
  const { steps, W, U, gates, h } = part;
  const b = scope.parameter(`${prefix}bias`, [3 * units], "zeros", units, units);
  const bU = scope.parameter(`${prefix}recurrent_bias`, [3 * units], "zeros", units, units);
  const recurrent = scope.buffer(`${prefix}recurrent`, [steps, 3 * units]);
  const y = sequence ? scope.signal([steps, units], true) : null;
  const state = scope.signal([units], true);
  const last: Signal = initial === null ? state : { value: state.value, gradient: initial.gradient };
  // The memory of the gates and of the recurrent sums holds their gradients afterwards: nothing reads them again.
  const [dgates, drecurrent] = [gates, recurrent];
  const tensors = { gates, recurrent, U: U.value, h };

  return {
    y,
    last,
    parameters: [W, U, b, bU],
    forward: [
      part.project,
      {
        kind: "gru",
        ...tensors,
        b: b.value,
        bU: bU.value,
        h0: initial?.value ?? null,
        y: y?.value ?? null,
        hLast: last.value,
      },
    ],
    backward: [
      { kind: "gru_backward", ...tensors, dy: y?.gradient ?? null, dh: last.gradient!, dgates, drecurrent },
      ...part.gradients(dgates, drecurrent),
      sumRows(dgates, b.gradient),
      sumRows(drecurrent, bU.gradient),
    ],
  };
}
