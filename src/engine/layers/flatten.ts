// Flatten and reshape: each row is seen under another shape; the elements do not move.
// forward   y = x under the shape (B, n), or the one that is given       x (B, d1, …, dk)   n = d1·…·dk
// backward  dx = dy under the shape of x
import { EngineError, shapeText } from "../engine-error.ts";
import { requireInteger } from "../requirements.ts";
import { productOf } from "../tensor.ts";
import { viewAs } from "./layer.ts";
import type { LayerDefinition, PlannedLayer, Signal } from "./layer.ts";

export interface FlattenSpec {
  readonly type: "flatten";
}

export interface ReshapeSpec {
  readonly type: "reshape";
  /** Of a row, without the batch dimension. */
  readonly shape: readonly number[];
}

export const flatten: LayerDefinition<FlattenSpec> = {
  plan: (_spec, _scope, x) => planView(x, [productOf(x.value.shape)]),
};

export const reshape: LayerDefinition<ReshapeSpec> = {
  plan({ shape }, { layerName }, x) {
    for (const extent of shape) requireInteger(layerName, "every extent of shape", extent, 1);
    const [given, asked] = [productOf(x.value.shape), productOf(shape)];
    if (given === asked) return planView(x, shape);
    throw new EngineError("shape_mismatch", {
      op: "reshape",
      layer: layerName,
      expected: `a shape of ${given} elements, as ${shapeText(x.value.shape)} has`,
      got: `${shapeText(shape)}, which has ${asked}`,
    });
  },
};

/** y and dy are other views of the memory of x and dx, so there is nothing to compute. */
function planView(x: Signal, shape: readonly number[]): PlannedLayer {
  return { output: viewAs(x, shape), parameters: [], forward: [], backward: [] };
}
