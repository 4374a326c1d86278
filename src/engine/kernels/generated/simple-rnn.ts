// Simple recurrent network over whole sequences; formulas in layers/simple-rnn.ts, order of operations of
// reference/simple-rnn.ts.
import { f32x4, i32 } from "../wasm/instructions.ts";
import type { Emitters } from "./emission.ts";
import {
  emitCell,
  emitFirstState,
  emitMasked,
  emitSteps,
  emitStepsBack,
  gradientProduct,
  stateProduct,
  stepAt,
  tanhSlope,
} from "./recurrence.ts";
import { hyperbolicTangent } from "./transcendental.ts";

const { add, mul } = f32x4;

export const SIMPLE_RNN_EMITTERS: Emitters<"simple_rnn" | "simple_rnn_backward"> = {
  simple_rnn({ gates, U, b, h0, h, hLast, mask }, emission) {
    const { module, f, address } = emission;
    const [rowBytes, stateBytes] = [4 * h.rowSize, 4 * h.shape[1]];
    const distances = { rowsMost: h.capacity, accumulate: true, aRow: rowBytes, cRow: rowBytes };
    const product = stateProduct(emission, { U, ...distances });
    const cell = module.function(["i32", "i32", "i32", "i32"], (body) => {
      const [rows, at, hNext, nextRowBytes] = [0, 1, 2, 3].map((position) => body.parameter(position, "i32"));
      const sums = stepAt(emission, gates, at);
      emitCell(body, rows, [
        {
          count: h.shape[1],
          inputs: [sums, { address: address(b), rowBytes: 0 }],
          outputs: [sums, { address: hNext, rowBytes: nextRowBytes }],
          compute(inner, [z, bias]) {
            const output = hyperbolicTangent(inner, add(z, bias));
            return [output, output];
          },
        },
      ]);
    });
    const run = module.function(["i32"], (body) => {
      const rows = body.parameter(0, "i32");
      emitFirstState(body, emission, h, h0, rows);
      product.pack(body);
      emitSteps(body, h.shape, (at, last) => {
        const state = stepAt(emission, h, at);
        if (mask !== null) emitMasked(body, emission, mask, { rows, from: state, to: state });
        const states = i32.add(address(h), at);
        product.multiply(body, states, i32.add(address(gates), at), rows);
        const next = last ? address(hLast) : i32.add(states, i32.const(stateBytes));
        body.call(cell, rows, at, next, i32.const(last ? stateBytes : rowBytes));
      });
    });
    f.call(run, emission.rows);
  },

  simple_rnn_backward({ gates, U, dy, dh, dgates, mask }, emission) {
    const { module, f, address } = emission;
    const [rowBytes, stateBytes] = [4 * gates.rowSize, 4 * gates.shape[1]];
    const distances = { rowsMost: gates.capacity, accumulate: false, aRow: rowBytes, cRow: stateBytes };
    const product = gradientProduct(emission, { U, ...distances });
    const cell = module.function(["i32", "i32"], (body) => {
      const [rows, at] = [body.parameter(0, "i32"), body.parameter(1, "i32")];
      const given = dy === null ? [] : [stepAt(emission, dy, at)];
      const state = { address: address(dh), rowBytes: stateBytes };
      emitCell(body, rows, [
        {
          count: gates.shape[1],
          inputs: [stepAt(emission, gates, at), state, ...given],
          outputs: [stepAt(emission, dgates, at)],
          compute: (_f, [output, dLater, dOutput]) => [
            mul(dy === null ? dLater : add(dLater, dOutput), tanhSlope(output)),
          ],
        },
      ]);
    });
    const run = module.function(["i32"], (body) => {
      const rows = body.parameter(0, "i32");
      product.pack(body);
      emitStepsBack(body, gates.shape, (at) => {
        body.call(cell, rows, at);
        product.multiply(body, i32.add(address(dgates), at), address(dh), rows);
        const before = { address: address(dh), rowBytes: stateBytes };
        if (mask !== null) emitMasked(body, emission, mask, { rows, from: before, to: before });
      });
    });
    f.call(run, emission.rows);
  },
};
