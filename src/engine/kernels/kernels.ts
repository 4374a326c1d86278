// What a set of kernels must offer. A plan is made of operations; kernels turn a list of them into one call.
import type { Memory } from "../memory.ts";
import type { CorrectnessRule } from "../metrics.ts";
import type { Operation } from "../operations.ts";
import type { Elements, Precision, Tensor } from "../tensor.ts";

/** What changes from batch to batch. One mutable record per network, reused for every step. */
export interface Step {
  /** Rows to compute, at least 1: those of the batch, or this thread's part of them. */
  rows: number;
  /** Rows of the whole batch: what gradients are averaged over. */
  batchRows: number;
  /** Position in the batch of the first of `rows`, a multiple of 4: where random numbers of a row come from. */
  firstRow: number;
  learningRate: number;
  /** Optimizer step t, counted from 1. */
  number: number;
  /** Seed of everything random in a step. */
  seed: number;
}

/** Runs the bound operations for the rows now in the input tensor. Allocates nothing. */
export type Call = (step: Step) => void;

/** Memory from `allocate`. A shared one can be posted to other threads, whose kernels then work on the same bytes. */
export interface Block {
  readonly buffer: ArrayBufferLike;
}

export interface Kernels {
  /** Recorded with every result, because it decides the last bits: for example `reference-float64`. */
  readonly name: string;
  readonly precision: Precision;
  /** Bytes beside the tensors that a thread needs while it runs these operations. */
  workingBytes(operations: readonly Operation[]): number;
  /** The most that `allocate` can give. */
  readonly mostBytes: number;
  /** What `allocate(bytes)` really takes. */
  blockBytes(bytes: number): number;
  /** Zeroed memory these kernels can work on. */
  allocate(bytes: number, shared?: boolean): Block;
  /** Takes the whole list at once, so that a generator may fuse it into one function. */
  bind(operations: readonly Operation[], memory: Memory): Call;
  /** A loop that trains whole epochs in one call; null for networks for which there is none. */
  bindEpochs?(training: EpochTraining): EpochLoop | null;
  /** Bytes that the loop has of its own, its copy of the rows included; 0 where there is none. */
  epochBytes?(shape: EpochShape): number;
}

/** What decides whether there is a loop for a training, and its memory. */
export interface EpochShape {
  /** The training step. */
  readonly step: readonly Operation[];
  readonly parameters: readonly { readonly value: Tensor; readonly gradient: Tensor | null }[];
  readonly input: Tensor;
  readonly output: Tensor;
  /** Targets, and the loss of each row. */
  readonly t: Tensor;
  readonly loss: Tensor;
  /** Rows to train on. */
  readonly rows: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
}

/** A training as kernels see it that run its epochs themselves. */
export interface EpochTraining extends EpochShape {
  /** Where parameters and optimizer state stand. */
  readonly memory: Memory;
  /** (rows, …) */
  readonly inputs: Elements;
  readonly targets: Elements;
  readonly seed: number;
  /** What is tallied: rows predicted right, or with null the errors of each output. */
  readonly rule: CorrectnessRule | null;
  /** η of the step after so many others. */
  readonly learningRate: (stepsDone: number) => number;
}

/** From row `firstRow` to row `endRow` of one epoch; of several epochs, from their first row to their last. */
export interface Span {
  readonly epoch: number;
  readonly epochs: number;
  readonly firstRow: number;
  readonly endRow: number;
  /** Optimizer steps done before. */
  readonly stepsDone: number;
  /** η is the same throughout. */
  readonly constantRate: boolean;
}

export interface EpochLoop {
  /** Steps that one span may have: about a millisecond of them. */
  readonly mostSteps: number;
  /** Epochs that one span may have, however short they are. */
  readonly mostEpochs: number;
  /** The sums of metrics.ts for each epoch of a span; a span that begins within an epoch goes on from the first. */
  readonly tallies: Float64Array;
  /**
   * Trains over the span from the parameters and the optimizer state in the network's memory, which it leaves as they are.
   * Gives the number of epochs (one for a part of an epoch) after which all losses and parameters are finite; it ends at
   * the first for which they are not. The same span gives the same bits again, and the bits of single steps.
   */
  run(span: Span): number;
  /** Brings what the last run ended with into the network's memory. */
  commit(): void;
}
