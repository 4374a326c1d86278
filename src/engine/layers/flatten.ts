// Flatten: each row becomes a vector; the elements do not move.
// forward   y = x under the shape (B, n)       x (B, d1, …, dk)   n = d1·…·dk
// backward  dx = dy under the shape of x
import { productOf, reshaped } from "../tensor.ts";
import type { LayerDefinition } from "./layer.ts";

export interface FlattenSpec {
  readonly type: "flatten";
}

export const flatten: LayerDefinition<FlattenSpec> = {
  plan(_spec, _scope, x) {
    const shape = [productOf(x.value.shape)];
    return {
      // y and dy are other views of the memory of x and dx, so there is nothing to compute.
      output: { value: reshaped(x.value, shape), gradient: x.gradient && reshaped(x.gradient, shape) },
      parameters: [],
      forward: [],
      backward: [],
    };
  },
};
