// Which types the columns of delimited text have, by the first records: a guess that reading the file confirms or not.
import { booleanIn, datetimeIn, isInteger, isMissing, numberIn } from "../cell.ts";
import { pieces } from "./plain-file.ts";

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
export function likelyTypes(
  records: readonly (readonly string[])[],
  width: number,
  path: string,
): Map<number, LikelyType> {
  const found = new Map<number, LikelyType>();
  for (let column = 0; column < width; column++) {
    const cells = records.map((record) => record[column] ?? "").filter((cell) => !isMissing(cell));
    const type = cells.length === 0 ? undefined : cellRules.find(([, holds]) => cells.every(holds))?.[0];
    if (type !== undefined) found.set(column, type);
  }
  const asText = [...found.values()].some(isNumeric) && holdsDigitSeparators(path);
  return asText ? new Map([...found].filter(([, type]) => !isNumeric(type))) : found;
}

const underscore = 95;
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 48 && byte <= 57;

/** DuckDB takes 1_000 for a number, which no data format means: such a file is read as text, cell by cell. */
function holdsDigitSeparators(path: string): boolean {
  for (const piece of pieces(path)) {
    for (let at = piece.indexOf(underscore); at >= 0; at = piece.indexOf(underscore, at + 1)) {
      // At the edge of a piece the neighbour is unknown: taken for a digit.
      const before = at === 0 || isDigit(piece[at - 1]);
      if (before && (at + 1 === piece.length || isDigit(piece[at + 1]))) return true;
    }
  }
  return false;
}
