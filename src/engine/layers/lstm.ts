// Long short-term memory. Hochreiter & Schmidhuber, 1997; forget gate: Gers, Schmidhuber & Cummins, 2000.
// forward   at each step, from state h, c (B,H), zero before the first:
//           i, f, o = σ(x·W + h·U + b)   g = tanh(x·W + h·U + b)      each gate its H columns of W, U, b, in order i, f, g, o
//           c ← f ⊙ c + i ⊙ g            h ← o ⊙ tanh c
// backward  from the last step, with dh and dc of the state after it, where y is h:
//           dh += dy    do = dh ⊙ tanh c    dc += dh ⊙ o ⊙ (1 − tanh²c)    di = dc ⊙ g    df = dc ⊙ c    dg = dc ⊙ i
//           dz = the gates' gradients times their slopes    dc ← dc ⊙ f    dh ← dz·Uᵀ
//           then dW += xᵀ·dz   dU += hᵀ·dz   db += Σ dz   dx = dz·Wᵀ over all steps at once
import type { LayerDefinition } from "./layer.ts";
import { planLastState, planRecurrentWeights, planStateMask } from "./recurrent.ts";
import type { PlannedRecurrence, RecurrentSpec, StatefulInput } from "./recurrent.ts";

export interface LstmSpec extends RecurrentSpec {
  readonly type: "lstm";
}

export const lstm: LayerDefinition<LstmSpec> = {
  plan({ units, return_sequences: all = false, recurrent_dropout: recurrentDropout }, scope, x) {
    const { y, last, ...planned } = planLstm({ scope, x, units, recurrentDropout, sequence: all, initial: null });
    const [h, c] = last;
    // Either the last h is the output, or nothing but y depends on it; on the last c nothing ever does.
    const unused = (y === null ? [c] : [h, c]).map(({ gradient }) => gradient!);
    return { ...planned, output: y ?? h, backward: [{ kind: "clear", tensors: unused }, ...planned.backward] };
  },
};

export function planLstm(input: StatefulInput): PlannedRecurrence {
  const { scope, prefix = "", units, sequence, initial } = input;
  const part = planRecurrentWeights(input, 4);
  const { steps, W, U, gates, h } = part;
  // The forget gate starts open: Jozefowicz, Zaremba & Sutskever, 2015.
  const b = scope.parameter(`${prefix}bias`, [4 * units], "forget_gate_ones", units, units);
  const [c, tanhC] = ["c", "tanh c"].map((name) => scope.buffer(`${prefix}${name}`, [steps, units]));
  const y = sequence ? scope.signal([steps, units], true) : null;
  const last = planLastState(input, 2);
  const [hLast, cLast] = last.map(({ value }) => value);
  const [dh, dc] = last.map(({ gradient }) => gradient!);
  const [h0 = null, c0 = null] = (initial ?? []).map(({ value }) => value);
  // The gates' memory holds their gradients afterwards: nothing reads them again.
  const dgates = gates;
  const { mask, draw } = planStateMask(input);
  const tensors = { gates, U: U.value, c, tanhC };
  const run = { kind: "lstm", ...tensors, b: b.value, h0, c0, h, y: y?.value ?? null, hLast, cLast } as const;

  return {
    y,
    last,
    parameters: [W, U, b],
    forward: [...draw, part.project, { ...run, mask }],
    inference: [part.project, { ...run, mask: null }],
    backward: [
      { kind: "lstm_backward", ...tensors, mask, dy: y?.gradient ?? null, dh, dc, dgates },
      ...part.gradients(dgates, dgates, b),
    ],
  };
}
