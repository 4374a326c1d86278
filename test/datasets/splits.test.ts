// Splits: exact sizes, every row once, seeded, every class in every part.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { integerGenerator, shuffle } from "../../src/datasets/random.ts";
import { split, splitRows, splitSizes } from "../../src/datasets/splits.ts";

const options = { validation: 0.2, test: 0.1, stratify: true, seed: 42 };
const countOf = (codes: Int32Array, part: Int32Array, code: number) => part.filter((row) => codes[row] === code).length;

describe("a split", () => {
  const anySplit = fc.record({
    rows: fc.integer({ min: 1, max: 300 }),
    validation: fc.double({ min: 0, max: 0.5, noNaN: true }),
    test: fc.double({ min: 0, max: 0.49, noNaN: true }),
    stratify: fc.boolean(),
    seed: fc.nat(),
    classes: fc.integer({ min: 1, max: 12 }),
  });

  test("puts each row in exactly one part, ascending, in parts of exactly the promised sizes", () => {
    fc.assert(
      fc.property(anySplit, ({ rows, classes, ...choice }) => {
        const codes = Int32Array.from({ length: rows }, (_, row) => ((row * 7) % classes) - (row % 5 === 0 ? 1 : 0));
        const parts = split(choice, rows, codes);
        const sizes = splitSizes(rows, choice);
        expect({ train: parts.train.length, validation: parts.validation.length, test: parts.test.length }).toEqual(
          sizes,
        );
        expect([...parts.train, ...parts.validation, ...parts.test].sort((a, b) => a - b)).toEqual(
          Array.from({ length: rows }, (_, row) => row),
        );
        for (const part of Object.values(parts) as Int32Array[])
          expect([...part]).toEqual([...part].sort((a, b) => a - b));
      }),
    );
  });

  test("holds out round(rows × fraction) rows and always trains on at least one", () => {
    expect(splitSizes(150, options)).toEqual({ train: 105, validation: 30, test: 15 });
    expect(splitSizes(5, { validation: 0.5, test: 0.5 })).toEqual({ train: 1, validation: 3, test: 1 });
    expect(splitSizes(1, { validation: 0.9, test: 0 })).toEqual({ train: 1, validation: 0, test: 0 });
  });

  test("is the same for the same seed and another for another", () => {
    const codes = Int32Array.from({ length: 100 }, (_, row) => row % 3);
    expect(split(options, 100, codes)).toEqual(split(options, 100, codes));
    expect(split(options, 100, codes)).not.toEqual(split({ ...options, seed: 43 }, 100, codes));
  });

  test("gives each class its share in each part, to within a row", () => {
    const codes = Int32Array.from({ length: 1000 }, (_, row) => (row < 700 ? 0 : row < 950 ? 1 : 2));
    const parts = split(options, 1000, codes);
    expect([0, 1, 2].map((code) => countOf(codes, parts.validation, code))).toEqual([140, 50, 10]);
    expect([0, 1, 2].map((code) => countOf(codes, parts.test, code))).toEqual([70, 25, 5]);
  });

  test("gives the rows left over to the classes with the largest remainders", () => {
    // 10 rows, 3 of class 0 and 7 of class 1, half held out: shares 1.5 and 3.5, floors 1 and 3, one row left: class 0 by order.
    const codes = Int32Array.of(0, 0, 0, 1, 1, 1, 1, 1, 1, 1);
    const { validation } = split({ ...options, validation: 0.5, test: 0 }, 10, codes);
    expect([0, 1].map((code) => countOf(codes, validation, code))).toEqual([2, 3]);
  });

  test("keeps a row of every small class for training", () => {
    const codes = Int32Array.from({ length: 60 }, (_, row) => (row < 54 ? 0 : row - 53)); // classes 1 to 6 have one row each
    for (let seed = 0; seed < 20; seed++) {
      const { train } = split({ validation: 0.4, test: 0.4, stratify: true, seed }, 60, codes);
      expect([0, 1, 2, 3, 4, 5, 6].every((code) => countOf(codes, train, code) >= 1)).toBe(true);
    }
  });

  test("of chosen rows holds their row numbers", () => {
    const rows = Int32Array.of(3, 5, 8, 13, 21, 34, 55, 89, 144, 233);
    const parts = splitRows({ ...options, stratify: false }, rows);
    expect([...parts.train, ...parts.validation, ...parts.test].sort((a, b) => a - b)).toEqual([...rows]);
    expect(parts.validation).toHaveLength(2);
  });
});

describe("the generator", () => {
  test("is PCG-XSH-RR 32: the numbers of another implementation", () => {
    // python3: s=0; m=6364136223846793005; i=1442695040888963407
    // def n(): global s; o=s; s=(o*m+i)%2**64; x=((o>>18^o)>>27)%2**32; r=o>>59; return (x>>r|x<<(32-r))%2**32
    // n(); s=(s+42)%2**64; n(); [n() for _ in range(4)]
    // With i=109 these lines give 0xa15c02b7 0x7b47f409 0xba1d3330 0x83d2f293: pcg32-demo of the PCG library.
    const next = integerGenerator(42);
    expect([next(2 ** 32), next(2 ** 32), next(2 ** 32), next(2 ** 32)]).toEqual([
      3270867926, 1795671209, 1924641435, 1143034755,
    ]);
  });

  test("is fair: every order of three items is as likely as any other", () => {
    const below = integerGenerator(1);
    const counts = new Map<string, number>();
    const rounds = 6000;
    for (let round = 0; round < rounds; round++) {
      const order = shuffle(Int32Array.of(0, 1, 2), below).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const squares = [...counts.values()].reduce((sum, count) => sum + (count - rounds / 6) ** 2 / (rounds / 6), 0);
    expect(counts.size).toBe(6);
    expect(squares).toBeLessThan(20.5); // chi-square, 5 degrees of freedom, p = 0.001
  });
});
