// Fully connected layer. Rumelhart, Hinton & Williams, 1986.
// forward   y = x·W + b            x (B,in)  W (in,out)  b (out)  y (B,out); of a sequence, each step of (B,T,in)
// backward  dW += xᵀ·dy   db += Σ_B dy   dx = dy·Wᵀ
import { EngineError, shapeText } from "../engine-error.ts";
import type { InitializerName } from "../initializers.ts";
import { addTransposedTimes, matrixMultiply, timesTransposed } from "../operations/products.ts";
import { requireInteger } from "../requirements.ts";
import type { ActivationName } from "./activation.ts";
import type { LayerDefinition } from "./layer.ts";

export interface DenseSpec {
  readonly type: "dense";
  readonly units: number;
  /** Default identity. Any other is planned as an activation layer of its own. */
  readonly activation?: ActivationName | undefined;
  /** Default true. */
  readonly use_bias?: boolean | undefined;
  /** Default he_normal before the relu family, else glorot_uniform. */
  readonly initializer?: InitializerName | undefined;
}

export const dense: LayerDefinition<DenseSpec> = {
  plan(spec, scope, x) {
    const { units, use_bias = true, initializer = "glorot_uniform" } = spec;
    requireInteger(scope.layerName, "units", units, 1);
    const [outer, inputs] = vectorsOf(x.value.shape, scope.layerName);
    const W = scope.parameter("weights", [inputs, units], initializer, inputs, units);
    const b = use_bias ? scope.parameter("bias", [units], "zeros", inputs, units) : null;
    const y = scope.signal([...outer, units], true);
    const dy = y.gradient!;

    return {
      output: y,
      parameters: b === null ? [W] : [W, b],
      forward: [matrixMultiply(x.value, W.value, y.value, b?.value)],
      backward: [
        addTransposedTimes(x.value, dy, W.gradient, b?.gradient),
        // The first trained layer has nothing before it that needs dx.
        ...(x.gradient === null ? [] : [timesTransposed(dy, W.value, x.gradient)]),
      ],
    };
  },
};

/** The steps of a sequence, if it is one, and the length of the vectors. An image is more likely a mistake than a grid. */
function vectorsOf(shape: readonly number[], layer: string): readonly [readonly number[], number] {
  if (shape.length <= 2) return [shape.slice(0, -1), shape[shape.length - 1]];
  throw new EngineError("shape_mismatch", {
    op: "dense",
    layer,
    expected: "a vector [in] for each row",
    got: shapeText(shape),
    hint: 'Put {"type":"flatten"} before it.',
  });
}
