// Convolution of images with a window of weights. LeCun, Boser, Denker et al., 1989.
// forward   y[p,q,o] = b[o] + Σ_{i,j,c} x[s·p+d·i−border, s·q+d·j−border, c] · W[i,j,c,o]
//           x (B,H,W,C)  W (kh,kw,C/groups,O)  b (O)  y (B,P,Q,O)
//           groups (Krizhevsky, Sutskever & Hinton, 2012): an output sees the channels of its own group only, c from its first
// backward  dW += Σ_{B,p,q} xᵀ·dy   db += Σ_{B,p,q} dy   dx = dy·Wᵀ, summed over the windows that saw the pixel
import { EngineError } from "../engine-error.ts";
import type { InitializerName } from "../initializers.ts";
import { sumRows } from "../operations/elements.ts";
import { requireInteger } from "../requirements.ts";
import type { ActivationName } from "./activation.ts";
import type { LayerDefinition } from "./layer.ts";
import { placeWindow } from "./sliding-window.ts";
import type { Extent, Padding } from "./sliding-window.ts";

export interface Conv2dSpec {
  readonly type: "conv2d";
  /** Channels of the output. */
  readonly filters: number;
  readonly kernel_size: Extent;
  /** Default 1. */
  readonly stride?: Extent | undefined;
  /** Default valid. */
  readonly padding?: Padding | undefined;
  /** Default 1. */
  readonly dilation?: Extent | undefined;
  /** Parts into which channels and filters are cut; as many as channels: each is filtered by itself. Default 1. */
  readonly groups?: number | undefined;
  /** Default identity. Any other is planned as an activation layer of its own. */
  readonly activation?: ActivationName | undefined;
  /** Default true. */
  readonly use_bias?: boolean | undefined;
  /** Default he_normal before the relu family, else glorot_uniform. */
  readonly initializer?: InitializerName | undefined;
}

export const conv2d: LayerDefinition<Conv2dSpec> = {
  plan(spec, scope, x) {
    const { filters, kernel_size, stride = 1, padding = "valid", dilation = 1, groups = 1 } = spec;
    const { use_bias = true, initializer = "glorot_uniform" } = spec;
    requireInteger(scope.layerName, "filters", filters, 1);
    const { window, outputs } = placeWindow(
      x.value.shape,
      { size: kernel_size, stride, dilation, padding },
      scope.layerName,
    );
    const [height, width] = window.size;
    const channels = x.value.shape[2];
    requireGroups(scope.layerName, groups, channels, filters);
    const depth = channels / groups;
    const [fanIn, fanOut] = [height * width * depth, (height * width * filters) / groups];
    const W = scope.parameter("weights", [height, width, depth, filters], initializer, fanIn, fanOut);
    const b = use_bias ? scope.parameter("bias", [filters], "zeros", fanIn, fanOut) : null;
    const y = scope.signal([...outputs, filters], true);
    const dy = y.gradient!;

    return {
      output: y,
      parameters: b === null ? [W] : [W, b],
      forward: [{ kind: "conv2d", window, groups, relu: false, x: x.value, W: W.value, b: b && b.value, y: y.value }],
      backward: [
        { kind: "conv2d_weight_gradient", window, groups, x: x.value, dy, dW: W.gradient },
        ...(b === null ? [] : [sumRows(dy, b.gradient)]),
        // The first trained layer has nothing before it that needs dx.
        ...(x.gradient === null
          ? []
          : [{ kind: "conv2d_input_gradient", window, groups, dy, W: W.value, dx: x.gradient } as const]),
      ],
    };
  },
};

function requireGroups(layer: string, groups: number, channels: number, filters: number): void {
  requireInteger(layer, "groups", groups, 1);
  if (channels % groups === 0 && filters % groups === 0) return;
  throw new EngineError("shape_mismatch", {
    op: "groups",
    layer,
    expected: `channels and filters that ${groups} groups divide`,
    got: `${channels} channels and ${filters} filters`,
  });
}
