// Threshold unit. McCulloch & Pitts, 1943; trained by the perceptron rule of Rosenblatt, 1958.
// forward   y = 1 where x ≥ 0, else 0      x, y (B, …)
// backward  dx = dy: the step has no useful derivative, so the gradient passes straight through
import type { LayerDefinition } from "./layer.ts";

export interface ThresholdSpec {
  readonly type: "threshold";
}

export const threshold: LayerDefinition<ThresholdSpec> = {
  plan(_spec, scope, x) {
    const y = scope.buffer("y", x.value.shape);
    return {
      // dy and dx are the same tensor, so backward has nothing to do.
      output: { value: y, gradient: x.gradient },
      parameters: [],
      forward: [{ kind: "activate", function: "threshold", x: x.value, y }],
      backward: [],
    };
  },
};
