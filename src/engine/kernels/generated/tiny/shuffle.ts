// The order of the rows in an epoch, as random.ts shuffles it: Fisher & Yates (1938) in Durstenfeld's form (1964) over the
// numbers of stream (seed; shuffle, epoch). A place of an order holds the byte offset of its row.
// Four epochs are ordered at a time, one in each lane of Philox: a fourth of the instructions. Few rows change places in
// registers: in memory, the processor would often guess wrong whether a load reads what the swap before has just stored.
import { STREAMS } from "../../../random.ts";
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { i32, i32x4, v128 } from "../../wasm/instructions.ts";
import type { I32 } from "../../wasm/instructions.ts";
import { multiply, philoxInLanes } from "../philox.ts";
import { transpose } from "./quad.ts";
import type { Column } from "./quad.ts";

/** From this number of rows on random.ts, which multiplies in float64, could round a place upwards. */
export const MOST_SHUFFLED_ROWS = 2 ** 21;
/** Epochs that are ordered together, one in each lane. */
const LANES = 4;
/** In registers every draw looks at all places. */
const MOST_ROWS_IN_REGISTERS = 8;
/** Epochs of so few rows are over sooner than Philox: many of them are ordered before the first, so that none has to wait. */
const FEW_ROWS_AHEAD = 64;

/** Epochs that `emitShuffles` orders. */
export function epochsAhead(rows: number): number {
  return rows <= MOST_ROWS_IN_REGISTERS ? FEW_ROWS_AHEAD : LANES;
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

/** Emits the orders of `epoch` and of those after it, `epochsAhead` in all. `seed` holds the low and the high word. */
export function emitShuffles(f: FunctionBuilder, order: Order, epoch: I32, seed: readonly [I32, I32]): void {
  const epochs = f.local("v128", i32x4.add(i32x4.splat(epoch), i32x4.lanes(0, 1, 2, 3)));
  const block = f.local("i32", i32.const(0));
  const draw: Draw = (count, swap) => {
    const counters = [i32x4.splat(block), epochs, i32x4.const(0), i32x4.const(STREAMS.shuffle)] as const;
    philoxInLanes(f, counters, seed).slice(0, count).forEach(swap);
    f.advance(block, 1);
  };
  if (order.rows > MOST_ROWS_IN_REGISTERS) shuffleInMemory(f, order, draw);
  else {
    const at = f.local("i32", i32.const(order.address));
    f.countDown(f.local("i32", i32.const(FEW_ROWS_AHEAD / LANES)), () => {
      shuffleInRegisters(f, order, at, draw);
      f.advance(at, LANES * orderBytes(order.rows));
      f.set(epochs, i32x4.add(epochs, i32x4.const(LANES)));
      f.set(block, i32.const(0));
    });
  }
}

/** Takes the next `count` numbers, at most four, of all epochs. */
type Draw = (count: number, swap: (numbers: Column, index: number) => void) => void;

/** The place among the first `length` ones that a number draws. */
function placeOf(f: FunctionBuilder, number: Column, length: I32): Column {
  const place = f.local("v128");
  // Multiply and shift: number·length / 2³², rounded down.
  multiply(f, number, i32x4.splat(length), place);
  return place;
}

function shuffleInRegisters(f: FunctionBuilder, { rows, rowBytes }: Order, at: I32, draw: Draw): void {
  const places = Array.from({ length: rows }, (_, row) => f.local("v128", i32x4.const(row * rowBytes)));
  for (let first = rows - 1; first > 0; first -= 4) {
    draw(Math.min(4, first), (number, index) => swapInRegisters(f, places, first - index, number));
  }
  for (let first = 0; first < rows; first += 4) {
    const four = [0, 1, 2, 3].map((i) => places[Math.min(first + i, rows - 1)]);
    transpose(f, four).forEach((vector, epoch) => {
      f.emit(v128.store(at, vector, epoch * orderBytes(rows) + 4 * first));
    });
  }
}

/** Swaps the last place with the one that was drawn of it and those before. */
function swapInRegisters(f: FunctionBuilder, places: readonly Local<"v128">[], last: number, number: Column): void {
  const chosen = placeOf(f, number, i32.const(last + 1));
  const [item, drawn] = [f.local("v128", places[last]), f.local("v128", places[last])];
  for (let place = 0; place < last; place++) {
    const hit = f.local("v128", i32x4.eq(chosen, i32x4.const(place)));
    f.set(drawn, v128.bitselect(places[place], drawn, hit));
    f.set(places[place], v128.bitselect(item, places[place], hit));
  }
  f.set(places[last], drawn);
}

function shuffleInMemory(f: FunctionBuilder, order: Order, draw: Draw): void {
  const { address, rows } = order;
  const addresses = Array.from({ length: LANES }, (_, epoch) => address + epoch * orderBytes(rows));
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
