// IDX: a pair of files, images and labels, in any order; damaged pairs are refused with what is wrong.
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ingest, readRows } from "../../src/datasets/ingest.ts";
import { readTable } from "../../src/datasets/read-table.ts";
import { absent, sharedData, uploadFolder } from "./uploads.ts";

const { folder, write } = uploadFolder();

describe("IDX", () => {
  const idx = (sizes: number[], elements: number[], type = 8) => {
    const header = Buffer.alloc(4 + 4 * sizes.length);
    header.set([0, 0, type, sizes.length]);
    sizes.forEach((size, index) => header.writeUInt32BE(size, 4 + 4 * index));
    return Buffer.concat([header, Buffer.from(elements)]);
  };
  const images = idx([3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]);
  const labels = idx([3], [7, 0, 7]);
  const sendPair = (...contents: Uint8Array[]) =>
    ingest({ files: contents.map((content, index) => write(content, `part-${index}`)), workFolder: folder });

  test.each([
    ["images first", [images, labels]],
    ["labels first", [labels, images]],
    ["both in gzip", [gzipSync(images), gzipSync(labels)]],
  ])("a pair is read: %s", async (_sentence, pair) => {
    const { parquetPath, columns, format } = await sendPair(...pair);
    expect({ format, columns }).toMatchObject({
      format: "idx",
      columns: [
        { name: "image", type: "image", shape: [2, 2, 1], examples: ["image", "image", "image"] },
        { name: "label", type: "integer" },
      ],
    });
    expect((await readTable(parquetPath, columns)).columns).toEqual([
      { name: "image", type: "image", shape: [2, 2, 1], pixels: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255) },
      { name: "label", type: "integer", values: Float64Array.of(7, 0, 7) },
    ]);
  });

  test("images of several channels are read, and shown as the path of their bytes", async () => {
    const { parquetPath, columns } = await sendPair(idx([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]), idx([1], [4]));
    expect(await readRows(parquetPath, columns, { offset: 0, limit: 1, workFolder: folder, address: "/rows" })).toEqual(
      [{ image: "/rows/1/image", label: 4 }],
    );
  });

  test.each([
    ["one file alone", [images], /one file of images and one of labels; got 1: part-0 is \[3, 2, 2\]/],
    ["two files of labels", [labels, labels], /got 2: part-0 is \[3\], part-1 is \[3\]/],
    ["counts that differ", [images, idx([2], [1, 2])], /part-0 is \[3, 2, 2\] but part-1 is \[2\]/],
    ["a file cut off", [images.subarray(0, -1), labels], /needs 12 bytes of elements, the file has 11/],
    ["a file cut off within its header", [idx([3, 2, 2], []).subarray(0, 10), labels], /ends within its header/],
    [
      "elements of an unknown type",
      [
        idx(
          [3, 2, 2],
          Array.from({ length: 48 }, () => 0),
          0x0a,
        ),
        labels,
      ],
      /type 0x0a/,
    ],
    ["a wrong magic number", [images, Buffer.from("no idx at all")], /"part-1" has the magic number 6e6f2069/],
  ])("%s is refused", async (_sentence, pair, message) => {
    await expect(sendPair(...pair)).rejects.toThrow(message);
  });

  test.skipIf(absent("mnist"))("MNIST's 10,000 test images are read (needs ../shared/data)", async () => {
    const files = ["t10k-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz"].map((name) => ({
      path: join(sharedData, "mnist", name),
      filename: name,
    }));
    const { columns, rows, parquetPath } = await ingest({ files, workFolder: folder });
    expect(rows).toBe(10_000);
    // The first labels of the set as published: 7 2 1 0 4.
    expect(columns).toMatchObject([{ shape: [28, 28, 1] }, { examples: [7, 2, 1, 0, 4] }]);
    expect(await readRows(parquetPath, columns, { offset: 9999, limit: 9, workFolder: folder })).toEqual([
      { image: "/10000/image", label: 6 },
    ]);
  });
});
