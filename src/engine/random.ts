// The engine's own random numbers: Philox4x32-10, a counter-based generator (Salmon, Moraes, Dror & Shaw, 2011).
// A block of four numbers is a pure function of (seed; use, first, second, block number). So every use has its own
// stream that is known from the position in the training alone: there is no generator state to store in a checkpoint.

/** What random numbers are used for; each use numbers its streams by (first, second). */
export const STREAMS = {
  /** first = index of the parameter */
  initialisation: 1,
  /** first = epoch */
  shuffle: 2,
  /** first = number of the layer's stream, second = optimizer step */
  dropout: 3,
  /** first = epoch, second = row of the data */
  augmentation: 4,
  /** first = epoch, second = row of the data */
  mixup: 5,
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

/** Passes over `count` numbers of a stream just begun, a multiple of 4: whole blocks. */
export function skip(generator: Generator, count: number): void {
  generator.counter[0] = count / 4;
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
  let c0 = counter[0] | 0;
  let c1 = counter[1] | 0;
  let c2 = counter[2] | 0;
  let c3 = counter[3] | 0;
  let k0 = key[0] | 0;
  let k1 = key[1] | 0;
  for (let round = 0; round < 10; round++) {
    const high0 = highProduct(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = highProduct(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  block[0] = c0;
  block[1] = c1;
  block[2] = c2;
  block[3] = c3;
}

/** Upper 32 bits of the product of two unsigned 32-bit integers, by 16-bit halves; as a signed integer, which V8 keeps
 * in a register. */
function highProduct(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  // Each sum stays below 2³², and `>>> 0` makes the wrapped product unsigned again.
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bLow) >>> 16);
  const cross = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (cross >>> 16)) | 0;
}
