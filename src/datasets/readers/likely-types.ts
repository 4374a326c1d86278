// Which types the columns of delimited text have, by the first records: a guess that reading the file confirms or not.
import { booleanIn, datetimeIn, isInteger, isMissing, numberIn } from "../cell.ts";

export type LikelyType = "integer" | "number" | "boolean" | "datetime";

/** The first that holds for every cell is likely the type of the column. */
const cellRules: readonly (readonly [LikelyType, (cell: string) => boolean])[] = [
  ["integer", isInteger],
  ["number", (cell) => Number.isFinite(numberIn(cell))],
  ["boolean", (cell) => booleanIn(cell) !== undefined],
  ["datetime", (cell) => datetimeIn(cell) !== undefined],
];

export const isNumeric = (type: LikelyType) => type === "integer" || type === "number";

/** Types of the columns whose sampled cells, but for missing ones, are all of one of these. */
export function likelyTypes(records: readonly (readonly string[])[], width: number): Map<number, LikelyType> {
  const found = new Map<number, LikelyType>();
  for (let column = 0; column < width; column++) {
    const cells = records.map((record) => record[column] ?? "").filter((cell) => !isMissing(cell));
    const type = cells.length === 0 ? undefined : cellRules.find(([, holds]) => cells.every(holds))?.[0];
    if (type !== undefined) found.set(column, type);
  }
  return found;
}
