// Memory by lifetime: two tensors may lie at the same place when no list of operations uses both at a time. Within a list a
// tensor lives from the first operation that touches it to the last; what it held before and after is nobody's concern.
// Greedy by size (Pisarchyk & Lee, 2020): the largest first, each at the lowest place where no tensor lies that lives at
// the same time. O(n²) for n tensors. What an operation writes lies over what it was the last to read, where it may.
import { replacementBy, tensorsOf } from "./operations.ts";
import type { Operation } from "./operations.ts";
import type { Tensor } from "./tensor.ts";

/** Positions of the first and the last operation of a list that touch a tensor. */
interface Lifetime {
  readonly list: readonly Operation[];
  readonly first: number;
  last: number;
}

/** A tensor with its place. */
interface Placed {
  readonly lifetimes: readonly Lifetime[];
  readonly start: number;
  readonly end: number;
}

export interface SharedPlaces {
  /** Byte offset of each tensor. */
  readonly offsets: ReadonlyMap<Tensor, number>;
  readonly bytes: number;
}

/** Places those of the lists' tensors that `isShared` accepts, each of which owns memory. `bytesOf` says how much. */
export function placeByLifetime(
  lists: readonly (readonly Operation[])[],
  isShared: (storage: Tensor) => boolean,
  bytesOf: (storage: Tensor) => number,
): SharedPlaces {
  const lifetimes = lifetimesIn(lists);
  const replaced = replacedIn(lists, lifetimes);
  const largestFirst = [...lifetimes.keys()].filter(isShared).toSorted((a, b) => bytesOf(b) - bytesOf(a));
  const placed = new Map<Tensor, Placed>();
  for (const tensor of largestFirst) {
    const [own, bytes] = [lifetimes.get(tensor)!, bytesOf(tensor)];
    const before = placed.get(replaced.get(tensor)!);
    const neighbours = [...placed.values()].filter((other) => liveTogether(own, other.lifetimes));
    const others = neighbours.filter((other) => other !== before);
    const inPlace = before !== undefined && before.end - before.start === bytes && isFree(before, others);
    const start = inPlace ? before.start : lowestGap(neighbours, bytes);
    placed.set(tensor, { lifetimes: own, start, end: start + bytes });
  }
  return {
    offsets: new Map([...placed].map(([tensor, { start }]) => [tensor, start])),
    bytes: Math.max(0, ...[...placed.values()].map(({ end }) => end)),
  };
}

function lifetimesIn(lists: readonly (readonly Operation[])[]): Map<Tensor, Lifetime[]> {
  const lifetimes = new Map<Tensor, Lifetime[]>();
  for (const list of lists) {
    list.forEach((operation, position) => {
      for (const { storage } of tensorsOf(operation)) {
        const known = lifetimes.get(storage) ?? [];
        lifetimes.set(storage, known);
        if (known.at(-1)?.list === list) known.at(-1)!.last = position;
        else known.push({ list, first: position, last: position });
      }
    });
  }
  return lifetimes;
}

/** For each tensor that may lie over another one that nothing reads any more once it is written: that other one. */
function replacedIn(
  lists: readonly (readonly Operation[])[],
  lifetimes: ReadonlyMap<Tensor, readonly Lifetime[]>,
): ReadonlyMap<Tensor, Tensor> {
  const replaced = new Map<Tensor, Tensor>();
  for (const { read, written } of lists.flat().flatMap((operation) => replacementBy(operation) ?? [])) {
    if (read.start !== written.start) continue;
    const takesOver = ({ list, last }: Lifetime): boolean =>
      replacementBy(list[last])?.written.storage === written.storage;
    const areApart = lifetimes.get(read.storage)!.every((old) =>
      lifetimes.get(written.storage)!.every((young) => {
        if (old.list !== young.list || young.last < old.first) return true;
        return old.last < young.first || (old.last === young.first && takesOver(old));
      }),
    );
    if (areApart) replaced.set(written.storage, read.storage);
  }
  return replaced;
}

/** But for `replacedIn` an operation may not write over what it reads, so even one operation in common is too much. */
function liveTogether(some: readonly Lifetime[], others: readonly Lifetime[]): boolean {
  return some.some((a) => others.some((b) => a.list === b.list && a.first <= b.last && b.first <= a.last));
}

function isFree({ start, end }: Placed, neighbours: readonly Placed[]): boolean {
  return neighbours.every((other) => end <= other.start || other.end <= start);
}

function lowestGap(neighbours: readonly Placed[], bytes: number): number {
  let start = 0;
  for (const other of neighbours.toSorted((a, b) => a.start - b.start)) {
    if (start + bytes <= other.start) break;
    start = Math.max(start, other.end);
  }
  return start;
}
