// What a set of kernels must offer. A plan is made of operations; kernels turn a list of them into one call.
import type { Memory } from "../memory.ts";
import type { Operation } from "../operations.ts";
import type { Precision } from "../tensor.ts";

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
  /** What `allocate(bytes)` really takes. */
  blockBytes(bytes: number): number;
  /** Zeroed memory these kernels can work on. */
  allocate(bytes: number, shared?: boolean): Block;
  /** Takes the whole list at once, so that a generator may fuse it into one function. */
  bind(operations: readonly Operation[], memory: Memory): Call;
}
