// Convolution over images (LeCun et al., 1989), as six nested loops. Outside the image x and dy are 0, and are multiplied
// like any other number. Rounded after every multiply and every add, in the order of the loops. With several groups, c and o
// run over the channels and outputs of one group.
// conv2d                   y[p,q,o] = b[o] + Σ_{i,j,c} x[s·p + d·i − border, s·q + d·j − border, c] · W[i,j,c,o]
// conv2d_input_gradient    dx[h,w,c] = Σ_{i,j,o} dy[(h + border − d·i)/s, (w + border − d·j)/s, o] · W[i,j,c,o]
//                          over the i, j for which the division is exact, descending, so that dy is read forwards
// conv2d_weight_gradient   dW[i,j,c,o] += Σ_{B,p,q} x[s·p + d·i − border, s·q + d·j − border, c] · dy[p,q,o]
import type { Elements, Tensor } from "../../tensor.ts";
import type { Pair, Window } from "../../operations/images.ts";
import type { Family, Round } from "./family.ts";

export function convolutionKernels(
  round: Round,
): Family<"conv2d" | "conv2d_input_gradient" | "conv2d_weight_gradient"> {
  return {
    conv2d: (operation, memory) => {
      const { window, relu, groups } = operation;
      const [x, W, y] = [memory.view(operation.x), memory.view(operation.W), memory.view(operation.y)];
      const b = operation.b === null ? null : memory.view(operation.b);
      const [, , depth, outputs] = operation.W.shape;
      const width = outputs / groups;
      return (step) => {
        eachPixel(operation.y, step.rows, (image, p, q, to) => {
          for (let o = 0; o < outputs; o++) y[to + o] = b === null ? 0 : b[o];
          for (let i = 0; i < window.size[0]; i++) {
            for (let j = 0; j < window.size[1]; j++) {
              const from = pixelAt(operation.x, image, seenBy(window, [p, q], [i, j]));
              const weights = (i * window.size[1] + j) * depth * outputs;
              for (let group = 0; group < groups; group++) {
                const seen = from < 0 ? from : from + group * depth;
                const first = group * width;
                addProducts(x, seen, depth, W, weights + first, outputs, 1, y, to + first, width);
              }
            }
          }
          // Not Math.max: a NaN must stay visible, and −0 must not appear.
          if (relu) for (let o = 0; o < outputs; o++) if (y[to + o] <= 0) y[to + o] = 0;
        });
      };
    },

    conv2d_input_gradient: (operation, memory) => {
      const { window, groups } = operation;
      const [dy, W, dx] = [memory.view(operation.dy), memory.view(operation.W), memory.view(operation.dx)];
      const [height, width, depth, outputs] = operation.W.shape;
      return (step) => {
        eachPixel(operation.dx, step.rows, (image, h, w, to) => {
          dx.fill(0, to, to + depth * groups);
          for (let i = height - 1; i >= 0; i--) {
            const p = (h + window.border[0] - i * window.dilation[0]) / window.stride[0];
            for (let j = width - 1; j >= 0; j--) {
              const q = (w + window.border[1] - j * window.dilation[1]) / window.stride[1];
              if (!Number.isInteger(p) || !Number.isInteger(q)) continue;
              const from = pixelAt(operation.dy, image, [p, q]);
              const weights = (i * width + j) * depth * outputs;
              for (let group = 0; group < groups; group++) {
                const first = (group * outputs) / groups;
                const seen = from < 0 ? from : from + first;
                const into = to + group * depth;
                addProducts(dy, seen, outputs / groups, W, weights + first, 1, outputs, dx, into, depth);
              }
            }
          }
        });
      };
    },

    conv2d_weight_gradient: (operation, memory) => {
      const { window, groups } = operation;
      const [x, dy, dW] = [memory.view(operation.x), memory.view(operation.dy), memory.view(operation.dW)];
      const [height, width, depth, outputs] = operation.dW.shape;
      return (step) => {
        eachPixel(operation.dy, step.rows, (image, p, q, from) => {
          for (let i = 0; i < height; i++) {
            for (let j = 0; j < width; j++) {
              const seen = pixelAt(operation.x, image, seenBy(window, [p, q], [i, j]));
              for (let c = 0; c < depth * groups; c++) {
                const value = seen < 0 ? 0 : x[seen + c];
                const first = (Math.floor(c / depth) * outputs) / groups;
                const to = ((i * width + j) * depth + (c % depth)) * outputs;
                for (let o = first; o < first + outputs / groups; o++) {
                  dW[to + o] = round(dW[to + o] + round(value * dy[from + o]));
                }
              }
            }
          }
        });
      };
    },
  };

  /** y[j] += Σ_k x[k] · W[k,j]: `from` is the place of x, negative for zeros outside the image. */
  function addProducts(
    x: Elements,
    from: number,
    depth: number,
    W: Elements,
    weights: number,
    weightStep: number,
    weightColumn: number,
    y: Elements,
    to: number,
    width: number,
  ): void {
    for (let k = 0; k < depth; k++) {
      const value = from < 0 ? 0 : x[from + k];
      const row = weights + k * weightStep;
      for (let j = 0; j < width; j++) y[to + j] = round(y[to + j] + round(value * W[row + j * weightColumn]));
    }
  }
}

/** Every pixel of the images in use, with the place of its first channel. */
export function eachPixel(
  { shape }: Tensor,
  images: number,
  visit: (image: number, row: number, column: number, place: number) => void,
): void {
  const [height, width, channels] = shape;
  let place = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++, place += channels) visit(image, row, column, place);
    }
  }
}

/** The place of a pixel's first channel; −1 outside the image. */
export function pixelAt({ shape }: Tensor, image: number, [row, column]: Pair): number {
  const [height, width, channels] = shape;
  if (row < 0 || row >= height || column < 0 || column >= width) return -1;
  return ((image * height + row) * width + column) * channels;
}

/** The pixel that output (p,q) sees through place (i,j) of the window. */
export function seenBy({ stride, dilation, border }: Window, [p, q]: Pair, [i, j]: Pair): Pair {
  return [p * stride[0] + i * dilation[0] - border[0], q * stride[1] + j * dilation[1] - border[1]];
}
