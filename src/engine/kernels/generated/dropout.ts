// Inverted dropout from the same Philox4x32-10 stream as the reference (random.ts): the same mask, bit for bit.
// draw_mask   mask_i = 0 where number i of stream (seed; dropout, stream, step) < rate·2³², else 1/(1 − rate)
// dropout     the same, and y = x ⊙ mask
import { STREAMS } from "../../random.ts";
import type { OperationOf } from "../../operations.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32, f32x4, i32, i64, select, v128 } from "../wasm/instructions.ts";
import type { I32 } from "../wasm/instructions.ts";
import type { Emission, Emitters } from "./emission.ts";
import { philox } from "./philox.ts";
import type { WriteScalar } from "./step-scalars.ts";

// Stored as integers, so only the low 32 bits count.
const SEED_LOW: WriteScalar = ({ seed }, into, slot) => {
  into[slot] = seed;
};
const SEED_HIGH: WriteScalar = ({ seed }, into, slot) => {
  into[slot] = Math.floor(seed / 2 ** 32);
};
const FIRST_ROW: WriteScalar = ({ firstRow }, into, slot) => {
  into[slot] = firstRow;
};
const NUMBER: WriteScalar = ({ number }, into, slot) => {
  into[slot] = number;
};

export const DROPOUT_EMITTERS: Emitters<"draw_mask" | "dropout"> = {
  draw_mask(operation, emission) {
    // The masks of all elements of all layers differ only in addresses and the number of the layer's stream.
    const { rate, mask } = operation;
    const draw = emission.module.shared(`mask ${rate}`, Array(7).fill("i32"), (body) => emitDropout(body, rate, false));
    emission.f.call(draw, ...drawing(operation, emission), emission.address(mask));
  },
  dropout(operation, emission) {
    const { rate, x, mask, y } = operation;
    const drop = emission.module.shared(`dropout ${rate}`, Array(9).fill("i32"), (body) =>
      emitDropout(body, rate, true),
    );
    emission.f.call(drop, ...drawing(operation, emission), ...[mask, x, y].map(emission.address));
  },
};

/** How many numbers, and where they come from: count, seed low, seed high, stream, step, first block. */
function drawing({ mask, stream }: OperationOf<"draw_mask" | "dropout">, { count, word }: Emission): I32[] {
  const key = [word("seed low", SEED_LOW), word("seed high", SEED_HIGH)];
  const before = i32.mul(word("first row", FIRST_ROW), i32.const(mask.rowsEach * mask.rowSize));
  const block = i32.shr_u(before, i32.const(2));
  return [count(mask), ...key, i32.const(stream), word("number", NUMBER), block];
}

/** (count, seed low, seed high, stream, step, first block, mask), with x and y after it where the mask is applied: blocks of
 * four numbers, the last perhaps in part. */
function emitDropout(f: FunctionBuilder, rate: number, applied: boolean): void {
  const [count, key0, key1, stream, step] = [0, 1, 2, 3, 4].map((position) => f.parameter(position, "i32"));
  const pointers = (applied ? [6, 7, 8] : [6]).map((position) => f.parameter(position, "i32"));
  const [mask, x, y] = pointers;
  const kept = f32.const(1 / (1 - rate));
  // Scaling by 2³² is exact, so this compares as the reference does.
  const limit = i64.const(BigInt(Math.ceil(rate * 2 ** 32)));
  const number = f.parameter(5, "i32");
  const lanes = (used: number): void => {
    const block = philox(f, [number, stream, step, i32.const(STREAMS.dropout)], [key0, key1]);
    const drawn = f.local("v128", f32x4.splat(kept));
    // A choice without a branch: which elements fall is random, so a branch would be mispredicted.
    block.slice(0, used).forEach((word, lane) => {
      const factor = select(f32.const(0), kept, i64.lt_u(word, limit));
      f.set(drawn, f32x4.replace_lane(drawn, lane, factor));
    });
    emitStore(f, mask, drawn, used);
    if (applied) emitStore(f, y, f.local("v128", f32x4.mul(v128.load(x), drawn)), used);
  };
  f.repeat(f.local("i32", i32.shr_u(count, i32.const(2))), () => {
    lanes(4);
    for (const pointer of pointers) f.advance(pointer, 16);
    f.advance(number, 1);
  });
  const rest = f.local("i32", i32.and(count, i32.const(3)));
  for (const used of [1, 2, 3]) f.if(i32.eq(rest, i32.const(used)), () => lanes(used));
}

/** The first `used` lanes. */
function emitStore(f: FunctionBuilder, to: I32, numbers: Local<"v128">, used: number): void {
  if (used === 4) return f.emit(v128.store(to, numbers));
  for (let lane = 0; lane < used; lane++) f.emit(v128.store32_lane(to, numbers, lane, 4 * lane));
}
