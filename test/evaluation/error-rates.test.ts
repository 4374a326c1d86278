import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distance, errorRates } from "../../src/evaluation/error-rates.ts";

/** By its definition, without a table. */
function edits(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const substituted = edits(a.slice(1), b.slice(1)) + Number(a[0] !== b[0]);
  return Math.min(substituted, edits(a.slice(1), b) + 1, edits(a, b.slice(1)) + 1);
}

describe("error rates", () => {
  it("are edits over the expected length, of all texts together", () => {
    // "the cat sat": one word for another, one left out; "on mats": right. Five words are expected.
    const rates = errorRates(["a cat", "on  mats"], ["the cat sat", "on mats"]);
    expect(rates.word_error_rate).toBeCloseTo(2 / 5, 15);
    // Letters: "the" and " sat" of 11; a blank too many. 18 characters are expected.
    expect(rates.character_error_rate).toBeCloseTo((3 + 4 + 1) / 18, 15);
  });

  it("are above 1 where more is written than expected, and null where nothing is", () => {
    expect(errorRates(["one two three"], ["one"]).word_error_rate).toBe(2);
    expect(errorRates(["one"], [""])).toEqual({ word_error_rate: null, character_error_rate: null });
  });

  it("count the fewest edits between kitten and sitting, which are three", () => {
    expect(distance(Array.from("kitten"), Array.from("sitting"))).toBe(3);
  });

  it("count the fewest edits, as their definition does", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 5 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(distance(Array.from(a), Array.from(b))).toBe(edits(a, b));
      }),
    );
  });
});
