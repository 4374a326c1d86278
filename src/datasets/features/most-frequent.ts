// The most frequent of many keys whose counts change: a binary heap (Williams, 1964) in which outdated entries stay until
// they come up. Of equally frequent keys the first by code unit.

interface Entry {
  readonly key: string;
  readonly count: number;
}

export class MostFrequent {
  readonly #heap: Entry[] = [];
  readonly #countOf: (key: string) => number;

  /** @param countOf the present count of a key, 0 when there is none any more */
  constructor(countOf: (key: string) => number) {
    this.#countOf = countOf;
  }

  /** To be called whenever a count has changed. */
  changed(key: string): void {
    const heap = this.#heap;
    const entry = { key, count: this.#countOf(key) };
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!comesFirst(entry, heap[above])) break;
      heap[place] = heap[above];
      place = above;
    }
    heap[place] = entry;
  }

  /** The most frequent key, taken out; nothing when no key is left. */
  take(): Entry | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return undefined;
      this.#removeFirst();
      if (first.count > 0 && first.count === this.#countOf(first.key)) return first;
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let place = 0;
    for (let below = 1; below < heap.length; below = 2 * place + 1) {
      if (below + 1 < heap.length && comesFirst(heap[below + 1], heap[below])) below++;
      if (!comesFirst(heap[below], last)) break;
      heap[place] = heap[below];
      place = below;
    }
    heap[place] = last;
  }
}

function comesFirst(a: Entry, b: Entry): boolean {
  return a.count > b.count || (a.count === b.count && a.key < b.key);
}
