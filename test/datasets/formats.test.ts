// Every format comes out as the same typed table: names, types and values as they stand in the file.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { ColumnType } from "../../src/contract/dataset.ts";
import { ingest, readRows } from "../../src/datasets/ingest.ts";
import { readTable } from "../../src/datasets/read-table.ts";
import { absent, sharedData, uploadFolder } from "./uploads.ts";
import type { Upload } from "./uploads.ts";

const { send, sendCsv, rowsOf, folder } = uploadFolder({ small: true });

const typesOf = async (upload: Upload) => {
  const { columns } = await send(upload);
  return Object.fromEntries(columns.map(({ name, type }): [string, ColumnType] => [name, type]));
};

const twoRows = [
  { a: 1, b: "x" },
  { a: 2, b: "y" },
];

describe("delimited text", () => {
  test.each([
    ["commas", "a,b\n1,x\n2,y\n"],
    ["semicolons", "a;b\n1;x\n2;y\n"],
    ["tabs", "a\tb\n1\tx\n2\ty\n"],
    ["bars", "a|b\n1|x\n2|y\n"],
    ["Windows line ends", "a,b\r\n1,x\r\n2,y\r\n"],
    ["old Macintosh line ends", "a,b\r1,x\r2,y\r"],
    ["mixed line ends", "a,b\r\n1,x\r\n2,y\n"],
    ["mixed line ends the other way round", "a,b\n1,x\r2,y\r\n"],
    ["a byte order mark", "\uFEFFa,b\n1,x\n2,y\n"],
    ["no line end after the last row", "a,b\n1,x\n2,y"],
    ["blank lines", "a,b\n\n1,x\n\n2,y\n\n"],
    ["blanks around names and cells", " a , b\n1 , x\n 2, y\n"],
    ["quotes around everything", '"a","b"\n"1","x"\n"2","y"\n'],
  ])("%s are understood", async (_sentence, content) => {
    expect(await rowsOf({ content, format: "csv" })).toEqual(twoRows);
  });

  test("gzip is unpacked", async () => {
    expect(await rowsOf({ content: gzipSync("a,b\n1,x\n2,y\n"), filename: "data.csv.gz" })).toEqual(twoRows);
  });

  test("delimiters, line ends and quotes within quotes belong to the cell", async () => {
    const [row] = await rowsOf({ content: 'a,b\n"1,5;x","say ""hi""\nthere"\n', format: "csv" });
    expect(row).toEqual({ a: "1,5;x", b: 'say "hi"\nthere' });
  });

  test("mixed line ends within quotes stay as they are", async () => {
    const rows = await rowsOf({ content: 'a,b\r\n1,"x\r\ny\nz"\n2,"q\r"\r\n', format: "csv" });
    expect(rows.map(({ b }) => b)).toEqual(["x\r\ny\nz", "q"]);
  });

  test("in TSV a quote is a plain character", async () => {
    const rows = await rowsOf({ content: 'label\ttext\nham\t"hello\nspam\tsay "hi"\n', filename: "sms.tsv" });
    expect(rows).toEqual([
      { label: "ham", text: '"hello' },
      { label: "spam", text: 'say "hi"' },
    ]);
  });

  test("a file that starts with numbers has no header", async () => {
    expect(await rowsOf({ content: "5.1,setosa\n4.9,virginica\n", format: "csv" })).toEqual([
      { column_1: 5.1, column_2: "setosa" },
      { column_1: 4.9, column_2: "virginica" },
    ]);
  });

  test("names that are numbers are a header where one stands above numbers as a word", async () => {
    expect(await typesOf({ content: "0,1,target\n3,4,5\n6,7,8\n", format: "csv" })).toEqual({
      "0": "integer",
      "1": "integer",
      target: "integer",
    });
  });

  test("header and delimiter can be given", async () => {
    const options = { header: false, delimiter: ";" };
    expect(await rowsOf({ content: "a,b;c\nd,e;f\n", format: "csv", options })).toEqual([
      { column_1: "a,b", column_2: "c" },
      { column_1: "d,e", column_2: "f" },
    ]);
  });

  test("__proto__ and constructor are names and cells like any other", async () => {
    const [row] = await rowsOf({ content: "__proto__,constructor,A,a\n__proto__,toString,1,2\n", format: "csv" });
    expect(Object.entries(row)).toEqual([
      ["__proto__", "__proto__"],
      ["constructor", "toString"],
      ["A", 1],
      ["a", 2],
    ]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test("a column declared otherwise is read otherwise", async () => {
    const content = "a,b,c\n1,1,1\n0,0,0\n";
    const options = { columns: { a: "category", b: "boolean", c: "number" } } as const;
    expect(await rowsOf({ content, format: "csv", options })).toEqual([
      { a: "1", b: true, c: 1 },
      { a: "0", b: false, c: 0 },
    ]);
  });
});

test("the table in memory has a NaN or -1 for what is missing and a sorted dictionary", async () => {
  const { parquetPath, columns } = await sendCsv("n,t,w,d\n1.5,true,b,1970-01-02\n,,,\n-2,no,a,1969-12-31\n");
  const table = await readTable(parquetPath, columns);
  expect(table.rows).toBe(3);
  expect(table.columns).toEqual([
    { name: "n", type: "number", values: Float64Array.of(1.5, NaN, -2) },
    { name: "t", type: "boolean", values: Float64Array.of(1, NaN, 0) },
    { name: "w", type: "category", codes: Int32Array.of(1, -1, 0), dictionary: ["a", "b"] },
    { name: "d", type: "datetime", values: Float64Array.of(86_400_000, NaN, -86_400_000) },
  ]);
  const only = await readTable(parquetPath, columns, new Set(["w"]));
  expect(only.columns.map(({ name }) => name)).toEqual(["w"]);
});

test("rows of a table longer than DuckDB's vectors stay in order", async () => {
  const numbers = Array.from({ length: 5000 }, (_, row) => row % 4999);
  const { parquetPath, columns } = await sendCsv(`n,w\n${numbers.map((n) => `${n},w${n % 7}`).join("\n")}\n`);
  const [n, w] = (await readTable(parquetPath, columns)).columns;
  expect(n).toMatchObject({ values: Float64Array.from(numbers) });
  expect(w).toMatchObject({ codes: Int32Array.from(numbers, (value) => value % 7) });
  const page = await readRows(parquetPath, columns, { offset: 4998, limit: 5, workFolder: folder });
  expect(page).toEqual([
    { n: 4998, w: "w0" },
    { n: 0, w: "w0" },
  ]);
});

describe("real sets", () => {
  test.skipIf(absent("iris/iris.csv"))("iris (needs ../shared/data): 150 rows, target species", async () => {
    const files = [{ path: join(sharedData, "iris/iris.csv"), filename: "iris.csv" }];
    const dataset = await ingest({ files, workFolder: folder });
    expect(dataset).toMatchObject({ format: "csv", rows: 150, suggestedTarget: "species" });
    // Means by awk '{s+=$1}END{print s/150}' over the file.
    expect(dataset.columns.map(({ statistics }) => statistics.mean?.toFixed(4))).toEqual([
      "5.8433",
      "3.0573",
      "3.7580",
      "1.1993",
      undefined,
    ]);
  });

  test.skipIf(absent("titanic/train.csv"))(
    "titanic (needs ../shared/data): missing cells as its README counts them",
    async () => {
      const files = [{ path: join(sharedData, "titanic/train.csv"), filename: "train.csv" }];
      const { rows, columns, suggestedTarget } = await ingest({ files, workFolder: folder });
      const missing = Object.fromEntries(
        columns.filter((c) => c.statistics.missing > 0).map((c) => [c.name, c.statistics.missing]),
      );
      expect({ rows, missing, suggestedTarget }).toEqual({
        rows: 891,
        missing: { Age: 177, Cabin: 687, Embarked: 2 },
        suggestedTarget: "Survived",
      });
    },
  );

  test.skipIf(absent("penguins/penguins.csv"))("penguins (needs ../shared/data): types", async () => {
    const files = [{ path: join(sharedData, "penguins/penguins.csv"), filename: "penguins.csv" }];
    const { columns } = await ingest({ files, workFolder: folder });
    expect(columns.map(({ type }) => type).join(" ")).toBe(
      "category category number number integer integer category integer",
    );
  });
});

test("two files that do not say which part they are of are refused", async () => {
  writeFileSync(join(folder, "upload-x"), "a\n1\n");
  const file = { path: join(folder, "upload-x"), filename: "x.csv" };
  await expect(ingest({ files: [file, file], workFolder: folder })).rejects.toThrow(
    /2 files, and their names do not say which part is which/,
  );
});
