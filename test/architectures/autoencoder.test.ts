// Autoencoders: what they are made of, by the schema of their data alone.
import { expect, test } from "vitest";
import { resolveWith } from "./resolving.ts";

const withoutTarget = { dataset: { target: undefined } };
const layersOf = (architecture: object, columns: Parameters<typeof resolveWith>[1]) =>
  resolveWith({ type: "autoencoder", ...architecture }, columns, withoutTarget).plan.layers.map(
    ({ type, output_shape }) => [type, output_shape],
  );

const image = { image: { shape: [13, 10, 3] } };

test("layers behind the code mirror those before it", () => {
  // Two numbers and a category of ten values.
  expect(layersOf({ code: 3, hidden: [16, 8] }, { age: {}, height: {} })).toEqual([
    ["dense", [16]],
    ["dense", [8]],
    ["dense", [3]],
    ["dense", [8]],
    ["dense", [16]],
    ["dense", [12]],
  ]);
});

test("an image is halved, and doubled to the extents it had: odd ones too", () => {
  expect(layersOf({ code: 5, filters: [4, 6] }, image)).toEqual([
    ["conv2d", [7, 5, 4]],
    ["conv2d", [4, 3, 6]],
    ["flatten", [72]],
    ["dense", [5]],
    ["dense", [72]],
    ["reshape", [4, 3, 6]],
    ["conv2d_transpose", [7, 5, 4]],
    ["conv2d_transpose", [13, 10, 3]],
    ["flatten", [390]],
  ]);
});

test("images too small to halve twice, and those that ask for it, have dense layers alone", () => {
  const dense = [["flatten"], ["dense"], ["dense"], ["dense"], ["dense"]];
  const kinds = (architecture: object, shape: number[]) =>
    layersOf(architecture, { image: { shape } }).map(([type]) => [type]);
  expect(kinds({}, [7, 20, 1])).toEqual(dense);
  expect(kinds({ filters: [] }, [20, 20, 1])).toEqual(dense);
});

test("noise hides inputs before anything else", () => {
  expect(layersOf({ noise: 0.3 }, image)[0]).toEqual(["dropout", [13, 10, 3]]);
});

test("tokens are refused: their numbers are names", () => {
  const features = [{ name: "text", encoding: "word_ids" }];
  const examples = ["the film is as good as the book it was made from"];
  const ask = () =>
    resolveWith({ type: "autoencoder" }, { text: { examples } }, { dataset: { target: undefined, features } });
  expect(ask).toThrow("autoencoder gives numbers back, but a row of this data is tokens, whose numbers are names.");
});
