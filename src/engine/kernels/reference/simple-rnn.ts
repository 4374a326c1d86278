// Simple recurrent network over whole sequences, one row after another; formulas in layers/simple-rnn.ts.
// Per step: h′ = tanh(x·W + h·U + b)
import { activationTable } from "./activations.ts";
import type { Family, Round } from "./family.ts";
import { addTimes, addTimesTransposed, applyMask, begin, viewOf } from "./recurrence.ts";

export function simpleRnnKernels(round: Round): Family<"simple_rnn" | "simple_rnn_backward"> {
  const { tanh } = activationTable(round);
  return {
    simple_rnn: (operation, memory) => {
      const [steps, units] = operation.h.shape;
      const [gates, U, b] = [memory.view(operation.gates), memory.view(operation.U), memory.view(operation.b)];
      const [h, hLast, h0] = [memory.view(operation.h), memory.view(operation.hLast), viewOf(memory, operation.h0)];
      const mask = viewOf(memory, operation.mask);
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) {
          begin(h, row * steps * units, h0, row, units);
          for (let t = 0; t < steps; t++) {
            const at = (row * steps + t) * units;
            const state = { values: h, start: at };
            applyMask(round, state, mask, row, units, state);
            addTimes(round, state, U, units, units, { values: gates, start: at });
            const hNext = t + 1 < steps ? h : hLast;
            const next = t + 1 < steps ? at + units : row * units;
            for (let j = 0; j < units; j++) {
              gates[at + j] = tanh.value(round(gates[at + j] + b[j]));
              hNext[next + j] = gates[at + j];
            }
          }
        }
      };
    },

    simple_rnn_backward: (operation, memory) => {
      const [steps, units] = operation.gates.shape;
      const [gates, U] = [memory.view(operation.gates), memory.view(operation.U)];
      const [dgates, dh] = [memory.view(operation.dgates), memory.view(operation.dh)];
      const [dy, mask] = [viewOf(memory, operation.dy), viewOf(memory, operation.mask)];
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) {
          const state = row * units;
          for (let t = steps - 1; t >= 0; t--) {
            const at = (row * steps + t) * units;
            for (let j = 0; j < units; j++) {
              const dOutput = dy === null ? dh[state + j] : round(dh[state + j] + dy[at + j]);
              dgates[at + j] = round(dOutput * tanh.derivative(0, gates[at + j]));
              dh[state + j] = 0;
            }
            const [from, before] = [
              { values: dgates, start: at },
              { values: dh, start: state },
            ];
            addTimesTransposed(round, from, U, units, units, before);
            applyMask(round, before, mask, row, units, before);
          }
        }
      };
    },
  };
}
