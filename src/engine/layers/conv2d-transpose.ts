// Transposed convolution: each pixel is spread over a window, so that images grow. It is the gradient of a convolution's
// input, which conv2d.ts has as its backward pass, as a forward one. Zeiler, Krishnan, Taylor & Fergus, 2010.
// forward   y[h,w,o] = b[o] + Σ over the pixels x[p,q] whose window sees (h,w), of x[p,q,c] · W[i,j,o,c]
//           x (B,P,Q,C)  W (kh,kw,O,C)  b (O)  y (B,H,W,O): the convolution of y with W has the extents of x
// backward  dx = the convolution of dy with W   dW += Σ_{B,p,q} dyᵀ·x   db += Σ_{B,h,w} dy
import { EngineError, shapeText } from "../engine-error.ts";
import type { InitializerName } from "../initializers.ts";
import { sumRows } from "../operations/elements.ts";
import type { Operation } from "../operations.ts";
import { requireInteger } from "../requirements.ts";
import { reshaped, stepsAsRows } from "../tensor.ts";
import type { ActivationName } from "./activation.ts";
import type { LayerDefinition } from "./layer.ts";
import { pairOf, placeWindow, requireImage } from "./sliding-window.ts";
import type { Extent } from "./sliding-window.ts";

export interface Conv2dTransposeSpec {
  readonly type: "conv2d_transpose";
  /** Channels of the output. */
  readonly filters: number;
  readonly kernel_size: Extent;
  /** By which the image grows. Default 1. */
  readonly stride?: Extent | undefined;
  /** Of the convolution it is the transpose of. Default valid. */
  readonly padding?: "valid" | "same" | undefined;
  /** Pixels of the output, [height, width]. Default the least that the convolution takes to the extents of x; with `same` the
   * stride times these. */
  readonly output_size?: Extent | undefined;
  /** Default identity. Any other is planned as an activation layer of its own. */
  readonly activation?: ActivationName | undefined;
  /** Default true. */
  readonly use_bias?: boolean | undefined;
  /** Default he_normal before the relu family, else glorot_uniform. */
  readonly initializer?: InitializerName | undefined;
}

export const conv2dTranspose: LayerDefinition<Conv2dTransposeSpec> = {
  plan(spec, scope, x) {
    const { filters, kernel_size, stride = 1, padding = "valid", output_size } = spec;
    const { use_bias = true, initializer = "glorot_uniform" } = spec;
    requireInteger(scope.layerName, "filters", filters, 1);
    requireImage(x.value.shape, scope.layerName);
    const [height, width, channels] = x.value.shape;
    const [size, steps] = [pairOf(kernel_size), pairOf(stride)];
    const least = ([0, 1] as const).map((d) =>
      padding === "same" ? x.value.shape[d] * steps[d] : (x.value.shape[d] - 1) * steps[d] + size[d],
    );
    const [rows, columns] = output_size === undefined ? least : pairOf(output_size);
    const { window, outputs } = placeWindow(
      [rows, columns, filters],
      { size: kernel_size, stride, dilation: 1, padding },
      scope.layerName,
    );
    if (outputs[0] !== height || outputs[1] !== width) {
      throw new EngineError("shape_mismatch", {
        op: "output_size",
        layer: scope.layerName,
        expected: `pixels that the convolution takes to ${shapeText([height, width])}, such as ${shapeText(least)}`,
        got: `${shapeText([rows, columns])}, which it takes to ${shapeText(outputs)}`,
      });
    }
    const [fanIn, fanOut] = [size[0] * size[1] * channels, size[0] * size[1] * filters];
    const W = scope.parameter("weights", [...size, filters, channels], initializer, fanIn, fanOut);
    const b = use_bias ? scope.parameter("bias", [filters], "zeros", fanIn, fanOut) : null;
    const y = scope.signal([rows, columns, filters], true);
    const dy = y.gradient!;
    // Each pixel is a row that the bias is added to.
    const pixels = stepsAsRows(reshaped(y.value, [rows * columns, filters]));
    const shift: Operation[] = b === null ? [] : [{ kind: "add_row", x: pixels, row: b.value, y: pixels }];
    const convolution = { window, groups: 1 } as const;

    return {
      output: y,
      parameters: b === null ? [W] : [W, b],
      forward: [{ kind: "conv2d_input_gradient", ...convolution, dy: x.value, W: W.value, dx: y.value }, ...shift],
      backward: [
        { kind: "conv2d_weight_gradient", ...convolution, x: dy, dy: x.value, dW: W.gradient },
        ...(b === null ? [] : [sumRows(dy, b.gradient)]),
        ...(x.gradient === null
          ? []
          : [{ kind: "conv2d", ...convolution, relu: false, x: dy, W: W.value, b: null, y: x.gradient } as const]),
      ],
    };
  },
};
