// Pooling of images; formulas and order of operations of reference/pooling.ts. Loops: image, output row, output pixel, strip of
// 16 channels, the window innermost: its numbers meet in registers. Windows that reach beyond the image see less of it: outputs
// that see the same places of their windows are taken together (pooling-grid.ts), in the order of rows and pixels.
import type { Tensor } from "../../../tensor.ts";
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { f32x4, i32, memory, v128 } from "../../wasm/instructions.ts";
import { loadColumns, storeColumns, vectorsFor } from "../columns.ts";
import type { Emission, Emitters } from "../emission.ts";
import { gridOf } from "./pooling-grid.ts";
import type { Grid, Segment } from "./pooling-grid.ts";

type Pooling = "max_pool2d" | "max_pool2d_backward" | "average_pool2d" | "average_pool2d_backward";
type Vector = Local<"v128">;

const ZERO = f32x4.const(0);
const STRIP = 16;
/** Places of all windows that differ, at most, where they are written out one after another; more of them are loops. */
const MOST_PLACES = 256;

export const POOLING_EMITTERS: Emitters<Pooling> = {
  max_pool2d({ x, y, window }, emission) {
    const grid = gridOf(x, y, window);
    eachStrip(emission, "max_pool2d", grid, { seen: [x], results: [y] }, (f, [from], [to], channels, eachPlace) => {
      const largest = vectorsFor(channels).map(() => f.local("v128", f32x4.const(-Infinity)));
      eachPlace([from], ([at], place) => {
        loadColumns(f, at, channels, place).forEach((seen, index) => {
          // A NaN enters, and is never displaced.
          const enters = v128.or(f32x4.gt(seen, largest[index]), notANumber(seen));
          f.set(largest[index], v128.bitselect(seen, largest[index], enters));
        });
      });
      storeColumns(f, to, largest, channels);
    });
  },

  max_pool2d_backward({ x, y, dy, dx, window }, emission) {
    const grid = gridOf(x, y, window);
    if (!grid.covers) emitClear(emission, dx);
    const tensors = { seen: [x, dx], results: [y, dy] };
    eachStrip(emission, "max_pool2d_backward", grid, tensors, (f, seen, [value, gradient], channels, eachPlace) => {
      const largest = loadColumns(f, value, channels);
      const given = loadColumns(f, gradient, channels);
      // All ones where the gradient has not found its element yet.
      const open = vectorsFor(channels).map(() => f.local("v128", f32x4.eq(ZERO, ZERO)));
      eachPlace(seen, ([from, to], place) => {
        const shares = loadColumns(f, from, channels, place).map((element, index): Vector => {
          const first = f.local("v128", v128.and(open[index], f32x4.eq(element, largest[index])));
          f.set(open[index], v128.andnot(open[index], first));
          return f.local("v128", v128.and(given[index], first));
        });
        addTo(f, grid, to, shares, channels, place);
      });
    });
  },

  average_pool2d({ x, y, window }, emission) {
    const grid = gridOf(x, y, window);
    const share = f32x4.const(1 / grid.windowPixels);
    eachStrip(emission, "average_pool2d", grid, { seen: [x], results: [y] }, (f, [from], [to], channels, eachPlace) => {
      const sums = vectorsFor(channels).map(() => f.local("v128", ZERO));
      eachPlace([from], ([at], place) => {
        loadColumns(f, at, channels, place).forEach((seen, index) => f.set(sums[index], f32x4.add(sums[index], seen)));
      });
      for (const sum of sums) f.set(sum, f32x4.mul(sum, share));
      storeColumns(f, to, sums, channels);
    });
  },

  average_pool2d_backward({ dy, dx, window }, emission) {
    const grid = gridOf(dx, dy, window);
    if (!grid.covers) emitClear(emission, dx);
    const share = f32x4.const(1 / grid.windowPixels);
    const tensors = { seen: [dx], results: [dy] };
    eachStrip(emission, "average_pool2d_backward", grid, tensors, (f, seen, [gradient], channels, eachPlace) => {
      const shares = loadColumns(f, gradient, channels).map((given) => f.local("v128", f32x4.mul(given, share)));
      eachPlace(seen, ([to], place) => addTo(f, grid, to, shares, channels, place));
    });
  },
};

type Pointers = readonly Local<"i32">[];

/** Emits `visit` for each place that a window sees, row by row: it lies `place` bytes after the pointers given. */
type EachPlace = (seen: Pointers, visit: (at: Pointers, place: number) => void) => void;

type Strip = (f: FunctionBuilder, seen: Pointers, results: Pointers, channels: number, eachPlace: EachPlace) => void;

/** Calls a function that emits `strip` for every output pixel; `seen` tensors advance by windows, `results` by pixels. */
function eachStrip(
  { module, f, rows, address }: Emission,
  name: string,
  grid: Grid,
  { seen, results }: { readonly seen: readonly Tensor[]; readonly results: readonly Tensor[] },
  strip: Strip,
): void {
  const tensors = [...seen, ...results];
  const parameters = Array(tensors.length + 1).fill("i32" as const);
  const run = module.shared(`${name} ${JSON.stringify(grid)}`, parameters, (body) => {
    const pointers = tensors.map((_, position) => body.parameter(position, "i32"));
    const [images, outputs] = [pointers.slice(0, seen.length), pointers.slice(seen.length)];
    const left = body.parameter(tensors.length, "i32");
    const { channels, pixel, row } = grid;
    const [lines, windows] = [images.map(() => body.local("i32")), images.map(() => body.local("i32"))];
    const place = (to: Pointers, from: Pointers, bytes: number): void =>
      to.forEach((pointer, index) => body.set(pointer, i32.add(from[index], i32.const(bytes))));
    const move = (some: Pointers, bytes: number): void => {
      if (bytes !== 0) for (const pointer of some) body.advance(pointer, bytes);
    };
    const whole = Math.floor(channels / STRIP);
    const pixelStrips = (eachPlace: EachPlace, next: number): void => {
      body.repeat(body.local("i32", i32.const(whole)), () => {
        strip(body, windows, outputs, STRIP, eachPlace);
        move([...windows, ...outputs], 4 * STRIP);
      });
      const rest = channels - STRIP * whole;
      if (rest > 0) strip(body, windows, outputs, rest, eachPlace);
      move(windows, next - 4 * STRIP * whole);
      move(outputs, 4 * rest);
    };
    body.countDown(left, () => {
      for (const vertical of grid.rows) {
        place(lines, images, vertical.start * row);
        body.countDown(body.local("i32", i32.const(vertical.outputs)), () => {
          for (const horizontal of grid.columns) {
            place(windows, lines, horizontal.start * pixel);
            const eachPlace = placesIn(body, grid, vertical, horizontal);
            body.countDown(body.local("i32", i32.const(horizontal.outputs)), () =>
              pixelStrips(eachPlace, horizontal.step * pixel),
            );
          }
          move(lines, vertical.step * row);
        });
      }
      move(images, grid.image);
    });
  });
  f.call(run, ...tensors.map(address), rows);
}

/** The places of a window, of which outputs of these rows and columns see so many. */
function placesIn(f: FunctionBuilder, grid: Grid, vertical: Segment, horizontal: Segment): EachPlace {
  const [down, along] = [vertical.apart * grid.row, horizontal.apart * grid.pixel];
  const isEmpty = vertical.seen * horizontal.seen === 0;
  if (isEmpty || grid.rows.length * grid.columns.length * grid.windowPixels <= MOST_PLACES) {
    return (seen, visit) => {
      for (let i = 0; i < vertical.seen; i++) {
        for (let j = 0; j < horizontal.seen; j++) visit(seen, i * down + j * along);
      }
    };
  }
  return (seen, visit) => {
    const at = seen.map((pointer) => f.local("i32", pointer));
    f.countDown(f.local("i32", i32.const(vertical.seen)), () => {
      f.countDown(f.local("i32", i32.const(horizontal.seen)), () => {
        visit(at, 0);
        for (const pointer of at) f.advance(pointer, along);
      });
      for (const pointer of at) f.advance(pointer, down - horizontal.seen * along);
    });
  };
}

function addTo(
  f: FunctionBuilder,
  { disjoint }: Grid,
  to: Local<"i32">,
  shares: readonly Vector[],
  channels: number,
  place: number,
): void {
  // Also where nothing was added before: 0 + −0 is 0, as in the reference.
  const before = disjoint ? shares.map(() => ZERO) : loadColumns(f, to, channels, place);
  const sums = shares.map((share, index) => f.local("v128", f32x4.add(before[index], share)));
  storeColumns(f, to, sums, channels, place);
}

function emitClear({ f, address, count }: Emission, tensor: Tensor): void {
  f.emit(memory.fill(address(tensor), i32.const(0), i32.shl(count(tensor), i32.const(2))));
}

function notANumber(x: Vector): ReturnType<typeof f32x4.eq> {
  return f32x4.ne(x, x);
}
