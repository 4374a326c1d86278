// Operations on images. An image is (height, width, channels), a batch of them (B,H,W,C): pixels row by row, the channels
// of a pixel next to each other.
import type { Tensor } from "../tensor.ts";

/** [vertical, horizontal] */
export type Pair = readonly [number, number];

/** How a window slides over an image. Output pixel (p,q) sees the pixels (p·stride − border + i·dilation, …), i < size. */
export interface Window {
  readonly size: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Rows above the image, and columns to its left, where windows begin. Below and right follow from the output. */
  readonly border: Pair;
}

export type ImageOperation =
  /** y[p,q,o] = b[o] + Σ_{i,j,c} x[p·s+i·d−border, …, c] · W[i,j,c,o], x = 0 outside the image; `relu`: its positive part
   * x (B,H,W,C)  W (kh,kw,C/groups,O)  b (O)  y (B,P,Q,O)
   * Channels and outputs are in as many groups; an output sees the channels of its own group, c counted from its first. */
  | {
      readonly kind: "conv2d";
      readonly window: Window;
      readonly groups: number;
      readonly relu: boolean;
      readonly x: Tensor;
      readonly W: Tensor;
      readonly b: Tensor | null;
      readonly y: Tensor;
    }
  /** dx = Σ over the outputs that saw the pixel, of dy·Wᵀ */
  | {
      readonly kind: "conv2d_input_gradient";
      readonly window: Window;
      readonly groups: number;
      readonly dy: Tensor;
      readonly W: Tensor;
      readonly dx: Tensor;
    }
  /** dW += Σ over the batch and the output's pixels, of xᵀ·dy */
  | {
      readonly kind: "conv2d_weight_gradient";
      readonly window: Window;
      readonly groups: number;
      readonly x: Tensor;
      readonly dy: Tensor;
      readonly dW: Tensor;
    }
  /** y = the largest x of each window, channel by channel; −∞ outside the image    x (B,H,W,C)  y (B,P,Q,C) */
  | { readonly kind: "max_pool2d"; readonly window: Window; readonly x: Tensor; readonly y: Tensor }
  /** dx = Σ of dy over the windows whose first largest element this is */
  | {
      readonly kind: "max_pool2d_backward";
      readonly window: Window;
      readonly x: Tensor;
      readonly y: Tensor;
      readonly dy: Tensor;
      readonly dx: Tensor;
    }
  /** y = the mean of each window, channel by channel; 0 outside the image, which counts    x (B,H,W,C)  y (B,P,Q,C) */
  | { readonly kind: "average_pool2d"; readonly window: Window; readonly x: Tensor; readonly y: Tensor }
  /** dx = Σ of dy/n over the windows, of n pixels, that saw the pixel */
  | { readonly kind: "average_pool2d_backward"; readonly window: Window; readonly dy: Tensor; readonly dx: Tensor };
