// Data that cannot be used is refused with what is wrong, where, and what to do: one test per kind of problem.
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { DatasetProblem } from "../../src/contract/dataset.ts";
import { uploadFolder } from "./uploads.ts";
import type { Upload } from "./uploads.ts";

const { refusal, leftOver, send } = uploadFolder({ small: true });

const csv = (content: string | Uint8Array, options?: Upload["options"]): Upload => ({
  content,
  format: "csv",
  ...(options && { options }),
});
const json = (value: unknown): Upload => ({
  content: typeof value === "string" ? value : JSON.stringify(value),
  format: "json",
});
const numbersThen = (...cells: string[]) =>
  `x\n${Array.from({ length: 20 }, (_, row) => row).join("\n")}\n${cells.join("\n")}\n`;

const refusals: [sentence: string, upload: Upload, problems: Partial<DatasetProblem>[]][] = [
  ["an empty file", csv(""), [{ code: "empty_file" }]],
  ["a file of blank lines", csv("\n\n"), [{ code: "empty_file" }]],
  ["a header without rows", csv("a,b\n"), [{ code: "no_rows" }]],
  [
    "an empty header name, with its line",
    csv("a,,c\n1,2,3\n", { header: true }),
    [{ code: "empty_column_name", line: 1 }],
  ],
  ["a header name used twice", csv("a,b,a\n1,2,3\n"), [{ code: "duplicate_column_name", line: 1, column: "a" }]],
  ["a line with too few fields", csv("a,b\n1,2\n3\n4,5\n"), [{ code: "missing_fields", line: 3, value: "3" }]],
  ["a line with too many fields", csv("a,b\r\n1,2\r\n3,4,5\r\n"), [{ code: "extra_fields", line: 3, value: "3,4,5" }]],
  [
    "every ragged line at once",
    csv("a,b\n1\n2\n3,4,5\n6,7\n"),
    [{ line: 2 }, { line: 3 }, { line: 4, code: "extra_fields" }],
  ],
  ["a quote that is never closed", csv('a,b\n1,2\n3,"abc\n5,6\n7,8\n'), [{ code: "unclosed_quote", line: 3 }]],
  ["a quote that is never closed in the header", csv('"a,b\n1,2\n'), [{ code: "unclosed_quote", line: 1 }]],
  ["text after a closing quote", csv('a,b\n1,2\n3,"abc"d\n'), [{ code: "unclosed_quote", line: 3 }]],
  [
    "a field longer than 1 MiB",
    csv(`a,b\n1,x\n2,${"y".repeat(1_100_000)}\n`),
    [{ code: "field_too_long", row: 2, line: 3, column: "b" }],
  ],
  ["a line longer than 4 MiB", csv(`a,b\n1,x\n2,${"y".repeat(5_000_000)}\n`), [{ code: "line_too_long", line: 3 }]],
  [
    "a last line without end that is too long",
    csv(`a,b\n1,x\n${"y".repeat(9_000_000)}`),
    [{ code: "line_too_long", line: 3 }],
  ],
  [
    "more than 10,000 columns",
    csv(`${Array.from({ length: 10_001 }, (_, i) => `c${i}`).join(",")}\n`),
    [{ code: "too_many_columns" }],
  ],
  [
    "bytes that are not UTF-8, with their line",
    csv(Buffer.concat([Buffer.from("a,b\n1,é\n"), Buffer.from("3,\xFF\xFE\n", "latin1")])),
    [{ code: "invalid_encoding", line: 3 }],
  ],
  ["a NUL byte, with its line", csv("a,b\n1,2\n3,\0\n4,5\n6,7\n"), [{ code: "nul_byte", line: 3 }]],
  [
    "a word in a column of numbers",
    csv(numbersThen("abc")),
    [{ code: "not_a_number", row: 21, line: 22, column: "x", value: "abc" }],
  ],
  [
    "infinity in a column of numbers",
    csv(numbersThen("inf", "-Infinity")),
    [
      { code: "non_finite", row: 21 },
      { code: "non_finite", row: 22 },
    ],
  ],
  ["a number too large for a double", csv(numbersThen("1e999")), [{ code: "non_finite", row: 21, value: "1e999" }]],
  [
    "a cell after a quoted line break, with the line where its row starts",
    csv(`x,y\n1,"a\nb"\n\n${Array.from({ length: 9 }, (_, i) => `${i},c`).join("\n")}\nabc,d\n`),
    [{ code: "not_a_number", row: 11, line: 14 }],
  ],
  [
    "a fraction in a column declared integer",
    csv("a\n1\n2.5\n", { columns: { a: "integer" } }),
    [{ code: "not_an_integer", row: 2 }],
  ],
  [
    "a word in a column declared boolean",
    csv("a\ntrue\n0\nx\n", { columns: { a: "boolean" } }),
    [{ code: "not_a_boolean", row: 3 }],
  ],
  [
    "a word in a column declared datetime",
    csv("a\n2026-01-01\nx\n", { columns: { a: "datetime" } }),
    [{ code: "not_a_datetime", row: 2 }],
  ],
  [
    "a text column used as a number, row by row",
    csv("a\nx\n1\ny\n", { columns: { a: "number" } }),
    [{ row: 1 }, { row: 3, line: 4 }],
  ],
  ["JSON that breaks off", json('[{"a":1},\n{"a":2}'), [{ code: "malformed_json", line: 2 }]],
  ["JSON with a mistake, with its line", json('[{"a":1},\n{"a":,}]'), [{ code: "malformed_json", line: 2 }]],
  [
    "a row that is no object",
    json([{ a: 1 }, 7, null]),
    [
      { code: "not_an_object", row: 2 },
      { code: "not_an_object", row: 3 },
    ],
  ],
  ["rows that are no objects, and nothing else", json([[1]]), [{ code: "not_an_object", row: 1 }]],
  ["no pictures where pictures are asked for", { content: "a\n1\n", format: "images" }, [{ code: "no_media" }]],
  [
    "an object as a cell",
    json([{ a: 1 }, { a: { b: 2 } }]),
    [{ code: "nested_value", row: 2, column: "a", value: '{"b":2}' }],
  ],
  [
    "a cell nested beyond any stack",
    json(`[{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}]`),
    [{ code: "nested_value", row: 1 }],
  ],
  ["an array among numbers", json([{ a: 1 }, { a: [1] }]), [{ code: "nested_value", row: 2, column: "a" }]],
  ["a number among arrays", json([{ a: [1] }, { a: 1 }]), [{ code: "nested_value", row: 2, column: "a" }]],
  ["an array of numbers and words", json([{ a: [1, "x"] }]), [{ code: "nested_value", row: 1, column: "a" }]],
  ["an array of objects", json([{ a: [{}] }]), [{ code: "nested_value", row: 1, column: "a" }]],
  [
    "a sequence with a gap",
    json([{ a: [1, 2] }, { a: null }, { a: [1, null] }]),
    [{ code: "gap_in_sequence", row: 3, column: "a" }],
  ],
  ["a sequence with 1e999", json('[{"a":[1e999]}]'), [{ code: "gap_in_sequence", row: 1, column: "a" }]],
  ["steps of different widths", json([{ a: [[1, 2], [3]] }]), [{ code: "uneven_steps", column: "a" }]],
  ["rows of different widths", json([{ a: [[1, 2]] }, { a: [[3]] }]), [{ code: "uneven_steps", column: "a" }]],
  ["1e999 in JSON", json('[{"a":1e999},{"a":1}]'), [{ code: "non_finite", row: 1, column: "a" }]],
  ["JSON without rows", json([]), [{ code: "no_rows" }]],
  ["rows without columns", json([{}, {}]), [{ code: "no_columns" }]],
  ["an empty name in JSON", json([{ "": 1 }]), [{ code: "empty_column_name" }]],
  [
    "broken lines of NDJSON, each with its line",
    { content: '{"a":1}\n{"a":\n\n{a}\n', format: "ndjson" },
    [{ line: 2 }, { line: 4 }],
  ],
  ["what is no Parquet", { content: "PAR1 but not really PAR1", format: "parquet" }, [{ code: "broken_file" }]],
  ["an archive that is none", { content: "PK\u0003\u0004rest", filename: "a.csv" }, [{ code: "broken_archive" }]],
  ["gzip that breaks off", csv(gzipSync("a,b\n1,2\n".repeat(1000)).subarray(0, 40)), [{ code: "broken_gzip" }]],
  [
    "gzip that unpacks to more than allowed",
    { ...csv(gzipSync("a\n".repeat(2_000_000))), limits: { unpackedMegabytes: 1 } },
    [{ code: "too_large_unpacked" }],
  ],
];

describe("refused", () => {
  test.each(refusals)("%s", async (_sentence, upload, problems) => {
    const error = await refusal(upload);
    expect(error.problems.filter(({ severity }) => severity === "error")).toMatchObject(problems);
    expect(error.problemCount).toBeGreaterThanOrEqual(problems.length);
    expect(error.code).toBe("invalid_dataset");
    expect(error.faults).toHaveLength(problems.length);
    // Every placeholder of the sentence was filled in.
    for (const { detail } of error.problems) expect(detail).not.toMatch(/\{\w+\}|\?$|undefined/);
  });
});

describe("refused with a pointer into the request", () => {
  test("an unknown key of the JSON envelope, with the nearest name", async () => {
    const error = await refusal(json({ nam: "x", rows: [{ a: 1 }] }));
    expect(error.faults).toMatchObject([
      { detail: 'Unknown field "nam".', hint: expect.stringContaining('"name"') as string },
    ]);
  });

  test("JSON that is neither rows nor an envelope", async () => {
    expect((await refusal(json("7"))).faults).toMatchObject([{ code: "invalid_type" }]);
    expect((await refusal(json({ name: "x" }))).faults).toMatchObject([{ pointer: "/rows" }]);
  });

  test("an unknown column in options.columns, with the nearest name", async () => {
    const error = await refusal(csv("speed,b\n1,2\n", { columns: { sped: "number" } }));
    expect(error.faults).toMatchObject([
      { pointer: "/options/columns/sped", code: "unknown_column", hint: expect.stringContaining('"speed"') as string },
    ]);
  });

  test("a delimiter that is a quote", async () => {
    const { faults } = await refusal(csv("a,b\n1,2\n", { delimiter: '"' }));
    expect(faults).toMatchObject([{ pointer: "/options/delimiter", code: "invalid_delimiter" }]);
  });

  test("a column declared as image that holds none", async () => {
    expect((await refusal(csv("a\n1\n", { columns: { a: "image" } }))).faults).toMatchObject([
      { pointer: "/options/columns/a", code: "wrong_type" },
    ]);
  });
});

test("a thousand bad cells give a hundred problems and the total", async () => {
  const good = Array.from({ length: 20_000 }, () => "1");
  const error = await refusal(csv(`x\n${[...good, ...Array.from({ length: 1000 }, () => "bad")].join("\n")}\n`));
  expect(error.problems).toHaveLength(100);
  expect(error.problemCount).toBe(1000);
  expect(error.message).toBe("The data has 1000 errors.");
});

test("a bad cell is accepted once its spelling is declared missing, or its column a category", async () => {
  const content = numbersThen("abc");
  const [missing, category] = await Promise.all([
    send(csv(content, { missing: ["abc"] })),
    send(csv(content, { columns: { x: "category" } })),
  ]);
  expect(missing.columns[0]).toMatchObject({ type: "integer", statistics: { missing: 1 } });
  expect(category.columns[0]).toMatchObject({ type: "category", statistics: { distinct: 21 } });
});

test("nothing is left behind by what was refused", async () => {
  await refusal(csv("a,b\n1\n"));
  await refusal(csv(numbersThen("abc")));
  expect(leftOver().filter((name) => !name.startsWith("table-"))).toEqual([]);
});
