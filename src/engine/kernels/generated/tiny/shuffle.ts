// The order of the rows in an epoch, as random.ts shuffles it: Fisher & Yates (1938) in Durstenfeld's form (1964) over the
// numbers of stream (seed; shuffle, epoch). A place of an order holds the byte offset of its row.
// Four epochs are ordered at a time, one in each lane of Philox: a fourth of the instructions, and the steps of a short
// epoch seldom wait for their rows.
import { STREAMS } from "../../../random.ts";
import type { FunctionBuilder } from "../../wasm/function-builder.ts";
import { i32, i32x4, v128 } from "../../wasm/instructions.ts";
import type { I32, V128 } from "../../wasm/instructions.ts";
import { multiply, philoxInLanes } from "../philox.ts";

/** From this number of rows on random.ts, which multiplies in float64, could round a place upwards. */
export const MOST_SHUFFLED_ROWS = 2 ** 21;
/** Epochs that are ordered together. */
export const EPOCHS_AHEAD = 4;

export interface Order {
  /** Of the first of EPOCHS_AHEAD orders, one after another. */
  readonly address: number;
  readonly rows: number;
  readonly rowBytes: number;
}

/** Bytes from one order to the next: whole vectors. */
export function orderBytes(rows: number): number {
  return 16 * Math.ceil(rows / 4);
}

/** Emits the orders of `epoch` and those after it. `seed` holds the low and the high word. */
export function emitShuffles(f: FunctionBuilder, order: Order, epoch: I32, seed: [I32, I32]): void {
  const { address, rows } = order;
  const addresses = Array.from({ length: EPOCHS_AHEAD }, (_, lane) => address + lane * orderBytes(rows));
  emitUnshuffled(f, order, addresses);

  // `last` is the number of places not drawn yet, and `end` the byte offset of the last of them.
  const [last, end, block, left] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
  const [places, chosen, item] = [f.local("v128"), f.local("i32"), f.local("i32")];
  f.set(last, i32.const(rows));
  f.set(end, i32.const(4 * (rows - 1)));
  f.set(block, i32.const(0));
  const epochs = f.local("v128", i32x4.add(i32x4.splat(epoch), i32x4.lanes(0, 1, 2, 3)));
  const draws = (count: number): void => {
    const counters: readonly [V128, V128, V128, V128] = [
      i32x4.splat(block),
      epochs,
      i32x4.const(0),
      i32x4.const(STREAMS.shuffle),
    ];
    for (const numbers of philoxInLanes(f, counters, seed).slice(0, count)) {
      // Multiply and shift: number·last / 2³², rounded down.
      multiply(f, numbers, i32x4.splat(last), places);
      f.set(places, i32x4.shl(places, i32.const(2)));
      addresses.forEach((start, lane) => {
        f.set(chosen, i32x4.extract_lane(places, lane));
        f.set(item, i32.load(end, start));
        f.emit(i32.store(end, i32.load(chosen, start), start), i32.store(chosen, item, start));
      });
      f.advance(last, -1);
      f.advance(end, -4);
    }
    f.advance(block, 1);
  };
  const numbers = rows - 1;
  f.set(left, i32.const(numbers >>> 2));
  f.repeat(left, () => draws(4));
  if (numbers % 4 > 0) draws(numbers % 4);
}

/** All rows as they come, four at a time: an order is whole vectors. */
function emitUnshuffled(f: FunctionBuilder, { rows, rowBytes }: Order, addresses: readonly number[]): void {
  const offsets = f.local("v128", i32x4.lanes(0, rowBytes, 2 * rowBytes, 3 * rowBytes));
  const [at, left] = [f.local("i32", i32.const(0)), f.local("i32", i32.const(Math.ceil(rows / 4)))];
  f.countDown(left, () => {
    for (const address of addresses) f.emit(v128.store(at, offsets, address));
    f.set(offsets, i32x4.add(offsets, i32x4.const(4 * rowBytes)));
    f.advance(at, 16);
  });
}
