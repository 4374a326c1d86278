// Layer normalisation; formulas and order of operations of reference/layer-norm.ts. Loop: vector, which stays in L1 for
// all passes: forward its sum, its squared distances, the result; backward both sums, then dx, dgamma and dbeta together.
// Multiplies and adds in separate instructions on every tier, as its time is memory's: the bits are the reference's.
import type { Local } from "../wasm/function-builder.ts";
import { f32, f32x4, i32, v128 } from "../wasm/instructions.ts";
import type { V128 } from "../wasm/instructions.ts";
import { emitElementLoop } from "./element-loop.ts";
import type { Emitters } from "./emission.ts";
import { emitInterleavedSums } from "./row-sums.ts";

type Vector = Local<"v128">;

export const LAYER_NORM_EMITTERS: Emitters<"layer_norm" | "layer_norm_backward"> = {
  layer_norm({ x, gamma, beta, mean, inverse, y, epsilon }, { module, f, address, count }) {
    const n = gamma.rowSize;
    const parameters = [...Array(7).fill("i32" as const), "f32" as const];
    // (vectors, x, y, mean, inverse, gamma, beta, epsilon)
    const forward = module.shared(`layer norm ${n}`, parameters, (body) => {
      const [left, from, to, meanTo, inverseTo, scales, shifts] = Array.from({ length: 7 }, (_, position) =>
        body.parameter(position, "i32"),
      );
      const small = body.local("v128", f32x4.splat(body.parameter(7, "f32")));
      body.countDown(left, () => {
        const [sum] = emitInterleavedSums(body, [from], n, [([value]) => value]);
        const centre = body.local("v128", f32x4.splat(f32.div(sum, f32.const(n))));
        const [squares] = emitInterleavedSums(body, [from], n, [
          ([value]) => {
            const distance = body.local("v128", f32x4.sub(value, centre));
            return f32x4.mul(distance, distance);
          },
        ]);
        const variance = f32x4.splat(f32.div(squares, f32.const(n)));
        const inverted = body.local("v128", f32x4.div(f32x4.const(1), f32x4.sqrt(f32x4.add(variance, small))));
        body.emit(v128.store32_lane(meanTo, centre, 0), v128.store32_lane(inverseTo, inverted, 0));
        emitElementLoop(body, {
          count: i32.const(n),
          inputs: [from, scales, shifts],
          outputs: [to],
          compute: (_f, [value, scale, shift]) => [
            f32x4.add(f32x4.mul(normalised(value, centre, inverted), scale), shift),
          ],
        });
        for (const pointer of [from, to]) body.advance(pointer, 4 * n);
        for (const pointer of [meanTo, inverseTo]) body.advance(pointer, 4);
      });
    });
    const vectors = i32.div_u(count(x), i32.const(n));
    f.call(forward, vectors, ...[x, y, mean, inverse, gamma, beta].map(address), f32.const(epsilon));
  },

  layer_norm_backward({ x, gamma, mean, inverse, dy, dgamma, dbeta, dx }, { module, f, address, count }) {
    const n = gamma.rowSize;
    // (vectors, x, dy, dx, mean, inverse, gamma, dgamma, dbeta)
    const backward = module.shared(`layer norm backward ${n}`, Array(9).fill("i32" as const), (body) => {
      const [left, from, given, to, meanAt, inverseAt, scales, dscales, dshifts] = Array.from(
        { length: 9 },
        (_, position) => body.parameter(position, "i32"),
      );
      body.countDown(left, () => {
        const [centre, inverted] = [meanAt, inverseAt].map((at) => body.local("v128", v128.load32_splat(at)));
        const [slopes, products] = emitInterleavedSums(body, [from, given, scales], n, [
          ([, gradient, scale]) => f32x4.mul(gradient, scale),
          ([value, gradient, scale]) => f32x4.mul(f32x4.mul(gradient, scale), normalised(value, centre, inverted)),
        ]);
        emitElementLoop(body, {
          count: i32.const(n),
          inputs: [from, given, scales, dscales, dshifts],
          outputs: [to, dscales, dshifts],
          uniforms: [slopes, products].map((sum) => f32.div(sum, f32.const(n))),
          compute: (_f, [value, gradient, scale, dscale, dshift], [average, along]) => {
            const own = body.local("v128", normalised(value, centre, inverted));
            const centred = f32x4.sub(f32x4.mul(gradient, scale), average);
            return [
              f32x4.mul(inverted, f32x4.sub(centred, f32x4.mul(own, along))),
              f32x4.add(dscale, f32x4.mul(gradient, own)),
              f32x4.add(dshift, gradient),
            ];
          },
        });
        for (const pointer of [from, given, to]) body.advance(pointer, 4 * n);
        for (const pointer of [meanAt, inverseAt]) body.advance(pointer, 4);
      });
    });
    const vectors = i32.div_u(count(x), i32.const(n));
    f.call(backward, vectors, ...[x, dy, dx, mean, inverse, gamma, dgamma, dbeta].map(address));
  },
};

/** x̂ = (x − mean)·inverse */
function normalised(x: Vector, mean: Vector, inverse: Vector): V128 {
  return f32x4.mul(f32x4.sub(x, mean), inverse);
}
