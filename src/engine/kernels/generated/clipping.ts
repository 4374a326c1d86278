// Gradient clipping; formulas and order of operations of reference/clipping.ts, so the bits are the same.
// clip_norm    the squares are added in float64, as four interleaved sums per tensor: two vectors of two lanes
// clip_value   g ← min(maximum, max(−maximum, g)); NaN stays
import type { OperationOf } from "../../operations.ts";
import { elementCount } from "../../tensor.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32, f32x4, f64, f64x2, i32, i32x4, v128 } from "../wasm/instructions.ts";
import type { V128 } from "../wasm/instructions.ts";
import { elementFunction } from "./element-loop.ts";
import type { Emission } from "./emission.ts";

type Kinds = "clip_norm" | "clip_value";
/** All that these emitters need, so that gradients may also stand elsewhere than in the network's memory. */
export type ClippingEmission = Pick<Emission, "module" | "f" | "address">;

export const CLIPPING_EMITTERS: {
  readonly [K in Kinds]: (operation: OperationOf<K>, emission: ClippingEmission) => void;
} = {
  clip_norm({ gradients, maximum }, { module, f, address }) {
    const squares = f.local("f64", f64.const(0));
    for (const gradient of gradients) {
      const from = f.local("i32", address(gradient));
      f.set(squares, f64.add(squares, sumOfSquares(f, from, elementCount(gradient))));
    }
    const norm = f.local("f64", f64.sqrt(squares));
    const scale = elementFunction(module, "scale", [1, 1, 1], (_f, [g], [factor]) => [f32x4.mul(g, factor)]);
    f.if(f64.gt(norm, f64.const(maximum)), () => {
      const factor = f.local("f32", f32.demote_f64(f64.div(f64.const(maximum), norm)));
      for (const gradient of gradients) {
        f.call(scale, i32.const(elementCount(gradient)), address(gradient), address(gradient), factor);
      }
    });
  },
  clip_value({ gradients, maximum }, { module, f, address }) {
    const [most, least] = [f32x4.const(maximum), f32x4.const(-maximum)];
    const clip = elementFunction(module, `clip ${maximum}`, [1, 1, 0], (_f, [g]) => [
      f32x4.min(most, f32x4.max(least, g)),
    ]);
    for (const gradient of gradients) {
      f.call(clip, i32.const(elementCount(gradient)), address(gradient), address(gradient));
    }
  },
};

/** Element i goes to sum i mod 4; the rest of an incomplete vector counts as zero. `from` is moved to the end. */
function sumOfSquares(f: FunctionBuilder, from: Local<"i32">, count: number) {
  const [low, high] = [f.local("v128", f64x2.const(0)), f.local("v128", f64x2.const(0))];
  const addSquares = (given: V128): void => {
    const g = f.local("v128", given);
    const first = f.local("v128", f64x2.promote_low_f32x4(g));
    const second = f.local("v128", f64x2.promote_low_f32x4(i32x4.shuffle(g, g, 2, 3, 2, 3)));
    f.set(low, f64x2.add(low, f64x2.mul(first, first)));
    f.set(high, f64x2.add(high, f64x2.mul(second, second)));
  };
  f.repeat(f.local("i32", i32.const(count >>> 2)), () => {
    addSquares(v128.load(from));
    f.advance(from, 16);
  });
  if (count % 4 === 1) addSquares(v128.load32_zero(from));
  if (count % 4 === 2) addSquares(v128.load64_zero(from));
  if (count % 4 === 3) addSquares(f32x4.replace_lane(v128.load64_zero(from), 2, f32.load(from, 8)));
  const lane = (vector: V128, index: number) => f64x2.extract_lane(vector, index);
  const lower = f64.add(lane(low, 0), lane(low, 1));
  return f64.add(lower, f64.add(lane(high, 0), lane(high, 1)));
}
