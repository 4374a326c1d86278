// Pooling of images without a border; formulas and order of operations of reference/pooling.ts. Loops: image, output row,
// output pixel, strip of 16 channels, whose window lies in registers.
import type { Operation } from "../../../operations.ts";
import type { Pair, Window } from "../../../operations/images.ts";
import type { Tensor } from "../../../tensor.ts";
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { f32x4, i32, memory, v128 } from "../../wasm/instructions.ts";
import { loadColumns, storeColumns, vectorsFor } from "../columns.ts";
import type { Emission, Emitters } from "../emission.ts";

type Pooling = "max_pool2d" | "max_pool2d_backward" | "average_pool2d" | "average_pool2d_backward";
type Vector = Local<"v128">;

const ZERO = f32x4.const(0);
const STRIP = 16;

export const POOLING_EMITTERS: Emitters<Pooling> = {
  max_pool2d({ x, y, window }, emission) {
    const grid = gridOf(x, y, window);
    eachStrip(emission, "max_pool2d", grid, { seen: [x], results: [y] }, (f, [from, to], channels) => {
      const largest = vectorsFor(channels).map(() => f.local("v128", f32x4.const(-Infinity)));
      for (const place of grid.places) {
        loadColumns(f, from, channels, place).forEach((seen, index) => {
          // A NaN enters, and is never displaced.
          const enters = v128.or(f32x4.gt(seen, largest[index]), notANumber(seen));
          f.set(largest[index], v128.bitselect(seen, largest[index], enters));
        });
      }
      storeColumns(f, to, largest, channels);
    });
  },

  max_pool2d_backward({ x, y, dy, dx, window }, emission) {
    const grid = gridOf(x, y, window);
    if (!grid.covers) emitClear(emission, dx);
    eachStrip(
      emission,
      "max_pool2d_backward",
      grid,
      { seen: [x, dx], results: [y, dy] },
      (f, [seen, to, value, gradient], channels) => {
        const largest = loadColumns(f, value, channels);
        const given = loadColumns(f, gradient, channels);
        // All ones where the gradient has not found its element yet.
        const open = vectorsFor(channels).map(() => f.local("v128", f32x4.eq(ZERO, ZERO)));
        for (const place of grid.places) {
          const shares = loadColumns(f, seen, channels, place).map((element, index): Vector => {
            const first = f.local("v128", v128.and(open[index], f32x4.eq(element, largest[index])));
            f.set(open[index], v128.andnot(open[index], first));
            return f.local("v128", v128.and(given[index], first));
          });
          addTo(f, grid, to, shares, channels, place);
        }
      },
    );
  },

  average_pool2d({ x, y, window }, emission) {
    const grid = gridOf(x, y, window);
    const share = f32x4.const(1 / grid.places.length);
    eachStrip(emission, "average_pool2d", grid, { seen: [x], results: [y] }, (f, [from, to], channels) => {
      const sums = vectorsFor(channels).map(() => f.local("v128", ZERO));
      for (const place of grid.places) {
        loadColumns(f, from, channels, place).forEach((seen, index) =>
          f.set(sums[index], f32x4.add(sums[index], seen)),
        );
      }
      for (const sum of sums) f.set(sum, f32x4.mul(sum, share));
      storeColumns(f, to, sums, channels);
    });
  },

  average_pool2d_backward({ dy, dx, window }, emission) {
    const grid = gridOf(dx, dy, window);
    if (!grid.covers) emitClear(emission, dx);
    const share = f32x4.const(1 / grid.places.length);
    eachStrip(
      emission,
      "average_pool2d_backward",
      grid,
      { seen: [dx], results: [dy] },
      (f, [to, gradient], channels) => {
        const shares = loadColumns(f, gradient, channels).map((given) => f.local("v128", f32x4.mul(given, share)));
        for (const place of grid.places) addTo(f, grid, to, shares, channels, place);
      },
    );
  },
};

/** Windows that leave the image, or are as large as to make long code, are left to the reference. */
export function poolingFits(operation: Operation): boolean {
  switch (operation.kind) {
    case "max_pool2d":
    case "max_pool2d_backward":
      return isPlain(operation.window, operation.x, operation.y);
    case "average_pool2d":
      return isPlain(operation.window, operation.x, operation.y);
    case "average_pool2d_backward":
      return isPlain(operation.window, operation.dx, operation.dy);
    default:
      return true;
  }
}

const MOST_PLACES = 256;

function isPlain({ size, stride, dilation, border }: Window, seen: Tensor, outputs: Tensor): boolean {
  const isInside = ([0, 1] as const).every(
    (d) => border[d] === 0 && (outputs.shape[d] - 1) * stride[d] + (size[d] - 1) * dilation[d] < seen.shape[d],
  );
  return isInside && size[0] * size[1] <= MOST_PLACES;
}

interface Grid {
  readonly outputs: Pair;
  readonly channels: number;
  /** Bytes in the larger image from one window to the next: along a row, to the next row, to the next image. */
  readonly pixel: number;
  readonly row: number;
  readonly image: number;
  /** Bytes from the first pixel of a window to each of its pixels. */
  readonly places: readonly number[];
  /** No pixel is seen twice; and each is seen. */
  readonly disjoint: boolean;
  readonly covers: boolean;
}

function gridOf(seen: Tensor, result: Tensor, { size, stride, dilation }: Window): Grid {
  const [height, width, channels] = seen.shape;
  const [outputRows, outputColumns] = result.shape;
  const rowBytes = 4 * width * channels;
  const disjoint = stride[0] >= size[0] && stride[1] >= size[1] && dilation[0] === 1 && dilation[1] === 1;
  return {
    outputs: [outputRows, outputColumns],
    channels,
    pixel: 4 * channels * stride[1],
    row: rowBytes * stride[0],
    image: rowBytes * height,
    places: Array.from(
      { length: size[0] * size[1] },
      (_, place) =>
        Math.floor(place / size[1]) * dilation[0] * rowBytes + (place % size[1]) * dilation[1] * 4 * channels,
    ),
    disjoint,
    covers: disjoint && outputRows * outputColumns * size[0] * size[1] === height * width,
  };
}

type Strip = (f: FunctionBuilder, pointers: readonly Local<"i32">[], channels: number) => void;

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
    const images = body.parameter(tensors.length, "i32");
    const { channels, outputs } = grid;
    const advance = (windowed: number, pixels: number): void => {
      pointers.forEach((pointer, index) => {
        const bytes = index < seen.length ? windowed : pixels;
        if (bytes !== 0) body.advance(pointer, bytes);
      });
    };
    const whole = Math.floor(channels / STRIP);
    const strips = (): void => {
      body.repeat(body.local("i32", i32.const(whole)), () => {
        strip(body, pointers, STRIP);
        advance(4 * STRIP, 4 * STRIP);
      });
      if (channels % STRIP > 0) strip(body, pointers, channels % STRIP);
      advance(grid.pixel - 4 * STRIP * whole, 4 * (channels - STRIP * whole));
    };
    body.countDown(images, () => {
      body.countDown(body.local("i32", i32.const(outputs[0])), () => {
        body.countDown(body.local("i32", i32.const(outputs[1])), strips);
        advance(grid.row - outputs[1] * grid.pixel, 0);
      });
      advance(grid.image - outputs[0] * grid.row, 0);
    });
  });
  f.call(run, ...tensors.map(address), rows);
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
