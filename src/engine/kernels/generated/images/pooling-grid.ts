// Where the windows of a pooling lie on an image: along each direction, outputs one after another that see the same places of
// their windows. Without a border all of them do; with one, the first and the last see fewer.
import type { Window } from "../../../operations/images.ts";
import type { Tensor } from "../../../tensor.ts";

/** Outputs along one direction that see the same places of their windows. */
export interface Segment {
  readonly outputs: number;
  /** The pixel that the first output's window sees first. */
  readonly start: number;
  /** Pixels from one output's window to the next. */
  readonly step: number;
  /** Places of the window that are within the image, and how far apart. */
  readonly seen: number;
  readonly apart: number;
}

export interface Grid {
  readonly rows: readonly Segment[];
  readonly columns: readonly Segment[];
  readonly channels: number;
  /** Bytes of the larger image. */
  readonly pixel: number;
  readonly row: number;
  readonly image: number;
  /** Of a whole window, border included. */
  readonly windowPixels: number;
  /** No pixel is seen twice; and each is seen. */
  readonly disjoint: boolean;
  readonly covers: boolean;
}

export function gridOf(seen: Tensor, result: Tensor, window: Window): Grid {
  const { size, stride, dilation } = window;
  const [height, width, channels] = seen.shape;
  const [rows, columns] = ([0, 1] as const).map((d) => segmentsOf(seen.shape[d], result.shape[d], window, d));
  const disjoint = stride[0] >= size[0] && stride[1] >= size[1] && dilation[0] === 1 && dilation[1] === 1;
  const pixels = (segments: readonly Segment[]): number =>
    segments.reduce((sum, one) => sum + one.outputs * one.seen, 0);
  return {
    rows,
    columns,
    channels,
    pixel: 4 * channels,
    row: 4 * channels * width,
    image: 4 * channels * width * height,
    windowPixels: size[0] * size[1],
    disjoint,
    covers: disjoint && pixels(rows) === height && pixels(columns) === width,
  };
}

function segmentsOf(extent: number, outputs: number, window: Window, direction: 0 | 1): Segment[] {
  const [size, step, apart, border] = [window.size, window.stride, window.dilation, window.border].map(
    (pair) => pair[direction],
  );
  const segments: (Segment & { readonly first: number })[] = [];
  for (let output = 0; output < outputs; output++) {
    const origin = output * step - border;
    // Of origin, origin + apart, … the first that is not negative, and how many are below the extent from there on.
    const first = Math.max(0, Math.ceil(-origin / apart));
    const seen = Math.max(0, Math.min(size, Math.ceil((extent - origin) / apart)) - first);
    const before = segments.at(-1);
    if (before?.first === first && before.seen === seen) {
      segments[segments.length - 1] = { ...before, outputs: before.outputs + 1 };
    } else segments.push({ outputs: 1, start: origin + first * apart, step, seen, apart, first });
  }
  return segments.map(({ first: _first, ...segment }) => segment);
}
