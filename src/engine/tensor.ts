// Symbolic tensors: what a plan speaks of before any memory exists. Data is row-major, the batch dimension B first.

export type Precision = "float32" | "float64";

export const BYTES_PER_ELEMENT: Record<Precision, number> = { float32: 4, float64: 8 };

export type Elements = Float32Array | Float64Array;

export interface Tensor {
  readonly name: string;
  /** Shape of one batch row when `perRow`, else the whole shape. */
  readonly shape: readonly number[];
  /** True for (B, …shape): activations, their gradients, targets. False for parameters and optimizer state. */
  readonly perRow: boolean;
  /** Rows when `perRow`, at full batch capacity, else 1. */
  readonly capacity: number;
  /** Rows for each row of the batch: 1, or T where each of T steps is a row of its own (layers/time-distributed.ts). */
  readonly rowsEach: number;
  /** Elements of one batch row when `perRow`, else of the whole tensor. */
  readonly rowSize: number;
  /** The tensor whose memory this one is another view of; itself when it owns memory. */
  readonly storage: Tensor;
  /** Elements of the storage that lie before the first one of this view. */
  readonly start: number;
}

/** (B, …rowShape): one row per sample of the batch. */
export function rowTensor(name: string, rowShape: readonly number[], capacity: number, rowsEach = 1): Tensor {
  return owning({ name, shape: rowShape, perRow: true, capacity, rowsEach, rowSize: productOf(rowShape) });
}

/** A tensor without a batch dimension: parameters, their gradients, optimizer state. */
export function fixedTensor(name: string, shape: readonly number[]): Tensor {
  return owning({ name, shape, perRow: false, capacity: 1, rowsEach: 1, rowSize: productOf(shape) });
}

/** The same memory under another shape of equal size. */
export function reshaped(tensor: Tensor, shape: readonly number[]): Tensor {
  return { ...tensor, shape };
}

/** (B,T,…) seen as B·T rows. */
export function stepsAsRows(tensor: Tensor): Tensor {
  const [steps, ...shape] = tensor.shape;
  const { capacity, rowsEach, rowSize } = tensor;
  return { ...tensor, shape, capacity: capacity * steps, rowsEach: rowsEach * steps, rowSize: rowSize / steps };
}

/** B·T rows seen as (B,T,…). */
export function rowsAsSteps(tensor: Tensor, steps: number): Tensor {
  const { shape, capacity, rowsEach, rowSize } = tensor;
  return {
    ...tensor,
    shape: [steps, ...shape],
    capacity: capacity / steps,
    rowsEach: rowsEach / steps,
    rowSize: rowSize * steps,
  };
}

/** A part of a tensor without a batch dimension: the elements from `start` on, as many as `shape` has. */
export function slice(tensor: Tensor, start: number, shape: readonly number[]): Tensor {
  const rowSize = productOf(shape);
  if (tensor.perRow || start < 0 || start + rowSize > tensor.rowSize) {
    throw new Error(`no part of ${tensor.rowSize} elements: ${rowSize} from ${start} of ${tensor.name}`);
  }
  return { ...tensor, shape, rowSize, start: tensor.start + start };
}

/** Elements at full batch capacity. */
export function elementCount(tensor: Tensor): number {
  return tensor.capacity * tensor.rowSize;
}

/** Elements in use when so many rows of the tensor are. */
export function activeCount(tensor: Tensor, rows: number): number {
  return tensor.perRow ? rows * tensor.rowSize : tensor.rowSize;
}

export function productOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function allocateElements(precision: Precision, count: number): Elements {
  return precision === "float32" ? new Float32Array(count) : new Float64Array(count);
}

function owning(fields: Omit<Tensor, "storage" | "start">): Tensor {
  const tensor = { ...fields, storage: undefined as unknown as Tensor, start: 0 };
  tensor.storage = tensor;
  return tensor;
}
