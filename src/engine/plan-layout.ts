// The layout of a network's memory: what belongs to the network, what belongs to a batch, what each thread needs of its own.
//   common   parameters, optimizer state                          one place, whatever the number of threads
//   batch    inputs, outputs, targets, losses                     one place; each thread has its rows of it
//   own      gradients of parameters, statistics, activations     a place for each thread
// Of the own tensors only those with a batch dimension are needed for a part of a step: they share memory by lifetime.
import { placeByLifetime } from "./lifetimes.ts";
import { aligned } from "./memory.ts";
import type { Layout, OperationLists, Place } from "./memory.ts";
import { tensorsOf } from "./operations.ts";
import { BYTES_PER_ELEMENT, elementCount } from "./tensor.ts";
import type { Precision, Tensor } from "./tensor.ts";

export interface Regions {
  readonly common: readonly Tensor[];
  /** With a batch dimension, whose capacity is that of one thread. */
  readonly batch: readonly Tensor[];
  /** Own tensors that keep their numbers from one call to the next, beside those without a batch dimension. */
  readonly kept: readonly Tensor[];
  /** All that may run on the memory. Nothing is handed from one list to another but what is named above. */
  readonly lists: OperationLists;
}

/** Lays out a network for `threads` threads. */
export function planLayout({ common, batch, kept, lists }: Regions, precision: Precision, threads: number): Layout {
  const bytesPerElement = BYTES_PER_ELEMENT[precision];
  const bytesOf = (tensor: Tensor): number => elementCount(tensor) * bytesPerElement;
  const places = new Map<Tensor, Place>();
  let end = 0;
  for (const { storage } of common) {
    places.set(storage, { offset: end, stride: 0 });
    end += aligned(bytesOf(storage));
  }
  for (const { storage } of batch) {
    if (places.has(storage)) continue;
    places.set(storage, { offset: end, stride: bytesOf(storage) });
    end += aligned(threads * bytesOf(storage));
  }

  const fixed = lists.flatMap((list) => list.flatMap(tensorsOf)).filter(({ storage }) => !storage.perRow);
  const own = new Map<Tensor, number>();
  let ownBytes = 0;
  for (const { storage } of [...kept, ...fixed]) {
    if (places.has(storage) || own.has(storage)) continue;
    own.set(storage, ownBytes);
    ownBytes += aligned(bytesOf(storage));
  }
  const passing = (storage: Tensor): boolean => !places.has(storage) && !own.has(storage);
  const shared = placeByLifetime(lists, passing, (storage) => aligned(bytesOf(storage)));
  const stride = ownBytes + shared.bytes;
  for (const [tensor, offset] of own) places.set(tensor, { offset: end + offset, stride });
  for (const [tensor, offset] of shared.offsets) places.set(tensor, { offset: end + ownBytes + offset, stride });
  return { precision, threads, bytes: end + threads * stride, places };
}
