// Gated recurrent unit over whole sequences, one row after another; formulas in layers/gru.ts.
// Per step: s = h·U + bU · r, z = σ(x·W + b + s) · n = tanh(x·W + b + r ⊙ s) · h′ = n + z ⊙ (h − n)
import { activationTable } from "./activations.ts";
import type { Family, Round } from "./family.ts";
import { addTimes, addTimesTransposed, applyMask, begin, viewOf } from "./recurrence.ts";

export function gruKernels(round: Round): Family<"gru" | "gru_backward"> {
  const { sigmoid, tanh } = activationTable(round);
  return {
    gru: (operation, memory) => {
      const [steps, units] = operation.h.shape;
      const [gates, recurrent, h] = [operation.gates, operation.recurrent, operation.h].map((x) => memory.view(x));
      const [U, b, bU, hLast] = [operation.U, operation.b, operation.bU, operation.hLast].map((x) => memory.view(x));
      const [h0, y] = [viewOf(memory, operation.h0), viewOf(memory, operation.y)];
      const [mask, masked] = [viewOf(memory, operation.mask), viewOf(memory, operation.masked) ?? h];
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) {
          begin(h, row * steps * units, h0, row, units);
          for (let t = 0; t < steps; t++) {
            const at = (row * steps + t) * units;
            recurrent.fill(0, 3 * at, 3 * (at + units));
            const shown = { values: masked, start: at };
            applyMask(round, { values: h, start: at }, mask, row, units, shown);
            addTimes(round, shown, U, units, 3 * units, { values: recurrent, start: 3 * at });
            const hNext = t + 1 < steps ? h : hLast;
            const next = t + 1 < steps ? at + units : row * units;
            for (let j = 0; j < units; j++) {
              const places = [0, 1, 2].map((gate) => 3 * at + gate * units + j);
              const a = places.map((place, gate) => round(gates[place] + b[gate * units + j]));
              const s = places.map((place, gate) => round(recurrent[place] + bU[gate * units + j]));
              const r = sigmoid.value(round(a[0] + s[0]));
              const z = sigmoid.value(round(a[1] + s[1]));
              const n = tanh.value(round(a[2] + round(r * s[2])));
              const output = round(n + round(z * round(h[at + j] - n)));
              [r, z, n].forEach((gate, index) => (gates[places[index]] = gate));
              s.forEach((sum, index) => (recurrent[places[index]] = sum));
              hNext[next + j] = output;
              if (y !== null) y[at + j] = output;
            }
          }
        }
      };
    },

    gru_backward: (operation, memory) => {
      const [steps, units] = operation.h.shape;
      const [gates, recurrent, h] = [operation.gates, operation.recurrent, operation.h].map((x) => memory.view(x));
      const [dgates, drecurrent] = [memory.view(operation.dgates), memory.view(operation.drecurrent)];
      const [U, dh, dy] = [memory.view(operation.U), memory.view(operation.dh), viewOf(memory, operation.dy)];
      const [mask, dmasked] = [viewOf(memory, operation.mask), viewOf(memory, operation.dmasked)];
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) {
          const state = row * units;
          for (let t = steps - 1; t >= 0; t--) {
            const at = (row * steps + t) * units;
            for (let j = 0; j < units; j++) {
              const places = [0, 1, 2].map((gate) => 3 * at + gate * units + j);
              const [r, z, n] = places.map((place) => gates[place]);
              const dOutput = dy === null ? dh[state + j] : round(dh[state + j] + dy[at + j]);
              const dn = round(round(dOutput * round(1 - z)) * tanh.derivative(0, n));
              const dz = round(round(dOutput * round(h[at + j] - n)) * sigmoid.derivative(0, z));
              const dr = round(round(dn * recurrent[places[2]]) * sigmoid.derivative(0, r));
              [dr, dz, dn].forEach((gradient, index) => (dgates[places[index]] = gradient));
              [dr, dz, round(dn * r)].forEach((gradient, index) => (drecurrent[places[index]] = gradient));
              dh[state + j] = round(dOutput * z);
            }
            const from = { values: drecurrent, start: 3 * at };
            if (mask === null || dmasked === null) {
              addTimesTransposed(round, from, U, units, 3 * units, { values: dh, start: state });
              continue;
            }
            dmasked.fill(0, state, state + units);
            addTimesTransposed(round, from, U, units, 3 * units, { values: dmasked, start: state });
            for (let j = state; j < state + units; j++) dh[j] = round(dh[j] + round(dmasked[j] * mask[j]));
          }
        }
      };
    },
  };
}
