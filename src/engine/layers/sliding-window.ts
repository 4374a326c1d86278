// Where the windows of a convolution or a pooling lie on an image, from what a request says about them.
// valid    no border: windows stay inside the image
// same     as many outputs as ⌈pixels / stride⌉; the border is divided evenly, the odd pixel goes below and right
// causal   as many outputs, the whole border before the first pixel: an output sees nothing that comes after it
// n        n rows and columns on each side
import { EngineError, shapeText } from "../engine-error.ts";
import type { Pair, Window } from "../operations/images.ts";
import { requireInteger } from "../requirements.ts";

/** One number for both directions, or [vertical, horizontal]. */
export type Extent = number | readonly [number, number];
export type Padding = "valid" | "same" | "causal" | Extent;

export interface WindowSpec {
  readonly size: Extent;
  readonly stride: Extent;
  readonly dilation: Extent;
  readonly padding: Padding;
}

export interface Placement {
  readonly window: Window;
  /** Output pixels. */
  readonly outputs: Pair;
}

/** Places windows on an image (height, width, channels). Throws shape_mismatch or invalid_parameter naming the layer. */
export function placeWindow(shape: readonly number[], spec: WindowSpec, layer: string): Placement {
  requireImage(shape, layer);
  const [size, stride, dilation] = [spec.size, spec.stride, spec.dilation].map(pairOf);
  for (const [name, pair] of Object.entries({ size, stride, dilation })) {
    for (const extent of pair) requireInteger(layer, name, extent, 1);
  }
  const lines = ([0, 1] as const).map((direction) =>
    placeLine(
      shape[direction],
      size[direction],
      stride[direction],
      dilation[direction],
      spec.padding,
      direction,
      layer,
    ),
  );
  return {
    window: { size, stride, dilation, border: [lines[0].border, lines[1].border] },
    outputs: [lines[0].outputs, lines[1].outputs],
  };
}

/** Throws shape_mismatch unless each row is an image. */
export function requireImage(shape: readonly number[], layer: string): void {
  if (shape.length === 3) return;
  throw new EngineError("shape_mismatch", {
    op: "image",
    layer,
    expected: "an image [height,width,channels] for each row",
    got: shapeText(shape),
    hint: "Give input_shape three extents, and put flatten only after the last layer for images.",
  });
}

function placeLine(
  extent: number,
  size: number,
  stride: number,
  dilation: number,
  padding: Padding,
  direction: 0 | 1,
  layer: string,
): { readonly border: number; readonly outputs: number } {
  const span = (size - 1) * dilation + 1;
  if (padding === "causal") return { outputs: Math.ceil(extent / stride), border: span - 1 };
  if (padding === "same") {
    const outputs = Math.ceil(extent / stride);
    return { outputs, border: Math.floor(Math.max(0, (outputs - 1) * stride + span - extent) / 2) };
  }
  const border = padding === "valid" ? 0 : pairOf(padding)[direction];
  requireInteger(layer, "padding", border, 0);
  if (span > extent + 2 * border) {
    throw new EngineError("shape_mismatch", {
      op: "window",
      layer,
      expected: `at least ${span - 2 * border} pixels for a window that spans ${span} with padding ${border}`,
      got: String(extent),
      hint: 'Use "padding":"same", a smaller window, or fewer layers that shrink the image.',
    });
  }
  return { border, outputs: Math.floor((extent + 2 * border - span) / stride) + 1 };
}

/** [vertical, horizontal] */
export function pairOf(extent: Extent): Pair {
  return typeof extent === "number" ? [extent, extent] : extent;
}
