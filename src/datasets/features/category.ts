// A word out of few: one input per category seen in training (one-hot). Missing words are zeros everywhere, and unseen
// ones too, unless there were too many categories: then rare and unseen ones share the last input.
import { booleanIn, isMissing, numberIn, trimCell } from "../cell.ts";
import type { TableColumn } from "../table.ts";
import type { FeatureEncoder } from "./encoder.ts";
import { positionsOf } from "./positions.ts";

export interface CategoryState {
  kind: "category";
  name: string;
  /** What the cells are: numbers and truth values may be declared as categories, then "1" and 1 and "1.0" are one. */
  cells: "words" | "numbers" | "booleans";
  /** in sorted order: by code point, numbers by size */
  categories: string[];
  /** Present: the least frequent categories have no input of their own but one together, the last. */
  other?: true;
}

/** Inputs of one category column at most, unless asked otherwise. */
export const usualCategories = 1000;

export const categoryEncoder: FeatureEncoder<CategoryState> = {
  fit(column, trainingRows, { max_categories: most = usualCategories }) {
    const wordAt = wordsOf(column);
    const counts = new Map<string, number>();
    for (const row of trainingRows) {
      const word = wordAt(row);
      if (word !== undefined) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    const cells: CategoryState["cells"] =
      "codes" in column ? "words" : column.type === "boolean" ? "booleans" : "numbers";
    const inOrder = (words: string[]) =>
      cells === "numbers" ? words.sort((a, b) => Number(a) - Number(b)) : words.sort();
    const all = inOrder([...counts.keys()]);
    const state = { kind: "category" as const, name: column.name, cells };
    if (all.length <= most) return { ...state, categories: all };
    // A stable sort: of equally frequent categories the first in order stay.
    const frequent = all.sort((a, b) => counts.get(b)! - counts.get(a)!).slice(0, most - 1);
    return { ...state, categories: inOrder(frequent), other: true };
  },

  width,

  encode(state, column, rows, into, offset, stride) {
    const { categories, other } = state;
    const wordAt = wordsOf(column);
    const positions = positionsOf(categories);
    for (let i = 0; i < rows.length; i++) {
      const start = i * stride + offset;
      into.fill(0, start, start + width(state));
      const word = wordAt(rows[i]);
      if (word === undefined) continue;
      const position = positions.get(word) ?? (other === true ? categories.length : undefined);
      if (position !== undefined) into[start + position] = 1;
    }
  },

  encodeValue(state, value, into, start) {
    const { categories, cells, other } = state;
    into.fill(0, start, start + width(state));
    if (value === null) return undefined;
    const word = wordIn(value, cells);
    if (word === undefined) {
      return {
        code: "not_a_category",
        expected: "a string",
        hint: `Known: ${categories.slice(0, 10).join(", ")}${categories.length > 10 ? ", …" : ""}.`,
      };
    }
    if (word === "") return undefined;
    const position = positionsOf(categories).get(word);
    if (position !== undefined) into[start + position] = 1;
    else if (other === true) into[start + categories.length] = 1;
    return undefined;
  },

  describe({ name, categories }) {
    const description = { name, type: "category" as const, required: true, nullable: true, values: categories };
    return categories.length === 0 ? description : { ...description, example: categories[0] };
  },
};

function width({ categories, other }: CategoryState): number {
  return categories.length + (other === true ? 1 : 0);
}

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
