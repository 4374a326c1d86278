// One test per rule of schema.ts: the cells of a column decide its type.
import { beforeAll, describe, expect, test } from "vitest";
import type { ColumnSchema, DatasetProblem } from "../../src/contract/dataset.ts";
import { uploadFolder } from "./uploads.ts";

const { sendCsv } = uploadFolder({ small: true });
const rows = 40;
const repeat = (...cells: string[]) => Array.from({ length: rows }, (_, row) => cells[row % cells.length]);
const distinct = (make: (row: number) => string) => Array.from({ length: rows }, (_, row) => make(row));
const firstThen = (first: string, then: string) => distinct((row) => (row === 0 ? first : then));

/** name of the column → its cells, the type expected, and the rule in words */
const cases: Record<string, { cells: string[]; type: string; rule: string }> = {
  integers: { cells: repeat("1", "-2", "+3"), type: "integer", rule: "digits with or without a sign are integers" },
  zero_one: { cells: repeat("0", "1"), type: "integer", rule: "0 and 1 stay integers" },
  numbers: { cells: repeat("1", "2.5", ".5", "1e3"), type: "number", rule: "one fraction makes a column of numbers" },
  fraction_zero: { cells: repeat("1.0", "2.0"), type: "number", rule: "1.0 is written as a number, not as an integer" },
  too_long: {
    cells: repeat("9007199254740993", "1"),
    type: "number",
    rule: "an integer a double cannot hold is a number",
  },
  truths: { cells: repeat("true", "FALSE"), type: "boolean", rule: "true and false in any case are booleans" },
  yes_no: { cells: repeat("yes", "no", ""), type: "boolean", rule: "yes and no are booleans" },
  dates: { cells: repeat("2026-01-31", "2026-02-28"), type: "datetime", rule: "ISO dates are datetimes" },
  times: {
    cells: repeat("2026-01-31T10:00:00Z", "2026-01-31 10:00:00.5+02:00"),
    type: "datetime",
    rule: "ISO times with a zone are datetimes",
  },
  no_dates: {
    cells: repeat("2026-02-30", "2026-01-01"),
    type: "category",
    rule: "a date that does not exist makes words of the column",
  },
  words: { cells: repeat("red", "green"), type: "category", rule: "few different words are categories" },
  names: { cells: distinct((row) => `name ${row}`), type: "text", rule: "many different words are text" },
  empty: { cells: repeat(""), type: "text", rule: "a column without any value is text" },
  mostly_missing: { cells: firstThen("5", "NA"), type: "integer", rule: "missing cells do not count" },
  with_nan: { cells: firstThen("NaN", "1.5"), type: "number", rule: "NaN does not count" },
  mixed: { cells: repeat("1", "2", "3", "x"), type: "category", rule: "three quarters of numbers are still words" },
  padded: { cells: repeat(" 1 ", "2 "), type: "integer", rule: "blanks around a cell are trimmed" },
  ids: { cells: distinct((row) => String(1000 + row)), type: "integer", rule: "ids are integers" },
};
const missingSpellings = ["", "NA", "N/A", "n/a", "null", "NULL", "None", "?", "-", "NaN", "nan"];

let columns: Map<string, ColumnSchema>;
let problems: DatasetProblem[];

beforeAll(async () => {
  const names = [...Object.keys(cases), "spellings"];
  const cells = [...Object.values(cases).map((one) => one.cells), repeat("7", ...missingSpellings)];
  const lines = Array.from({ length: rows }, (_, row) => cells.map((column) => column[row]).join(","));
  const dataset = await sendCsv([names.join(","), ...lines].join("\n"));
  columns = new Map(dataset.columns.map((column) => [column.name, column]));
  problems = dataset.problems;
});

describe("the type of a column", () => {
  test.each(Object.entries(cases).map(([name, { rule, type }]) => ({ name, rule, type })))(
    "$rule",
    ({ name, type }) => {
      expect(columns.get(name)?.type).toBe(type);
    },
  );

  test("every spelling of a missing value is missing", () => {
    const expected = repeat("7", ...missingSpellings).filter((cell) => cell !== "7").length;
    expect(columns.get("spellings")).toMatchObject({ type: "integer", statistics: { missing: expected, distinct: 1 } });
  });
});

describe("warnings", () => {
  // The cells follow the row number: each column determines the next.
  const found = () => problems.filter(({ code }) => code !== "determines_target");
  const codesOf = (name: string) => found().flatMap(({ column, code }) => (column === name ? [code] : []));

  test.each([
    ["with_nan", "nan_as_missing"],
    ["mixed", "mixed_values"],
    ["empty", "empty_column"],
    ["ids", "id_like_column"],
    ["names", "id_like_column"],
    ["spellings", "nan_as_missing"],
    ["too_long", "inexact_integers"],
  ])("column %s has the warning %s", (name, code) => {
    expect(codesOf(name)).toEqual([code]);
  });

  test("NaN is reported with the first row that has it", () => {
    expect(problems.find(({ column }) => column === "with_nan")).toMatchObject({ row: 1, severity: "warning" });
  });

  test("no other column has one", () => {
    const warned = ["with_nan", "mixed", "empty", "ids", "names", "spellings", "too_long"];
    expect(found().filter(({ column }) => !warned.includes(column ?? ""))).toEqual([]);
  });

  test("id-like columns are marked in the schema", () => {
    expect([...columns.values()].filter((column) => column.id_like).map(({ name }) => name)).toEqual(["names", "ids"]);
  });
});

describe("statistics", () => {
  // 40 cells 1, -2, 3, 1, … : 14 × 1, 13 × -2, 13 × 3 → sum 27, sum of squares 14 + 52 + 117 = 183
  test("mean and population standard deviation of numbers", () => {
    const statistics = columns.get("integers")!.statistics;
    expect(statistics).toMatchObject({ missing: 0, distinct: 3, min: -2, max: 3 });
    expect(statistics.mean).toBeCloseTo(27 / 40, 12);
    expect(statistics.std).toBeCloseTo(Math.sqrt(183 / 40 - (27 / 40) ** 2), 12);
  });

  test("numbers whose squares no double holds have a range but no deviation", async () => {
    const { columns: huge } = await sendCsv("a\n1e308\n-1e308\n1e-320\n");
    expect(huge[0].statistics).toEqual({ missing: 0, distinct: 3, min: -1e308, max: 1e308 });
  });

  test("the most frequent value comes first, in its own type", () => {
    expect(columns.get("integers")!.statistics.most_frequent?.[0]).toEqual({ value: 1, count: 14, share: 14 / 40 });
    expect(columns.get("yes_no")!.statistics.most_frequent?.[0]).toEqual({ value: true, count: 14, share: 14 / 27 });
  });

  test("datetimes are shown in UTC", () => {
    expect(columns.get("times")!.examples.slice(0, 2)).toEqual([
      "2026-01-31T10:00:00.000Z",
      "2026-01-31T08:00:00.500Z",
    ]);
  });
});
