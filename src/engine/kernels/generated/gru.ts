// Gated recurrent unit over whole sequences; formulas in layers/gru.ts, order of operations of reference/gru.ts.
import type { OperationOf } from "../../operations.ts";
import type { Tensor } from "../../tensor.ts";
import type { FunctionBuilder } from "../wasm/function-builder.ts";
import { f32x4, i32 } from "../wasm/instructions.ts";
import type { Emission, Emitters } from "./emission.ts";
import {
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
import type { CellPass, Strip } from "./recurrence.ts";
import { hyperbolicTangent, sigmoid } from "./transcendental.ts";

const { add, sub, mul } = f32x4;
const [ONE, THREE] = [f32x4.const(1), i32.const(3)];

export const GRU_EMITTERS: Emitters<"gru" | "gru_backward"> = {
  gru(operation, emission) {
    const { U, h0, h, recurrent, hLast, mask, masked } = operation;
    const { module, f, address } = emission;
    const [rowBytes, stateBytes] = [4 * h.rowSize, 4 * h.shape[1]];
    const distances = { rowsMost: h.capacity, accumulate: false, aRow: rowBytes, cRow: 3 * rowBytes };
    const product = stateProduct(emission, { U, ...distances });
    const cell = forwardCell(operation, emission);
    const run = module.function(["i32"], (body) => {
      const rows = body.parameter(0, "i32");
      emitFirstState(body, emission, h, h0, rows);
      product.pack(body);
      emitSteps(body, h.shape, (at, last) => {
        const states = i32.add(address(h), at);
        const shown = stepAt(emission, masked ?? h, at);
        if (mask !== null) emitMasked(body, emission, mask, { rows, from: stepAt(emission, h, at), to: shown });
        product.multiply(body, shown.address, i32.add(address(recurrent), i32.mul(at, THREE)), rows);
        const next = last ? address(hLast) : i32.add(states, i32.const(stateBytes));
        body.call(cell, rows, at, next, i32.const(last ? stateBytes : rowBytes));
      });
    });
    f.call(run, emission.rows);
  },

  gru_backward(operation, emission) {
    const { U, h, dh, drecurrent, mask, dmasked } = operation;
    const { module, f, address } = emission;
    const accumulate = dmasked === null;
    const distances = { rowsMost: h.capacity, accumulate, aRow: 12 * h.rowSize, cRow: 4 * h.shape[1] };
    const product = gradientProduct(emission, { U, ...distances });
    const cell = backwardCell(operation, emission);
    const run = module.function(["i32"], (body) => {
      const rows = body.parameter(0, "i32");
      product.pack(body);
      emitStepsBack(body, h.shape, (at) => {
        body.call(cell, rows, at);
        product.multiply(body, i32.add(address(drecurrent), i32.mul(at, THREE)), address(dmasked ?? dh), rows);
        if (mask !== null && dmasked !== null) {
          const [state, share, factors] = [dh, dmasked, mask].map((tensor): Strip => ({
            address: address(tensor),
            rowBytes: 4 * tensor.rowSize,
          }));
          const compute: CellPass["compute"] = (_f, [sum, gradient, factor]) => [add(sum, mul(gradient, factor))];
          emitCell(body, rows, [{ count: dh.rowSize, inputs: [state, share, factors], outputs: [state], compute }]);
        }
      });
    });
    f.call(run, emission.rows);
  },
};

/** The function (rows, at, hNext, nextRowBytes) */
function forwardCell({ gates, recurrent, b, bU, h, y }: OperationOf<"gru">, emission: Emission): FunctionBuilder {
  const { module, address } = emission;
  return module.function(["i32", "i32", "i32", "i32"], (f) => {
    const [rows, at, hNext, nextRowBytes] = [0, 1, 2, 3].map((position) => f.parameter(position, "i32"));
    const units = h.shape[1];
    const bias = (tensor: typeof h): Strip[] => groupsOf({ address: address(tensor), rowBytes: 0 }, units, 3);
    const [r0, z0, n0] = groupsAt(emission, gates, at, units);
    const [s, , sn] = groupsAt(emission, recurrent, at, units);
    const [[b0, , bn], [u0, , un]] = [bias(b), bias(bU)];
    emitCell(f, rows, [
      {
        // r and z in one pass: they stand beside each other.
        count: 2 * units,
        inputs: [r0, b0, s, u0],
        outputs: [r0, s],
        compute(body, [x, bx, u, bu]) {
          const sum = body.local("v128", add(u, bu));
          return [sigmoid(body, add(add(x, bx), sum)), sum];
        },
      },
      {
        count: units,
        inputs: [r0, z0, n0, bn, sn, un, stepAt(emission, h, at)],
        outputs: [n0, sn, { address: hNext, rowBytes: nextRowBytes }, ...(y === null ? [] : [stepAt(emission, y, at)])],
        compute(body, [r, z, x, bx, u, bu, before]) {
          const sum = body.local("v128", add(u, bu));
          const n = hyperbolicTangent(body, add(add(x, bx), mul(r, sum)));
          const output = body.local("v128", add(n, mul(z, sub(before, n))));
          return [n, sum, output, ...(y === null ? [] : [output])];
        },
      },
    ]);
  });
}

/** The function (rows, at): gradients of the gates at this step; dh becomes what reaches the state before through z. */
function backwardCell(
  { gates, recurrent, h, dy, dh, dgates, drecurrent }: OperationOf<"gru_backward">,
  emission: Emission,
): FunctionBuilder {
  const { module, address } = emission;
  const units = h.shape[1];
  return module.function(["i32", "i32"], (f) => {
    const [rows, at] = [f.parameter(0, "i32"), f.parameter(1, "i32")];
    const state = { address: address(dh), rowBytes: 4 * units };
    const three = (tensor: Tensor): Strip[] => groupsAt(emission, tensor, at, units);
    // Of the recurrent sums only those of n are needed.
    const [, , sn] = three(recurrent);
    const given = dy === null ? [] : [stepAt(emission, dy, at)];
    emitCell(f, rows, [
      {
        count: units,
        inputs: [...three(gates), sn, stepAt(emission, h, at), state, ...given],
        outputs: [...three(dgates), ...three(drecurrent), state],
        compute(body, [r, z, n, sum, before, dLater, dOutput]) {
          const dOut = dy === null ? dLater : body.local("v128", add(dLater, dOutput));
          const dn = body.local("v128", mul(mul(dOut, sub(ONE, z)), tanhSlope(n)));
          const dz = body.local("v128", mul(mul(dOut, sub(before, n)), sigmoidSlope(z)));
          const dr = body.local("v128", mul(mul(dn, sum), sigmoidSlope(r)));
          return [dr, dz, dn, dr, dz, mul(dn, r), mul(dOut, z)];
        },
      },
    ]);
  });
}
