// The state of a training: everything needed to go on bit for bit, or the weights alone for a finished network.
import { EngineError, shapeText } from "./engine-error.ts";
import type { Memory } from "./memory.ts";
import type { Network } from "./network.ts";
import type { Plan } from "./plan.ts";
import { BYTES_PER_ELEMENT, elementCount } from "./tensor.ts";
import type { Elements, Precision, Tensor } from "./tensor.ts";

export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Elements;
}

export interface Progress {
  /** Whole epochs done. */
  epochsDone: number;
  /** Rows of the next epoch already trained on; 0 between epochs. */
  rowsSeen: number;
  /** Optimizer steps done since the start. */
  stepsDone: number;
  /** The last whole epoch predicted every row right as it came. */
  errorless?: boolean;
  /** With early stopping: the epoch with the least validation loss so far. */
  best?: { readonly epoch: number; readonly loss: number };
}

export interface TrainingState {
  readonly precision: Precision;
  /** Name of the kernels that computed it: with others the same steps give other last bits. */
  readonly kernels: string;
  readonly weights: readonly StoredTensor[];
  /** Empty in a finished network. */
  readonly optimizer: readonly StoredTensor[];
  /** Weights at the end of the last finite epoch, should this one diverge; empty between epochs: they are `weights`. */
  readonly lastGood: readonly StoredTensor[];
  /** Weights of the best epoch, where early stopping may put them back; else empty. */
  readonly best: readonly StoredTensor[];
  readonly progress: Readonly<Progress>;
  /** Running sums of the epoch's loss and metrics; empty between epochs. */
  readonly sums: Float64Array;
}

/** Bytes a training takes beside its network, at most: the last good weights, those of the best epoch where they are kept,
 * those it goes on from while averages are evaluated, and a captured state with the bytes it is encoded in. */
export function stateBytes({ parameters, training, precision }: Plan, keepsBest = false): number {
  const sizeOf = (tensors: readonly Tensor[]): number =>
    tensors.reduce((count, tensor) => count + elementCount(tensor), 0) * BYTES_PER_ELEMENT[precision];
  const weights = sizeOf(parameters.map(({ value }) => value));
  const best = keepsBest ? weights : 0;
  const trained = training?.averages ? weights : 0;
  const captured = 2 * weights + best + sizeOf(training?.state ?? []);
  return training === null ? 0 : weights + best + trained + 2 * captured;
}

/** Copies of the network's parameters. */
export function captureWeights({ plan, memory }: Network): StoredTensor[] {
  return plan.parameters.map(({ value }) => stored(value, memory.view(value).slice()));
}

/** Copies of the optimizer's memory, in the order of the plan. */
export function captureOptimizer({ plan, memory }: Network): StoredTensor[] {
  return (plan.training?.state ?? []).map((tensor) => stored(tensor, memory.view(tensor).slice()));
}

/** The weights of a network as a state without optimizer: what is published. */
export function finishedState(network: Network, progress: Readonly<Progress>): TrainingState {
  const { precision } = network.plan;
  const weights = captureWeights(network);
  return {
    precision,
    kernels: network.kernels.name,
    weights,
    optimizer: [],
    lastGood: [],
    best: [],
    progress: { ...progress },
    sums: new Float64Array(0),
  };
}

/** What has the parameters of a network: the network itself, or a decoder that writes with them. */
export interface Parametrised {
  readonly plan: Pick<Plan, "precision" | "parameters">;
  readonly memory: Memory;
}

/** Fills the parameters. Throws `state_mismatch` when names, shapes or precision are not those of the network. */
export function restoreWeights(network: Parametrised, state: Pick<TrainingState, "precision" | "weights">): void {
  requireEqual("precision", network.plan.precision, state.precision);
  restoreTensors(
    network,
    network.plan.parameters.map(({ value }) => value),
    state.weights,
    "weights",
  );
}

/** Fills the optimizer's memory. Throws `state_mismatch`. */
export function restoreOptimizer(network: Network, state: TrainingState): void {
  restoreTensors(network, network.plan.training?.state ?? [], state.optimizer, "optimizer state");
}

function restoreTensors(
  { memory }: Parametrised,
  tensors: readonly Tensor[],
  from: readonly StoredTensor[],
  what: string,
): void {
  requireEqual(what, describe(tensors), describe(from));
  tensors.forEach((tensor, index) => memory.view(tensor).set(from[index].values));
}

function stored({ name, shape }: Tensor, values: Elements): StoredTensor {
  return { name, shape, values };
}

function describe(tensors: readonly { name: string; shape: readonly number[] }[]): string {
  return tensors.map(({ name, shape }) => `${name} ${shapeText(shape)}`).join(", ") || "nothing";
}

function requireEqual(what: string, expected: string, got: string): void {
  if (expected === got) return;
  throw new EngineError("state_mismatch", {
    op: `training state, ${what}`,
    expected,
    got,
    hint: "A state belongs to the network and optimizer it was captured from.",
  });
}
