// Inverted dropout from the same Philox4x32-10 stream as the reference (random.ts): the same mask, bit for bit.
// mask_i = 0 where number i of stream (seed; dropout, stream, step) < rate·2³², else 1/(1 − rate);  y = x ⊙ mask
import { STREAMS } from "../../random.ts";
import type { FunctionBuilder } from "../wasm/function-builder.ts";
import { f32, f32x4, i32, i64, select, v128 } from "../wasm/instructions.ts";
import type { Emitters } from "./emission.ts";
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

export const DROPOUT_EMITTERS: Emitters<"dropout"> = {
  dropout({ x, mask, y, rate, stream }, { module, f, address, count, word }) {
    // The masks of all elements of all layers differ only in addresses and the number of the layer's stream.
    const dropout = module.shared(`dropout ${rate}`, Array(9).fill("i32"), (body) => emitDropout(body, rate));
    const key = [word("seed low", SEED_LOW), word("seed high", SEED_HIGH)];
    const position = [i32.const(stream), word("number", NUMBER)];
    const block = i32.shr_u(i32.mul(word("first row", FIRST_ROW), i32.const(x.rowSize)), i32.const(2));
    f.call(dropout, count(x), address(x), address(mask), address(y), ...key, ...position, block);
  },
};

/** (count, x, mask, y, seed low, seed high, stream, step, first block): blocks of four numbers, the last perhaps in part. */
function emitDropout(f: FunctionBuilder, rate: number): void {
  const [count, x, mask, y] = [0, 1, 2, 3].map((position) => f.parameter(position, "i32"));
  const [key0, key1, stream, step] = [4, 5, 6, 7].map((position) => f.parameter(position, "i32"));
  const kept = f32.const(1 / (1 - rate));
  // Scaling by 2³² is exact, so this compares as the reference does.
  const limit = i64.const(BigInt(Math.ceil(rate * 2 ** 32)));
  const number = f.parameter(8, "i32");
  const lanes = (used: number): void => {
    const block = philox(f, [number, stream, step, i32.const(STREAMS.dropout)], [key0, key1]);
    const drawn = f.local("v128", f32x4.splat(kept));
    // A choice without a branch: which elements fall is random, so a branch would be mispredicted.
    block.slice(0, used).forEach((word, lane) => {
      const factor = select(f32.const(0), kept, i64.lt_u(word, limit));
      f.set(drawn, f32x4.replace_lane(drawn, lane, factor));
    });
    if (used === 4) {
      f.emit(v128.store(mask, drawn), v128.store(y, f32x4.mul(v128.load(x), drawn)));
      return;
    }
    const product = f.local("v128", f32x4.mul(v128.load(x), drawn));
    for (let lane = 0; lane < used; lane++) {
      f.emit(v128.store32_lane(mask, drawn, lane, 4 * lane), v128.store32_lane(y, product, lane, 4 * lane));
    }
  };
  f.repeat(f.local("i32", i32.shr_u(count, i32.const(2))), () => {
    lanes(4);
    for (const pointer of [x, mask, y]) f.advance(pointer, 16);
    f.advance(number, 1);
  });
  const rest = f.local("i32", i32.and(count, i32.const(3)));
  for (const used of [1, 2, 3]) f.if(i32.eq(rest, i32.const(used)), () => lanes(used));
}
