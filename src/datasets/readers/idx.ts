// IDX, the format of MNIST (LeCun, 1998): 0 0 type dimensions, then each size as big-endian uint32, then the elements.
import { readFileSync } from "node:fs";
import type { ProblemList } from "../problems.ts";
import type { PlainFile } from "./plain-file.ts";
import type { ReadRequest, RawTable } from "./raw-table.ts";

const unsignedByte = 0x08;

interface IdxArray {
  filename: string;
  sizes: number[];
  elements: Uint8Array;
}

/** Images [n, h, w] or [n, h, w, c] and labels [n], two files in any order → columns "image" and "label". */
export async function readIdx({ connection, files, problems }: ReadRequest): Promise<RawTable | undefined> {
  const arrays = files.map((file) => parseIdx(file, problems)).filter((array) => array !== undefined);
  if (problems.errors > 0) return undefined;
  const images = arrays.find(({ sizes }) => sizes.length === 3 || sizes.length === 4);
  const labels = arrays.find(({ sizes }) => sizes.length === 1);
  if (images === undefined || labels === undefined || files.length !== 2) {
    const got = arrays.map(({ filename, sizes }) => `${filename} is [${sizes.join(", ")}]`).join(", ");
    problems.add("bad_idx", {}, `An IDX dataset is one file of images and one of labels; got ${files.length}: ${got}.`);
    return undefined;
  }
  const [count, height, width, channels = 1] = images.sizes;
  if (labels.sizes[0] !== count) {
    problems.add("bad_idx", {}, `There are ${count} images but ${labels.sizes[0]} labels.`);
    return undefined;
  }
  const size = height * width * channels;
  if (size === 0 && count > 0) {
    problems.add("bad_idx", {}, `The images are [${height}, ${width}, ${channels}]: they hold no pixel.`);
    return undefined;
  }
  await connection.run("create table idx (c0 blob, c1 varchar)");
  const appender = await connection.createAppender("idx");
  for (let row = 0; row < count; row++) {
    appender.appendBlob(images.elements.subarray(row * size, (row + 1) * size));
    appender.appendVarchar(String(labels.elements[row]));
    appender.endRow();
  }
  appender.closeSync();
  return {
    source: "idx",
    names: ["image", "label"],
    media: new Map([[0, { type: "image", shape: [height, width, channels] }]]),
    stringColumns: new Set(),
  };
}

function parseIdx(file: PlainFile, problems: ProblemList): IdxArray | undefined {
  const bytes = readFileSync(file.path);
  const bad = (what: string) => problems.add("bad_idx", {}, `${file.filename}: ${what}`);
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    bad(`the magic number is ${bytes.subarray(0, 4).toString("hex") || "missing"}, expected 0000 and an element type.`);
    return undefined;
  }
  if (bytes[2] !== unsignedByte) {
    bad(`the elements have type 0x${bytes[2].toString(16).padStart(2, "0")}, expected 0x08 (unsigned byte).`);
    return undefined;
  }
  const dimensions = bytes[3];
  const start = 4 + 4 * dimensions;
  if (bytes.length < start) {
    bad("the file ends within its header.");
    return undefined;
  }
  const sizes = Array.from({ length: dimensions }, (_, index) => bytes.readUInt32BE(4 + 4 * index));
  const expected = sizes.reduce((product, size) => product * size, 1);
  if (bytes.length - start !== expected) {
    bad(`[${sizes.join(", ")}] needs ${expected} bytes of elements, the file has ${bytes.length - start}.`);
    return undefined;
  }
  return { filename: file.filename, sizes, elements: bytes.subarray(start) };
}
