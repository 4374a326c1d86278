// What must be known of all bytes of a text before it is read. Each check sees piece after piece, so that one pass over the file
// serves all of them.
import { isUtf8 } from "node:buffer";
import type { ProblemList } from "../problems.ts";
import { carriageReturn, type Dialect, lineFeed, quoteTracker } from "./csv-records.ts";
import { lastLineEnd, lineAt, mebibyte, pieces } from "./plain-file.ts";

const underscore = 95;

/** Sees the piece that starts at `offset`; true when the text is no good and the rest need not be seen. */
export type Check = (piece: Buffer, offset: number) => boolean;

/** Shows the file to the checks, until one of them has seen enough. */
export function look(path: string, checks: readonly Check[]): void {
  let offset = 0;
  for (const piece of pieces(path)) {
    for (const check of checks) if (check(piece, offset)) return;
    offset += piece.length;
  }
}

/** Whether the bytes are UTF-8: ask when all of them were seen. */
export function utf8Check(): { check: Check; holds: () => boolean } {
  let rest: Buffer = Buffer.alloc(0);
  let valid = true;
  return {
    check(piece) {
      const whole = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      const end = whole.length - unfinished(whole);
      valid = isUtf8(whole.subarray(0, end));
      rest = Buffer.from(whole.subarray(end));
      return !valid;
    },
    holds: () => valid && rest.length === 0,
  };
}

/** Bytes (0 to 3) at the end of `bytes` that start a character which goes on in the next piece. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

/** Bytes of a character of UTF-8 whose first is `first`. */
export const sequenceLength = (first: number) => (first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2);

/** A problem when the text at `path` holds a NUL byte, or has a line of more than `maximumLine` bytes. */
export function textChecks(path: string, problems: ProblemList, maximumLine = Infinity): Check[] {
  const noNul: Check = (piece, offset) => {
    const nul = piece.indexOf(0);
    if (nul >= 0) problems.add("nul_byte", { line: lineAt(path, offset + nul) });
    return nul >= 0;
  };
  let start = 0; // of the line
  const noLongLine: Check = (piece, offset) => {
    const ends = [piece.indexOf(lineFeed), piece.indexOf(carriageReturn)].filter((at) => at >= 0);
    const first = ends.length === 0 ? piece.length : Math.min(...ends);
    const isLong = offset + first - start > maximumLine;
    if (isLong) problems.add("line_too_long", { line: lineAt(path, start) }, maximumLine / mebibyte);
    if (ends.length > 0) start = offset + lastLineEnd(piece) + 1;
    return isLong;
  };
  return [noNul, noLongLine];
}

/**
 * A problem when a record of more than `most` bytes is there: mostly a quote that nobody closed. DuckDB would hold many times such
 * a record in memory before it refuses it.
 */
export function longRecordCheck(path: string, dialect: Dialect, problems: ProblemList, most: number): Check {
  if (dialect.quote === "") return () => false; // then lines are records
  const isQuoted = quoteTracker(dialect);
  const quote = dialect.quote.charCodeAt(0);
  let quoted = false;
  let start = 0; // of the record
  const isLong = (end: number) => {
    if (end - start > most) problems.add("line_too_long", { line: lineAt(path, start) }, most / mebibyte);
    return end - start > most;
  };
  return (piece, offset) => {
    // A piece without quotes is not looked at byte by byte.
    const from = quoted || piece.includes(quote) ? 0 : piece.length - 1;
    if (from > 0) start = Math.max(start, offset + lastLineEnd(piece) + 1);
    for (let at = from; at < piece.length; at++) {
      const byte = piece[at];
      quoted = isQuoted(byte);
      if (quoted || (byte !== lineFeed && byte !== carriageReturn)) continue;
      if (isLong(offset + at)) return true;
      start = offset + at + 1;
    }
    return isLong(offset + piece.length);
  };
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 48 && byte <= 57;

/** Whether an underscore stands between digits. DuckDB takes 1_000 for a number, which no data format means. */
export function digitSeparatorCheck(): { check: Check; holds: () => boolean } {
  let holds = false;
  return {
    check(piece) {
      for (let at = holds ? -1 : piece.indexOf(underscore); at >= 0; at = piece.indexOf(underscore, at + 1)) {
        // At the edge of a piece the neighbour is unknown: taken for a digit.
        const before = at === 0 || isDigit(piece[at - 1]);
        holds = before && (at + 1 === piece.length || isDigit(piece[at + 1]));
        if (holds) break;
      }
      return false;
    },
    holds: () => holds,
  };
}

/** Whether lines end in different ways, as in a Windows file to which something was appended elsewhere. */
export function lineEndCheck(): { check: Check; mixed: () => boolean } {
  const kinds = new Set<"\n" | "\r\n" | "\r">();
  let afterReturn = false;
  return {
    check(piece) {
      if (kinds.size > 1) return false;
      if (!afterReturn && !piece.includes(carriageReturn)) {
        // Most files: no need to look at each line.
        if (piece.includes(lineFeed)) kinds.add("\n");
        return false;
      }
      if (afterReturn && piece[0] !== lineFeed) kinds.add("\r");
      for (let at = piece.indexOf(lineFeed); at >= 0 && kinds.size < 2; at = piece.indexOf(lineFeed, at + 1)) {
        kinds.add(at === 0 ? (afterReturn ? "\r\n" : "\n") : piece[at - 1] === carriageReturn ? "\r\n" : "\n");
      }
      for (let at = piece.indexOf(carriageReturn); at >= 0 && kinds.size < 2;) {
        if (at + 1 < piece.length && piece[at + 1] !== lineFeed) kinds.add("\r");
        at = piece.indexOf(carriageReturn, at + 1);
      }
      afterReturn = piece[piece.length - 1] === carriageReturn;
      return false;
    },
    mixed: () => kinds.size > 1,
  };
}
