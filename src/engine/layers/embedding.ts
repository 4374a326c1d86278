// Embedding: a trained vector for each token of a vocabulary. Bengio, Ducharme, Vincent & Jauvin, 2003.
// forward   y_t = E[x_t]           x (B,T) token indices  E (V,n)  y (B,T,n)
// backward  dE[x_t] += dy_t        tokens have no gradient, so the layer comes first
import { EngineError, shapeText } from "../engine-error.ts";
import { requireInteger } from "../requirements.ts";
import type { LayerDefinition } from "./layer.ts";

export interface EmbeddingSpec {
  readonly type: "embedding";
  /** Tokens there are; each is an index below. */
  readonly vocabulary: number;
  readonly units: number;
}

export const embedding: LayerDefinition<EmbeddingSpec> = {
  plan({ vocabulary, units }, scope, x) {
    requireInteger(scope.layerName, "vocabulary", vocabulary, 1);
    requireInteger(scope.layerName, "units", units, 1);
    const { shape } = x.value;
    if (shape.length !== 1 || !scope.isFirst) {
      throw new EngineError("shape_mismatch", {
        op: "embedding",
        layer: scope.layerName,
        expected: "the network's input, [steps] token indices for each row",
        got: scope.isFirst ? shapeText(shape) : "the output of another layer",
      });
    }
    // N(0, 1) would drown what a recurrent layer starts with; U(−a, a) as between V inputs, of which one is on, and n.
    const E = scope.parameter("weights", [vocabulary, units], "glorot_uniform", vocabulary, units);
    const y = scope.signal([shape[0], units], true);
    return {
      output: y,
      parameters: [E],
      forward: [{ kind: "embed", indices: x.value, first: 0, E: E.value, y: y.value }],
      backward: [{ kind: "embed_backward", indices: x.value, first: 0, dy: y.gradient!, dE: E.gradient }],
    };
  },
};
