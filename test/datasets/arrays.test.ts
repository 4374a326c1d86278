// NPY and NPZ: NumPy's own files, every type of element, and arrays that cannot be columns.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTable } from "../../src/datasets/read-table.ts";
import { uploadFolder } from "./uploads.ts";

const { send, refusal } = uploadFolder({ small: true });
const fixture = (name: string) => readFileSync(join(import.meta.dirname, "../fixtures", name));

/** An NPY file of version 1: the header padded to a multiple of 64, as NumPy does. */
function npy(descr: string, shape: number[], bytes: Uint8Array, order = "False"): Buffer {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': (${sizes}), }`;
  const header = `${dictionary.padEnd(64 * Math.ceil((dictionary.length + 11) / 64) - 11)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from("\u0093NUMPY\u0001\0", "latin1"), length, Buffer.from(header), bytes]);
}

const bytesOf = (...values: number[]) => Uint8Array.from(values);

test("an NPZ of x_train, y_train, x_test, y_test becomes images, labels and parts", async () => {
  const { format, columns, rows, parquetPath, suggestedTarget } = await send({ content: fixture("arrays.npz") });
  expect({ format, rows, suggestedTarget }).toEqual({ format: "npz", rows: 4, suggestedTarget: "label" });
  expect(columns).toMatchObject([
    { name: "image", type: "image", shape: [2, 2, 1] },
    { name: "weight", type: "number", statistics: { missing: 1 }, examples: [0.5, -1.25, 2] },
    { name: "label", examples: ["cat", "dog", "café", "dog"] },
    { name: "split", examples: ["train", "train", "train", "test"] },
  ]);
  const [image] = (await readTable(parquetPath, columns)).columns;
  expect((image as { pixels: Uint8Array }).pixels).toEqual(
    bytesOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255, 255, 255, 255),
  );
});

test("an array of three axes of floats becomes a sequence, whatever its byte order", async () => {
  const { format, columns, parquetPath } = await send({ content: fixture("steps.npy"), filename: "steps.npy" });
  expect({ format, columns }).toMatchObject({
    format: "npy",
    columns: [{ name: "steps", type: "sequence", shape: [3, 2] }],
  });
  const [steps] = (await readTable(parquetPath, columns)).columns as unknown as {
    elements: Float64Array;
    starts: Float64Array;
  }[];
  expect([...steps.elements]).toEqual(Array.from({ length: 12 }, (_, i) => i / 8));
  expect([...steps.starts]).toEqual([0, 6, 12]);
});

test.each([
  ["|b1", bytesOf(1, 0), "boolean", [true, false]],
  ["|i1", bytesOf(255, 2), "integer", [-1, 2]],
  [">u2", bytesOf(1, 0, 0, 2), "integer", [256, 2]],
  ["<i4", bytesOf(255, 255, 255, 255, 2, 0, 0, 0), "integer", [-1, 2]],
  ["<i8", bytesOf(5, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255), "integer", [5, -1]],
  ["<f2", bytesOf(0, 0x3c, 1, 0), "number", [1, 2 ** -24]],
  ["<f8", new Uint8Array(Float64Array.of(0.1, -2.5).buffer), "number", [0.1, -2.5]],
  ["|S3", Buffer.from("ab\0xyz"), "category", ["ab", "xyz"]],
])("elements of type %s are read", async (descr, bytes, type, examples) => {
  const { columns } = await send({ content: npy(`'${descr}'`, [2], bytes) });
  expect(columns).toMatchObject([{ type, examples }]);
});

test("what is stored column by column is what NumPy would show, rows of every chunk in their place", async () => {
  // Element (row, i, j) of shape [3000, 2, 3] has the value row + 10000 · (3 i + j); in Fortran's order the row runs fastest.
  const [rows, axes] = [3000, [2, 3]];
  const value = (row: number, i: number, j: number) => row + 10_000 * (3 * i + j);
  const elements = new Float64Array(rows * 6);
  for (let j = 0; j < axes[1]; j++)
    for (let i = 0; i < axes[0]; i++)
      for (let row = 0; row < rows; row++) elements[row + rows * (i + axes[0] * j)] = value(row, i, j);
  const content = npy("'<f8'", [rows, ...axes], new Uint8Array(elements.buffer), "True");
  const { parquetPath, columns } = await send({ content });
  const [steps] = (await readTable(parquetPath, columns)).columns as unknown as { elements: Float64Array }[];
  const expected = Array.from({ length: 6 * rows }, (_, at) =>
    value(Math.floor(at / 6), Math.floor((at % 6) / 3), at % 3),
  );
  expect(steps.elements).toEqual(Float64Array.from(expected));
});

test("a matrix has a column for each of its own", async () => {
  const { columns } = await send({ content: npy("'|u1'", [2, 3], bytesOf(1, 2, 3, 4, 5, 6)), filename: "X.npy" });
  expect(columns.map(({ name, examples }) => [name, examples])).toEqual([
    ["x_1", [1, 4]],
    ["x_2", [2, 5]],
    ["x_3", [3, 6]],
  ]);
});

test.each([
  ["Python objects", npy("'|O'", [1], bytesOf(0)), /Python objects/],
  ["records", npy("[('a', '<f4')]", [1], bytesOf(0, 0, 0, 0)), /records/],
  ["complex numbers", npy("'<c8'", [1], new Uint8Array(8)), /complex/],
  ["fewer elements than promised", npy("'<f8'", [3], new Uint8Array(16)), /needs 24 bytes of elements, it has 16/],
  ["more elements than memory", npy("'|u1'", [1e15, 1e15], bytesOf(1)), /needs 1e\+30 bytes/],
  ["images with the channels first", npy("'|u1'", [1, 3, 2, 2], new Uint8Array(12)), /channels to the last axis/],
  ["images of floats", npy("'<f4'", [1, 2, 2, 3], new Uint8Array(48)), /astype\("uint8"\)/],
  ["a single value", npy("'|u1'", [], bytesOf(1)).fill(0x20, 0, 0), /NumPy's|single value/],
  [
    "a header of four gigabytes",
    Buffer.from("\u0093NUMPY\u0002\0\u00ff\u00ff\u00ff\u00ff'descr'", "latin1"),
    /4294967295 bytes long/,
  ],
  ["half a header", npy("'|u1'", [1], bytesOf(1)).subarray(0, 30), /cut off within its header/],
])("an array of %s is refused", async (_what, content, says) => {
  const { message } = await refusal({ content, filename: "a.npy" });
  expect(message).toMatch(says);
});
