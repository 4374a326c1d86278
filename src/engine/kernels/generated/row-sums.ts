// Sums along a row, over ascending columns as in the reference.
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32, i32 } from "../wasm/instructions.ts";
import type { I32 } from "../wasm/instructions.ts";

/** Σ_j x_j of `width` floats from `address` on, one add after another. */
export function emitSum(f: FunctionBuilder, address: I32, width: number): Local<"f32"> {
  const sum = f.local("f32", f32.const(0));
  const at = f.local("i32", address);
  f.countDown(f.local("i32", i32.const(width)), () => {
    f.set(sum, f32.add(sum, f32.load(at)));
    f.advance(at, 4);
  });
  return sum;
}

/** The largest of `width` floats; a NaN counts only in the first place, where it stays. */
export function emitMaximum(f: FunctionBuilder, address: I32, width: number): Local<"f32"> {
  const at = f.local("i32", address);
  const largest = f.local("f32", f32.load(at));
  const next = f.local("f32");
  f.repeat(f.local("i32", i32.const(width - 1)), () => {
    f.advance(at, 4);
    f.set(next, f32.load(at));
    f.if(f32.gt(next, largest), () => f.set(largest, next));
  });
  return largest;
}
