// Local response normalisation; formulas in layers/local-response-norm.ts, order of operations of
// reference/local-response-norm.ts. Loop: vector of channels. What is summed lies in scratch memory between zeros, so
// the sum of a channel is one of vectors that begin next to each other.
import { neighbours } from "../reference/local-response-norm.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32x4, i32, memory } from "../wasm/instructions.ts";
import type { I32, V128 } from "../wasm/instructions.ts";
import { emitElementLoop } from "./element-loop.ts";
import type { Emission, Emitters } from "./emission.ts";
import { exponential, logarithm } from "./transcendental.ts";

const { add, div, mul, sub } = f32x4;

export const LOCAL_RESPONSE_NORM_EMITTERS: Emitters<"local_response_norm" | "local_response_norm_backward"> = {
  local_response_norm({ x, s, y, size, alpha, beta, k }, emission) {
    const { before, after } = neighbours(size);
    const channels = x.shape.at(-1)!;
    const { f, address, count } = emission;
    const run = vectorFunction(emission, 3, [channels, size, before], (body, summed, [from, sums, to]) => {
      emitElementLoop(body, {
        count: i32.const(channels),
        inputs: [from],
        outputs: [summed.place],
        compute: (_f, [value]) => [mul(value, value)],
      });
      emitElementLoop(body, {
        count: i32.const(channels),
        inputs: [from, ...summed.windows(before, after)],
        outputs: [sums, to],
        compute(inner, [value, ...terms]) {
          const sum = inner.local("v128", add(mul(total(inner, terms), f32x4.const(alpha)), f32x4.const(k)));
          return [sum, mul(value, power(inner, sum, -beta))];
        },
      });
    });
    f.call(run, i32.div_u(count(x), i32.const(channels)), address(x), address(s), address(y));
  },

  local_response_norm_backward({ x, s, y, dy, dx, size, alpha, beta }, emission) {
    const { before, after } = neighbours(size);
    const channels = x.shape.at(-1)!;
    const { f, address, count } = emission;
    const run = vectorFunction(
      emission,
      5,
      [channels, size, after],
      (body, summed, [from, sums, output, given, to]) => {
        emitElementLoop(body, {
          count: i32.const(channels),
          inputs: [given, output, sums],
          outputs: [summed.place],
          compute: (_f, [gradient, value, sum]) => [div(mul(gradient, value), sum)],
        });
        emitElementLoop(body, {
          count: i32.const(channels),
          inputs: [from, sums, given, ...summed.windows(after, before)],
          outputs: [to],
          compute(inner, [value, sum, gradient, ...terms]) {
            const others = mul(mul(total(inner, terms), f32x4.const(2 * alpha * beta)), value);
            return [sub(mul(gradient, power(inner, sum, -beta)), others)];
          },
        });
      },
    );
    f.call(run, i32.div_u(count(x), i32.const(channels)), ...[x, s, y, dy, dx].map(address));
  },
};

/** One number for each channel in scratch memory, between zeros. */
interface Summed {
  readonly place: I32;
  /** The addresses from which the terms of all sums are read, one after another. */
  windows(before: number, after: number): I32[];
}

/** The function (vectors, tensors…) that runs `emit` for each vector of channels, whose addresses then move on. */
function vectorFunction(
  { module, scratch }: Emission,
  tensorCount: number,
  [channels, size, zerosBefore]: readonly [number, number, number],
  emit: (f: FunctionBuilder, summed: Summed, tensors: readonly Local<"i32">[]) => void,
): FunctionBuilder {
  const bytes = 4 * (channels + size - 1);
  const start = scratch(bytes);
  const place = i32.const(start + 4 * zerosBefore);
  const windows = (before: number, after: number): I32[] =>
    Array.from({ length: before + 1 + after }, (_, j) => i32.const(start + 4 * (zerosBefore - before + j)));
  return module.function(Array(1 + tensorCount).fill("i32" as const), (f) => {
    const tensors = Array.from({ length: tensorCount }, (_, position) => f.parameter(1 + position, "i32"));
    f.emit(memory.fill(i32.const(start), i32.const(0), i32.const(bytes)));
    f.countDown(f.parameter(0, "i32"), () => {
      emit(f, { place, windows }, tensors);
      for (const tensor of tensors) f.advance(tensor, 4 * channels);
    });
  });
}

/** 0 + the first + the second + … */
function total(f: FunctionBuilder, terms: readonly V128[]): Local<"v128"> {
  const sum = f.local("v128", f32x4.const(0));
  for (const term of terms) f.set(sum, add(sum, term));
  return sum;
}

/** s^exponent for s > 0 */
function power(f: FunctionBuilder, s: Local<"v128">, exponent: number): V128 {
  return exponential(f, mul(logarithm(f, s), f32x4.const(exponent)));
}
