import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bleu, wordsOf13a } from "../../src/evaluation/bleu.ts";

const cases = JSON.parse(readFileSync(new URL("bleu.json", import.meta.url), "utf8")) as {
  hypotheses: string[];
  references: string[][];
  bleu: number;
}[];

describe("BLEU", () => {
  it("of the example in sacreBLEU's documentation is 48.53", () => {
    const [{ hypotheses, references }] = cases;
    expect(bleu(hypotheses, references)).toBeCloseTo(48.53, 2);
  });

  it.each(cases)(
    "of $hypotheses is $bleu, as an independent script has it",
    ({ hypotheses, references, ...golden }) => {
      expect(bleu(hypotheses, references)).toBeCloseTo(golden.bleu, 8);
    },
  );

  it("cuts marks off words, but not points and commas within numbers", () => {
    expect(wordsOf13a("Hello, world! (1,000.5 of 3-4), it's &quot;so-so&quot;.")).toEqual([
      "Hello",
      ",",
      "world",
      "!",
      "(",
      "1,000.5",
      "of",
      "3",
      "-",
      "4",
      ")",
      ",",
      "it's",
      '"',
      "so-so",
      '"',
      ".",
    ]);
  });
});
