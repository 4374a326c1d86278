// Long short-term memory over whole sequences, one row after another; formulas in layers/lstm.ts.
// Per step: z = x·W + h·U + b · i, f, o = σ(z), g = tanh z · c′ = f ⊙ c + i ⊙ g · h′ = o ⊙ tanh c′
import { activationTable } from "./activations.ts";
import type { Family, Round } from "./family.ts";
import { addTimes, addTimesTransposed, applyMask, begin, viewOf } from "./recurrence.ts";

export function lstmKernels(round: Round): Family<"lstm" | "lstm_backward"> {
  const { sigmoid, tanh } = activationTable(round);
  return {
    lstm: (operation, memory) => {
      const [steps, units] = operation.h.shape;
      const [gates, U, b] = [memory.view(operation.gates), memory.view(operation.U), memory.view(operation.b)];
      const [h, c, tanhC] = [memory.view(operation.h), memory.view(operation.c), memory.view(operation.tanhC)];
      const [hLast, cLast] = [memory.view(operation.hLast), memory.view(operation.cLast)];
      const { mask: drawn } = operation;
      const [h0, c0, y, mask] = [operation.h0, operation.c0, operation.y, drawn].map((x) => viewOf(memory, x));
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) {
          begin(h, row * steps * units, h0, row, units);
          begin(c, row * steps * units, c0, row, units);
          for (let t = 0; t < steps; t++) {
            const at = (row * steps + t) * units;
            const state = { values: h, start: at };
            applyMask(round, state, mask, row, units, state);
            addTimes(round, state, U, units, 4 * units, { values: gates, start: 4 * at });
            const [hNext, cNext] = t + 1 < steps ? [h, c] : [hLast, cLast];
            const next = t + 1 < steps ? at + units : row * units;
            for (let j = 0; j < units; j++) {
              const [i, f, g, o] = [0, 1, 2, 3].map((gate) => 4 * at + gate * units + j);
              gates[i] = sigmoid.value(round(gates[i] + b[j]));
              gates[f] = sigmoid.value(round(gates[f] + b[units + j]));
              gates[g] = tanh.value(round(gates[g] + b[2 * units + j]));
              gates[o] = sigmoid.value(round(gates[o] + b[3 * units + j]));
              const cell = round(round(gates[f] * c[at + j]) + round(gates[i] * gates[g]));
              tanhC[at + j] = tanh.value(cell);
              const output = round(gates[o] * tanhC[at + j]);
              cNext[next + j] = cell;
              hNext[next + j] = output;
              if (y !== null) y[at + j] = output;
            }
          }
        }
      };
    },

    lstm_backward: (operation, memory) => {
      const [steps, units] = operation.c.shape;
      const [gates, U, c] = [memory.view(operation.gates), memory.view(operation.U), memory.view(operation.c)];
      const [tanhC, dgates] = [memory.view(operation.tanhC), memory.view(operation.dgates)];
      const [dh, dc] = [memory.view(operation.dh), memory.view(operation.dc)];
      const [dy, mask] = [viewOf(memory, operation.dy), viewOf(memory, operation.mask)];
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) {
          const state = row * units;
          for (let t = steps - 1; t >= 0; t--) {
            const at = (row * steps + t) * units;
            for (let j = 0; j < units; j++) {
              const places = [0, 1, 2, 3].map((gate) => 4 * at + gate * units + j);
              const [i, f, g, o] = places.map((place) => gates[place]);
              const dOutput = dy === null ? dh[state + j] : round(dh[state + j] + dy[at + j]);
              const bend = tanh.derivative(0, tanhC[at + j]);
              const dCell = round(dc[state + j] + round(round(dOutput * o) * bend));
              dgates[places[0]] = round(round(dCell * g) * sigmoid.derivative(0, i));
              dgates[places[1]] = round(round(dCell * c[at + j]) * sigmoid.derivative(0, f));
              dgates[places[2]] = round(round(dCell * i) * tanh.derivative(0, g));
              dgates[places[3]] = round(round(dOutput * tanhC[at + j]) * sigmoid.derivative(0, o));
              dc[state + j] = round(dCell * f);
            }
            dh.fill(0, state, state + units);
            const [from, before] = [
              { values: dgates, start: 4 * at },
              { values: dh, start: state },
            ];
            addTimesTransposed(round, from, U, units, 4 * units, before);
            applyMask(round, before, mask, row, units, before);
          }
        }
      };
    },
  };
}
