// A word out of few: one input per category seen in training (one-hot). Unseen and missing words are zeros everywhere.
import { booleanIn, isMissing, numberIn, trimCell } from "../cell.ts";
import type { TableColumn } from "../table.ts";
import type { FeatureEncoder } from "./encoder.ts";

export interface CategoryState {
  kind: "category";
  name: string;
  /** What the cells are: numbers and truth values may be declared as categories, then "1" and 1 and "1.0" are one. */
  cells: "words" | "numbers" | "booleans";
  /** in sorted order: by code point, numbers by size */
  categories: string[];
}

export const categoryEncoder: FeatureEncoder<CategoryState> = {
  fit(column, trainingRows) {
    const wordAt = wordsOf(column);
    const seen = new Set<string>();
    for (const row of trainingRows) {
      const word = wordAt(row);
      if (word !== undefined) seen.add(word);
    }
    const cells = "codes" in column ? "words" : column.type === "boolean" ? "booleans" : "numbers";
    const categories = cells === "numbers" ? [...seen].sort((a, b) => Number(a) - Number(b)) : [...seen].sort();
    return { kind: "category", name: column.name, cells, categories };
  },

  width: ({ categories }) => categories.length,

  encode({ categories }, column, rows, into, offset, stride) {
    const wordAt = wordsOf(column);
    const positions = new Map(categories.map((category, index) => [category, index]));
    for (let i = 0; i < rows.length; i++) {
      const start = i * stride + offset;
      into.fill(0, start, start + categories.length);
      const word = wordAt(rows[i]);
      const position = word === undefined ? undefined : positions.get(word);
      if (position !== undefined) into[start + position] = 1;
    }
  },

  encodeValue({ categories, cells }, value, into, start) {
    into.fill(0, start, start + categories.length);
    if (value === null) return undefined;
    const word = wordIn(value, cells);
    if (word === undefined) {
      return {
        code: "not_a_category",
        expected: "a string",
        hint: `Known: ${categories.slice(0, 10).join(", ")}${categories.length > 10 ? ", …" : ""}.`,
      };
    }
    const position = categories.indexOf(word);
    if (position >= 0) into[start + position] = 1;
    return undefined;
  },

  describe({ name, categories }) {
    const description = { name, type: "category" as const, required: true, nullable: true, values: categories };
    return categories.length === 0 ? description : { ...description, example: categories[0] };
  },
};

/** The word in each row of a column, undefined when missing. */
function wordsOf(column: TableColumn): (row: number) => string | undefined {
  if ("codes" in column) {
    const { codes, dictionary } = column;
    return (row) => (codes[row] < 0 ? undefined : dictionary[codes[row]]);
  }
  if (!("values" in column)) throw new Error(`Column "${column.name}" holds images, not categories.`);
  const { values, type } = column;
  return (row) => {
    const value = values[row];
    if (Number.isNaN(value)) return undefined;
    return type === "boolean" ? String(value === 1) : String(value);
  };
}

/** The word a value means: as a cell of the dataset with this text would. An empty word is a missing one. */
function wordIn(value: unknown, cells: CategoryState["cells"]): string | undefined {
  if (typeof value !== "string" && typeof value !== "boolean" && (typeof value !== "number" || !Number.isFinite(value)))
    return undefined;
  const text = trimCell(String(value));
  if (isMissing(text)) return "";
  if (cells === "numbers") return String(numberIn(text) ?? text);
  if (cells === "booleans") return String(text === "1" ? true : text === "0" ? false : (booleanIn(text) ?? text));
  return text;
}
