// A layer applied to each step of a sequence by itself, with the same weights: a convolution to each frame, a recurrent layer
// to each sentence.
// forward   y_t = f(x_t)                    x (B,T,…)  y (B,T,…): f computes B·T rows
// backward  dx_t = dy_t through f, whose parameters add up the gradients of all steps
import { EngineError, shapeText } from "../engine-error.ts";
import { rowsAsSteps, stepsAsRows } from "../tensor.ts";
import type { Tensor } from "../tensor.ts";
import type { LayerDefinition, Signal } from "./layer.ts";

export interface TimeDistributedSpec<Layer> {
  readonly type: "time_distributed";
  readonly layer: Layer;
}

export const timeDistributed: LayerDefinition<TimeDistributedSpec<unknown>> = {
  plan({ layer }, scope, x) {
    const [steps, ...rest] = x.value.shape;
    if (rest.length === 0) {
      throw new EngineError("shape_mismatch", {
        op: "time_distributed",
        layer: scope.layerName,
        expected: "steps with a shape, such as [steps,numbers] or [steps,height,width,channels], for each row",
        got: shapeText(x.value.shape),
        hint: 'A {"type":"reshape"} before it cuts a vector or a sequence into steps.',
      });
    }
    const planned = scope.sequence("layer", [layer], each(x, stepsAsRows));
    return { ...planned, output: each(planned.output, (tensor) => rowsAsSteps(tensor, steps)) };
  },
};

function each({ value, gradient }: Signal, view: (tensor: Tensor) => Tensor): Signal {
  return { value: view(value), gradient: gradient && view(gradient) };
}
