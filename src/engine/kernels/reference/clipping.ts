// Gradient clipping. Pascanu, Mikolov & Bengio, 2013.
// clip_norm    g ← g · maximum/‖g‖ when ‖g‖ > maximum, the norm taken over all gradients together
// clip_value   g ← min(maximum, max(−maximum, g))
import type { Elements } from "../../tensor.ts";
import type { Family, Round } from "./family.ts";

export function clippingKernels(round: Round): Family<"clip_norm" | "clip_value"> {
  return {
    clip_norm: ({ gradients, maximum }, memory) => {
      const views = gradients.map((tensor) => memory.view(tensor));
      return () => {
        let squares = 0;
        for (const view of views) squares += sumOfSquares(view);
        const norm = Math.sqrt(squares);
        if (!(norm > maximum)) return;
        const factor = round(maximum / norm);
        for (const view of views) for (let i = 0; i < view.length; i++) view[i] = round(view[i] * factor);
      };
    },
    clip_value: ({ gradients, maximum }, memory) => {
      const views = gradients.map((tensor) => memory.view(tensor));
      const limit = round(maximum);
      return () => {
        for (const view of views) {
          for (let i = 0; i < view.length; i++) view[i] = Math.min(limit, Math.max(-limit, view[i]));
        }
      };
    },
  };
}

/** In float64 for both precisions, as four interleaved sums: the order a two-lane vector kernel can keep. */
function sumOfSquares(g: Elements): number {
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
  for (let i = 0; i < g.length; i += 4) {
    sum0 += g[i] * g[i];
    if (i + 1 < g.length) sum1 += g[i + 1] * g[i + 1];
    if (i + 2 < g.length) sum2 += g[i + 2] * g[i + 2];
    if (i + 3 < g.length) sum3 += g[i + 3] * g[i + 3];
  }
  return sum0 + sum1 + (sum2 + sum3);
}
