// Simple recurrent network. Elman, 1990; backpropagation through time: Werbos, 1990.
// forward   at each step   h ← tanh(x·W + h·U + b)        x (B,T,in)  W (in,H)  U (H,H)  b (H)  h (B,H), zero at first
// backward  from the last step, with dh of the state after it, where y is h:
//           dh += dy    dz = dh ⊙ (1 − h²)    dh ← dz·Uᵀ
//           then dW += xᵀ·dz   dU += hᵀ·dz   db += Σ dz   dx = dz·Wᵀ over all steps at once
import type { LayerDefinition, Signal } from "./layer.ts";
import { planRecurrentWeights, planStateMask } from "./recurrent.ts";
import type { RecurrentSpec } from "./recurrent.ts";

export interface SimpleRnnSpec extends RecurrentSpec {
  readonly type: "simple_rnn";
}

export const simpleRnn: LayerDefinition<SimpleRnnSpec> = {
  plan({ units, return_sequences: all = false, recurrent_dropout: recurrentDropout }, scope, x) {
    const part = planRecurrentWeights({ scope, x, units }, 1);
    const { mask, draw } = planStateMask({ scope, x, units, recurrentDropout });
    const { steps, W, U, gates, h } = part;
    const b = scope.parameter("bias", [units], "zeros", units, units);
    const last = all
      ? { value: scope.buffer("h last", [units]), gradient: scope.buffer("dh", [units]) }
      : scope.signal([units], true);
    // The kernel leaves the states in `gates`, and their gradients in memory that nothing reads again.
    const y: Signal = all ? { value: gates, gradient: scope.buffer("dy", [steps, units]) } : last;
    const [dgates, dh] = [all ? y.gradient! : gates, last.gradient!];
    const run = { kind: "simple_rnn", gates, U: U.value, b: b.value, h0: null, h, hLast: last.value } as const;

    return {
      output: y,
      parameters: [W, U, b],
      forward: [...draw, part.project, { ...run, mask }],
      inference: [part.project, { ...run, mask: null }],
      backward: [
        ...(all ? [{ kind: "clear", tensors: [dh] } as const] : []),
        { kind: "simple_rnn_backward", gates, U: U.value, mask, dy: all ? y.gradient : null, dh, dgates },
        ...part.gradients(dgates, dgates, b),
      ],
    };
  },
};
