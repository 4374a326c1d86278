// How a file was understood: encoding, delimiter, header, quotes and decimal mark, found out and told.
import { describe, expect, test } from "vitest";
import type { ColumnType, DatasetReading } from "../../src/contract/dataset.ts";
import { hasHeader } from "../../src/datasets/readers/csv-header.ts";
import { uploadFolder } from "./uploads.ts";
import type { Upload } from "./uploads.ts";

const { send, refusal } = uploadFolder({ small: true });
const csv = (content: string | Uint8Array, options?: Upload["options"]): Upload => ({
  content,
  filename: "data.csv",
  ...(options && { options }),
});
const utf16 = (text: string) => Buffer.from(text, "utf16le");
const plain: DatasetReading = {
  files: ["data.csv"],
  encoding: "utf-8",
  delimiter: ",",
  header: true,
  quoted: true,
  decimal: ".",
};

const cases: [
  sentence: string,
  upload: Upload,
  expected: { reading: Partial<DatasetReading>; columns: Record<string, ColumnType>; codes?: string[] },
][] = [
  ["plain CSV", csv("a,b\n1,x\n2,y\n"), { reading: plain, columns: { a: "integer", b: "category" } }],
  [
    "decimal commas between semicolons",
    csv("a;b;c\n1,5;x;1.234,5\n-2,25;y;7\n"),
    { reading: { delimiter: ";", decimal: "," }, columns: { a: "number", b: "category", c: "number" } },
  ],
  [
    "commas in words between semicolons stay",
    csv("a;b\n1,5;1.5\nx,y;2.5\n"),
    { reading: { decimal: "." }, columns: { a: "category", b: "number" } },
  ],
  [
    "UTF-16 as Excel writes it, decoded with a warning",
    csv(utf16("\uFEFFa,b\n1,é\n2,ü\n")),
    { reading: { encoding: "utf-16le" }, columns: { a: "integer", b: "category" }, codes: ["decoded_text"] },
  ],
  [
    "UTF-16 without a mark",
    csv(utf16("a,b\n1,x\n2,y\n")),
    { reading: { encoding: "utf-16le" }, columns: { a: "integer", b: "category" }, codes: ["decoded_text"] },
  ],
  [
    "Windows-1252, decoded with a warning",
    csv(Buffer.from("name,b\nJosé,1\nZoë,2\n", "latin1")),
    { reading: { encoding: "windows-1252" }, columns: { name: "category", b: "integer" }, codes: ["decoded_text"] },
  ],
  [
    "an empty first name, as pandas writes its index",
    csv(",a,b\n0,1.5,x\n1,2.5,y\n"),
    {
      reading: { header: true },
      columns: { index: "integer", a: "number", b: "category" },
      codes: ["unnamed_index"],
    },
  ],
  [
    "two columns of sentences without a header",
    { content: "Go.\tVa !\nHi.\tSalut !\n", filename: "fra.txt" },
    {
      reading: { delimiter: "\t", header: false, quoted: false },
      columns: { column_1: "category", column_2: "category" },
    },
  ],
  [
    "quotes in TSV when asked for",
    { content: 'a\tb\n"x\ty"\t1\n', filename: "data.tsv", options: { quoted: true } },
    { reading: { delimiter: "\t", quoted: true }, columns: { a: "category", b: "integer" } },
  ],
  [
    "lines of text that no delimiter cuts",
    { content: "IN: walk, OUT: WALK\nIN: jump twice OUT: JUMP JUMP\n", filename: "tasks.txt" },
    { reading: { encoding: "utf-8" }, columns: { text: "category" } },
  ],
  [
    "the line that tells Excel the delimiter, byte order mark included",
    csv("\uFEFFsep=|\na|b,c\n1|x\n2|y\n"),
    { reading: { delimiter: "|", header: true }, columns: { a: "integer", "b,c": "category" } },
  ],
  [
    "comments above the table, whatever delimiters and quotes they hold",
    csv('# made by "us, 2024;\n#\n\na,b\n1.5,x\n2.5,y\n'),
    { reading: { delimiter: "," }, columns: { a: "number", b: "category" }, codes: ["skipped_comments"] },
  ],
  [
    "comments above a table whose name is hidden",
    { content: "# one two three\n# four five six\na,b\n1,x\n2,y\n" },
    { reading: { delimiter: "," }, columns: { a: "integer", b: "category" }, codes: ["skipped_comments"] },
  ],
  [
    "names of columns behind a #",
    csv("#id,b\n1,x\n2,y\n"),
    { reading: { header: true }, columns: { "#id": "integer", b: "category" } },
  ],
  [
    "hashtags",
    csv("#one\n#two\n#three\n", { header: false }),
    { reading: { header: false }, columns: { column_1: "category" } },
  ],
  [
    "months",
    csv('"Month","Sales"\n"1949-01",112\n"1949-02",118\n'),
    { reading: { header: true }, columns: { Month: "datetime", Sales: "integer" } },
  ],
];

describe("understood", () => {
  test.each(cases)("%s", async (_sentence, upload, { reading, columns, codes = [] }) => {
    const read = await send(upload);
    expect(read.reading).toMatchObject(reading);
    expect(Object.fromEntries(read.columns.map(({ name, type }) => [name, type]))).toEqual(columns);
    expect(read.problems.map(({ code }) => code)).toEqual(codes);
  });

  test("a decimal comma is a decimal point in the table", async () => {
    const { columns } = await send(csv("a;b\n1.234,5;1\n-0,5;2\n"));
    expect(columns[0].statistics).toMatchObject({ min: -0.5, max: 1234.5 });
  });

  test("more spellings of a missing value are told with the reading", async () => {
    const { reading, columns } = await send(csv("a,b\n1,x\nnone,y\n", { missing: ["none"] }));
    expect(reading.missing).toEqual(["none"]);
    expect(columns[0].statistics.missing).toBe(1);
  });
});

test.each([
  ["comments", '# by us\n# 2024, "again"\n'],
  ["what Excel is told", "sep=,\n"],
])("a fault below %s is found in its line", async (_sentence, preamble) => {
  const above = preamble.split("\n").length - 1;
  const rows = Array.from({ length: 12 }, (_, row) => `${row},x`).join("\n");
  const { problems } = await refusal(csv(`${preamble}a,b\n${rows}\noops,y\n`));
  expect(problems.find(({ severity }) => severity === "error")).toMatchObject({
    row: 13,
    line: above + 14,
    value: "oops",
  });
  const { problems: structural } = await refusal(csv(`${preamble}a,b\n1,x\n2,y,z\n`));
  expect(structural.find(({ severity }) => severity === "error")).toMatchObject({
    code: "extra_fields",
    line: above + 3,
  });
});

describe("a first line", () => {
  const lines = (text: string) => text.split("\n").map((line) => line.split(","));

  test.each([
    ["of words above numbers", "a,b\n1,2\n3,4"],
    ["of words above other words", "name,language\nKhoury,Arabic\nNahas,Arabic"],
    ["of years beside a word", "country,2019,2020\nFrance,1.5,2.5\nItaly,1.7,2.9"],
    ["that counts from 0 above numbers that do not", "0,1,2\n5.1,3.5,1.4\n4.9,3.0,1.4"],
    ["with an empty first name", ",a\n0,x\n1,y"],
  ])("%s is a header", (_sentence, text) => expect(hasHeader(lines(text))).toBe(true));

  test.each([
    ["of numbers", "1,2\n3,4"],
    ["of numbers that count up as the next lines do", "1,2,3\n2,3,4\n3,4,5"],
    ["with a number among words", "5.1,setosa\n4.9,virginica"],
    ["of sentences", "Go.,Va !\nHi.,Salut !"],
    ["of which a word stands again below", "AA,vowel\nB,stop\nAE,vowel"],
  ])("%s is data", (_sentence, text) => expect(hasHeader(lines(text))).toBe(false));
});
