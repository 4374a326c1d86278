// The order of the rows in an epoch, as random.ts shuffles it: Fisher & Yates (1938) in Durstenfeld's form (1964) over the
// numbers of stream (seed; shuffle, epoch). A place of the order holds the byte offset of its row.
import { STREAMS } from "../../../random.ts";
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { i32, i64 } from "../../wasm/instructions.ts";
import type { I32 } from "../../wasm/instructions.ts";
import { philox } from "../philox.ts";

/** From this number of rows on random.ts, which multiplies in float64, could round a place upwards. */
export const MOST_SHUFFLED_ROWS = 2 ** 21;

export interface Order {
  readonly address: number;
  readonly rows: number;
  readonly rowBytes: number;
}

/** Emits the order of the epoch. `seed` holds the low and the high word. */
export function emitShuffle(
  f: FunctionBuilder,
  { address, rows, rowBytes }: Order,
  epoch: I32,
  seed: [I32, I32],
): void {
  const start = i32.const(address);
  const [at, offset, left] = [f.local("i32"), f.local("i32"), f.local("i32")];
  f.set(at, start);
  f.set(offset, i32.const(0));
  f.set(left, i32.const(rows));
  f.countDown(left, () => {
    f.emit(i32.store(at, offset));
    f.advance(at, 4);
    f.advance(offset, rowBytes);
  });

  // `last` is the number of places not drawn yet, and `end` the address of the last of them.
  const [last, end, block] = [f.local("i32"), f.local("i32"), f.local("i32")];
  const [chosen, item] = [f.local("i32"), f.local("i32")];
  f.set(last, i32.const(rows));
  f.set(end, i32.const(address + 4 * (rows - 1)));
  f.set(block, i32.const(0));
  const draw = (number: Local<"i64">): void => {
    // Multiply and shift: number·last / 2³², rounded down.
    const place = i32.wrap_i64(i64.shr_u(i64.mul(number, i64.extend_i32_u(last)), i64.const(32n)));
    f.set(chosen, i32.add(start, i32.shl(place, i32.const(2))));
    f.set(item, i32.load(end));
    f.emit(i32.store(end, i32.load(chosen)), i32.store(chosen, item));
    f.advance(last, -1);
    f.advance(end, -4);
  };
  const draws = (count: number): void => {
    const counter = [block, epoch, i32.const(0), i32.const(STREAMS.shuffle)] as const;
    philox(f, counter, seed).slice(0, count).forEach(draw);
    f.advance(block, 1);
  };
  const numbers = rows - 1;
  f.set(left, i32.const(numbers >>> 2));
  f.repeat(left, () => draws(4));
  if (numbers % 4 > 0) draws(numbers % 4);
}
