// A barrier: no thread goes on before all of them have arrived. Who waits looks for some turns, which costs a fraction of a
// microsecond when the others come at once, then sleeps, so as not to take the processor from those it waits for: to be
// woken takes some 10 µs.

/** Words of shared memory a barrier needs, zero at the start: how many have arrived, and how often all have. */
export const BARRIER_WORDS = 2;
const [ARRIVED, ROUND] = [0, 1];

const SPIN_TURNS = 2_000;

/** Waits until `threads` threads have called it with the same words, then goes on; everything they wrote before can then be
 * read. */
export function meet(words: Int32Array, threads: number): void {
  const round = Atomics.load(words, ROUND);
  if (Atomics.add(words, ARRIVED, 1) === threads - 1) {
    Atomics.store(words, ARRIVED, 0);
    Atomics.add(words, ROUND, 1);
    Atomics.notify(words, ROUND);
    return;
  }
  for (let turn = 0; turn < SPIN_TURNS; turn++) if (Atomics.load(words, ROUND) !== round) return;
  while (Atomics.load(words, ROUND) === round) Atomics.wait(words, ROUND, round);
}
