// The order of the rows in an epoch, as random.ts shuffles it: Fisher & Yates (1938) in Durstenfeld's form (1964) over the
// numbers of stream (seed; shuffle, epoch). A place of an order holds the byte offset of its row.
// Of many rows, four epochs are ordered at a time, one in each lane of Philox: a fourth of the instructions. Few rows change
// places in one integer, which holds them as digits: it costs hardly any time, because the processor does it while it
// waits for the vectors of the epoch before.
import { STREAMS } from "../../../random.ts";
import type { FunctionBuilder } from "../../wasm/function-builder.ts";
import { i32, i32x4, i64, v128 } from "../../wasm/instructions.ts";
import type { I32 } from "../../wasm/instructions.ts";
import { multiply, philox, philoxInLanes } from "../philox.ts";
import type { Column } from "./quad.ts";

/** From this number of rows on random.ts, which multiplies in float64, could round a place upwards. */
export const MOST_SHUFFLED_ROWS = 2 ** 21;
/** Epochs that are ordered together, one in each lane. */
export const EPOCHS_AHEAD = 4;
/** So many hexadecimal digits has an integer. */
const MOST_DIGITS = 8;

/** Whether `emitShuffle` orders single epochs, and not `emitShuffles` some together. */
export function areFew(rows: number): boolean {
  return rows <= MOST_DIGITS;
}

export interface Order {
  /** Of the first of the orders, one after another. */
  readonly address: number;
  readonly rows: number;
  readonly rowBytes: number;
}

/** Bytes from one order to the next: whole vectors. */
export function orderBytes(rows: number): number {
  return 16 * Math.ceil(rows / 4);
}

/** Emits the order of one epoch of few rows, written to `address`. `seed` holds the low and the high word. */
export function emitShuffle(
  f: FunctionBuilder,
  { rows, rowBytes }: Order,
  epoch: I32,
  seed: readonly [I32, I32],
  address: I32,
): void {
  // Digit k is the row at place k.
  const digits = f.local("i32", i32.const(0x76543210));
  const [shift, changed] = [f.local("i32"), f.local("i32")];
  for (let first = rows - 1; first > 0; first -= 4) {
    const block = i32.const((rows - 1 - first) / 4);
    const numbers = philox(f, [block, epoch, i32.const(0), i32.const(STREAMS.shuffle)], seed);
    for (let last = first; last > Math.max(0, first - 4); last--) {
      // Multiply and shift: number·length / 2³², rounded down, in bits.
      const product = i64.mul(numbers[first - last], i64.const(BigInt(last + 1)));
      f.set(shift, i32.shl(i32.wrap_i64(i64.shr_u(product, i64.const(32n))), i32.const(2)));
      const lastShift = i32.const(4 * last);
      f.set(changed, i32.and(i32.xor(i32.shr_u(digits, lastShift), i32.shr_u(digits, shift)), i32.const(15)));
      f.set(digits, i32.xor(digits, i32.xor(i32.shl(changed, lastShift), i32.shl(changed, shift))));
    }
  }
  for (let place = 0; place < rows; place++) {
    const row = i32.and(i32.shr_u(digits, i32.const(4 * place)), i32.const(15));
    f.emit(i32.store(address, i32.mul(row, i32.const(rowBytes)), 4 * place));
  }
}

/** Emits the orders of `epoch` and those after it, one after another. */
export function emitShuffles(f: FunctionBuilder, order: Order, epoch: I32, seed: readonly [I32, I32]): void {
  const epochs = f.local("v128", i32x4.add(i32x4.splat(epoch), i32x4.lanes(0, 1, 2, 3)));
  const block = f.local("i32", i32.const(0));
  shuffleInMemory(f, order, (count, swap) => {
    const counters = [i32x4.splat(block), epochs, i32x4.const(0), i32x4.const(STREAMS.shuffle)] as const;
    philoxInLanes(f, counters, seed).slice(0, count).forEach(swap);
    f.advance(block, 1);
  });
}

/** Takes the next `count` numbers, at most four, of all epochs. */
type Draw = (count: number, swap: (numbers: Column, index: number) => void) => void;

/** The place among the first `length` ones that a number draws. */
function placeOf(f: FunctionBuilder, number: Column, length: I32): Column {
  const place = f.local("v128");
  multiply(f, number, i32x4.splat(length), place);
  return place;
}

function shuffleInMemory(f: FunctionBuilder, order: Order, draw: Draw): void {
  const { address, rows } = order;
  const addresses = Array.from({ length: EPOCHS_AHEAD }, (_, epoch) => address + epoch * orderBytes(rows));
  emitUnshuffled(f, order, addresses);

  // `length` is the number of places not drawn yet, and `end` the byte offset of the last of them.
  const [length, end] = [f.local("i32", i32.const(rows)), f.local("i32", i32.const(4 * (rows - 1)))];
  const [chosen, item] = [f.local("i32"), f.local("i32")];
  const swap = (number: Column): void => {
    const places = f.local("v128", i32x4.shl(placeOf(f, number, length), i32.const(2)));
    addresses.forEach((start, epoch) => {
      f.set(chosen, i32x4.extract_lane(places, epoch));
      f.set(item, i32.load(end, start));
      f.emit(i32.store(end, i32.load(chosen, start), start), i32.store(chosen, item, start));
    });
    f.advance(length, -1);
    f.advance(end, -4);
  };
  const numbers = rows - 1;
  const left = f.local("i32", i32.const(numbers >>> 2));
  f.repeat(left, () => draw(4, swap));
  if (numbers % 4 > 0) draw(numbers % 4, swap);
}

/** All rows as they come, four at a time. */
function emitUnshuffled(f: FunctionBuilder, { rows, rowBytes }: Order, addresses: readonly number[]): void {
  const offsets = f.local("v128", i32x4.lanes(0, rowBytes, 2 * rowBytes, 3 * rowBytes));
  const [at, left] = [f.local("i32", i32.const(0)), f.local("i32", i32.const(Math.ceil(rows / 4)))];
  f.countDown(left, () => {
    for (const address of addresses) f.emit(v128.store(at, offsets, address));
    f.set(offsets, i32x4.add(offsets, i32x4.const(4 * rowBytes)));
    f.advance(at, 16);
  });
}
