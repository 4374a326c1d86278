// Pooling: an image becomes smaller, channel by channel. x (B,H,W,C)  y (B,P,Q,C)
// max      forward   y = the largest of each window, LeCun-style subsampling as in Ranzato, Huang, Boureau & LeCun, 2007
//          backward  dx = Σ of dy over the windows whose first largest element this is
// average  forward   y = the mean of each window; padding counts, as zeros      LeCun, Boser, Denker et al., 1989
//          backward  dx = Σ of dy/n over the windows that saw the pixel
// global   average over the whole image: y (B,C)                                Lin, Chen & Yan, 2014
import type { Operation } from "../operations.ts";
import type { Pair, Window } from "../operations/images.ts";
import { requireWithin } from "../requirements.ts";
import { reshaped } from "../tensor.ts";
import type { LayerDefinition, PlannedLayer, Scope, Signal } from "./layer.ts";
import { placeWindow, requireImage } from "./sliding-window.ts";
import type { Extent, Padding, Placement } from "./sliding-window.ts";

interface PoolingSpec<Type extends string> {
  readonly type: Type;
  readonly pool_size: Extent;
  /** Default pool_size: windows beside each other. */
  readonly stride?: Extent | undefined;
  /** Default valid. */
  readonly padding?: Padding | undefined;
}

export type MaxPool2dSpec = PoolingSpec<"max_pool2d">;
export type AveragePool2dSpec = PoolingSpec<"average_pool2d">;

export interface GlobalAveragePoolSpec {
  readonly type: "global_average_pool";
}

export const maxPool2d: LayerDefinition<MaxPool2dSpec> = {
  plan: (spec, scope, x) =>
    pool(
      placementOf(spec, scope, x),
      scope,
      x,
      (window, y) => ({ kind: "max_pool2d", window, x: x.value, y: y.value }),
      (window, y, dy, dx) => ({ kind: "max_pool2d_backward", window, x: x.value, y: y.value, dy, dx }),
    ),
};

export const averagePool2d: LayerDefinition<AveragePool2dSpec> = {
  plan: (spec, scope, x) => average(placementOf(spec, scope, x), scope, x),
};

export const globalAveragePool: LayerDefinition<GlobalAveragePoolSpec> = {
  plan(_spec, scope, x) {
    requireImage(x.value.shape, scope.layerName);
    const [height, width, channels] = x.value.shape;
    const whole: Pair = [height, width];
    const window: Window = { size: whole, stride: whole, dilation: [1, 1], border: [0, 0] };
    const planned = average({ window, outputs: [1, 1] }, scope, x);
    const { value, gradient } = planned.output;
    return {
      ...planned,
      output: { value: reshaped(value, [channels]), gradient: gradient && reshaped(gradient, [channels]) },
    };
  },
};

function average(placement: Placement, scope: Scope, x: Signal): PlannedLayer {
  return pool(
    placement,
    scope,
    x,
    (window, y) => ({ kind: "average_pool2d", window, x: x.value, y: y.value }),
    (window, _y, dy, dx) => ({ kind: "average_pool2d_backward", window, dy, dx }),
  );
}

type Tensor = Signal["value"];

function pool(
  { window, outputs }: Placement,
  scope: Scope,
  x: Signal,
  forward: (window: Window, y: Signal) => Operation,
  backward: (window: Window, y: Signal, dy: Tensor, dx: Tensor) => Operation,
): PlannedLayer {
  const y = scope.signal([...outputs, x.value.shape[2]], x.gradient !== null);
  return {
    output: y,
    parameters: [],
    forward: [forward(window, y)],
    backward: x.gradient === null || y.gradient === null ? [] : [backward(window, y, y.gradient, x.gradient)],
  };
}

function placementOf(spec: MaxPool2dSpec | AveragePool2dSpec, scope: Scope, x: Signal): Placement {
  const { pool_size: size, stride = size, padding = "valid" } = spec;
  const placement = placeWindow(x.value.shape, { size, stride, dilation: 1, padding }, scope.layerName);
  // A window that sees nothing but padding has no largest element.
  const { window } = placement;
  window.border.forEach((border, direction) =>
    requireWithin(scope.layerName, "padding", border, 0, window.size[direction]),
  );
  return placement;
}
