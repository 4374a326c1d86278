// Residual connection: layers learn what to add to their input. He, Zhang, Ren & Sun, 2016.
// forward   y = f(x) + s(x)        f: `layers`   s: `projection`, or the identity
// backward  df = ds = dy, dx = dx through f + dx through s
import { EngineError, shapeText } from "../engine-error.ts";
import type { Operation } from "../operations.ts";
import { copy } from "../operations/elements.ts";
import type { ActivationName } from "./activation.ts";
import type { LayerDefinition, Signal } from "./layer.ts";

export interface ResidualSpec<Layer> {
  readonly type: "residual";
  readonly layers: readonly Layer[];
  /** What the input goes through beside `layers`, for example a convolution of single pixels. Default nothing. */
  readonly projection?: readonly Layer[] | undefined;
  /** Applied to the sum. Default identity. Any other is planned as an activation layer of its own. */
  readonly activation?: ActivationName | undefined;
}

export const residual: LayerDefinition<ResidualSpec<unknown>> = {
  plan({ layers, projection = [] }, scope, x) {
    const f = scope.sequence("layers", layers, x);
    // Both branches write the gradient of x: the second to a place of its own, which is then added.
    const second: Signal = {
      value: x.value,
      gradient: x.gradient && (projection.length === 0 ? f.output.gradient : scope.buffer("dx", x.value.shape)),
    };
    const s = scope.sequence("projection", projection, second);
    const [a, b] = [f.output.value, s.output.value];
    if (shapeText(a.shape) !== shapeText(b.shape)) {
      throw new EngineError("shape_mismatch", {
        op: "residual",
        layer: scope.layerName,
        expected: `layers that end in ${shapeText(b.shape)}, what they are added to`,
        got: shapeText(a.shape),
        hint: 'Give it a "projection" that makes the input the same shape.',
      });
    }
    if (f.output.gradient === null || f.parameters.length === 0) {
      throw new EngineError("invalid_combination", {
        op: "residual",
        layer: scope.layerName,
        expected: "layers with parameters",
        got: "none",
      });
    }
    const y: Signal = { value: scope.buffer("y", a.shape), gradient: f.output.gradient };
    const sum = (): Operation[] => [{ kind: "add", a, b, c: y.value }];
    const share =
      s.output.gradient === null || s.output.gradient === y.gradient ? [] : [copy(y.gradient!, s.output.gradient)];
    const joined: Operation[] =
      x.gradient === null ? [] : [{ kind: "add", a: x.gradient, b: second.gradient!, c: x.gradient }];
    return {
      output: y,
      parameters: [...f.parameters, ...s.parameters],
      forward: [...s.forward, ...f.forward, ...sum()],
      inference: [...(s.inference ?? s.forward), ...(f.inference ?? f.forward), ...sum()],
      backward: [...share, ...s.backward, ...f.backward, ...joined],
    };
  },
};
