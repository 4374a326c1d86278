// Targets of which a row has any number: a cell holds labels with a separator between them, or a JSON array of them.
import type { TableColumn } from "../table.ts";
import type { Matrix } from "./encoder.ts";
import { itemsIn } from "./items.ts";
import { positionsOf } from "./positions.ts";
import { textColumn } from "./text-column.ts";

export interface LabelTarget {
  kind: "labels";
  name: string;
  separator: string;
  /** in sorted order; position = output of the network */
  classes: string[];
}

export const usualSeparator = ",";

/** The labels of a cell, each once: "a, b" and ["a","b"] are two. */
export function labelsIn(cell: string, separator: string): string[] {
  return [...new Set(itemsIn(cell, separator))];
}

/** Every label of the column: one that only validation has must have an output too. */
export function fitLabels(column: TableColumn, separator: string): LabelTarget {
  const { name, codes, dictionary } = textColumn(column);
  const used = [...new Set(codes)].filter((code) => code >= 0);
  const classes = [...new Set(used.flatMap((code) => labelsIn(dictionary[code], separator)))].sort();
  return { kind: "labels", name, separator, classes };
}

/** Matrix (rows.length, classes), row-major: 1 where the row has the label. */
export function encodeLabelSets(
  { classes, separator }: LabelTarget,
  column: TableColumn,
  rows: Int32Array,
  precision: "float32" | "float64",
): Matrix {
  const { codes, dictionary } = textColumn(column);
  const size = rows.length * classes.length;
  const matrix = precision === "float32" ? new Float32Array(size) : new Float64Array(size);
  const positions = positionsOf(classes);
  rows.forEach((row, i) => {
    if (codes[row] < 0) return;
    for (const label of labelsIn(dictionary[codes[row]], separator))
      matrix[i * classes.length + positions.get(label)!] = 1;
  });
  return matrix;
}
