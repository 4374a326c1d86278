// IDX, the format of MNIST (LeCun, 1998): 0 0 type dimensions, then each size as big-endian uint32, then the elements.
import { statSync } from "node:fs";
import { EntryError } from "./archive.ts";
import { elementTypes, type NumberArray } from "./number-array.ts";
import { firstBytes } from "./plain-file.ts";
import type { PlainFile } from "./plain-file.ts";

const types: Record<number, keyof typeof elementTypes> = { 8: "u1", 9: "i1", 11: "i2", 12: "i4", 13: "f4", 14: "f8" };

/** Shape and place of the elements. Throws an EntryError that says what is wrong. */
export function parseIdx(file: PlainFile): NumberArray {
  const head = firstBytes(file.path, 4 + 4 * 255);
  if (head.length < 4 || head[0] !== 0 || head[1] !== 0) {
    const got = head.subarray(0, 4).toString("hex") || "missing";
    throw new EntryError(`has the magic number ${got}, expected 0000 and an element type`);
  }
  const type = types[head[2]];
  if (type === undefined)
    throw new EntryError(`has elements of type 0x${head[2].toString(16).padStart(2, "0")}, which IDX does not know`);
  const dimensions = head[3];
  const start = 4 + 4 * dimensions;
  if (head.length < start) throw new EntryError("ends within its header");
  if (dimensions === 0) throw new EntryError("has no dimension");
  const shape = Array.from({ length: dimensions }, (_, index) => head.readUInt32BE(4 + 4 * index));
  const width = elementTypes[type].bytes;
  const expected = shape.reduce((product, size) => product * size, width);
  const bytes = statSync(file.path).size - start;
  if (bytes !== expected)
    throw new EntryError(`is [${shape.join(", ")}] and needs ${expected} bytes of elements, the file has ${bytes}`);
  return { path: file.path, start, shape, type, width, bigEndian: true };
}
