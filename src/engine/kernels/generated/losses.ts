// Losses on values, one number per row; formulas and order of operations of reference/losses.ts. The terms of a row are
// computed in vectors and wait in scratch memory until they are added over ascending columns.
// error_loss             L = Σ_j f(y_j − t_j), divided by n when `mean`
// error_loss_backward    dy = f′(y − t), divided by B·n when `mean`
// sigmoid_cross_entropy  L = (1/n)·Σ_j max(z,0) − z·t + log(1 + e^{−|z|}),  p = sigmoid(z);  dz = (p − t)/(B·n)
import type { ErrorFunction } from "../../operations/losses.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32, f32x4, f64, i32, i32x4, v128 } from "../wasm/instructions.ts";
import type { F32, I32, V128 } from "../wasm/instructions.ts";
import type { ModuleBuilder } from "../wasm/module-builder.ts";
import { elementFunction, emitElementLoop } from "./element-loop.ts";
import type { Compute } from "./element-loop.ts";
import type { Emitters } from "./emission.ts";
import { emitSum } from "./row-sums.ts";
import { exponential, logarithmOfOnePlus, sigmoid } from "./transcendental.ts";

type Vector = Local<"v128">;

interface ErrorTerm {
  readonly value: (f: FunctionBuilder, e: Vector) => V128;
  readonly derivative: (e: Vector) => V128;
}

const [ZERO, HALF, ONE] = [f32x4.const(0), f32x4.const(0.5), f32x4.const(1)];
const SIGN_BIT = i32x4.const(0x80000000);

const half = (e: V128): V128 => f32x4.mul(HALF, f32x4.mul(e, e));

/** One term of a loss and its derivative, for four elements at a time. */
export const ERROR_TERMS: Readonly<Record<ErrorFunction, ErrorTerm>> = {
  squared: { value: (_f, e) => f32x4.mul(e, e), derivative: (e) => f32x4.add(e, e) },
  half_squared: { value: (_f, e) => half(e), derivative: (e) => e },
  absolute: {
    value: (_f, e) => f32x4.abs(e),
    // ±1 with the sign of e; 0 and NaN stay what they are.
    derivative: (e) => v128.bitselect(v128.or(v128.and(e, SIGN_BIT), ONE), e, f32x4.gt(f32x4.abs(e), ZERO)),
  },
  huber: {
    value(f, e) {
      const size = f.local("v128", f32x4.abs(e));
      return v128.bitselect(half(e), f32x4.sub(size, HALF), f32x4.le(size, ONE));
    },
    derivative: (e) => f32x4.min(ONE, f32x4.max(f32x4.const(-1), e)),
  },
};

export const LOSS_EMITTERS: Emitters<
  "error_loss" | "error_loss_backward" | "sigmoid_cross_entropy" | "sigmoid_cross_entropy_backward"
> = {
  error_loss({ function: name, mean, y, t, loss }, { module, f, rows, address, scratch }) {
    const width = y.rowSize;
    const run = rowLoss(module, `${name} ${mean}`, width, mean, scratch(4 * width), 0, (body, [value, target]) => [
      ERROR_TERMS[name].value(body, body.local("v128", f32x4.sub(value, target))),
    ]);
    f.call(run, rows, address(y), address(t), address(loss));
  },

  error_loss_backward({ function: name, mean, y, t, dy }, { module, f, address, count, batchCount }) {
    const gradient = elementFunction(module, `${name}_backward`, [2, 1, 1], (body, [value, target], [scale]) => {
      const e = body.local("v128", f32x4.sub(value, target));
      return [f32x4.mul(ERROR_TERMS[name].derivative(e), scale)];
    });
    const scale = mean ? reciprocal(batchCount(y)) : f32.const(1);
    f.call(gradient, count(y), address(y), address(t), address(dy), scale);
  },

  sigmoid_cross_entropy({ z, t, p, loss }, { module, f, rows, address, scratch }) {
    const width = z.rowSize;
    const terms = scratch(4 * width);
    const run = rowLoss(module, "sigmoid_cross_entropy", width, true, terms, 1, (body, [logit, target]) => {
      const linear = f32x4.sub(f32x4.max(logit, ZERO), f32x4.mul(logit, target));
      const power = exponential(body, f32x4.neg(f32x4.abs(logit)));
      return [f32x4.add(linear, logarithmOfOnePlus(body, power)), sigmoid(body, logit)];
    });
    f.call(run, rows, address(z), address(t), address(loss), address(p));
  },

  sigmoid_cross_entropy_backward({ p, t, dz }, { module, f, address, count, batchCount }) {
    const gradient = elementFunction(module, "scaled_difference", [2, 1, 1], (_f, [value, target], [scale]) => [
      f32x4.mul(f32x4.sub(value, target), scale),
    ]);
    f.call(gradient, count(p), address(p), address(t), address(dz), reciprocal(batchCount(p)));
  },
};

/** 1/n, rounded once. */
export function reciprocal(n: I32): F32 {
  return f32.demote_f64(f64.div(f64.const(1), f64.convert_i32_u(n)));
}

/** The function (rows, value, target, loss, extra outputs…): `compute` gives the terms of the loss, then the extras. */
function rowLoss(
  module: ModuleBuilder,
  key: string,
  width: number,
  mean: boolean,
  scratch: number,
  extras: number,
  compute: Compute,
): FunctionBuilder {
  const parameters = Array(4 + extras).fill("i32" as const);
  return module.shared(`loss ${key} ${width}`, parameters, (f) => {
    const [rows, value, target, loss, ...others] = parameters.map((_, position) => f.parameter(position, "i32"));
    const [inputs, terms] = [[value, target], i32.const(scratch)];
    if (width === 1) {
      // The only term is the loss.
      emitElementLoop(f, { count: rows, inputs, outputs: [loss, ...others], compute });
      return;
    }
    f.countDown(rows, () => {
      emitElementLoop(f, { count: i32.const(width), inputs, outputs: [terms, ...others], compute });
      const sum = emitSum(f, terms, width);
      f.emit(f32.store(loss, mean ? f32.mul(sum, f32.const(1 / width)) : sum));
      for (const pointer of [value, target, ...others]) f.advance(pointer, 4 * width);
      f.advance(loss, 4);
    });
  });
}
