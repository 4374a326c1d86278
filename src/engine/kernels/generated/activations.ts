// Element-wise activations y = f(x) and their derivatives, side by side; formulas in reference/activations.ts, whose
// order of operations they follow, so that all have the reference's bits.
import type { ElementFunction } from "../../operations/activations.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32x4, v128 } from "../wasm/instructions.ts";
import type { V128 } from "../wasm/instructions.ts";
import { elementFunction } from "./element-loop.ts";
import type { Emitters } from "./emission.ts";
import { hyperbolicTangent, sigmoid } from "./transcendental.ts";

type Vector = Local<"v128">;

interface Activation {
  readonly value: (f: FunctionBuilder, x: Vector) => V128;
  readonly derivative: (f: FunctionBuilder, x: Vector, y: Vector) => V128;
}

const [ZERO, HALF, ONE] = [f32x4.const(0), f32x4.const(0.5), f32x4.const(1)];
const LEAK = f32x4.const(0.01);
const GELU_SCALE = f32x4.const(Math.sqrt(2 / Math.PI));
const GELU_CUBIC = f32x4.const(0.044715);
const GELU_TRIPLE_CUBIC = f32x4.const(3 * Math.fround(0.044715));

/** Value and derivative of four elements at a time. */
export const ACTIVATIONS: Readonly<Record<ElementFunction, Activation>> = {
  relu: {
    // Not max: −0 must become 0, and a NaN must stay.
    value: (_f, x) => v128.andnot(x, f32x4.le(x, ZERO)),
    derivative: (_f, x) => v128.and(ONE, f32x4.gt(x, ZERO)),
  },
  leaky_relu: {
    value: (_f, x) => v128.bitselect(x, f32x4.mul(LEAK, x), f32x4.gt(x, ZERO)),
    derivative: (_f, x) => v128.bitselect(ONE, LEAK, f32x4.gt(x, ZERO)),
  },
  tanh: {
    value: (f, x) => hyperbolicTangent(f, x),
    derivative: (_f, _x, y) => f32x4.sub(ONE, f32x4.mul(y, y)),
  },
  sigmoid: {
    value: (f, x) => sigmoid(f, x),
    derivative: (_f, _x, y) => f32x4.mul(y, f32x4.sub(ONE, y)),
  },
  gelu: {
    value: (f, x) => f32x4.mul(f32x4.mul(HALF, x), f32x4.add(ONE, geluTangent(f, x))),
    derivative(f, x) {
      const t = geluTangent(f, x);
      const slope = f32x4.mul(GELU_SCALE, f32x4.add(ONE, f32x4.mul(GELU_TRIPLE_CUBIC, f32x4.mul(x, x))));
      const bend = f32x4.mul(f32x4.mul(f32x4.mul(HALF, x), f32x4.sub(ONE, f32x4.mul(t, t))), slope);
      return f32x4.add(f32x4.mul(HALF, f32x4.add(ONE, t)), bend);
    },
  },
  threshold: {
    // 1 where x ≥ 0, 0 where x < 0, NaN where x is NaN.
    value: (_f, x) => v128.bitselect(v128.and(ONE, f32x4.ge(x, ZERO)), x, f32x4.eq(x, x)),
    derivative: () => ONE,
  },
};

export const ACTIVATION_EMITTERS: Emitters<"activate" | "activate_backward"> = {
  activate({ function: name, x, y }, { module, f, address, count }) {
    const { value } = ACTIVATIONS[name];
    const forward = elementFunction(module, name, [1, 1, 0], (body, [input]) => [value(body, input)]);
    f.call(forward, count(x), address(x), address(y));
  },
  activate_backward({ function: name, x, y, dy, dx }, { module, f, address, count }) {
    const { derivative } = ACTIVATIONS[name];
    const backward = elementFunction(module, `${name}_backward`, [3, 1, 0], (body, [input, output, gradient]) => [
      f32x4.mul(gradient, derivative(body, input, output)),
    ]);
    f.call(backward, count(x), address(x), address(y), address(dy), address(dx));
  },
};

/** tanh(√(2/π)·(x + 0.044715x³)) */
function geluTangent(f: FunctionBuilder, x: Vector): Vector {
  const cube = f32x4.mul(x, f32x4.mul(x, x));
  return hyperbolicTangent(f, f32x4.mul(GELU_SCALE, f32x4.add(x, f32x4.mul(GELU_CUBIC, cube))));
}
