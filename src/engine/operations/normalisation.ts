// Normalisation. Of the batch: each channel, the last dimension, over all else, N numbers for a channel. Of the layer: each
// vector of n numbers in the last dimension by itself. Local: each channel by those beside it.
import type { Tensor } from "../tensor.ts";

export type NormalisationOperation =
  /** mean, variance of x over the batch; y = (x − mean)·gamma/√(variance + epsilon) + beta (+ residual), its positive part
   * where `relu`; running ← (1 − momentum)·running + momentum·(mean, variance·N/(N − 1))
   * x, residual, y (B,…,C)   gamma, beta, running…, mean, inverse (C); inverse = 1/√(variance + epsilon) */
  | {
      readonly kind: "batch_norm";
      readonly x: Tensor;
      readonly gamma: Tensor;
      readonly beta: Tensor;
      readonly runningMean: Tensor;
      readonly runningVariance: Tensor;
      readonly mean: Tensor;
      readonly inverse: Tensor;
      readonly residual: Tensor | null;
      readonly relu: boolean;
      readonly y: Tensor;
      readonly momentum: number;
      readonly epsilon: number;
    }
  /** The same with the running statistics, which it leaves as they are. */
  | {
      readonly kind: "batch_norm_inference";
      readonly x: Tensor;
      readonly gamma: Tensor;
      readonly beta: Tensor;
      readonly runningMean: Tensor;
      readonly runningVariance: Tensor;
      readonly residual: Tensor | null;
      readonly relu: boolean;
      readonly y: Tensor;
      readonly epsilon: number;
    }
  /** dbeta += Σ dy   dgamma += Σ dy·x̂   dx = gamma·inverse·(dy − Σ dy/N − x̂·Σ dy·x̂/N), x̂ = (x − mean)·inverse
   * With y, the output of a relu behind: dy counts only where y > 0. */
  | {
      readonly kind: "batch_norm_backward";
      readonly x: Tensor;
      readonly gamma: Tensor;
      readonly mean: Tensor;
      readonly inverse: Tensor;
      readonly y: Tensor | null;
      readonly dy: Tensor;
      readonly dgamma: Tensor;
      readonly dbeta: Tensor;
      readonly dx: Tensor;
    }
  /** mean, variance of each vector of x; y = (x − mean)·inverse·gamma + beta, inverse = 1/√(variance + epsilon)
   * x, y (B,…,n)   gamma, beta (n)   mean, inverse (B,…) */
  | {
      readonly kind: "layer_norm";
      readonly x: Tensor;
      readonly gamma: Tensor;
      readonly beta: Tensor;
      readonly mean: Tensor;
      readonly inverse: Tensor;
      readonly y: Tensor;
      readonly epsilon: number;
    }
  /** dbeta += Σ dy   dgamma += Σ dy·x̂   dx = inverse·(g − Σ g/n − x̂·Σ g·x̂/n), g = dy·gamma, x̂ = (x − mean)·inverse
   * The first two sums are over all vectors, the others over the numbers of one. dx may be dy. */
  | {
      readonly kind: "layer_norm_backward";
      readonly x: Tensor;
      readonly gamma: Tensor;
      readonly mean: Tensor;
      readonly inverse: Tensor;
      readonly dy: Tensor;
      readonly dgamma: Tensor;
      readonly dbeta: Tensor;
      readonly dx: Tensor;
    }
  /** s_c = k + alpha·Σ x_j² over the `size` channels around c; y = x·s^−beta     x, s, y (B,…,C) */
  | {
      readonly kind: "local_response_norm";
      readonly x: Tensor;
      readonly s: Tensor;
      readonly y: Tensor;
      readonly size: number;
      readonly alpha: number;
      readonly beta: number;
      readonly k: number;
    }
  /** dx_c = dy_c·s_c^−beta − 2·alpha·beta·x_c·Σ dy_i·y_i/s_i over the channels i around which c is */
  | {
      readonly kind: "local_response_norm_backward";
      readonly x: Tensor;
      readonly s: Tensor;
      readonly y: Tensor;
      readonly dy: Tensor;
      readonly dx: Tensor;
      readonly size: number;
      readonly alpha: number;
      readonly beta: number;
    };
