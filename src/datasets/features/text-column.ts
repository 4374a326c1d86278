// Texts of a column and of instances, for the encoders that read them.
import type { TableColumn, TextColumn } from "../table.ts";

const exampleCharacters = 80;

export function textColumn(column: TableColumn): TextColumn {
  if ("codes" in column) return column;
  throw new Error(`Column "${column.name}" holds ${column.type}, not texts.`);
}

/** Each text of the rows, and how many of them have it. */
export function countTexts({ codes, dictionary }: TextColumn, rows: Int32Array): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    if (codes[row] < 0) continue;
    const text = dictionary[codes[row]];
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

/** The first text there is, cut; "" when there is none. */
export function exampleOf({ codes, dictionary }: TextColumn, rows: Int32Array): string {
  const row = rows.find((candidate) => codes[candidate] >= 0);
  return row === undefined ? "" : dictionary[codes[row]].slice(0, exampleCharacters);
}

/** What a cell of the dataset with this value would hold: 7 and true are texts too. Nothing for what is no cell. */
export function textOf(value: unknown): string | undefined {
  if (value === null) return "";
  if (typeof value === "string") return value;
  return typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))
    ? String(value)
    : undefined;
}
