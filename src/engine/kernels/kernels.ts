// What a set of kernels must offer. A plan is made of operations; kernels turn a list of them into one call.
import type { Memory } from "../memory.ts";
import type { Operation } from "../operations.ts";
import type { Precision } from "../tensor.ts";

/** What changes from batch to batch. One mutable record per network, reused for every step. */
export interface Step {
  /** Rows in this batch, 1 ≤ rows ≤ batch capacity. */
  rows: number;
  learningRate: number;
  /** Optimizer step t, counted from 1. */
  number: number;
  /** Seed of everything random in a step. */
  seed: number;
}

/** Runs the bound operations for the rows now in the input tensor. Allocates nothing. */
export type Call = (step: Step) => void;

export interface Kernels {
  /** Recorded with every result, because it decides the last bits: for example `reference-float64`. */
  readonly name: string;
  readonly precision: Precision;
  /** Zeroed memory these kernels can work on. */
  allocate(bytes: number): ArrayBufferLike;
  /** Takes the whole list at once, so that a generator may fuse it into one function. */
  bind(operations: readonly Operation[], memory: Memory): Call;
}
