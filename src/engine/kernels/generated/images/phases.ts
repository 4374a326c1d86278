// The phases of a convolution with stride s, seen from its input: pixel h is seen through the window's place i only where
// h + border − i·dilation is a multiple of s. Pixels s apart are seen through the same places: h = first + s·q gives
//   p = q + (first + border − i·dilation)/s
// so that for each phase the taps i, descending, make ascending p, evenly spaced: dx is a convolution of stride 1 over dy.
import type { Pair, Window } from "../../../operations/images.ts";

export interface Phase {
  /** The first pixel of the phase. */
  readonly first: Pair;
  /** Pixels of the phase in each direction. */
  readonly outputs: Pair;
  /** Places of the window through which they are seen, descending; perhaps none. */
  readonly taps: readonly [readonly number[], readonly number[]];
  /** The output pixel that the first tap sees for the first pixel, and the distance of the next tap's. */
  readonly origin: Pair;
  readonly dilation: Pair;
}

interface Line {
  readonly first: number;
  readonly outputs: number;
  readonly taps: readonly number[];
  readonly origin: number;
  readonly dilation: number;
}

/** The phases of an image (height, width, …), each pixel in exactly one of them. */
export function phasesOf(shape: readonly number[], window: Window): Phase[] {
  const [vertical, horizontal] = ([0, 1] as const).map((direction) => linesOf(shape[direction], window, direction));
  return vertical.flatMap((row) =>
    horizontal.map((column): Phase => ({
      first: [row.first, column.first],
      outputs: [row.outputs, column.outputs],
      taps: [row.taps, column.taps],
      origin: [row.origin, column.origin],
      dilation: [row.dilation, column.dilation],
    })),
  );
}

function linesOf(extent: number, window: Window, direction: 0 | 1): Line[] {
  const [size, stride, dilation, border] = [window.size, window.stride, window.dilation, window.border].map(
    (pair) => pair[direction],
  );
  return Array.from({ length: Math.min(stride, extent) }, (_, first) => {
    const seenAt = (tap: number): number => (first + border - tap * dilation) / stride;
    const taps = Array.from({ length: size }, (_place, tap) => size - 1 - tap).filter((tap) =>
      Number.isInteger(seenAt(tap)),
    );
    return {
      first,
      outputs: Math.ceil((extent - first) / stride),
      taps,
      origin: taps.length === 0 ? 0 : seenAt(taps[0]),
      dilation: taps.length < 2 ? 1 : seenAt(taps[1]) - seenAt(taps[0]),
    };
  });
}
