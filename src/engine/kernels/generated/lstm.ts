// Long short-term memory over whole sequences; formulas in layers/lstm.ts, order of operations of reference/lstm.ts.
import type { OperationOf } from "../../operations.ts";
import type { Tensor } from "../../tensor.ts";
import type { FunctionBuilder } from "../wasm/function-builder.ts";
import { f32x4, i32 } from "../wasm/instructions.ts";
import type { I32, V128 } from "../wasm/instructions.ts";
import type { Emission, Emitters } from "./emission.ts";
import {
  activationPass,
  emitCell,
  emitFirstState,
  emitMasked,
  emitSteps,
  emitStepsBack,
  gradientProduct,
  groupsAt,
  groupsOf,
  sigmoidSlope,
  stateProduct,
  stepAt,
  tanhSlope,
} from "./recurrence.ts";
import type { Strip } from "./recurrence.ts";
import { hyperbolicTangent, sigmoid } from "./transcendental.ts";

const { add, mul } = f32x4;

export const LSTM_EMITTERS: Emitters<"lstm" | "lstm_backward"> = {
  lstm(operation, emission) {
    const { gates, U, h0, c0, h, c, hLast, cLast, mask } = operation;
    const { module, f, address } = emission;
    const rowBytes = 4 * h.rowSize;
    const distances = { rowsMost: h.capacity, accumulate: true, aRow: rowBytes, cRow: 4 * rowBytes };
    const product = stateProduct(emission, { U, ...distances });
    const cell = forwardCell(operation, emission);
    const run = module.function(["i32"], (body) => {
      const rows = body.parameter(0, "i32");
      emitFirstState(body, emission, h, h0, rows);
      emitFirstState(body, emission, c, c0, rows);
      product.pack(body);
      emitSteps(body, h.shape, (at, last) => {
        const state = stepAt(emission, h, at);
        if (mask !== null) emitMasked(body, emission, mask, { rows, from: state, to: state });
        const states = i32.add(address(h), at);
        product.multiply(body, states, i32.add(address(gates), i32.shl(at, i32.const(2))), rows);
        const next = (sequence: Tensor, end: Tensor): I32 =>
          last ? address(end) : i32.add(i32.add(address(sequence), at), i32.const(4 * h.shape[1]));
        const nextRowBytes = i32.const(last ? 4 * h.shape[1] : rowBytes);
        body.call(cell, rows, at, next(h, hLast), next(c, cLast), nextRowBytes);
      });
    });
    f.call(run, emission.rows);
  },

  lstm_backward(operation, emission) {
    const { U, c, dh, dgates, mask } = operation;
    const { module, f, address } = emission;
    const rowBytes = 4 * c.rowSize;
    const distances = { rowsMost: c.capacity, accumulate: false, aRow: 4 * rowBytes, cRow: 4 * c.shape[1] };
    const product = gradientProduct(emission, { U, ...distances });
    const cell = backwardCell(operation, emission);
    const run = module.function(["i32"], (body) => {
      const rows = body.parameter(0, "i32");
      product.pack(body);
      emitStepsBack(body, c.shape, (at) => {
        body.call(cell, rows, at);
        product.multiply(body, i32.add(address(dgates), i32.shl(at, i32.const(2))), address(dh), rows);
        const before = { address: address(dh), rowBytes: 4 * dh.rowSize };
        if (mask !== null) emitMasked(body, emission, mask, { rows, from: before, to: before });
      });
    });
    f.call(run, emission.rows);
  },
};

/** The function (rows, at, hNext, cNext, nextRowBytes) */
function forwardCell({ gates, b, h, c, tanhC, y }: OperationOf<"lstm">, emission: Emission): FunctionBuilder {
  const { module, address } = emission;
  return module.function(["i32", "i32", "i32", "i32", "i32"], (f) => {
    const [rows, at, hNext, cNext, nextRowBytes] = [0, 1, 2, 3, 4].map((position) => f.parameter(position, "i32"));
    const units = h.shape[1];
    const step = (sequence: Tensor): Strip => stepAt(emission, sequence, at);
    const [i, forget, g, o] = groupsAt(emission, gates, at, units);
    const [bi, , bg, bo] = groupsOf({ address: address(b), rowBytes: 0 }, units, 4);
    const next = (start: I32): Strip => ({ address: start, rowBytes: nextRowBytes });
    emitCell(f, rows, [
      // i and f in one pass: they stand beside each other.
      activationPass(i, bi, 2 * units, sigmoid),
      activationPass(g, bg, units, hyperbolicTangent),
      activationPass(o, bo, units, sigmoid),
      {
        count: units,
        inputs: [i, forget, g, o, step(c)],
        outputs: [step(tanhC), next(cNext), next(hNext), ...(y === null ? [] : [step(y)])],
        compute(body, [input, kept, candidate, shown, before]) {
          const cell = body.local("v128", add(mul(kept, before), mul(input, candidate)));
          const squashed = hyperbolicTangent(body, cell);
          const output = body.local("v128", mul(shown, squashed));
          return [squashed, cell, output, ...(y === null ? [] : [output])];
        },
      },
    ]);
  });
}

/** The function (rows, at): gradients of the gates at this step; dc becomes that of the state before. */
function backwardCell(
  { gates, c, tanhC, dy, dh, dc, dgates }: OperationOf<"lstm_backward">,
  emission: Emission,
): FunctionBuilder {
  const { module, address } = emission;
  const units = c.shape[1];
  return module.function(["i32", "i32"], (f) => {
    const [rows, at] = [f.parameter(0, "i32"), f.parameter(1, "i32")];
    const step = (sequence: Tensor): Strip => stepAt(emission, sequence, at);
    const state = (tensor: Tensor): Strip => ({ address: address(tensor), rowBytes: 4 * units });
    const four = (tensor: Tensor): Strip[] => groupsAt(emission, tensor, at, units);
    const inputs = [...four(gates), step(c), step(tanhC), state(dh), state(dc), ...(dy === null ? [] : [step(dy)])];
    emitCell(f, rows, [
      {
        count: units,
        inputs,
        outputs: [...four(dgates), state(dc)],
        compute(body, [i, forget, g, o, before, squashed, dLater, dcLater, dOutput]) {
          const dOut: V128 = dy === null ? dLater : body.local("v128", add(dLater, dOutput));
          const dCell = body.local("v128", add(dcLater, mul(mul(dOut, o), tanhSlope(squashed))));
          return [
            mul(mul(dCell, g), sigmoidSlope(i)),
            mul(mul(dCell, before), sigmoidSlope(forget)),
            mul(mul(dCell, i), tanhSlope(g)),
            mul(mul(dOut, squashed), sigmoidSlope(o)),
            mul(dCell, forget),
          ];
        },
      },
    ]);
  });
}
