// Padding hidden from a softmax; as reference/padding.ts, in vectors of scores with their tokens.
import { HIDDEN, PADDING } from "../reference/padding.ts";
import { f32x4, i32, v128 } from "../wasm/instructions.ts";
import { emitElementLoop } from "./element-loop.ts";
import type { Emitters } from "./emission.ts";

export const PADDING_EMITTERS: Emitters<"mask_padding"> = {
  mask_padding({ tokens, first, x }, { module, f, rows, address }) {
    const [steps, width] = x.shape;
    const [padding, hidden] = [f32x4.const(PADDING), f32x4.const(HIDDEN)];
    const run = module.function(["i32", "i32", "i32"], (body) => {
      const [left, token, score] = [0, 1, 2].map((position) => body.parameter(position, "i32"));
      const t = body.local("i32");
      body.countDown(left, () => {
        body.set(t, i32.const(steps));
        body.countDown(t, () => {
          emitElementLoop(body, {
            count: i32.const(width),
            inputs: [score, token],
            outputs: [score],
            compute: (_f, [value, index]) => [v128.bitselect(hidden, value, f32x4.eq(index, padding))],
          });
          body.advance(score, 4 * width);
        });
        body.advance(token, 4 * tokens.rowSize);
      });
    });
    f.call(run, rows, i32.add(address(tokens), i32.const(4 * first)), address(x));
  },
};
