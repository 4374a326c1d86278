// Local response normalisation: channels beside each other compete. Krizhevsky, Sutskever & Hinton, 2012.
// forward   s_c = k + α·Σ_j x_j², over the `size` channels j around c     y = x·s^−β     x, s, y (B,…,C)
// backward  dx_c = dy_c·s_c^−β − 2αβ·x_c·Σ_i dy_i·y_i/s_i, over the channels i whose sums c is in
import { requireInteger, requireWithin } from "../requirements.ts";
import { lastDimension } from "./last-dimension.ts";
import type { LayerDefinition } from "./layer.ts";

export interface LocalResponseNormSpec {
  readonly type: "local_response_norm";
  /** Channels in a sum, at most; of an even number one more before c than after. Default 5. */
  readonly size?: number | undefined;
  /** Default 1e-4. PyTorch and Caffe divide theirs by `size`. */
  readonly alpha?: number | undefined;
  /** Default 0.75. */
  readonly beta?: number | undefined;
  /** Default 2. */
  readonly k?: number | undefined;
}

export const localResponseNorm: LayerDefinition<LocalResponseNormSpec> = {
  plan({ size = 5, alpha = 1e-4, beta = 0.75, k = 2 }, scope, x) {
    requireInteger(scope.layerName, "size", size, 1);
    requireWithin(scope.layerName, "alpha", alpha, 0);
    requireWithin(scope.layerName, "beta", beta, 0);
    // Else the power of a channel among zeros would have none.
    requireWithin(scope.layerName, "k", k, Number.MIN_VALUE);
    lastDimension("local_response_norm", "channels", x.value.shape, scope.layerName);
    const constants = { size, alpha, beta, k };
    const s = scope.buffer("s", x.value.shape);
    const y = scope.signal(x.value.shape, x.gradient !== null);
    const given = { x: x.value, s, y: y.value, ...constants };

    return {
      output: y,
      parameters: [],
      forward: [{ kind: "local_response_norm", ...given }],
      backward:
        x.gradient === null || y.gradient === null
          ? []
          : [{ kind: "local_response_norm_backward", ...given, dy: y.gradient, dx: x.gradient }],
    };
  },
};
