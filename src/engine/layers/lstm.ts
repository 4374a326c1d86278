// Long short-term memory. Hochreiter & Schmidhuber, 1997; forget gate: Gers, Schmidhuber & Cummins, 2000.
// forward   at each step, from state h, c (B,H), zero before the first:
//           i, f, o = σ(x·W + h·U + b)   g = tanh(x·W + h·U + b)      each gate its H columns of W, U, b, in order i, f, g, o
//           c ← f ⊙ c + i ⊙ g            h ← o ⊙ tanh c
// backward  from the last step, with dh and dc of the state after it, where y is h:
//           dh += dy    do = dh ⊙ tanh c    dc += dh ⊙ o ⊙ (1 − tanh²c)    di = dc ⊙ g    df = dc ⊙ c    dg = dc ⊙ i
//           dz = the gates' gradients times their slopes    dc ← dc ⊙ f    dh ← dz·Uᵀ
//           then dW += xᵀ·dz   dU += hᵀ·dz   db += Σ dz   dx = dz·Wᵀ over all steps at once
import { sumRows } from "../operations/elements.ts";
import type { LayerDefinition, Signal } from "./layer.ts";
import { planRecurrentWeights } from "./recurrent.ts";
import type { RecurrentSpec } from "./recurrent.ts";

export interface LstmSpec extends RecurrentSpec {
  readonly type: "lstm";
}

export const lstm: LayerDefinition<LstmSpec> = {
  plan({ units, return_sequences: all = false }, scope, x) {
    const part = planRecurrentWeights({ scope, x, units }, 4);
    const { steps, W, U, gates, h } = part;
    // The forget gate starts open: Jozefowicz, Zaremba & Sutskever, 2015.
    const b = scope.parameter("bias", [4 * units], "forget_gate_ones", units, units);
    const [c, tanhC] = [scope.buffer("c", [steps, units]), scope.buffer("tanh c", [steps, units])];
    const [cLast, dc] = [scope.buffer("c last", [units]), scope.buffer("dc", [units])];
    const y = scope.signal(all ? [steps, units] : [units], true);
    // Either the last state is the output, or its gradient begins with zero.
    const last: Signal = all ? { value: scope.buffer("h last", [units]), gradient: scope.buffer("dh", [units]) } : y;
    const dh = last.gradient!;
    // The gates' memory holds their gradients afterwards: nothing reads them again.
    const dgates = gates;
    const [weights, recurrent] = [U.value, { c, tanhC }];

    return {
      output: y,
      parameters: [W, U, b],
      forward: [
        part.project,
        {
          kind: "lstm",
          gates,
          U: weights,
          b: b.value,
          h0: null,
          c0: null,
          h,
          ...recurrent,
          y: all ? y.value : null,
          hLast: last.value,
          cLast,
        },
      ],
      backward: [
        { kind: "clear", tensors: all ? [dc, dh] : [dc] },
        { kind: "lstm_backward", gates, U: weights, ...recurrent, dy: all ? y.gradient : null, dh, dc, dgates },
        ...part.gradients(dgates, dgates),
        sumRows(dgates, b.gradient),
      ],
    };
  },
};
