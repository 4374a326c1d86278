// Batch normalisation of each channel. Ioffe & Szegedy, 2015.
// forward   x̂ = (x − mean)/√(variance + ε)   y = γ·x̂ + β      over the N numbers a channel, the last dimension, has in
//           the batch; running ← (1 − momentum)·running + momentum·(mean, variance·N/(N − 1))
// backward  dβ += Σ dy   dγ += Σ dy·x̂   dx = γ/√(variance + ε)·(dy − Σ dy/N − x̂·Σ dy·x̂/N)
// inference the running mean and variance take the place of the batch's, so a row does not depend on its batch
import { requireWithin } from "../requirements.ts";
import { lastDimension } from "./last-dimension.ts";
import type { LayerDefinition } from "./layer.ts";

export interface BatchNormSpec {
  readonly type: "batch_norm";
  /** Share of the batch in the running statistics. Default 0.1. */
  readonly momentum?: number | undefined;
  /** Default 1e-5. */
  readonly epsilon?: number | undefined;
}

export const batchNorm: LayerDefinition<BatchNormSpec> = {
  plan({ momentum = 0.1, epsilon = 1e-5 }, scope, x) {
    requireWithin(scope.layerName, "momentum", momentum, 0, 1 + Number.EPSILON);
    requireWithin(scope.layerName, "epsilon", epsilon, Number.MIN_VALUE);
    const channels = lastDimension("batch_norm", "the channels", x.value.shape, scope.layerName);
    const gamma = scope.parameter("scale", [channels], "ones", channels, channels);
    const beta = scope.parameter("shift", [channels], "zeros", channels, channels);
    const runningMean = scope.statistic("running_mean", [channels], "zeros");
    const runningVariance = scope.statistic("running_variance", [channels], "ones");
    const [mean, inverse] = [scope.fixed("mean", [channels]), scope.fixed("inverse", [channels])];
    const y = scope.signal(x.value.shape, true);
    const forward = {
      x: x.value,
      gamma: gamma.value,
      beta: beta.value,
      runningMean: runningMean.value,
      runningVariance: runningVariance.value,
      residual: null,
      relu: false,
      y: y.value,
      epsilon,
    };

    return {
      output: y,
      parameters: [gamma, beta, runningMean, runningVariance],
      forward: [{ kind: "batch_norm", ...forward, mean, inverse, momentum }],
      inference: [{ kind: "batch_norm_inference", ...forward }],
      backward: [
        {
          kind: "batch_norm_backward",
          x: x.value,
          gamma: gamma.value,
          mean,
          inverse,
          y: null,
          dy: y.gradient!,
          dgamma: gamma.gradient,
          dbeta: beta.gradient,
          // Where nothing needs dx, it is written over dy.
          dx: x.gradient ?? y.gradient!,
        },
      ],
    };
  },
};
