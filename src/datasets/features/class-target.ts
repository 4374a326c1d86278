// The target of a classification: classes in a fixed order, each label in its own JSON type (7, true, "setosa").
import type { TableColumn } from "../table.ts";

export type Label = string | number | boolean;

export interface ClassTarget {
  kind: "class";
  name: string;
  /** In natural order: numbers by size, false before true, words by code point. Position = class code. */
  classes: Label[];
}

/** The classes of the whole column: a class that only validation has must have a code too. */
export function fitClasses(column: TableColumn): ClassTarget {
  const { name } = column;
  if ("codes" in column) {
    const used = [...new Set(column.codes)].filter((code) => code >= 0).sort((a, b) => a - b);
    return { kind: "class", name, classes: used.map((code) => column.dictionary[code]) };
  }
  if (!("values" in column)) throw new Error(`Column "${name}" holds images, not classes.`);
  const values = [...new Set(column.values)].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return { kind: "class", name, classes: column.type === "boolean" ? values.map((value) => value === 1) : values };
}

/** Class codes of `rows` (shape rows.length); -1 where the label is missing or unknown to the target. */
export function encodeClasses({ classes }: ClassTarget, column: TableColumn, rows: Int32Array): Int32Array {
  const codes = new Map(classes.map((label, code) => [label, code]));
  if ("codes" in column) {
    const ofDictionary = column.dictionary.map((word) => codes.get(word) ?? -1);
    return rows.map((row) => (column.codes[row] < 0 ? -1 : ofDictionary[column.codes[row]]));
  }
  if (!("values" in column)) throw new Error(`Column "${column.name}" holds images, not classes.`);
  const { values, type } = column;
  return rows.map(
    (row) => codes.get(type === "boolean" && !Number.isNaN(values[row]) ? values[row] === 1 : values[row]) ?? -1,
  );
}
