// Pooling: an image becomes smaller, channel by channel. x (B,H,W,C)  y (B,P,Q,C)
// max      forward   y = the largest of each window, LeCun-style subsampling as in Ranzato, Huang, Boureau & LeCun, 2007
//          backward  dx = Σ of dy over the windows whose first largest element this is
// average  forward   y = the mean of each window; padding counts, as zeros      LeCun, Boser, Denker et al., 1989
//          backward  dx = Σ of dy/n over the windows that saw the pixel
// global   average or maximum over the whole image, or over all steps of a sequence (B,T,C): y (B,C)
//          average: Lin, Chen & Yan, 2014; maximum over time: Collobert & Weston, 2008
// A sequence is an image of one line: max_pool1d and average_pool1d are the layers for images, with windows of one line.
import type { Operation } from "../operations.ts";
import type { Pair, Window } from "../operations/images.ts";
import { requireWithin } from "../requirements.ts";
import { lineOf } from "./conv1d.ts";
import { viewAs } from "./layer.ts";
import type { LayerDefinition, PlannedLayer, Scope, Signal } from "./layer.ts";
import { sequenceShape } from "./recurrent.ts";
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

/** Windows of steps. */
export type MaxPool1dSpec = LinePoolingSpec<"max_pool1d">;
export type AveragePool1dSpec = LinePoolingSpec<"average_pool1d">;

interface LinePoolingSpec<Type extends string> {
  readonly type: Type;
  readonly pool_size: number;
  readonly stride?: number | undefined;
  readonly padding?: "valid" | "same" | number | undefined;
}

export interface GlobalAveragePoolSpec {
  readonly type: "global_average_pool";
}

export interface GlobalMaxPoolSpec {
  readonly type: "global_max_pool";
}

type Pooling = (placement: Placement, scope: Scope, x: Signal) => PlannedLayer;

const maximum: Pooling = (placement, scope, x) =>
  pool(
    placement,
    scope,
    x,
    (window, y) => ({ kind: "max_pool2d", window, x: x.value, y: y.value }),
    (window, y, dy, dx) => ({ kind: "max_pool2d_backward", window, x: x.value, y: y.value, dy, dx }),
  );

const average: Pooling = (placement, scope, x) =>
  pool(
    placement,
    scope,
    x,
    (window, y) => ({ kind: "average_pool2d", window, x: x.value, y: y.value }),
    (window, _y, dy, dx) => ({ kind: "average_pool2d_backward", window, dy, dx }),
  );

export const maxPool2d: LayerDefinition<MaxPool2dSpec> = {
  plan: (spec, scope, x) => maximum(placementOf(spec, scope, x), scope, x),
};

export const averagePool2d: LayerDefinition<AveragePool2dSpec> = {
  plan: (spec, scope, x) => average(placementOf(spec, scope, x), scope, x),
};

export const maxPool1d: LayerDefinition<MaxPool1dSpec> = {
  plan: (spec, scope, x) => poolLine(maximum, spec, scope, x),
};

export const averagePool1d: LayerDefinition<AveragePool1dSpec> = {
  plan: (spec, scope, x) => poolLine(average, spec, scope, x),
};

export const globalAveragePool: LayerDefinition<GlobalAveragePoolSpec> = {
  plan: (_spec, scope, x) => poolWhole(average, scope, x),
};

export const globalMaxPool: LayerDefinition<GlobalMaxPoolSpec> = {
  plan: (_spec, scope, x) => poolWhole(maximum, scope, x),
};

function poolLine(
  pooling: Pooling,
  { pool_size, stride = pool_size, padding = "valid" }: MaxPool1dSpec | AveragePool1dSpec,
  scope: Scope,
  x: Signal,
): PlannedLayer {
  const [steps, channels] = sequenceShape("pooling", x.value.shape, scope.layerName);
  const line = viewAs(x, [1, steps, channels]);
  const spec = { pool_size: [1, pool_size], stride: [1, stride], padding: lineOf(padding) } as const;
  const planned = pooling(placementOf(spec, scope, line), scope, line);
  return { ...planned, output: viewAs(planned.output, planned.output.value.shape.slice(1)) };
}

function poolWhole(pooling: Pooling, scope: Scope, x: Signal): PlannedLayer {
  const { shape } = x.value;
  const image = shape.length === 2 ? viewAs(x, [1, ...shape]) : x;
  requireImage(image.value.shape, scope.layerName);
  const [height, width, channels] = image.value.shape;
  const whole: Pair = [height, width];
  const window: Window = { size: whole, stride: whole, dilation: [1, 1], border: [0, 0] };
  const planned = pooling({ window, outputs: [1, 1] }, scope, image);
  return { ...planned, output: viewAs(planned.output, [channels]) };
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

function placementOf(spec: Omit<MaxPool2dSpec, "type">, scope: Scope, x: Signal): Placement {
  const { pool_size: size, stride = size, padding = "valid" } = spec;
  const placement = placeWindow(x.value.shape, { size, stride, dilation: 1, padding }, scope.layerName);
  // A window that sees nothing but padding has no largest element.
  const { window } = placement;
  window.border.forEach((border, direction) =>
    requireWithin(scope.layerName, "padding", border, 0, window.size[direction]),
  );
  return placement;
}
