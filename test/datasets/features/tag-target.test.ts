// Labels of tokens, in the places where the tokens stand.
import { expect, test } from "vitest";
import { encodeRows, fitFeatures } from "../../../src/datasets/features/encode.ts";
import { itemsIn } from "../../../src/datasets/features/items.ts";
import { encodeTags, fitTags, tokenPlaces } from "../../../src/datasets/features/tag-target.ts";
import type { TokensState } from "../../../src/datasets/features/tokens.ts";
import { all, spec, tableOf, texts } from "../columns.ts";

const table = tableOf(
  texts("words", "It's a don't-know.", '["New York","is","big"]', "x"),
  texts("tags", "P D N", '["N", "V", "A"]', "N"),
);

test("a list is read as it stands, blanks or JSON", () => {
  expect(itemsIn(" It's  a [b] ")).toEqual(["It's", "a", "[b]"]);
  expect(itemsIn('["New York", 7, " "]')).toEqual(["New York", "7"]);
  expect(itemsIn("[not JSON")).toEqual(["[not", "JSON"]);
});

test.each([
  ["front", [-1, 3, 1, 2, -1, 2, 4, 0, -1, -1, -1, 2]],
  ["back", [3, 1, 2, -1, 2, 4, 0, -1, 2, -1, -1, -1]],
] as const)("classes stand where the tokens do, with padding in %s", (padding, expected) => {
  const options = { encoding: "item_ids", max_length: 4, padding } as const;
  const fitted = fitFeatures(table, [spec("words", "text", options)], all(table));
  const state = fitted.encoders[0] as TokensState;
  const [tokens, tags] = table.columns;
  const target = fitTags(tags);
  expect(target.classes).toEqual(["A", "D", "N", "P", "V"]);
  const classes = encodeTags(target, { tags, tokens }, state, all(table), "float32");
  expect([...classes]).toEqual(expected);
  const inputs = encodeRows(fitted, table, all(table), "float32");
  const places = expected.flatMap((code, place) => (code >= 0 ? [place] : []));
  expect(tokenPlaces(inputs)).toEqual(places);
});

test("what is cut off of the tokens is cut off of the labels", () => {
  const fitted = fitFeatures(table, [spec("words", "text", { encoding: "item_ids", max_length: 2 })], all(table));
  const [tokens, tags] = table.columns;
  const state = fitted.encoders[0] as TokensState;
  expect([...encodeTags(fitTags(tags), { tags, tokens }, state, Int32Array.of(0), "float64")]).toEqual([3, 1]);
});
