// Layer normalisation of each vector. Ba, Kiros & Hinton, 2016.
// forward   x̂ = (x − mean)/√(variance + ε)   y = γ·x̂ + β      over the n numbers of the last dimension: of a row, of each
//           step of (B,T,n), of each pixel of (B,H,W,n)
// backward  dβ += Σ dy   dγ += Σ dy·x̂   dx = (dŷ − Σ dŷ/n − x̂·Σ dŷ·x̂/n)/√(variance + ε), dŷ = γ·dy
// A row does not depend on its batch, so training and inference are the same.
import { requireWithin } from "../requirements.ts";
import { lastDimension } from "./last-dimension.ts";
import type { LayerDefinition } from "./layer.ts";

export interface LayerNormSpec {
  readonly type: "layer_norm";
  /** Default 1e-5. */
  readonly epsilon?: number | undefined;
}

export const layerNorm: LayerDefinition<LayerNormSpec> = {
  plan({ epsilon = 1e-5 }, scope, x) {
    requireWithin(scope.layerName, "epsilon", epsilon, Number.MIN_VALUE);
    const n = lastDimension("layer_norm", "the numbers that are normalised", x.value.shape, scope.layerName);
    const outer = x.value.shape.slice(0, -1);
    const gamma = scope.parameter("scale", [n], "ones", n, n);
    const beta = scope.parameter("shift", [n], "zeros", n, n);
    const [mean, inverse] = [scope.buffer("mean", outer), scope.buffer("inverse", outer)];
    const y = scope.signal(x.value.shape, true);
    const dy = y.gradient!;

    return {
      output: y,
      parameters: [gamma, beta],
      forward: [
        {
          kind: "layer_norm",
          x: x.value,
          gamma: gamma.value,
          beta: beta.value,
          mean,
          inverse,
          y: y.value,
          epsilon,
        },
      ],
      backward: [
        {
          kind: "layer_norm_backward",
          x: x.value,
          gamma: gamma.value,
          mean,
          inverse,
          dy,
          dgamma: gamma.gradient,
          dbeta: beta.gradient,
          // Where nothing needs dx, it is written over dy.
          dx: x.gradient ?? dy,
        },
      ],
    };
  },
};
