import { describe, expect, it } from "vitest";
import { createGenerator, nextInteger, normal, philox, restart, shuffle, uniform } from "../../src/engine/random.ts";

const block = (counter: number[], key: number[]) => {
  const out = new Uint32Array(4);
  philox(Uint32Array.from(key), Uint32Array.from(counter), out);
  return [...out];
};

describe("Philox4x32-10", () => {
  // The known answers of the authors' Random123 library (file kat_vectors).
  it.each([
    ["zeros", [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [
      "ones",
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      "digits of π",
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])("gives the published answer for %s", (_name, counter, key, expected) => {
    expect(block(counter, key)).toEqual(expected);
  });
});

describe("a stream of random numbers", () => {
  const take = (count: number, ...stream: Parameters<typeof createGenerator>) => {
    const generator = createGenerator(...stream);
    return Array.from({ length: count }, () => nextInteger(generator));
  };

  it("depends on seed, use, first and second alone", () => {
    expect(take(9, 7, "dropout", 2, 3)).toEqual(take(9, 7, "dropout", 2, 3));
    const others = [
      take(9, 8, "dropout", 2, 3),
      take(9, 7 + 2 ** 32, "dropout", 2, 3),
      take(9, 7, "shuffle", 2, 3),
      take(9, 7, "dropout", 3, 3),
      take(9, 7, "dropout", 2, 4),
      take(9, 7, "dropout", 2, 3),
    ];
    expect(new Set(others.map(String)).size).toBe(6);
  });

  it("starts again after a restart in the middle of a block", () => {
    const generator = createGenerator(1, "shuffle", 1);
    const first = nextInteger(generator);
    nextInteger(generator);
    restart(generator, 1, "shuffle", 1, 0);
    expect(nextInteger(generator)).toBe(first);
  });

  it("is uniform in [0, 1): each tenth gets its share within five deviations", () => {
    const generator = createGenerator(3, "shuffle");
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 100_000; i++) counts[Math.floor(uniform(generator) * 10)]++;
    // Binomial(100,000, 0.1) has deviation 95.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(475);
  });

  it("is normal with mean 0 and variance 1 within five standard errors", () => {
    const generator = createGenerator(4, "initialisation");
    const values = Array.from({ length: 100_000 }, () => normal(generator));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(100_000));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / 100_000));
  });

  it("shuffles three items into all six orders equally often within five deviations", () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 6000; epoch++) {
      const items = Uint32Array.of(0, 1, 2);
      shuffle(createGenerator(5, "shuffle", epoch), items);
      counts.set(String(items), (counts.get(String(items)) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Binomial(6000, 1/6) has deviation 29.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(145);
  });
});
