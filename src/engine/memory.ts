// One arena for everything a network touches. Its size is known from the layout, before anything is allocated.
import { BYTES_PER_ELEMENT, elementCount } from "./tensor.ts";
import type { Elements, Precision, Tensor } from "./tensor.ts";

// One cache line: vector loads never straddle two, and no two tensors share one.
const ALIGNMENT = 64;

export interface Layout {
  readonly precision: Precision;
  readonly bytes: number;
  /** Byte offset of each tensor that owns memory. */
  readonly offsets: ReadonlyMap<Tensor, number>;
}

export interface Memory {
  readonly precision: Precision;
  readonly buffer: ArrayBufferLike;
  /** Byte offset of the tensor in `buffer`, a multiple of 64 unless it is a slice. */
  offset(tensor: Tensor): number;
  /** All elements of the tensor at full batch capacity. */
  view(tensor: Tensor): Elements;
}

/** Places the tensors one after another, in the given order; views of the same storage share one place. */
export function layout(tensors: Iterable<Tensor>, precision: Precision): Layout {
  const offsets = new Map<Tensor, number>();
  let bytes = 0;
  for (const { storage } of tensors) {
    if (offsets.has(storage)) continue;
    offsets.set(storage, bytes);
    const size = elementCount(storage) * BYTES_PER_ELEMENT[precision];
    bytes += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
  }
  return { precision, bytes, offsets };
}

/** Lays the plan's tensors over `buffer`, which holds at least `layout.bytes` zero bytes. */
export function createMemory({ precision, offsets }: Layout, buffer: ArrayBufferLike): Memory {
  const offset = (tensor: Tensor): number => {
    const found = offsets.get(tensor.storage);
    if (found === undefined) throw new Error(`tensor ${tensor.name} is not part of this memory's layout`);
    return found + tensor.start * BYTES_PER_ELEMENT[precision];
  };
  return {
    precision,
    buffer,
    offset,
    view: (tensor) =>
      precision === "float32"
        ? new Float32Array(buffer, offset(tensor), elementCount(tensor))
        : new Float64Array(buffer, offset(tensor), elementCount(tensor)),
  };
}
