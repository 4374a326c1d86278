// Two sequences beside each other, step by step: blocks of memory are copied.
// concatenate   y = [a b]      a (B,T,m)  b (B,T,n)  y (B,T,m+n)
// split         [a b] = y
import type { OperationOf } from "../../operations.ts";
import { i32, memory } from "../wasm/instructions.ts";
import type { I32 } from "../wasm/instructions.ts";
import type { Emission, Emitters } from "./emission.ts";

export const CONCATENATION_EMITTERS: Emitters<"concatenate" | "split"> = {
  concatenate: (operation, emission) => emitCopies(operation, emission, (whole, part) => [whole, part]),
  split: (operation, emission) => emitCopies(operation, emission, (whole, part) => [part, whole]),
};

/** `direction` puts the place in y and that in a or b into the order to, from. */
function emitCopies(
  { a, b, y }: OperationOf<"concatenate" | "split">,
  { module, f, rows, address }: Emission,
  direction: (whole: I32, part: I32) => readonly [I32, I32],
): void {
  const [steps] = a.shape;
  const run = module.function(["i32"], (body) => {
    const whole = body.local("i32", address(y));
    const parts = [a, b].map((tensor) => ({ part: body.local("i32", address(tensor)), bytes: 4 * tensor.shape[1] }));
    body.countDown(body.parameter(0, "i32"), () => {
      for (const { part, bytes } of parts) {
        const [to, from] = direction(whole, part);
        body.emit(memory.copy(to, from, i32.const(bytes)));
        body.advance(whole, bytes);
        body.advance(part, bytes);
      }
    });
  });
  f.call(run, i32.mul(rows, i32.const(steps)));
}
