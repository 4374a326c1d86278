// Convolution of sequences with a window of weights: the time-delay network. Waibel, Hanazawa, Hinton, Shikano & Lang, 1989;
// dilated and causal: van den Oord et al., 2016. A sequence is an image of one line, and this layer the one for images.
// forward   y[t,o] = b[o] + Σ_{i,c} x[s·t+d·i−border, c] · W[i,c,o]      x (B,T,C)  W (k,C,O)  b (O)  y (B,T′,O)
// backward  that of conv2d.ts
import { reshaped } from "../tensor.ts";
import { conv2d } from "./conv2d.ts";
import type { Conv2dSpec } from "./conv2d.ts";
import { viewAs } from "./layer.ts";
import type { LayerDefinition, Parameter } from "./layer.ts";
import { sequenceShape } from "./recurrent.ts";
import type { Padding } from "./sliding-window.ts";

export interface Conv1dSpec extends Omit<Conv2dSpec, "type" | "kernel_size" | "stride" | "padding" | "dilation"> {
  readonly type: "conv1d";
  /** Steps that a window sees. */
  readonly kernel_size: number;
  /** Default 1. */
  readonly stride?: number | undefined;
  /** Default valid; causal: an output sees its own step and those before. */
  readonly padding?: "valid" | "same" | "causal" | number | undefined;
  /** Default 1. */
  readonly dilation?: number | undefined;
}

export const conv1d: LayerDefinition<Conv1dSpec> = {
  plan({ kernel_size, stride = 1, padding = "valid", dilation = 1, ...spec }, scope, x) {
    const [steps, channels] = sequenceShape("conv1d", x.value.shape, scope.layerName);
    const line = {
      ...spec,
      type: "conv2d",
      kernel_size: [1, kernel_size],
      stride: [1, stride],
      dilation: [1, dilation],
      padding: lineOf(padding),
    } as const;
    const planned = conv2d.plan(line, scope, viewAs(x, [1, steps, channels]));
    const [, outputs, filters] = planned.output.value.shape;
    return {
      ...planned,
      output: viewAs(planned.output, [outputs, filters]),
      parameters: planned.parameters.map((parameter) =>
        parameter.name.endsWith("weights") ? withShape(parameter, parameter.value.shape.slice(1)) : parameter,
      ),
    };
  },
};

/** Padding along the steps only. */
export function lineOf(padding: "valid" | "same" | "causal" | number): Padding {
  return typeof padding === "number" ? [0, padding] : padding;
}

/** The parameter as a request writes it: W (1,k,C,O) of the image of one line is (k,C,O). */
function withShape(parameter: Parameter, shape: readonly number[]): Parameter {
  const { value, gradient } = parameter;
  return { ...parameter, value: reshaped(value, shape), gradient: gradient && reshaped(gradient, shape) };
}
