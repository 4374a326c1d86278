// Only what is short and plain is read in a process that others' data is read in too.
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { areSmallTexts } from "../../src/datasets/small-texts.ts";
import { uploadFolder } from "./uploads.ts";

const { write, send } = uploadFolder({ small: true });
const csv = 'a,b\n1,"tab\there"\n2,é\r\n';

test("short texts are, whatever letters they hold, and an empty file", async () => {
  expect(await areSmallTexts([write(csv), write("[1]"), write("")])).toBe(true);
});

test("files that are long together are not", async () => {
  const half = write(csv.repeat(30_000)); // 0.7 MB
  expect(await areSmallTexts([half])).toBe(true);
  expect(await areSmallTexts([half, half])).toBe(false);
});

test("what is compressed, an archive or a table of bytes is not", async () => {
  const { parquetPath } = await send({ content: csv, format: "csv" });
  const files = {
    gzip: write(gzipSync(csv)),
    zip: write(Buffer.from("PK\u0003\u0004")),
    parquet: { path: parquetPath },
    npy: write(Buffer.from("\u0093NUMPY\u0001\0", "latin1")),
    utf16: write(Buffer.from(csv, "utf16le")),
  };
  for (const [what, file] of Object.entries(files)) expect([what, await areSmallTexts([file])]).toEqual([what, false]);
});
