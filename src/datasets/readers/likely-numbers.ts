// Which columns of delimited text are numbers, by the first records: a guess that reading the file confirms or not.
import { isInteger, isMissing, numberIn } from "../cell.ts";
import { pieces } from "./plain-file.ts";

/** Columns whose sampled cells are all finite numbers or missing, and whether all of those are written as integers. */
export function likelyNumbers(
  records: readonly (readonly string[])[],
  width: number,
  path: string,
): Map<number, "integer" | "number"> {
  const found = new Map<number, "integer" | "number">();
  for (let column = 0; column < width; column++) {
    const cells = records.map((record) => record[column] ?? "").filter((cell) => !isMissing(cell));
    if (cells.length > 0 && cells.every((cell) => Number.isFinite(numberIn(cell))))
      found.set(column, cells.every(isInteger) ? "integer" : "number");
  }
  return found.size > 0 && holdsDigitSeparators(path) ? new Map() : found;
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
