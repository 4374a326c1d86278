// Where tensors lie: one block of memory for everything a network touches, the same for all its threads. Its size is known
// from the layout and the kernels, before anything is allocated.
import type { Block, Kernels } from "./kernels/kernels.ts";
import type { Operation } from "./operations.ts";
import { BYTES_PER_ELEMENT, elementCount } from "./tensor.ts";
import type { Elements, Precision, Tensor } from "./tensor.ts";

/** One cache line: vector loads never straddle two, and no two tensors share one. */
const ALIGNMENT = 64;

export interface Place {
  /** Byte offset, for the first thread. */
  readonly offset: number;
  /** Bytes from the place of one thread to that of the next; 0 where all of them have the tensor in common. */
  readonly stride: number;
}

export interface Layout {
  readonly precision: Precision;
  /** Threads that work on the block, 1 for most networks. */
  readonly threads: number;
  readonly bytes: number;
  /** The place of each tensor that owns memory. */
  readonly places: ReadonlyMap<Tensor, Place>;
}

export type OperationLists = readonly (readonly Operation[])[];

/** The tensors as one thread sees them. */
export interface Memory {
  readonly precision: Precision;
  readonly block: Block;
  readonly buffer: ArrayBufferLike;
  /** Byte offset of the memory that the thread's kernels have beside the tensors, a multiple of 64. */
  readonly working: number;
  /** Byte offset of the tensor in `buffer`, a multiple of 64 unless it is a slice or the part of a batch. */
  offset(tensor: Tensor): number;
  /** All elements of the tensor at full batch capacity. */
  view(tensor: Tensor): Elements;
}

/** Places the tensors one after another, in the given order, for one thread; views of the same storage share one place. */
export function layout(tensors: Iterable<Tensor>, precision: Precision): Layout {
  const places = new Map<Tensor, Place>();
  let bytes = 0;
  for (const { storage } of tensors) {
    if (places.has(storage)) continue;
    places.set(storage, { offset: bytes, stride: 0 });
    bytes += aligned(elementCount(storage) * BYTES_PER_ELEMENT[precision]);
  }
  return { precision, threads: 1, bytes, places };
}

/** All that `allocateMemory` takes, to the byte; of tensors that the kernels cannot address only what these take, since to
 * ask kernels of such size what they need beside them takes minutes. */
export function memoryBytes(arena: Layout, kernels: Kernels, lists: OperationLists): number {
  if (arena.bytes > kernels.mostBytes) return kernels.blockBytes(arena.bytes);
  return kernels.blockBytes(arena.bytes + arena.threads * workingBytes(kernels, lists));
}

/** Zeroed memory for the layout and for what the kernels need to run any of the lists, as the first thread sees it. Other
 * threads can be given its block when the layout has several. */
export function allocateMemory(arena: Layout, kernels: Kernels, lists: OperationLists): Memory {
  const bytes = arena.bytes + arena.threads * workingBytes(kernels, lists);
  return memoryIn(kernels.allocate(bytes, arena.threads > 1), arena, kernels, lists);
}

/** What the operating system hands out at a time, at least. */
const SYSTEM_PAGE = 4096;

/** Has the operating system give all of the memory now: it is only promised until something is written, page by page. A
 * training then meets a lack of memory before its first step, which takes as long as the others. */
export function claimMemory({ buffer }: Memory): void {
  const bytes = new Uint8Array(buffer);
  for (let at = 0; at < bytes.length; at += SYSTEM_PAGE) bytes[at] = 0;
}

/** A block that was allocated for layout, kernels and lists like these, as one of the threads sees it; `leading` are
 * tensors that it sees where the first thread has them. */
export function memoryIn(
  block: Block,
  arena: Layout,
  kernels: Kernels,
  lists: OperationLists,
  thread = 0,
  leading: Iterable<Tensor> = [],
): Memory {
  const { precision, places } = arena;
  const { buffer } = block;
  const led = new Set([...leading].map(({ storage }) => storage));
  const offset = ({ name, storage, start }: Tensor): number => {
    const place = places.get(storage);
    if (place === undefined) throw new Error(`tensor ${name} is not part of this memory's layout`);
    const shift = led.has(storage) ? 0 : thread * place.stride;
    return place.offset + shift + start * BYTES_PER_ELEMENT[precision];
  };
  return {
    precision,
    block,
    buffer,
    working: arena.bytes + thread * workingBytes(kernels, lists),
    offset,
    view: (tensor) => elementsAt(precision, buffer, offset(tensor), elementCount(tensor)),
  };
}

/** `count` numbers of a buffer. */
export function elementsAt(precision: Precision, buffer: ArrayBufferLike, offset: number, count: number): Elements {
  return precision === "float32" ? new Float32Array(buffer, offset, count) : new Float64Array(buffer, offset, count);
}

/** Bytes up to where the next tensor may begin. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function workingBytes(kernels: Kernels, lists: OperationLists): number {
  return aligned(Math.max(0, ...lists.map((operations) => kernels.workingBytes(operations))));
}
