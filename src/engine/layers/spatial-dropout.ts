// Dropout of whole channels, whose pixels or steps tell the same. Tompson, Goroshin, Jain, LeCun & Bregler, 2015; of a
// sequence it is the one mask for all steps of Gal & Ghahramani, 2016.
// forward   y = x ⊙ mask,  mask = 0 with probability rate, else 1/(1 − rate)      x, y (B,…,C)  mask (B,C)
// backward  dx = dy ⊙ mask
// inference y = x
import { EngineError, shapeText } from "../engine-error.ts";
import { copy } from "../operations/elements.ts";
import { requireWithin } from "../requirements.ts";
import type { LayerDefinition } from "./layer.ts";

export interface SpatialDropoutSpec {
  readonly type: "spatial_dropout";
  /** Probability that a channel is dropped, in [0, 1). */
  readonly rate: number;
}

export const spatialDropout: LayerDefinition<SpatialDropoutSpec> = {
  plan({ rate }, scope, x) {
    requireWithin(scope.layerName, "rate", rate, 0, 1);
    const { shape } = x.value;
    if (shape.length < 2) {
      throw new EngineError("shape_mismatch", {
        op: "spatial_dropout",
        layer: scope.layerName,
        expected: "a sequence [steps,channels] or an image [height,width,channels] for each row",
        got: shapeText(shape),
        hint: 'For vectors there is "dropout".',
      });
    }
    const y = scope.signal(shape, x.gradient !== null);
    const mask = scope.buffer("mask", shape.slice(-1));

    return {
      output: y,
      parameters: [],
      forward: [
        { kind: "draw_mask", mask, rate, stream: scope.stream },
        { kind: "multiply_channels", x: x.value, factors: mask, y: y.value },
      ],
      inference: [copy(x.value, y.value)],
      backward:
        x.gradient === null || y.gradient === null
          ? []
          : [{ kind: "multiply_channels", x: y.gradient, factors: mask, y: x.gradient }],
    };
  },
};
