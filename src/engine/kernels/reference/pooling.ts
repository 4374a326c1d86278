// Pooling: one number for each window and channel. Outside the image max pooling sees −∞, average pooling 0.
// max_pool2d        y = max over the window; NaN where the window has one
// …_backward        dx = Σ of dy over the windows whose largest element this is, the first of equals; nothing for NaN
// average_pool2d    y = (1/n)·Σ over the n pixels of the window
// …_backward        dx = Σ of dy/n over the windows that saw the pixel
import type { Window } from "../../operations/images.ts";
import type { Tensor } from "../../tensor.ts";
import { eachPixel, pixelAt, seenBy } from "./convolution.ts";
import type { Family, Round } from "./family.ts";

export function poolingKernels(
  round: Round,
): Family<"max_pool2d" | "max_pool2d_backward" | "average_pool2d" | "average_pool2d_backward"> {
  return {
    max_pool2d: (operation, memory) => {
      const [x, y] = [memory.view(operation.x), memory.view(operation.y)];
      const [, , channels] = operation.y.shape;
      return (step) => {
        eachPixel(operation.y, step.rows, (image, p, q, to) => {
          y.fill(-Infinity, to, to + channels);
          eachSeen(operation.window, operation.x, image, p, q, (from) => {
            for (let c = 0; c < channels; c++) {
              // A NaN enters by the second comparison, and is never displaced.
              if (x[from + c] > y[to + c] || x[from + c] !== x[from + c]) y[to + c] = x[from + c];
            }
          });
        });
      };
    },

    max_pool2d_backward: (operation, memory) => {
      const [x, y] = [memory.view(operation.x), memory.view(operation.y)];
      const [dy, dx] = [memory.view(operation.dy), memory.view(operation.dx)];
      const [, , channels] = operation.y.shape;
      const taken = new Uint8Array(channels);
      return (step) => {
        dx.fill(0, 0, step.rows * operation.dx.rowSize);
        eachPixel(operation.y, step.rows, (image, p, q, to) => {
          taken.fill(0);
          eachSeen(operation.window, operation.x, image, p, q, (from) => {
            for (let c = 0; c < channels; c++) {
              if (taken[c] === 1 || x[from + c] !== y[to + c]) continue;
              taken[c] = 1;
              dx[from + c] = round(dx[from + c] + dy[to + c]);
            }
          });
        });
      };
    },

    average_pool2d: (operation, memory) => {
      const [x, y] = [memory.view(operation.x), memory.view(operation.y)];
      const [, , channels] = operation.y.shape;
      const share = round(1 / pixelsOf(operation.window));
      return (step) => {
        eachPixel(operation.y, step.rows, (image, p, q, to) => {
          y.fill(0, to, to + channels);
          eachSeen(operation.window, operation.x, image, p, q, (from) => {
            for (let c = 0; c < channels; c++) y[to + c] = round(y[to + c] + x[from + c]);
          });
          for (let c = 0; c < channels; c++) y[to + c] = round(y[to + c] * share);
        });
      };
    },

    average_pool2d_backward: (operation, memory) => {
      const [dy, dx] = [memory.view(operation.dy), memory.view(operation.dx)];
      const [, , channels] = operation.dy.shape;
      const share = round(1 / pixelsOf(operation.window));
      return (step) => {
        dx.fill(0, 0, step.rows * operation.dx.rowSize);
        eachPixel(operation.dy, step.rows, (image, p, q, from) => {
          eachSeen(operation.window, operation.dx, image, p, q, (to) => {
            for (let c = 0; c < channels; c++) dx[to + c] = round(dx[to + c] + round(dy[from + c] * share));
          });
        });
      };
    },
  };
}

function pixelsOf({ size }: Window): number {
  return size[0] * size[1];
}

/** Visits the places in the image that the window at output (p,q) sees, row by row. */
function eachSeen(
  window: Window,
  seen: Tensor,
  image: number,
  p: number,
  q: number,
  visit: (place: number) => void,
): void {
  for (let i = 0; i < window.size[0]; i++) {
    for (let j = 0; j < window.size[1]; j++) {
      const place = pixelAt(seen, image, seenBy(window, [p, q], [i, j]));
      if (place >= 0) visit(place);
    }
  }
}
