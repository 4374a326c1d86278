// Formats that have types of their own, JSON and Parquet: numbers keep their bits, lists become sequences, the rest is text.
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import { ingest, readRows } from "../../src/datasets/ingest.ts";
import { readTable } from "../../src/datasets/read-table.ts";
import { uploadFolder } from "./uploads.ts";

const { send, rowsOf, folder } = uploadFolder({ small: true });

const twoRows = [
  { a: 1, b: "x" },
  { a: 2, b: "y" },
];

describe("JSON", () => {
  test.each([
    ["an array of objects", JSON.stringify(twoRows), "application/json"],
    ["the envelope with name and rows", JSON.stringify({ name: "mine", rows: twoRows }), "application/json"],
    ["one object per line", twoRows.map((row) => JSON.stringify(row)).join("\n"), "application/x-ndjson"],
    [
      "one object per line, recognised by its first bytes",
      twoRows.map((row) => JSON.stringify(row)).join("\n\n"),
      undefined,
    ],
    ["an array, recognised by its first bytes", `\uFEFF ${JSON.stringify(twoRows)}`, undefined],
  ])("%s is read", async (_sentence, content, contentType) => {
    expect(await rowsOf({ content, ...(contentType !== undefined && { contentType }) })).toEqual(twoRows);
  });

  test("the envelope gives name and options", async () => {
    const rows = [{ a: 1 }, { a: 99 }];
    const dataset = await send({
      content: JSON.stringify({ name: "mine", rows, options: { missing: ["99"] } }),
      format: "json",
    });
    expect(dataset).toMatchObject({ name: "mine", columns: [{ statistics: { missing: 1 } }] });
  });

  test("absent keys and null are missing; types are kept", async () => {
    const rows = [
      { n: 1.5, t: true, s: "x" },
      { n: null, t: false },
      { s: "y", later: 7 },
    ];
    expect(await rowsOf({ content: JSON.stringify(rows), format: "json" })).toEqual([
      { n: 1.5, t: true, s: "x", later: null },
      { n: null, t: false, s: null, later: null },
      { n: null, t: null, s: "y", later: 7 },
    ]);
  });

  test("lists of numbers are sequences, of steps and channels; lists of words are labels", async () => {
    const rows = [
      {
        flat: [1, 2.5],
        steps: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        tags: ["a", "b"],
      },
      { flat: [3], steps: [[7, 8]], tags: [] },
      { flat: [], steps: null, tags: ["b"] },
    ];
    for (const format of ["json", "ndjson"] as const) {
      const content = format === "json" ? JSON.stringify(rows) : rows.map((row) => JSON.stringify(row)).join("\r\n");
      const { parquetPath, columns } = await send({ content, format });
      expect(columns.map(({ name, type, shape }) => [name, type, shape])).toEqual([
        ["flat", "sequence", [0, 1]],
        ["steps", "sequence", [0, 2]],
        ["tags", "category", undefined],
      ]);
      const [flat, steps, tags] = (await readTable(parquetPath, columns)).columns;
      expect(flat).toMatchObject({ elements: Float64Array.of(1, 2.5, 3), starts: Float64Array.of(0, 2, 3, 3) });
      expect(steps).toMatchObject({
        elements: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8),
        starts: Float64Array.of(0, 6, 8, 8),
      });
      expect(tags).toMatchObject({ dictionary: ['["a","b"]', '["b"]', "[]"] });
    }
  });

  test("numbers keep every bit, integers stay integers, and a declared spelling of a missing one counts", async () => {
    const rows = [
      { x: 0.1 + 0.2, n: 1, m: 5 },
      { x: 5e-324, n: -999, m: 0.5 },
      { x: 1e21, n: 3, m: -999 },
    ];
    const { parquetPath, columns } = await send({
      content: JSON.stringify(rows),
      format: "json",
      options: { missing: ["-999"] },
    });
    expect(columns.map(({ type }) => type)).toEqual(["number", "integer", "number"]);
    expect((await readTable(parquetPath, columns)).columns).toMatchObject([
      { values: Float64Array.of(0.1 + 0.2, 5e-324, 1e21) },
      { values: Float64Array.of(1, NaN, 3) },
      { values: Float64Array.of(5, 0.5, NaN) },
    ]);
  });

  test("numbers written as strings are numbers, with a warning", async () => {
    const dataset = await send({ content: '[{"a":"1"},{"a":"2"}]', format: "json" });
    expect(dataset.columns[0].type).toBe("integer");
    expect(dataset.problems).toMatchObject([{ code: "numbers_as_strings", column: "a" }]);
  });

  test("__proto__ is a key like any other", async () => {
    const [row] = await rowsOf({ content: '[{"__proto__":1,"constructor":2,"a":3}]', format: "json" });
    expect(Object.entries(row)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
      ["a", 3],
    ]);
  });
});

test("Parquet keeps its values: doubles to the last bit, dates, nulls, strange names", async () => {
  const path = join(folder, "upload-source.parquet");
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(
    `copy (select 0.1::double + 0.2::double as x, true as b, date '2026-01-31' as d, 'q' as "say ""hi""", 3::decimal(9,2) as n
     union all select null, null, null, null, null) to '${path}' (format parquet)`,
  );
  connection.closeSync();
  const { parquetPath, columns, format } = await ingest({
    files: [{ path, filename: "a.parquet" }],
    workFolder: folder,
  });
  expect(format).toBe("parquet");
  const rows = await readRows(parquetPath, columns, { offset: 0, limit: 9, workFolder: folder });
  expect(rows).toEqual([
    { x: 0.1 + 0.2, b: true, d: "2026-01-31T00:00:00.000Z", 'say "hi"': "q", n: 3 },
    { x: null, b: null, d: null, 'say "hi"': null, n: null },
  ]);
});

test("lists in Parquet are sequences, whatever their numbers; those of two parts are joined", async () => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const files = ["train", "test"].map((part, at) => ({
    path: join(folder, `upload-${part}`),
    filename: `${part}.parquet`,
    at,
  }));
  for (const { path, at } of files)
    await connection.run(
      `copy (select list_transform(range(${2 + at}), x -> x::float) as flat, [[1::utinyint, 2], [3, ${at}]]::smallint[2][] as steps, ['a', 'b"'] as tags)
       to '${path}' (format parquet)`,
    );
  connection.closeSync();
  const { parquetPath, columns } = await ingest({ files, workFolder: folder });
  expect(columns.map(({ name, type, shape }) => [name, type, shape])).toEqual([
    ["flat", "sequence", [0, 1]],
    ["steps", "sequence", [2, 2]],
    ["tags", "category", undefined],
    ["split", "category", undefined],
  ]);
  const [flat, steps, tags] = (await readTable(parquetPath, columns)).columns;
  expect(tags).toMatchObject({ dictionary: [JSON.stringify(["a", 'b"'])] });
  expect(flat).toMatchObject({ elements: Float64Array.of(0, 1, 0, 1, 2) });
  expect(steps).toMatchObject({ elements: Float64Array.of(1, 2, 3, 0, 1, 2, 3, 1) });
});
