// Softmax; formulas in reference/softmax.ts. What a row becomes does not depend on the rows beside it.
// softmax    maximum of each row · e^{z − m} · sum of each row over sixteen interleaved columns · division
// backward   dz_i = p_i · (dp_i − Σ_j dp_j·p_j)
import type { FunctionBuilder } from "../wasm/function-builder.ts";
import { f32x4, i32 } from "../wasm/instructions.ts";
import type { ModuleBuilder } from "../wasm/module-builder.ts";
import { emitElementLoop } from "./element-loop.ts";
import type { Emitters } from "./emission.ts";
import { emitSum } from "./row-sums.ts";
import { emitBlocks, emitSoftmax, KEPT_BYTES } from "./softmax-rows.ts";

export const SOFTMAX_EMITTERS: Emitters<"softmax" | "softmax_backward"> = {
  softmax({ x, y }, { module, f, address, count, scratch }) {
    const width = x.shape[x.shape.length - 1];
    const softmax = softmaxFunction(module, width, scratch(KEPT_BYTES));
    f.call(softmax, i32.div_u(count(x), i32.const(width)), address(x), address(y));
  },

  softmax_backward({ y, dy, dx }, { module, f, address, count, scratch }) {
    const width = y.shape[y.shape.length - 1];
    const products = i32.const(scratch(4 * width));
    const backward = module.shared(`softmax_backward ${width}`, ["i32", "i32", "i32", "i32"], (body) => {
      const [rows, value, gradient, result] = [0, 1, 2, 3].map((position) => body.parameter(position, "i32"));
      const columns = i32.const(width);
      body.countDown(rows, () => {
        emitElementLoop(body, {
          count: columns,
          inputs: [gradient, value],
          outputs: [products],
          compute: (_f, [a, b]) => [f32x4.mul(a, b)],
        });
        const dot = emitSum(body, products, width);
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
};

/** The function (rows, x, y) */
function softmaxFunction(module: ModuleBuilder, width: number, scratch: number): FunctionBuilder {
  return module.shared(`softmax ${width}`, ["i32", "i32", "i32"], (f) => {
    const [left, x, y] = [0, 1, 2].map((position) => f.parameter(position, "i32"));
    emitBlocks(f, left, width, (rows) => {
      emitSoftmax(f, { rows, x, y, width, scratch });
      for (const pointer of [x, y]) f.advance(pointer, i32.mul(rows, i32.const(4 * width)));
    });
  });
}
