// Softmax and the cross-entropy that is fused with it; formulas in reference/softmax.ts. Row by row: a row is in L1 for
// all its passes, and its result does not depend on the batch.
// softmax    maximum · e^{z − m} in vectors · sum over ascending columns · division in vectors
// backward   dz_i = p_i · (dp_i − Σ_j dp_j·p_j)
// cross-entropy          L = m + log s − z_t
// its gradient           dz = (p − onehot(t)) / B: one pass for p/B, then the element of each row's class
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32, f32x4, f64, i32 } from "../wasm/instructions.ts";
import type { F32, I32 } from "../wasm/instructions.ts";
import { elementFunction, emitElementLoop } from "./element-loop.ts";
import type { Emitters } from "./emission.ts";
import { emitMaximum, emitSum } from "./row-sums.ts";
import { exponential, logarithm } from "./transcendental.ts";

export const SOFTMAX_EMITTERS: Emitters<
  "softmax" | "softmax_backward" | "softmax_cross_entropy" | "softmax_cross_entropy_backward"
> = {
  softmax({ x, y }, { module, f, address, count }) {
    const width = x.shape[x.shape.length - 1];
    const softmax = module.shared(`softmax ${width}`, ["i32", "i32", "i32"], (body) => {
      const [rows, from, to] = [0, 1, 2].map((position) => body.parameter(position, "i32"));
      body.countDown(rows, () => {
        emitSoftmaxRow(body, from, to, width);
        for (const pointer of [from, to]) body.advance(pointer, 4 * width);
      });
    });
    f.call(softmax, i32.div_u(count(x), i32.const(width)), address(x), address(y));
  },

  softmax_backward({ y, dy, dx }, { module, f, address, count, scratch }) {
    const width = y.shape[y.shape.length - 1];
    const backward = module.shared(`softmax_backward ${width}`, ["i32", "i32", "i32", "i32"], (body) => {
      const [rows, value, gradient, result] = [0, 1, 2, 3].map((position) => body.parameter(position, "i32"));
      const columns = i32.const(width);
      body.countDown(rows, () => {
        emitElementLoop(body, {
          count: columns,
          inputs: [gradient, value],
          outputs: [i32.const(scratch)],
          compute: (_f, [a, b]) => [f32x4.mul(a, b)],
        });
        const dot = emitSum(body, i32.const(scratch), width);
        emitElementLoop(body, {
          count: columns,
          inputs: [value, gradient],
          outputs: [result],
          uniforms: [dot],
          compute: (_f, [p, dp], [sum]) => [f32x4.mul(p, f32x4.sub(dp, sum))],
        });
        for (const pointer of [value, gradient, result]) body.advance(pointer, 4 * width);
      });
    });
    f.call(backward, i32.div_u(count(y), i32.const(width)), address(y), address(dy), address(dx));
  },

  softmax_cross_entropy({ z, t, p, loss }, { module, f, rows, address }) {
    const width = z.rowSize;
    const parameters = ["i32", "i32", "i32", "i32", "i32"] as const;
    const crossEntropy = module.shared(`softmax_cross_entropy ${width}`, parameters, (body) => {
      const [left, from, target, to, losses] = [0, 1, 2, 3, 4].map((position) => body.parameter(position, "i32"));
      body.countDown(left, () => {
        const logSum = emitSoftmaxRow(body, from, to, width);
        body.emit(f32.store(losses, f32.sub(logSum, f32.load(elementAt(from, target)))));
        for (const pointer of [from, to]) body.advance(pointer, 4 * width);
        for (const pointer of [target, losses]) body.advance(pointer, 4);
      });
    });
    f.call(crossEntropy, rows, address(z), address(t), address(p), address(loss));
  },

  softmax_cross_entropy_backward({ p, t, dz }, { module, f, rows, address, count }) {
    const width = p.rowSize;
    const scale = f.local("f32", f32.demote_f64(f64.div(f64.const(1), f64.convert_i32_u(rows))));
    const scaled = elementFunction(module, "scale", [1, 1, 1], (_f, [x], [factor]) => [f32x4.mul(x, factor)]);
    f.call(scaled, count(p), address(p), address(dz), scale);
    const parameters = ["i32", "i32", "i32", "i32", "f32"] as const;
    const correct = module.shared(`softmax_cross_entropy_backward ${width}`, parameters, (body) => {
      const [left, from, target, to] = [0, 1, 2, 3].map((position) => body.parameter(position, "i32"));
      const factor = body.parameter(4, "f32");
      body.countDown(left, () => {
        const miss = f32.sub(f32.load(elementAt(from, target)), f32.const(1));
        body.emit(f32.store(elementAt(to, target), f32.mul(miss, factor)));
        for (const pointer of [from, to]) body.advance(pointer, 4 * width);
        body.advance(target, 4);
      });
    });
    f.call(correct, rows, address(p), address(t), address(dz), scale);
  },
};

/** Address of the element of the row at `row` whose index stands, as a float, at `index`. */
function elementAt(row: I32, index: I32): I32 {
  return i32.add(row, i32.shl(i32.trunc_sat_f32_s(f32.load(index)), i32.const(2)));
}

/** Writes the softmax of one row and gives log Σ_j e^{x_j}. */
function emitSoftmaxRow(f: FunctionBuilder, from: Local<"i32">, to: Local<"i32">, width: number): F32 {
  const columns = i32.const(width);
  const maximum = emitMaximum(f, from, width);
  emitElementLoop(f, {
    count: columns,
    inputs: [from],
    outputs: [to],
    uniforms: [maximum],
    compute: (body, [x], [m]) => [exponential(body, f32x4.sub(x, m))],
  });
  const sum = emitSum(f, to, width);
  emitElementLoop(f, {
    count: columns,
    inputs: [to],
    outputs: [to],
    uniforms: [sum],
    compute: (_f, [power], [s]) => [f32x4.div(power, s)],
  });
  return f32.add(maximum, f32x4.extract_lane(logarithm(f, f32x4.splat(sum)), 0));
}
