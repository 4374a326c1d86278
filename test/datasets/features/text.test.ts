// Texts as bags of terms: equal to scikit-learn's numbers, the vocabulary from training rows only.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isMissing } from "../../../src/datasets/cell.ts";
import { encodeInstances, encodeRows, fitFeatures } from "../../../src/datasets/features/encode.ts";
import type { FeatureSpec } from "../../../src/datasets/features/feature-spec.ts";
import { all, faultsOf, spec, tableOf, texts } from "../columns.ts";
import golden from "./golden.json" with { type: "json" };

const rows = [...golden.training, ...golden.probe];
const table = tableOf(texts("text", ...rows));
const trained = Int32Array.from(golden.training, (_, row) => row);

const fit = (more: Partial<FeatureSpec>) => fitFeatures(table, [spec("text", "text", more)], trained);
const termsOf = (more: Partial<FeatureSpec>) => (fit(more).encoders[0] as { terms: string[] }).terms;

describe("a text", () => {
  test.each([
    ["words", {}, golden.words],
    ["words and pairs of words", { ngrams: [1, 2] as [number, number] }, golden.word_pairs],
    ["runs of one to three characters", { units: "characters" as const }, golden.characters],
    ["counted words", { encoding: "counts" as const }, golden.counts],
  ])("as %s has the terms and numbers that scikit-learn gives (golden.py)", (_sentence, more, expected) => {
    expect(termsOf(more)).toEqual(expected.terms);
    const encoded = encodeRows(fit(more), table, all(table), "float64");
    const flat = expected.rows.flat();
    expect(encoded).toHaveLength(flat.length);
    encoded.forEach((value, at) => expect(value).toBeCloseTo(flat[at], 12));
  });

  test("keeps the terms of most training rows when the vocabulary is small, in order among equals", () => {
    // call, free, now and you each stand in two texts, all others in one.
    expect(termsOf({ vocabulary_size: 3 })).toEqual(["call", "free", "now"]);
    expect(termsOf({ vocabulary_size: 5 })).toEqual(["5", "call", "free", "now", "you"]);
  });

  test("has no term that only other rows have", () => {
    expect(termsOf({})).not.toContain("unknown");
  });

  test("that is missing, empty or of unknown terms is zeros", () => {
    const fitted = fit({});
    for (const value of [null, "", "NA", "zzz"])
      expect([...encodeInstances(fitted, [{ text: value }], "float64")]).toEqual(
        Array.from({ length: fitted.width }, () => 0),
      );
  });

  test("that is an object or a list is refused", () => {
    expect(faultsOf(() => encodeInstances(fit({}), [{ text: ["a"] }], "float32"))).toMatchObject([
      { pointer: "/instances/0/text", code: "not_a_text" },
    ]);
  });

  test("encodes in an instance as in a table, and after a round through JSON, whatever the text", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 30 }), { minLength: 1, maxLength: 5 }), (lines) => {
        const own = tableOf(
          texts("text", ...lines.map((line) => (isMissing(line) ? undefined : line.trim() || undefined))),
        );
        const fitted = fitFeatures(own, [spec("text", "text", { units: "characters" })], all(own));
        const stored = JSON.parse(JSON.stringify(fitted)) as typeof fitted;
        const instances = lines.map((line) => ({ text: line }));
        expect(encodeInstances(stored, instances, "float32")).toEqual(encodeRows(fitted, own, all(own), "float32"));
      }),
    );
  });
});
