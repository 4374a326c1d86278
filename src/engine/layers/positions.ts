// Positions: a trained vector for each step, added to what stands there, so that attention knows the order. Gehring, Auli,
// Grangier, Yarats & Dauphin, 2017.
// forward   y_t = x_t + P_t         x, y (B,T,n)  P (T,n)
// backward  dP += Σ_B dy   dx = dy
import { sumRows } from "../operations/elements.ts";
import type { LayerDefinition, Signal } from "./layer.ts";
import { sequenceShape } from "./recurrent.ts";

export interface PositionsSpec {
  readonly type: "positions";
}

export const positions: LayerDefinition<PositionsSpec> = {
  plan(_spec, scope, x) {
    const [steps, n] = sequenceShape("positions", x.value.shape, scope.layerName);
    const P = scope.parameter("positions", [steps, n], "glorot_uniform", steps, n);
    // dx is dy: they are one tensor where both are wanted.
    const dy = x.gradient ?? scope.buffer("dy", [steps, n]);
    const y: Signal = { value: scope.buffer("y", [steps, n]), gradient: dy };
    return {
      output: y,
      parameters: [P],
      forward: [{ kind: "add_row", x: x.value, row: P.value, y: y.value }],
      backward: [sumRows(dy, P.gradient)],
    };
  },
};
