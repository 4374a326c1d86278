// What a layer is: a function from its specification and its input to symbolic tensors and two lists of operations.
import type { InitializerName } from "../initializers.ts";
import type { Operation } from "../operations.ts";
import type { Tensor } from "../tensor.ts";

/** A value flowing forward and its gradient flowing back: x and dx, y and dy. */
export interface Signal {
  readonly value: Tensor;
  /** Null where nobody needs it: nothing that is trained lies before. */
  readonly gradient: Tensor | null;
}

/** A trained tensor. Gradients of parameters accumulate (`+=`); the training step clears them first. */
export interface Parameter {
  readonly name: "weights" | "bias";
  /** Index of the layer in the network's specification. */
  readonly layer: number;
  readonly value: Tensor;
  readonly gradient: Tensor;
  readonly initializer: InitializerName;
  /** Inputs and outputs of one unit, as the initializers count them. */
  readonly fanIn: number;
  readonly fanOut: number;
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
  /** Index of the layer in the network's specification; also the number of its random stream. */
  readonly layerIndex: number;
  /** New output (B, …rowShape) with its gradient, where `trained` says that something needs it. */
  signal(rowShape: readonly number[], trained: boolean): Signal;
  /** New memory (B, …rowShape) that backward needs from forward. */
  buffer(name: string, rowShape: readonly number[]): Tensor;
  parameter(
    name: Parameter["name"],
    shape: readonly number[],
    initializer: InitializerName,
    fanIn: number,
    fanOut: number,
  ): Parameter;
}

export interface LayerDefinition<Spec> {
  plan(spec: Spec, scope: Scope, x: Signal): PlannedLayer;
}
