// The engine's own random numbers: Philox4x32-10, a counter-based generator (Salmon, Moraes, Dror & Shaw, 2011).
// A block of four numbers is a pure function of (seed; use, first, second, block number). So every use has its own
// stream that is known from the position in the training alone: there is no generator state to store in a checkpoint.

/** What random numbers are used for; each use numbers its streams by (first, second). */
export const STREAMS = {
  /** first = index of the parameter */
  initialisation: 1,
  /** first = epoch */
  shuffle: 2,
  /** first = layer, second = optimizer step */
  dropout: 3,
} as const;

export interface Generator {
  readonly key: Uint32Array;
  readonly counter: Uint32Array;
  readonly block: Uint32Array;
  /** Numbers of the present block already given out. */
  used: number;
}

/** A generator at the start of one stream. `seed` is an integer in [0, 2⁵³). */
export function createGenerator(seed: number, use: keyof typeof STREAMS, first = 0, second = 0): Generator {
  const generator = { key: new Uint32Array(2), counter: new Uint32Array(4), block: new Uint32Array(4), used: 4 };
  restart(generator, seed, use, first, second);
  return generator;
}

/** Moves an existing generator to the start of a stream: what a kernel does at every step, without allocating. */
export function restart(
  generator: Generator,
  seed: number,
  use: keyof typeof STREAMS,
  first: number,
  second: number,
): void {
  generator.key[0] = seed;
  generator.key[1] = Math.floor(seed / 2 ** 32);
  generator.counter[0] = 0;
  generator.counter[1] = first;
  generator.counter[2] = second;
  generator.counter[3] = STREAMS[use];
  generator.used = 4;
}

/** The next integer, uniform in [0, 2³²). */
export function nextInteger(generator: Generator): number {
  if (generator.used === 4) {
    philox(generator.key, generator.counter, generator.block);
    generator.counter[0]++;
    generator.used = 0;
  }
  return generator.block[generator.used++];
}

/** The next number, uniform in [0, 1), with 32 random bits. */
export function uniform(generator: Generator): number {
  return nextInteger(generator) / 2 ** 32;
}

/** The next number of the standard normal distribution, by Box & Muller (1958); uses two uniform numbers. */
export function normal(generator: Generator): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(generator)));
  return radius * Math.cos(2 * Math.PI * uniform(generator));
}

/** Puts the items into a random order in place: Fisher & Yates (1938) in Durstenfeld's form (1964). */
export function shuffle(generator: Generator, items: Uint32Array): void {
  for (let last = items.length - 1; last > 0; last--) {
    // Multiply and shift (Lemire, 2019) without rejection: the bias is below 2⁻³² · length.
    const chosen = Math.floor(uniform(generator) * (last + 1));
    const item = items[last];
    items[last] = items[chosen];
    items[chosen] = item;
  }
}

/** Ten rounds over the counter with the key raised by the Weyl constants each round; result in `block`. */
export function philox(key: Uint32Array, counter: Uint32Array, block: Uint32Array): void {
  let [c0, c1, c2, c3] = [counter[0], counter[1], counter[2], counter[3]];
  let [k0, k1] = [key[0], key[1]];
  for (let round = 0; round < 10; round++) {
    const high0 = highProduct(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = highProduct(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  block[0] = c0;
  block[1] = c1;
  block[2] = c2;
  block[3] = c3;
}

/** Upper 32 bits of the 64-bit product of two unsigned 32-bit integers, by 16-bit halves. */
function highProduct(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 0x10000);
  const cross = aLow * bHigh + (middle % 0x10000);
  return aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000);
}
