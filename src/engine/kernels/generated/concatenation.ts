// The order of numbers in rows; formulas of reference/concatenation.ts: blocks of memory are copied.
// concatenate     y = [p_1 p_2 …] in the last dimension      p_i (B,…,n_i)  y (B,…,Σ n_i)
// split           [p_1 p_2 …] = y
// reverse_steps   y_t = x_{T−1−t}                            x, y (B,T,n)
import type { OperationOf } from "../../operations.ts";
import { i32, memory } from "../wasm/instructions.ts";
import type { I32 } from "../wasm/instructions.ts";
import type { Emission, Emitters } from "./emission.ts";

export const CONCATENATION_EMITTERS: Emitters<"concatenate" | "split" | "reverse_steps"> = {
  concatenate: (operation, emission) => emitCopies(operation, emission, (whole, part) => [whole, part]),
  split: (operation, emission) => emitCopies(operation, emission, (whole, part) => [part, whole]),
  reverse_steps({ x, y }, { module, f, rows, address }) {
    const [steps, width] = x.shape;
    const bytes = 4 * width;
    const run = module.function(["i32"], (body) => {
      const [from, to, left] = [body.local("i32", address(x)), body.local("i32", address(y)), body.local("i32")];
      body.advance(from, (steps - 1) * bytes);
      body.countDown(body.parameter(0, "i32"), () => {
        body.set(left, i32.const(steps));
        body.countDown(left, () => {
          body.emit(memory.copy(to, from, i32.const(bytes)));
          body.advance(to, bytes);
          body.advance(from, -bytes);
        });
        // From before the first step of this row to the last one of the next.
        body.advance(from, 2 * steps * bytes);
      });
    });
    f.call(run, rows);
  },
};

/** `direction` puts the place in y and that in a part into the order to, from. */
function emitCopies(
  { parts, y }: OperationOf<"concatenate" | "split">,
  { module, f, rows, address }: Emission,
  direction: (whole: I32, part: I32) => readonly [I32, I32],
): void {
  const vectors = y.rowSize / y.shape.at(-1)!;
  const run = module.function(["i32"], (body) => {
    const whole = body.local("i32", address(y));
    const pointers = parts.map((part) => ({
      part: body.local("i32", address(part)),
      bytes: 4 * part.shape.at(-1)!,
    }));
    body.countDown(body.parameter(0, "i32"), () => {
      for (const { part, bytes } of pointers) {
        const [to, from] = direction(whole, part);
        body.emit(memory.copy(to, from, i32.const(bytes)));
        body.advance(whole, bytes);
        body.advance(part, bytes);
      }
    });
  });
  f.call(run, i32.mul(rows, i32.const(vectors)));
}
