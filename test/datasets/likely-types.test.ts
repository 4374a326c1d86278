// Columns are read as what their first cells are. Where an odd cell stands must make no difference to what comes out.
import { expect, test } from "vitest";
import { uploadFolder } from "./uploads.ts";

const { sendCsv, refusal } = uploadFolder({ small: true });

const rows = 300; // beyond the records that are sampled
const day = (row: number) => new Date(Date.UTC(2024, 0, 1 + row)).toISOString().slice(0, 10);

/** Cells of a column by row, and one cell that is something else. */
const columns: [name: string, cell: (row: number) => string, odd: string, type: string][] = [
  ["a day and a word", day, "soon", "text"],
  ["a day and one of no calendar", day, "2024-02-30", "text"],
  ["a day and a time with its zone", day, "2024-01-01T10:00:00+02:00", "datetime"],
  ["a day and a missing one", day, "NA", "datetime"],
  ["a truth value and a word", (row) => (row % 2 ? "yes" : "no"), "perhaps", "category"],
  ["a truth value and a one", (row) => (row % 2 ? "true" : "false"), "1", "category"],
  ["a truth value written otherwise", (row) => (row % 2 ? "true" : "false"), "NO", "boolean"],
  ["a number and not-a-number", (row) => `${row}.5`, "NaN", "number"],
  ["an integer and a fraction", String, "0.5", "number"],
  ["an integer beyond the exact ones", String, "9007199254740993", "number"],
  ["blanks around a number", String, " 7 ", "integer"],
];

test("an odd cell in the first row or in the last gives the same schema", async () => {
  const header = columns.flatMap(([name]) => [`${name}, first`, `${name}, last`]).map((name) => `"${name}"`);
  const lines = Array.from({ length: rows }, (_, row) =>
    columns.flatMap(([, cell, odd]) => [row === 0 ? odd : cell(row), row === rows - 1 ? odd : cell(row + 1)]).join(","),
  );
  const dataset = await sendCsv([header.join(","), ...lines].join("\n"));
  for (const [index, [name, , , type]] of columns.entries()) {
    const [first, last] = dataset.columns.slice(2 * index, 2 * index + 2);
    expect([name, first.type, last.type]).toEqual([name, type, type]);
    expect([name, last.statistics.missing]).toEqual([name, first.statistics.missing]);
    expect([name, last.statistics.distinct]).toEqual([name, first.statistics.distinct]);
  }
});

test("a word in the last row of numbers is refused with its row and line, whatever the other columns are", async () => {
  const lines = Array.from({ length: rows }, (_, row) => `${row === rows - 1 ? "oops" : row},${day(row)},yes`);
  const error = await refusal({ content: ["n,day,ok", ...lines, ""].join("\n"), filename: "late.csv" });
  expect(error.problems).toHaveLength(1);
  expect(error.problems[0]).toMatchObject({ code: "not_a_number", row: 300, line: 301, column: "n", value: "oops" });
});
