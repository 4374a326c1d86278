// Dropout, inverted. Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, 2014.
// forward   y = x ⊙ mask,  mask = 0 with probability rate, else 1/(1 − rate)      x, y, mask (B, …)
// backward  dx = dy ⊙ mask
// inference y = x
import { copy, multiply } from "../operations/elements.ts";
import { requireWithin } from "../requirements.ts";
import type { LayerDefinition } from "./layer.ts";

export interface DropoutSpec {
  readonly type: "dropout";
  /** Probability that an element is dropped, in [0, 1). */
  readonly rate: number;
}

export const dropout: LayerDefinition<DropoutSpec> = {
  plan({ rate }, scope, x) {
    requireWithin(scope.layerName, "rate", rate, 0, 1);
    const y = scope.signal(x.value.shape, x.gradient !== null);
    const mask = scope.buffer("mask", x.value.shape);

    return {
      output: y,
      parameters: [],
      // The mask is a function of (seed, stream, step): a checkpoint needs no generator state.
      forward: [{ kind: "dropout", x: x.value, mask, y: y.value, rate, stream: scope.stream }],
      inference: [copy(x.value, y.value)],
      backward: x.gradient === null || y.gradient === null ? [] : [multiply(y.gradient, mask, x.gradient)],
    };
  },
};
