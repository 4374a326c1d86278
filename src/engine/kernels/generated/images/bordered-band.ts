// A band of an image with its border: rows of an image are copied to scratch memory with what lies outside it around them,
// so that kernels slide over it without asking where the image ends, and tensors carry no border. The band stays in the
// cache nearest to the processor for all panels of the result.
import type { Pair, Window } from "../../../operations/images.ts";
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { i32, memory } from "../../wasm/instructions.ts";
import type { I32 } from "../../wasm/instructions.ts";

/** What slides: outputs (rows, columns) that see windows of `taps` pixels, `dilation` apart. */
export interface Sliding {
  /** Height, width, channels of the image that is seen. */
  readonly image: readonly [number, number, number];
  /** The pixel that the first tap of the first output sees; negative outside the image. */
  readonly origin: Pair;
  readonly taps: Pair;
  readonly dilation: Pair;
  readonly stride: Pair;
  readonly outputs: Pair;
  /** Parts of the channels, each seen by its own part of the result's. */
  readonly groups: number;
}

/** Channels that one number of the result sees. */
export function channelsSeen({ image, groups }: Sliding): number {
  return image[2] / groups;
}

/** The windows of a forward convolution over x. */
export function forwardSliding(
  x: readonly number[],
  y: readonly number[],
  { window, groups }: { readonly window: Window; readonly groups: number },
): Sliding {
  return {
    groups,
    image: [x[0], x[1], x[2]],
    origin: [-window.border[0], -window.border[1]],
    taps: window.size,
    dilation: window.dilation,
    stride: window.stride,
    outputs: [y[0], y[1]],
  };
}

export interface Band {
  /** Output rows of a band, at most. */
  readonly outputRows: number;
  /** Bytes from one row of pixels to the next, in the band or, when nothing lies outside, in the image. */
  readonly rowBytes: number;
  /** Bytes of scratch memory; 0 when the image is read where it lies. */
  readonly bytes: number;
}

/** Half of the cache nearest to the processor, usually. */
const BAND_BYTES = 24 * 1024;

/** Rows (columns, in direction 1) of pixels that `outputs` outputs see. */
export function extentSeen({ taps, dilation, stride }: Sliding, direction: 0 | 1, outputs: number): number {
  return (outputs - 1) * stride[direction] + (taps[direction] - 1) * dilation[direction] + 1;
}

export function bandOf(sliding: Sliding): Band {
  const { image, origin, outputs } = sliding;
  const pixel = 4 * image[2];
  const isInside = ([0, 1] as const).every(
    (direction) =>
      origin[direction] >= 0 &&
      origin[direction] + extentSeen(sliding, direction, outputs[direction]) <= image[direction],
  );
  if (isInside) return { outputRows: outputs[0], rowBytes: pixel * image[1], bytes: 0 };
  const rowBytes = pixel * extentSeen(sliding, 1, outputs[1]);
  let outputRows = outputs[0];
  while (outputRows > 1 && rowBytes * extentSeen(sliding, 0, outputRows) > BAND_BYTES) {
    outputRows = Math.ceil(outputRows / 2);
  }
  return { outputRows, rowBytes, bytes: rowBytes * extentSeen(sliding, 0, outputRows) };
}

/** Emits the zeros of a band's border. Once is enough: `emitBand` leaves the columns beside the image as they are. */
export function emitBorder(f: FunctionBuilder, { bytes }: Band, place: number): void {
  if (bytes > 0) f.emit(memory.fill(i32.const(place), i32.const(0), i32.const(bytes)));
}

/** Emits the copy of the pixel rows from `firstRow` (signed) on, which `outputRows` outputs see; gives the band's address,
 * or that of its pixels in the image. */
export function emitBand(
  f: FunctionBuilder,
  sliding: Sliding,
  band: Band,
  place: number,
  image: Local<"i32">,
  firstRow: I32,
  outputRows: number,
): Local<"i32"> {
  const { origin, image: extents } = sliding;
  const [height, width, channels] = extents;
  const rowInImage = 4 * width * channels;
  const at = (row: I32, column: number): I32 =>
    i32.add(image, i32.add(i32.mul(row, i32.const(rowInImage)), i32.const(4 * channels * column)));
  if (band.bytes === 0) return f.local("i32", at(firstRow, origin[1]));

  const firstColumn = Math.max(0, origin[1]);
  const columns = Math.min(width, origin[1] + extentSeen(sliding, 1, sliding.outputs[1])) - firstColumn;
  if (columns > 0) {
    const to = f.local("i32", i32.const(place + 4 * channels * Math.max(0, -origin[1])));
    const row = f.local("i32", firstRow);
    const bytes = i32.const(4 * channels * columns);
    f.countDown(f.local("i32", i32.const(extentSeen(sliding, 0, outputRows))), () => {
      // As an unsigned number, a row above the image is larger than any below it.
      f.if(
        i32.lt_u(row, i32.const(height)),
        () => f.emit(memory.copy(to, at(row, firstColumn), bytes)),
        () => f.emit(memory.fill(to, i32.const(0), bytes)),
      );
      f.advance(row, 1);
      f.advance(to, band.rowBytes);
    });
  }
  return f.local("i32", i32.const(place));
}
