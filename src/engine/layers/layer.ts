// What a layer is: a function from its specification and its input to symbolic tensors and two lists of operations.
import type { InitializerName } from "../initializers.ts";
import type { Operation } from "../operations.ts";
import { reshaped } from "../tensor.ts";
import type { Tensor } from "../tensor.ts";

/** A value flowing forward and its gradient flowing back: x and dx, y and dy. */
export interface Signal {
  readonly value: Tensor;
  /** Null where nobody needs it: nothing that is trained lies before. */
  readonly gradient: Tensor | null;
}

/** The same numbers under another shape of equal size: nothing is computed. */
export function viewAs({ value, gradient }: Signal, shape: readonly number[]): Signal {
  return { value: reshaped(value, shape), gradient: gradient && reshaped(gradient, shape) };
}

/** A tensor that belongs to the network and not to a batch: what a checkpoint and a published model keep. */
export interface Parameter {
  /** As requests and answers call it: weights, bias, … */
  readonly name: string;
  /** Index of the layer in the network's specification. */
  readonly layer: number;
  readonly value: Tensor;
  /** Null for a statistic that training updates without a gradient. */
  readonly gradient: Tensor | null;
  readonly initializer: InitializerName;
  /** Inputs and outputs of one unit, as the initializers count them. */
  readonly fanIn: number;
  readonly fanOut: number;
}

/** A parameter the optimizer updates. Its gradient accumulates (`+=`); the training step clears it first. */
export interface TrainedParameter extends Parameter {
  readonly gradient: Tensor;
}

/** False for statistics. */
export function isTrained(parameter: Parameter): parameter is TrainedParameter {
  return parameter.gradient !== null;
}

export interface PlannedLayer {
  readonly output: Signal;
  readonly parameters: readonly Parameter[];
  readonly forward: readonly Operation[];
  /** Forward without training noise; the same as `forward` when absent. */
  readonly inference?: readonly Operation[];
  /** Writes the gradient of the input and adds to those of the parameters, given the gradient of the output. */
  readonly backward: readonly Operation[];
}

/** What the planner offers to a layer while it is planned. */
export interface Scope {
  /** For messages: `layer 2 (dense)`. */
  readonly layerName: string;
  /** Number of the layer's random stream: its index in the network's specification, or one of its own inside a layer. */
  readonly stream: number;
  /** True for the first layer of the network, whose input is the network's. */
  readonly isFirst: boolean;
  /** New output (B, …rowShape) with its gradient, where `trained` says that something needs it. */
  signal(rowShape: readonly number[], trained: boolean): Signal;
  /** New memory (B, …rowShape) that backward needs from forward. Before the first operation that touches it, and after the
   * last, it is other tensors' memory: nothing is zero or left from the step before. */
  buffer(name: string, rowShape: readonly number[]): Tensor;
  /** New memory without a batch dimension that backward needs from forward. */
  fixed(name: string, shape: readonly number[]): Tensor;
  parameter(
    name: string,
    shape: readonly number[],
    initializer: InitializerName,
    fanIn: number,
    fanOut: number,
  ): TrainedParameter;
  /** New tensor that the forward operations update themselves, such as a running mean. */
  statistic(name: string, shape: readonly number[], initializer: "zeros" | "ones"): Parameter;
  /** Plans layers that this one contains, one after another, whose tensors have as many rows as x; `branch` names them in
   * parameters and messages. */
  sequence(branch: string, specs: readonly unknown[], x: Signal): PlannedLayer;
}

export interface LayerDefinition<Spec> {
  plan(spec: Spec, scope: Scope, x: Signal): PlannedLayer;
}
