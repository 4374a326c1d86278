// What recurrent layers share: the products of a whole sequence with the input weights, before the first step and after
// the last, and the recurrent weights with their gradient.
// forward   gates = x·W            x (B,T,in)  W (in,G·H)  gates (B,T,G·H): G gates beside each other
// backward  dW += xᵀ·dgates   dU += hᵀ·drecurrent   dx = dgates·Wᵀ
// Recurrent dropout: in training U multiplies h ⊙ mask, one mask (B,H) for all steps of a row; h itself goes on whole. Gal &
// Ghahramani, 2016.
import { EngineError, shapeText } from "../engine-error.ts";
import type { Operation } from "../operations.ts";
import { addTransposedTimes, matrixMultiply, timesTransposed } from "../operations/products.ts";
import { requireInteger, requireWithin } from "../requirements.ts";
import type { Tensor } from "../tensor.ts";
import type { PlannedLayer, Scope, Signal, TrainedParameter } from "./layer.ts";

export interface RecurrentSpec {
  readonly units: number;
  /** True: the state after every step, (B,T,units). Default false: that after the last one, (B,units). */
  readonly return_sequences?: boolean | undefined;
  /** Probability that a unit of the state is dropped from what the recurrent weights see, in [0, 1). Default 0. */
  readonly recurrent_dropout?: number | undefined;
}

/** A recurrent part of a network while it is planned. */
export interface RecurrentInput {
  readonly scope: Scope;
  /** Before the names of its parameters, where a layer has several such parts. */
  readonly prefix?: string;
  /** (B,T,in) */
  readonly x: Signal;
  readonly units: number;
  /** Rate of the recurrent dropout; default none. */
  readonly recurrentDropout?: number | undefined;
}

/** A recurrent part that may go on from the state of another one. */
export interface StatefulInput extends RecurrentInput {
  /** Whether the state after every step is wanted. */
  readonly sequence: boolean;
  /** The state before the first step, (B,H) each; zero when null. */
  readonly initial: readonly Signal[] | null;
}

export interface PlannedRecurrence extends Omit<PlannedLayer, "output"> {
  /** (B,T,H) */
  readonly y: Signal | null;
  /** The state after the last step, (B,H): h, of an LSTM also c. Its gradients must be written, if only with zeros, before
   * `backward`, which leaves those of the initial state in their place: where there is one, they are the same tensors. */
  readonly last: readonly Signal[];
}

/** The state after the last step, of `count` parts. */
export function planLastState({ scope, units, initial }: StatefulInput, count: number): readonly Signal[] {
  return Array.from({ length: count }, (_, part) => {
    const state = scope.signal([units], true);
    return initial === null ? state : { value: state.value, gradient: initial[part].gradient };
  });
}

/** The mask of a recurrent dropout and what draws it; null and nothing without one. */
export interface StateMask {
  readonly mask: Tensor | null;
  readonly draw: readonly Operation[];
}

export function planStateMask({ scope, prefix = "", units, recurrentDropout: rate = 0 }: RecurrentInput): StateMask {
  requireWithin(scope.layerName, "recurrent_dropout", rate, 0, 1);
  if (rate === 0) return { mask: null, draw: [] };
  const mask = scope.buffer(`${prefix}mask`, [units]);
  return { mask, draw: [{ kind: "draw_mask", mask, rate, stream: scope.stream }] };
}

export interface RecurrentWeights {
  readonly steps: number;
  /** (in,G·H) */
  readonly W: TrainedParameter;
  /** (H,G·H) */
  readonly U: TrainedParameter;
  /** (B,T,G·H) */
  readonly gates: Tensor;
  /** (B,T,H): the state before each step; of an LSTM and a simple network already ⊙ mask. */
  readonly h: Tensor;
  readonly project: Operation;
  /** dW, dU and dx, from the gradients of x·W and of h·U; with them those of the bias of each product that has one. `shown` is
   * what U multiplied, where that is not in `h`. */
  gradients(
    dgates: Tensor,
    drecurrent: Tensor,
    b: TrainedParameter,
    bU?: TrainedParameter,
    shown?: Tensor | null,
  ): readonly Operation[];
}

/** Weights, room and products of a part with `gateCount` gates. Throws `shape_mismatch` unless x is a sequence. */
export function planRecurrentWeights(
  { scope, prefix = "", x, units }: RecurrentInput,
  gateCount: number,
): RecurrentWeights {
  requireInteger(scope.layerName, "units", units, 1);
  const [steps, inputs] = sequenceShape("recurrent layer", x.value.shape, scope.layerName);
  const columns = gateCount * units;
  // Each gate is a layer of its own: its units count, not those of all gates.
  const W = scope.parameter(`${prefix}weights`, [inputs, columns], "glorot_uniform", inputs, units);
  const U = scope.parameter(`${prefix}recurrent_weights`, [units, columns], "glorot_uniform", units, units);
  const gates = scope.buffer(`${prefix}gates`, [steps, columns]);
  const h = scope.buffer(`${prefix}h`, [steps, units]);
  return {
    steps,
    W,
    U,
    gates,
    h,
    project: matrixMultiply(x.value, W.value, gates),
    gradients: (dgates, drecurrent, b, bU, shown) => [
      addTransposedTimes(x.value, dgates, W.gradient, b.gradient),
      addTransposedTimes(shown ?? h, drecurrent, U.gradient, bU?.gradient),
      ...(x.gradient === null ? [] : [timesTransposed(dgates, W.value, x.gradient)]),
    ],
  };
}

/** Steps and numbers in each of them. Throws `shape_mismatch` unless each row is a sequence. */
export function sequenceShape(op: string, shape: readonly number[], layer: string): readonly [number, number] {
  if (shape.length === 2) return [shape[0], shape[1]];
  throw new EngineError("shape_mismatch", {
    op,
    layer,
    expected: "a sequence [steps,in] for each row",
    got: shapeText(shape),
    hint: 'A recurrent layer before this one needs "return_sequences":true.',
  });
}
