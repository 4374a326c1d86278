// The closed list of kernel operations. A layer computes nothing: it emits these records, forward and backward, so the
// whole training step is data that can be sized, listed, fused and compiled before it runs.
// Shapes: B is the number of rows in this batch (at most the capacity); (B,n) tensors are per row. Of a layer that is applied
// to each of T steps B is T times as many.
import type { ActivationOperation } from "./operations/activations.ts";
import type { DiagnosticOperation } from "./operations/diagnostics.ts";
import type { ElementOperation } from "./operations/elements.ts";
import type { ImageOperation } from "./operations/images.ts";
import type { LossOperation } from "./operations/losses.ts";
import type { NormalisationOperation } from "./operations/normalisation.ts";
import type { ProductOperation } from "./operations/products.ts";
import type { RecurrenceOperation } from "./operations/recurrence.ts";
import type { SequenceOperation } from "./operations/sequences.ts";
import type { TranscriptionOperation } from "./operations/transcription.ts";
import type { UpdateOperation } from "./operations/updates.ts";
import type { Tensor } from "./tensor.ts";

/** One family a file. A kind of operation has a kernel in the family of the same name in kernels/reference/ and in
 * kernels/generated/. */
export type Operation =
  | ProductOperation
  | ElementOperation
  | ImageOperation
  | NormalisationOperation
  | ActivationOperation
  | SequenceOperation
  | RecurrenceOperation
  | LossOperation
  | TranscriptionOperation
  | DiagnosticOperation
  | UpdateOperation;

export type OperationKind = Operation["kind"];
export type OperationOf<Kind extends OperationKind> = Extract<Operation, { kind: Kind }>;

/** Every tensor an operation reads or writes, in the order of its fields. */
export function tensorsOf(operation: Operation): Tensor[] {
  return Object.values(operation).flat().filter(isTensor);
}

/** Rows that an operation computes for each row of the batch: those of its tensors, all alike. */
export function rowsEachOf(operation: Operation): number {
  return tensorsOf(operation).find(({ perRow }) => perRow)?.rowsEach ?? 1;
}

/** What an operation may write over what it reads: its kernels are done with an element before they write it. */
const IN_PLACE: { readonly [Kind in OperationKind]?: (operation: OperationOf<Kind>) => Replacement } = {
  softmax_cross_entropy_gradient: ({ z, dz }) => ({ read: z, written: dz }),
};

export interface Replacement {
  readonly read: Tensor;
  readonly written: Tensor;
}

/** Null where everything the operation writes needs a place of its own. */
export function replacementBy(operation: Operation): Replacement | null {
  const find = IN_PLACE[operation.kind] as ((operation: Operation) => Replacement) | undefined;
  return find?.(operation) ?? null;
}

export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "storage" in value;
}
