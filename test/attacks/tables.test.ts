// Hostile tables: each a problem (or plain data), in bounded time, with nothing left behind; the process that reads is the only
// one that ever touches them.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import { ingest, readRows } from "../../src/datasets/ingest.ts";
import { uploadFolder } from "../datasets/uploads.ts";
import type { Upload } from "../datasets/uploads.ts";

const { send, refusal, leftOver, folder, write } = uploadFolder({ small: true });
const csv = (content: string | Uint8Array): Upload => ({ content, filename: "data.csv" });
const ndjson = (content: string): Upload => ({ content, filename: "data.ndjson" });
const prototypeNames = ["__proto__", "constructor", "prototype", "hasOwnProperty", "toString"];
const megabyte = 1024 * 1024;

const refused: [sentence: string, upload: () => Upload, code: string][] = [
  ["a million columns", () => csv(`${"a,".repeat(1_000_000)}b\n1\n`), "too_many_columns"],
  ["a line of 64 MB", () => csv(`a,b\n1,${"x".repeat(64 * megabyte)}\n`), "line_too_long"],
  ["a line of 64 MB without any end", () => csv("x".repeat(64 * megabyte)), "line_too_long"],
  ["a quote that swallows the file", () => csv(`a,b\n1,"${"x\n".repeat(500_000)}`), "unclosed_quote"],
  [
    "a quote that swallows more than a record may hold",
    () => csv(`a,b\n1,"${"x\n".repeat(2_200_000)}`),
    "line_too_long",
  ],
  ["a line of NDJSON of 8 MB", () => ndjson(`{"a":1}\n{"a":"${"x".repeat(8 * megabyte)}"}\n`), "line_too_long"],
  ["gzip that unpacks a thousandfold beyond the limit", () => bomb(), "too_large_unpacked"],
  ["a NUL in the middle", () => csv("a,b\n1,\0\n"), "nul_byte"],
  ["1e999 among numbers", () => csv(`a\n${"1.5\n".repeat(50)}1e999\n`), "non_finite"],
  ["Infinity among numbers", () => csv(`a\n${"1.5\n".repeat(50)}-Infinity\n`), "non_finite"],
  ["Parquet cut off", () => ({ content: Buffer.from("PAR1\x15\x04\x15\x10PAR1", "latin1") }), "broken_file"],
  ["a name that is no path but looks like one", () => ({ content: "", filename: "../../../etc/passwd" }), "empty_file"],
];

function bomb(): Upload {
  return { ...csv(gzipSync(Buffer.alloc(64 * megabyte, "1,2\n"))), limits: { unpackedMegabytes: 16 } };
}

describe("refused", () => {
  test.each(refused)("%s", async (_sentence, upload, code) => {
    const error = await refusal(upload());
    expect(error.problems[0]).toMatchObject({ code, severity: "error" });
    expect(error.problems[0].value?.length ?? 0).toBeLessThanOrEqual(100);
  });
});

test("files that unpack beyond the limit only together", async () => {
  const files = ["train", "test"].map((part) =>
    write(gzipSync(Buffer.alloc(10 * megabyte, "1,2\n")), `${part}.csv.gz`),
  );
  const reading = ingest({ files, workFolder: folder, limits: { unpackedMegabytes: 16 } });
  await expect(reading).rejects.toMatchObject({ problems: [{ code: "too_large_unpacked" }] });
});

test("Parquet whose pages are damaged is refused without a word of where it lay here", async () => {
  const source = write("", "damaged.parquet");
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(`copy (select range as a from range(5000)) to '${source.path}' (format parquet)`);
  connection.closeSync();
  const bytes = readFileSync(source.path);
  bytes.fill(0xff, 4, 200); // the header of the first page
  const error = await send({ content: bytes, filename: "damaged.parquet" }).catch((reason: Error) => reason);
  expect(error).toMatchObject({
    code: "invalid_dataset",
    message: expect.stringMatching(/^The data cannot be read: /),
  });
  expect(JSON.stringify(error)).not.toContain(folder);
  expect((error as Error).message).not.toContain(folder);
});

describe("taken as plain data", () => {
  test("names and cells that are properties of every object", async () => {
    const cells = [...prototypeNames.slice(1), prototypeNames[0]];
    const lines = [prototypeNames, cells, cells];
    const { parquetPath, columns } = await send(csv(lines.map((line) => line.join(",")).join("\n")));
    expect(columns.map(({ name }) => name)).toEqual(prototypeNames);
    const rows = await readRows(parquetPath, columns, { offset: 0, limit: 1, workFolder: folder });
    expect(Object.entries(rows[0])).toEqual(prototypeNames.map((name, at) => [name, cells[at]]));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("NaN is missing, and said so; digits with underscores are words", async () => {
    const { columns, problems } = await send(csv("a,b\n1.5,1_000\nNaN,2_000\n2.5,3_000\n"));
    expect(columns.map(({ type }) => type)).toEqual(["number", "category"]);
    expect(problems).toMatchObject([{ code: "nan_as_missing", column: "a", row: 2 }]);
  });

  test("spellings of a missing value that hold a quote or the delimiter", async () => {
    const { columns } = await send({ ...csv('a,b\n1,"n,a"\n2,3\n"""",4\n'), options: { missing: ['"', "n,a"] } });
    expect(columns.map(({ type, statistics }) => [type, statistics.missing])).toEqual([
      ["integer", 1],
      ["integer", 1],
    ]);
  });

  test("a number that turns into words after ten thousand rows", async () => {
    const numbers = Array.from({ length: 10_000 }, (_, row) => `${row}.5`);
    const words = Array.from({ length: 10_000 }, (_, row) => `w${row}`);
    const { columns } = await send(csv(["a", ...numbers, ...words].join("\n")));
    expect(columns[0]).toMatchObject({ type: "text", statistics: { distinct: 20_000 } });
  });
});

test("nothing is left behind but the tables that were read", () => {
  expect(leftOver().filter((name) => !name.startsWith("table-"))).toEqual([]);
});
