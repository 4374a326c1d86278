// The softmax of a block of rows, on which softmax.ts and cross-entropy.ts build. A block stays in L1 for all passes, and
// what a row becomes does not depend on its block. Three passes: the maximum m; e^{z − m} and its sum s; division by s.
// A wide row is a block of its own. Narrow rows hardly fill vectors: their exponentials are taken of all rows in one pass.
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32, f32x4, i32, select } from "../wasm/instructions.ts";
import type { I32 } from "../wasm/instructions.ts";
import { emitElementLoop } from "./element-loop.ts";
import { emitInterleavedSum, emitMaximum } from "./row-sums.ts";
import { exponential } from "./transcendental.ts";

/** At most so many numbers are worked on together, so that they stay in L1 for all passes. */
const BLOCK_ELEMENTS = 2048;
const MOST_ROWS = 64;
/** From here on a row fills its vectors well enough. */
const WIDE = 256;

/** What a block leaves in scratch memory: the maximum and the sum of each row, beside them one number that `before` may
 * keep, and room for one more. */
export const KEPT = { maxima: 0, sums: 4 * MOST_ROWS, chosen: 8 * MOST_ROWS, losses: 12 * MOST_ROWS } as const;
export const KEPT_BYTES = 16 * MOST_ROWS;

export interface SoftmaxBlock {
  readonly rows: Local<"i32">;
  /** y may be x. */
  readonly x: Local<"i32">;
  readonly y: Local<"i32">;
  readonly width: number;
  /** Address of KEPT_BYTES. */
  readonly scratch: number;
  /** Emits what must be known of a row of x, at this address, before y is written; `kept` is where its maximum stands. */
  readonly before?: (row: Local<"i32">, maximum: Local<"f32">, kept: Local<"i32">) => void;
  /** Emits what becomes of the exponentials at this address; by default they are divided by their sum. */
  readonly finish?: (row: Local<"i32">, sum: Local<"f32">) => void;
}

/** Emits a loop over blocks of rows; `left` holds the number of all rows and is used up. */
export function emitBlocks(
  f: FunctionBuilder,
  left: Local<"i32">,
  width: number,
  emit: (rows: Local<"i32">) => void,
): void {
  const most = i32.const(Math.max(1, Math.min(MOST_ROWS, Math.floor(BLOCK_ELEMENTS / width))));
  const [rows, rest] = [f.local("i32"), f.local("i32")];
  f.doWhile(
    () => {
      f.set(rows, select(most, left, i32.gt_u(left, most)));
      f.set(rest, i32.sub(left, rows));
      emit(rows);
    },
    f.tee(left, rest),
  );
}

/** Writes the softmax of a block of rows. */
export function emitSoftmax(f: FunctionBuilder, block: SoftmaxBlock): void {
  const { rows, x, y, width, scratch, before } = block;
  const finish = block.finish ?? ((row, sum) => emitQuotients(f, row, width, sum));
  const [left, from, to, results] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
  const eachRow = (emit: () => void): void => {
    f.set(left, rows);
    f.set(from, x);
    f.set(to, y);
    f.set(results, i32.const(scratch));
    f.countDown(left, () => {
      emit();
      for (const pointer of [from, to]) f.advance(pointer, 4 * width);
      f.advance(results, 4);
    });
  };
  const largest = (): Local<"f32"> => {
    const maximum = emitMaximum(f, from, width);
    f.emit(f32.store(results, maximum, KEPT.maxima));
    before?.(from, maximum, results);
    return maximum;
  };
  const divide = (sum: Local<"f32">): void => {
    f.emit(f32.store(results, sum, KEPT.sums));
    finish(to, sum);
  };

  if (width >= WIDE) {
    eachRow(() => divide(emitPowers(f, from, to, width, largest())));
    return;
  }
  eachRow(() =>
    emitElementLoop(f, {
      count: i32.const(width),
      inputs: [from],
      outputs: [to],
      uniforms: [largest()],
      compute: (_f, [value], [m]) => [f32x4.sub(value, m)],
    }),
  );
  emitElementLoop(f, {
    count: i32.mul(rows, i32.const(width)),
    inputs: [y],
    outputs: [y],
    compute: (body, [difference]) => [exponential(body, difference)],
  });
  eachRow(() => divide(emitInterleavedSum(f, to, width)));
}

/** y_i = e^{x_i − m} of one row; gives their sum. */
function emitPowers(f: FunctionBuilder, x: I32, y: I32, width: number, maximum: Local<"f32">): Local<"f32"> {
  emitElementLoop(f, {
    count: i32.const(width),
    inputs: [x],
    outputs: [y],
    uniforms: [maximum],
    compute: (body, [value], [m]) => [exponential(body, f32x4.sub(value, m))],
  });
  return emitInterleavedSum(f, y, width);
}

function emitQuotients(f: FunctionBuilder, row: Local<"i32">, width: number, sum: Local<"f32">): void {
  emitElementLoop(f, {
    count: i32.const(width),
    inputs: [row],
    outputs: [row],
    uniforms: [sum],
    compute: (_f, [power], [s]) => [f32x4.div(power, s)],
  });
}
