// Texts as sequences of token numbers: vocabularies of words, characters and byte pairs, built from the training rows.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { learnMerges, markedWords, piecesOf } from "../../../src/datasets/features/byte-pairs.ts";
import { encodeInstances, encodeRows, fitFeatures } from "../../../src/datasets/features/encode.ts";
import type { FeatureSpec } from "../../../src/datasets/features/feature-spec.ts";
import { specialTokens } from "../../../src/datasets/features/tokens.ts";
import { all, spec, tableOf, texts } from "../columns.ts";

const table = tableOf(texts("text", "the cat saw the dog", "a dog saw the cat", "an owl", undefined));
const trained = Int32Array.of(0, 1);
const fit = (more: Partial<FeatureSpec>) => fitFeatures(table, [spec("text", "text", more)], trained);
const tokensOf = (fitted: ReturnType<typeof fit>) => (fitted.encoders[0] as { tokens: string[] }).tokens.slice(4);
const encode = (fitted: ReturnType<typeof fit>, text: string | null) => [
  ...encodeInstances(fitted, [{ text }], "float32"),
];

describe("a text as word numbers", () => {
  test("numbers the words of the training rows by frequency, after the four special tokens", () => {
    // the: 3; cat, dog, saw: 2; a: 1.
    expect(tokensOf(fit({ encoding: "word_ids" }))).toEqual(["the", "cat", "dog", "saw", "a"]);
    expect(tokensOf(fit({ encoding: "word_ids", vocabulary_size: 6 }))).toEqual(["the", "cat"]);
  });

  test("pads in front, says unknown, and cuts what is too long", () => {
    const fitted = fit({ encoding: "word_ids", max_length: 4 });
    expect(fitted.inputShape).toEqual([4]);
    expect(encode(fitted, "The owl")).toEqual([0, 0, 4, specialTokens.unknown]);
    expect(encode(fitted, "cat dog saw a the")).toEqual([5, 6, 7, 8]);
    expect(encode(fitted, null)).toEqual([0, 0, 0, 0]);
  });

  test("pads behind and puts a start and an end around when asked", () => {
    const fitted = fit({ encoding: "word_ids", max_length: 5, padding: "back", boundaries: true });
    expect(encode(fitted, "cat dog")).toEqual([2, 5, 6, 3, 0]);
    expect(encode(fitted, "the cat saw the dog")).toEqual([2, 4, 5, 7, 3]);
  });
});

describe("a text as character numbers", () => {
  test("has the characters of the training rows, blanks among them, in their own case", () => {
    const fitted = fit({ encoding: "character_ids", max_length: 3 });
    expect(tokensOf(fitted)).toContain(" ");
    expect(encode(fitted, "aX")).toEqual([0, tokensOf(fitted).indexOf("a") + 4, specialTokens.unknown]);
  });
});

describe("byte pairs", () => {
  // The words of Sennrich et al. (2016), section 3.2. Pairs by count: e s 9, s t 9, w e 8, then 7: l o, o w, ▁ l. After
  // e+s and es+t come l+o, lo+w and ▁+low, of count 7 each and the first by code point in each round.
  const counts = new Map([
    ["▁low", 5],
    ["▁lower", 2],
    ["▁newest", 6],
    ["▁widest", 3],
  ]);

  test("merge the most frequent neighbours again and again", () => {
    expect(learnMerges(counts, 5).map((merge) => merge.join("+"))).toEqual(["e+s", "es+t", "l+o", "lo+w", "▁+low"]);
  });

  test("split a new word into the pieces that were learnt", () => {
    const ranks = new Map(learnMerges(counts, 5).map(([left, right], rank) => [`${left} ${right}`, rank]));
    expect(piecesOf("▁lowest", ranks)).toEqual(["▁low", "est"]);
  });

  test("put together give the text back, whatever was learnt", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), fc.nat(12), (words, most) => {
        const seen = new Map(words.map((one, i) => [`▁${one}`, i + 1]));
        const ranks = new Map(learnMerges(seen, most).map(([left, right], rank) => [`${left} ${right}`, rank]));
        for (const one of words) expect(piecesOf(`▁${one}`, ranks).join("")).toBe(`▁${one}`);
      }),
    );
  });

  test("number the pieces of a text", () => {
    const fitted = fit({ encoding: "byte_pair_ids", vocabulary_size: 30, max_length: 12, padding: "back" });
    const tokens = ["", "", "", "", ...tokensOf(fitted)];
    const numbers = encode(fitted, "the dog").filter((number) => number !== 0);
    expect(numbers.map((number) => tokens[number]).join("")).toBe(markedWords("the dog").join(""));
  });
});

describe("an imported tokenizer", () => {
  const tokenizer = {
    version: "1.0",
    added_tokens: [],
    normalizer: { type: "Lowercase" },
    pre_tokenizer: { type: "Whitespace" },
    post_processor: null,
    decoder: null,
    model: { type: "WordLevel", vocab: { "[UNK]": 0, hello: 7, world: 9 }, unk_token: "[UNK]" },
  };

  test("numbers as its tokenizer.json says", () => {
    const fitted = fit({ encoding: "tokenizer", tokenizer, max_length: 4 });
    expect(encode(fitted, "Hello world hello")).toEqual([0, 7, 9, 7]);
  });
});

test.each([
  { encoding: "word_ids" as const },
  { encoding: "character_ids" as const },
  { encoding: "byte_pair_ids" as const, boundaries: true },
])("a row and an instance have the same numbers, also after a round through JSON: %j", (more) => {
  const fitted = fit({ ...more, max_length: 8 });
  const stored = JSON.parse(JSON.stringify(fitted)) as typeof fitted;
  const rows = encodeRows(fitted, table, all(table), "float32");
  const instances = ["the cat saw the dog", "a dog saw the cat", "an owl", null].map((text) => ({ text }));
  expect(encodeInstances(stored, instances, "float32")).toEqual(rows);
});
