// How many labels the schema of a column shows: its rows may hold more.
import type { ColumnSchema } from "../../contract/dataset.ts";
import { itemsIn } from "./items.ts";
import { labelsIn, usualSeparator } from "./label-target.ts";

/** Of cells with any number of labels, at least one. */
export function labelsShown(column: ColumnSchema | undefined, separator = usualSeparator): number {
  return Math.max(1, new Set(cellsShown(column).flatMap((cell) => labelsIn(cell, separator))).size);
}

/** Of cells with a label for each token, at least two. */
export function tagsShown(column: ColumnSchema | undefined): number {
  return Math.max(2, new Set(cellsShown(column).flatMap((cell) => itemsIn(cell))).size);
}

function cellsShown(column: ColumnSchema | undefined): string[] {
  const cells = [...(column?.examples ?? []), ...(column?.statistics.most_frequent ?? []).map(({ value }) => value)];
  return cells.filter((cell) => typeof cell === "string");
}
