// Target texts as tokens, and back: what a decoder is given, what it should answer, and what tokens it writes mean.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeTexts, fitText, writableText, writtenText } from "../../../src/datasets/features/text-target.ts";
import { columnOf } from "../../../src/datasets/table.ts";
import { tableOf, texts } from "../columns.ts";

const column = columnOf(tableOf(texts("text", "ab ba", "b", "c", undefined)), "text");
const trained = Int32Array.of(0, 1);
const fit = (encoding: "byte_pair_ids" | "word_ids" | "character_ids", max_length = 4) =>
  fitText(column, trained, { encoding, vocabulary_size: 50, max_length });

describe("a target text", () => {
  test("is given after the start, asked with its end, and what lies behind does not count", () => {
    const target = fit("character_ids", 6);
    // After padding 0, unknown 1, start 2 and end 3: b occurs three times, a twice, the blank once.
    expect(target.tokens.tokens.slice(4)).toEqual(["b", "a", " "]);
    const { given, asked, texts: cells } = encodeTexts(target, column, Int32Array.of(0, 1, 2), "float32");
    expect([...given]).toEqual([2, 5, 4, 6, 4, 5, 2, 4, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0]);
    expect([...asked]).toEqual([5, 4, 6, 4, 5, 3, 4, 3, -1, -1, -1, -1, 1, 3, -1, -1, -1, -1]);
    expect(cells).toEqual(["ab ba", "b", "c"]);
  });

  test("that is too long has no end: nothing says that it ended there", () => {
    const { given, asked } = encodeTexts(fit("character_ids"), column, Int32Array.of(0), "float64");
    expect([[...given], [...asked]]).toEqual([
      [2, 5, 4, 6],
      [5, 4, 6, 4],
    ]);
  });

  test("of words is written in lower case with a blank between them", () => {
    expect(writtenText(fit("word_ids"), [6, 4])).toBe("ba ab");
    expect(writableText(fit("word_ids"), "AB, ab!")).toBe("ab ab");
  });

  test("of byte pairs or characters comes back as it was, but for blanks, when its characters are known", () => {
    const word = fc.stringMatching(/^[ab]{1,5}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const text = words.join(" ");
        for (const encoding of ["byte_pair_ids", "character_ids"] as const)
          expect(writableText(fit(encoding), text)).toBe(text);
        expect(writableText(fit("byte_pair_ids"), ` ${words.join("  ")} `)).toBe(text);
      }),
      { numRuns: 30 },
    );
  });
});
